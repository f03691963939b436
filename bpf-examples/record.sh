#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Records real/real.pcap: the traffic of two network namespaces joined by a veth pair.
# Needs root, iproute2, ethtool, tcpdump, ping and python3. Leaves nothing else behind.
# record.sh [FILE]
set -eu

here=$(cd "$(dirname "$0")" && pwd)
out=${1:-$here/real/real.pcap}
a=xdp-a-$$ b=xdp-b-$$
scratch=$(mktemp -d)
started=()

clean_up() {
	for job in "${started[@]}"; do kill "$job" 2>/dev/null || true; done
	wait
	ip netns del "$a" 2>/dev/null || true
	ip netns del "$b" 2>/dev/null || true
	rm -rf "$scratch"
}
trap clean_up EXIT

fail() { echo "record.sh: $1" >&2; exit 1; }

# start NAME WORD COMMAND...: in the background, back when its output has WORD
start() {
	"${@:3}" >"$scratch/$1.log" 2>&1 &
	started+=($!)
	for _ in $(seq 100); do
		grep -q "$2" "$scratch/$1.log" && return
		sleep 0.1
	done
	fail "$1 does not start: $(tail -n 1 "$scratch/$1.log")"
}

# address NETNS DEVICE MTU INET INET6 PEER_NET: addresses, and the peer's network on the same link
address() {
	ip -n "$1" link set "$2" mtu "$3" up
	ip -n "$1" addr add "$4/32" dev "$2"
	ip -n "$1" addr add "$5/64" dev "$2" nodad
	ip -n "$1" route add "$6/24" dev "$2" src "$4"
}

in_a=(ip netns exec "$a")
in_b=(ip netns exec "$b")
client() { "${in_a[@]}" python3 "$here/real/client.py" "$@"; }

for tool in ip ethtool tcpdump ping python3; do
	command -v "$tool" >/dev/null || fail "$tool is missing"
done
[ "$(id -u)" = 0 ] || fail "network namespaces need root"

# The client, a, is inside 10.0.0.0/8; the server, b, is outside.
mac_a=02:00:00:00:00:0a mac_b=02:00:00:00:00:0b
ip netns add "$a"
ip netns add "$b"
ip link add name wire netns "$a" address $mac_a type veth peer name wire netns "$b" address $mac_b
for ns in "$a" "$b"; do
	# One frame on the wire is one frame in the capture, with its checksum.
	ip netns exec "$ns" ethtool -K wire tx off rx off sg off tso off gso off gro off >/dev/null
	ip -n "$ns" link set lo up
	ip -n "$ns" link set wire up
done

start tcpdump listening "${in_b[@]}" tcpdump -Z root -i wire -s 0 -U -w "$scratch/real.pcap"
address "$a" wire 1500 10.9.0.1 2001:db8:9::1 198.51.100.0
address "$b" wire 1500 198.51.100.2 2001:db8:9::2 10.9.0.0

# VLAN 100 alone, and VLAN 300 inside service VLAN 200; tags count towards the 1514 bytes.
vlans=(tag=81000064 inner=88a800c88100012c)
start vlan-a ready "${in_a[@]}" python3 "$here/real/vlan.py" "${vlans[@]}"
start vlan-b ready "${in_b[@]}" python3 "$here/real/vlan.py" "${vlans[@]}"
for device in tag inner; do
	ip -n "$a" link set $device address $mac_a
	ip -n "$b" link set $device address $mac_b
done
address "$a" tag 1496 10.9.1.1 2001:db8:9:1::1 198.51.101.0
address "$b" tag 1496 198.51.101.2 2001:db8:9:1::2 10.9.1.0
address "$a" inner 1492 10.9.2.1 2001:db8:9:2::1 198.51.102.0
address "$b" inner 1492 198.51.102.2 2001:db8:9:2::2 10.9.2.0

start server ready "${in_b[@]}" python3 "$here/real/server.py"
{
	"${in_a[@]}" ping -q -i 0.2 -c 5 198.51.100.2
	"${in_a[@]}" ping -q -i 0.2 -c 2 -s 1472 198.51.100.2
	"${in_b[@]}" ping -q -i 0.2 -c 2 10.9.0.1
	"${in_a[@]}" ping -q -i 0.2 -c 3 2001:db8:9::2
	"${in_a[@]}" ping -q -i 0.2 -c 3 198.51.101.2
	"${in_a[@]}" ping -q -i 0.2 -c 3 2001:db8:9:1::2
	"${in_a[@]}" ping -q -i 0.2 -c 3 198.51.102.2
} >/dev/null
client 198.51.100.2 100000 20
client 2001:db8:9::2 40000 10
client 198.51.101.2 30000 5
client 2001:db8:9:1::2 10000 5
client 198.51.102.2 30000 5
client 2001:db8:9:2::2 10000 5
sleep 1

kill "${started[0]}"
wait "${started[0]}" || true
mv "$scratch/real.pcap" "$out"
