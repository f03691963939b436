#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Packets per clock on 1 to 16 cores. A nicsim that has one core only says so.
set -eu
. tests/bench/common.sh

programs="XDP_DROP|XDP_TX|XDP_TX, MAC swap|xdp_redirect_map|firewall, TX|xdp_router_ipv4|xdp_tx_iptunnel|lookup, ARRAY, 4 B|lookup, HASH, 16 B|balancer, MAC"

total() { # CORES COUNT: clocks from first start to last end of so many packets at each of two ports
	# shellcheck disable=SC2086
	"$B/nicsim" --fw "$fw" --rx "0:$base.$2.pcap" --rx "1:$base.$2.pcap" $(maps_of "$base.$2") --model iss --cores "$1" --json >"$out/scale.$2.json" &&
		jq '.cycles_per_packet * .packets' "$out/scale.$2.json"
}

one_row() { # clocks of the second half of a long run: what comes before is warm-up
	jq -e --arg programs "$programs" '.name as $n | $programs | split("|") | index($n)' >/dev/null <<-E || return 0
		$1
	E
	kind=$(field "$1" packets)
	program=$(field "$1" program)
	base="$out/packets/$kind.scale"
	fw="$out/scale.fw"
	object=$(build_row "$1") || return 0
	for n in 4000 8000; do
		[ -s "$base.$n.json" ] || python3 $here/packets.py "$kind" 64 "$base.$n.pcap" "$base.$n.json" $n
	done
	for cores in 1 2 4 8 16; do
		say "scaling: $(field "$1" name), $cores cores"
		# a value of per-CPU maps for every thread, in the memory that such a NIC has
		memory=512K
		[ $cores -le 4 ] || memory=1M
		"$B/nicjit" "$object" ${program:+-p "$program"} --map-mem $memory --cpus $((16 * cores)) -o "$fw" >/dev/null 2>&1 || return 0
		short=$(total $cores 4000) && long=$(total $cores 8000) || return 0
		jq -c --arg name "$(field "$1" name)" --argjson cores $cores --argjson short "$short" --argjson long "$long" \
			'{name: $name, cores: $cores, packets_per_clock: (8000 / ($long - $short)), report: .}' "$out/scale.8000.json" \
			>>"$out/scaling.jsonl"
	done
}

: >"$out/scaling.jsonl"
headers
missing=null
if "$B/nicsim" --help | grep -q -- --cores; then
	each_row one_row
else
	missing='"many cores"'
fi
jq -s --argjson missing "$missing" '{command: "make bench BENCH=scaling", missing: $missing, rows: .}' "$out/scaling.jsonl" >"$out/scaling.json"
table scaling
