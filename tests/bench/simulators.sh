#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# How fast the simulators are, on this machine, in one run: for each of some programs the Verilated NIC, two processes of it side by side,
# and the C model, in turn, ROUNDS times. A run is about as many clocks as it takes so that its time can be trusted.
set -eu
. tests/bench/common.sh

programs="XDP_DROP|firewall, TX|xdp_redirect_map|xdp_router_ipv4|xdp_tx_iptunnel|balancer, tunnel"
ROUNDS="${ROUNDS:-5}"
RTL_CLOCKS="${RTL_CLOCKS:-120000}"
ISS_CLOCKS="${ISS_CLOCKS:-3000000}"
CAPTURE=4000 # packets in it

sim() { # MODEL CLOCKS: one run over about so many clocks of the program, in whole captures
	# shellcheck disable=SC2086
	"$B/nicsim" --fw "$fw" --rx "$base.pcap" $(maps_of "$base") --model "$1" --json \
		--repeat "$(awk "BEGIN {n = int($2 / $clocks / $CAPTURE + 0.5); print (n > 0 ? n : 1)}")"
}

round() { # NUMBER
	say "simulators: $name, round $1 of $ROUNDS"
	sim rtl "$RTL_CLOCKS" >"$out/sim.rtl.json" && sim iss "$ISS_CLOCKS" >"$out/sim.iss.json" || return 1
	sim rtl "$RTL_CLOCKS" >"$out/sim.two.json" &
	sim rtl "$RTL_CLOCKS" >"$out/sim.too.json" && wait $! || return 1
	jq -c -n --slurpfile rtl "$out/sim.rtl.json" --slurpfile iss "$out/sim.iss.json" --slurpfile two "$out/sim.two.json" \
		--slurpfile too "$out/sim.too.json" --arg name "$name" --argjson clocks "$clocks" '
		def speed: {cycles, packets, wall: .cycles_per_second, cpu: .cycles_per_cpu_second};
		{name: $name, cores: $rtl[0].cores, clocks_per_packet: $clocks, rtl: ($rtl[0] | speed), iss: ($iss[0] | speed),
		 two: [$two[0], $too[0] | speed]}' >>"$out/simulators.jsonl"
}

one_row() { # each_row asks for its result, which turns off `set -e` in here
	name=$(field "$1" name)
	case "|$programs|" in *"|$name|"*) ;; *) return 0 ;; esac
	object=$(build_row "$1") || return 1
	program=$(field "$1" program)
	fw="${object%.o}.fw"
	"$B/nicjit" "$object" ${program:+-p "$program"} -o "$fw" >/dev/null || return 1
	base="$out/packets/$(field "$1" packets).sim"
	[ -s "$base.json" ] && [ "$base.json" -nt $here/packets.py ] ||
		python3 $here/packets.py "$(field "$1" packets)" 64 "$base.pcap" "$base.json" "$CAPTURE" || return 1
	clocks=1
	clocks=$(sim iss 1 | jq -e .cycles_per_packet) || return 1
	n=0
	while [ "$n" -lt "$ROUNDS" ]; do
		n=$((n + 1))
		round "$n" || return 1
	done
}

: >"$out/simulators.jsonl"
headers
samples
each_row one_row
jq -s '{command: "make bench BENCH=simulators", rounds: .}' "$out/simulators.jsonl" >"$out/simulators.json"
table simulators
