#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# How fast the simulators are: the Verilated NIC, two processes of it side by side, and the C model; on this machine, in one run.
set -eu
. tests/bench/common.sh

sim() { # MODEL COUNT: one nicsim run of a firewall
	"$B/nicsim" --fw "$fw" --rx "$out/packets/firewall.$2.pcap" --maps-in "$out/packets/firewall.$2.json" --model "$1" --json
}

row=$(jq -c '[.[] | select(.name == "firewall, TX")][0]' $here/rows.json)
object=$(build_row "$row")
fw="${object%.o}.fw"
"$B/nicjit" "$object" -o "$fw"
for n in 20000 400000; do
	[ -s "$out/packets/firewall.$n.json" ] ||
		python3 $here/packets.py firewall 64 "$out/packets/firewall.$n.pcap" "$out/packets/firewall.$n.json" $n
done
say "simulators: RTL"
sim rtl 20000 >"$out/sim.rtl.json"
say "simulators: two processes"
sim rtl 20000 >"$out/sim.two1.json" &
sim rtl 20000 >"$out/sim.two2.json"
wait
say "simulators: C model"
sim iss 400000 >"$out/sim.iss.json"
jq -n --slurpfile rtl "$out/sim.rtl.json" --slurpfile one "$out/sim.two1.json" --slurpfile two "$out/sim.two2.json" \
	--slurpfile iss "$out/sim.iss.json" '
	def speed: {clocks_per_second: .cycles_per_second, packets_per_second: (.cycles_per_second / .cycles_per_packet)};
	{command: "make bench BENCH=simulators", program: "firewall, TX", cores: $rtl[0].cores, rtl: ($rtl[0] | speed),
	 two: {clocks_per_second: ([$one[0], $two[0]] | map(speed.clocks_per_second) | add),
		packets_per_second: ([$one[0], $two[0]] | map(speed.packets_per_second) | add)},
	 iss: ($iss[0] | speed)}' >"$out/simulators.json"
table simulators
