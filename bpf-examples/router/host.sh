#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# host.sh FILE | host.sh COMMAND...: gives this network namespace (unshare -n) the links, routes and neighbours of the example. FILE gets what ip says of
# them, as in routes.json; or runs a command there. Packets come in by link 1 and go out by link 2.
set -e
ip link set lo up
ip link add name eth2 index 2 address 02:00:00:00:00:f1 type veth peer name peer2 index 12 address 02:00:00:00:00:ff
ip link set eth2 mtu 1400 up
ip link set peer2 up
sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
ip addr add 203.0.113.1/24 dev eth2
ip -6 addr add 2001:db8:f::1/64 dev eth2 nodad
ip neigh add 203.0.113.2 lladdr 02:00:00:00:00:f2 dev eth2 nud permanent
ip neigh add 203.0.113.3 lladdr 02:00:00:00:00:f3 dev eth2 nud permanent
ip -6 neigh add 2001:db8:f::2 lladdr 02:00:00:00:00:f2 dev eth2 nud permanent
ip -6 neigh add 2001:db8:f::3 lladdr 02:00:00:00:00:f3 dev eth2 nud permanent
ip -batch - <<R
route add 198.51.100.0/22 via 203.0.113.2
route add 198.51.101.0/24 via 203.0.113.3
route add blackhole 198.51.102.0/24
route add unreachable 198.51.103.0/25
route add 10.9.0.0/16 via 203.0.113.3
route add 10.9.2.0/24 via 203.0.113.9
R
ip -6 -batch - <<R
route add 2001:db8:8::/45 via 2001:db8:f::2
route add 2001:db8:b:1::/64 via 2001:db8:f::3
route add prohibit 2001:db8:b:2::/64
route add 2001:db8:9:2::/64 via 2001:db8:f::9
R
[ $# -gt 1 ] && exec "$@"
{
	ip -j addr
	ip -j netconf
	ip -j -4 route show table all
	ip -j -6 route show table all
	ip -j neigh
} | jq -c '.[]' | jq -s -c '.[] | del(.addr_info[]?|.valid_life_time,.preferred_life_time)' | sed '1s/^/[/; $!s/$/,/; $s/$/]/' >"$1"
