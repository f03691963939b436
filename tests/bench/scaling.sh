#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Packets per clock on 1 to 16 cores, and how many cores 100GbE of 64-byte packets takes. A nicsim that has one core only says so.
set -eu
. tests/bench/common.sh

programs="XDP_DROP|XDP_TX|XDP_TX, MAC swap|xdp_redirect_map|firewall, TX|xdp_router_ipv4|xdp_tx_iptunnel|lookup, ARRAY, 4 B|lookup, HASH, 16 B|balancer, MAC"
at_line_rate="XDP_DROP|XDP_TX|xdp_redirect_map|firewall, TX|xdp_router_ipv4|xdp_tx_iptunnel"

total() { # CORES COUNT: clocks from first start to last end of so many packets at each of two ports
	# shellcheck disable=SC2086
	"$B/nicsim" --fw "$fw" --rx "0:$base.$2.pcap" --rx "1:$base.$2.pcap" $(maps_of "$base.$2") --model iss --cores "$1" --json >"$out/scale.$2.json" &&
		jq '.cycles_per_packet * .packets' "$out/scale.$2.json"
}

member() { # NAME LIST
	case "|$2|" in *"|$1|"*) ;; *) return 1 ;; esac
}

measure() { # ROW CORES FILE: adds to a file the clocks of the second half of a long run: what comes before is warm-up
	say "scaling: $(field "$1" name), $2 cores"
	# a value of per-CPU maps for every thread, in the memory that such a NIC has
	memory=512K
	[ "$2" -le 4 ] || memory=1M
	sized=$(field "$1" sized)  # an array that the loader gives an entry for each thread
	"$B/nicjit" "$object" ${program:+-p "$program"} --map-mem $memory --cpus $((16 * $2)) ${sized:+--entries "$sized=$((16 * $2))"} -o "$fw" >/dev/null 2>&1 || return 1
	short=$(total "$2" 4000) && long=$(total "$2" 8000) || return 1
	now=$(jq -c .verdicts "$out/scale.8000.json")
	[ "$2" -ne 1 ] || verdicts=$now
	[ "$now" = "$verdicts" ] || {
		echo "scaling: $(field "$1" name) on $2 cores: $now, and on one: $verdicts" >&2
		exit 1
	}
	jq -c --arg name "$(field "$1" name)" --argjson cores "$2" --argjson short "$short" --argjson long "$long" \
		'{name: $name, cores: $cores, packets_per_clock: (8000 / ($long - $short)), report: .}' "$out/scale.8000.json" >>"$3"
}

least_cores() { # ROW: from as many as a core's share says, one more until they are enough
	cores=$(tail -n 100 "$out/scaling.jsonl" | jq -s --arg name "$(field "$1" name)" --slurpfile peers $here/peers.json \
		'map(select(.name == $name and .cores == 1))[0] | $peers[0].line_rate_mpps / 250 / .packets_per_clock | ceil')
	while [ "$cores" -le 16 ]; do
		measure "$1" "$cores" "$out/line_rate.jsonl" || return 0
		! tail -n 1 "$out/line_rate.jsonl" | jq -e --slurpfile peers $here/peers.json '.packets_per_clock >= $peers[0].line_rate_mpps / 250' >/dev/null || return 0
		cores=$((cores + 1))
	done
}

one_row() {
	name=$(field "$1" name)
	member "$name" "$programs" || return 0
	kind=$(field "$1" packets)
	program=$(field "$1" program)
	base="$out/packets/$kind.scale"
	fw="$out/scale.fw"
	object=$(build_row "$1") || return 0
	for n in 4000 8000; do
		[ -s "$base.$n.json" ] || python3 $here/packets.py "$kind" 64 "$base.$n.pcap" "$base.$n.json" $n
	done
	for cores in 1 2 4 8 16; do
		measure "$1" $cores "$out/scaling.jsonl" || return 0
	done
	! member "$name" "$at_line_rate" || least_cores "$1"
}

: >"$out/scaling.jsonl"
: >"$out/line_rate.jsonl"
headers
missing=null
if "$B/nicsim" --help | grep -q -- --cores; then
	each_row one_row
else
	missing='"many cores"'
fi
jq -s --argjson missing "$missing" --slurpfile line_rate "$out/line_rate.jsonl" \
	'{command: "make bench BENCH=scaling", missing: $missing, rows: ., line_rate: $line_rate}' "$out/scaling.jsonl" >"$out/scaling.json"
table scaling
