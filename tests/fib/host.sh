#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# host.sh FILE: gives this network namespace (unshare -n) links, addresses, routes and neighbours, some of each kind, and writes to FILE what ip says of
# them. The namespace should be a new one.
set -e
ip link set lo up
pair() { # number
	ip link add name "eth$1" index "$1" address "02:00:00:00:01:0$1" type veth peer name "peer$1" index "1$1" address "02:00:00:00:02:0$1"
}
pair 2
pair 3
pair 7
ip link set eth3 mtu 1400
for i in eth2 peer2 eth3 peer3 eth7 peer7; do
	ip link set "$i" up
done
for _ in $(seq 100); do # that a link is there becomes known a moment later, and routes want it
	ip -o link | grep -q NO-CARRIER || break
	sleep 0.1
done
ip addr add 10.1.0.1/24 dev eth2
ip addr add 10.2.0.1/24 dev eth3
ip addr add 10.2.0.9/24 dev eth3
ip addr add 10.7.0.1/16 dev eth7
ip -6 addr add 2001:db8:1::1/64 dev eth2 nodad
ip -6 addr add 2001:db8:2::1/64 dev eth3 nodad
sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
sysctl -qw net.ipv4.conf.eth7.forwarding=0 net.ipv6.conf.eth7.forwarding=0
ip neigh add 10.1.0.2 lladdr 02:11:11:11:11:02 dev eth2 nud permanent
ip neigh add 10.2.0.2 lladdr 02:22:22:22:22:02 dev eth3 nud stale
ip neigh add 10.2.0.3 lladdr 02:22:22:22:22:03 dev eth3 nud failed
ip -6 neigh add 2001:db8:1::2 lladdr 02:11:11:11:11:62 dev eth2 nud permanent
ip -6 neigh add 2001:db8:2::2 lladdr 02:22:22:22:22:62 dev eth3 nud permanent
ip -batch - <<R
route add 192.168.0.0/16 via 10.1.0.2 metric 7
route add 192.168.0.0/16 via 10.2.0.2 metric 8
route add 192.168.5.0/24 via 10.2.0.2 metric 9
route add 192.168.6.0/24 via 10.2.0.77
route add 192.168.7.0/24 via 10.2.0.2 mtu lock 1300
route add 192.168.8.0/24 via 10.2.0.2 mtu 1300
route add 192.168.9.0/24 dev eth7
route add blackhole 172.16.0.0/24
route add unreachable 172.16.1.0/24
route add prohibit 172.16.2.0/24
route add throw 172.16.3.0/24
route add 172.16.5.0/24 encap ip id 5 dst 10.1.0.2 dev eth2
route add 172.16.6.0/24 via inet6 2001:db8:2::2 dev eth3
route add 172.16.7.0/24 via 10.1.0.2 src 10.2.0.9
route add 172.16.8.0/24 dev lo
route add 172.20.0.0/24 via 10.2.0.2 table 100
route add default via 10.1.0.2 table 100
R
ip -6 -batch - <<R
route add 2001:db8:8::/48 via 2001:db8:2::2 metric 55
route add 2001:db8:8:1::/64 via 2001:db8:2::77
route add 2001:db8:8:2::/64 via 2001:db8:1::2 mtu lock 1280
route add 2001:db8:8:3::/64 via 2001:db8:1::2 mtu 1290
route add blackhole 2001:db8:9::/64
route add unreachable 2001:db8:9:1::/64
route add prohibit 2001:db8:9:2::/64
route add 2001:db8:9:3::/64 via 2001:db8:1::2 src 2001:db8:2::1
route add local 2001:db8:1:0:5::/80 dev lo
route add 2001:db8:1:0:5:6::/96 via 2001:db8:2::2
route add 2001:db8:20::/48 via 2001:db8:2::2 table 100
R
# ip has two things called dst here, and does not say in JSON which MTUs are locked.
{
	ip -j addr
	ip -j netconf
	ip -j -4 route show table all
	ip -j -6 route show table all
	ip -j neigh show nud all
} | sed -e 's/"encap":"ip",[^}]*"tos":0/"encap":"ip"/' -e 's/\("dst":"192.168.7.0[^}]*"mtu":1300\)/\1,"lock":true/' \
	-e 's/\("dst":"2001:db8:8:2:[^}]*"mtu":1280\)/\1,"lock":true/' >"$1"
