#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Commands to maps per clock on the chip and outside it, by the memory's latency and the number of cores.
set -eu
. tests/bench/common.sh

commands=16 # of a packet: programs/memory.c
object="$out/obj/memory.o"
base="$out/packets/memory"

# A table full of flows 0 to 4095; 768 prefixes: all of 8 bits, and two of 18 bits in each.
contents() { # PROGRAM
	case $1 in
	hash | update) map=flows ;;
	lpm) map=routes ;;
	*) map=lines ;;
	esac
	awk -v map="$map" 'function word(n, bytes, s) { for (; bytes > 0; bytes--) { s = s sprintf("%02x", n % 256); n = int(n / 256) } return s }
		function entry(key) { printf "%s{\"key\": \"%s\", \"value\": \"0100000000000000\"}", comma, key; comma = ",\n" }
		BEGIN {
			printf "{\"%s\": [", map
			for (n = 0; map == "flows" && n < 4096; n++) entry(word(n, 8))
			for (n = 0; map == "routes" && n < 256; n++) {
				entry(word(8, 4) word(n, 4))
				entry(word(18, 4) word(n, 2) "4000")
				entry(word(18, 4) word(n, 2) "c000")
			}
			print "]}"
		}' >"$base.maps.json"
}

clocks() { # PACKETS CORES FIRMWARE MEMORY...
	packets=$1
	cores=$2
	fw=$3
	shift 3
	"$B/nicsim" --fw "$fw" --rx "$base.$packets.pcap" --maps-in "$base.maps.json" --model iss --cores "$cores" --json "$@" >"$out/memory.one.json"
	jq -e 'if (.verdicts.XDP_DROP // 0) == .packets then .cycles_per_packet * .packets else error("a command failed") end' "$out/memory.one.json"
}

measure() { # PROGRAM CLOCKS CORES FIRMWARE [OPTIONS]
	program=$1
	latency=$2
	cores=$3
	shift 3
	say "memory: $program, $latency clocks, $cores cores"
	short=$(clocks 1000 "$cores" "$@")
	long=$(clocks 2000 "$cores" "$@")
	jq -nc --arg program "$program" --argjson latency "$latency" --argjson cores "$cores" --argjson short "$short" --argjson long "$long" \
		--argjson commands $commands '{program: $program, latency: $latency, cores: $cores, per_clock: ($commands * 1000 / ($long - $short))}' \
		>>"$out/memory.jsonl"
}

: >"$out/memory.jsonl"
for n in 1000 2000; do
	python3 $here/packets.py plain 64 "$base.$n.pcap" "$base.$n.json" $n
done
"${BPF_CC:-clang}" -O2 -g -target bpf -Wall "-I/usr/include/$(gcc -print-multiarch)" -c $here/programs/memory.c -o "$object"
for program in hash lpm update load add count; do
	contents $program
	"$B/nicjit" "$object" -p $program -o "$out/obj/memory.chip.fw"
	# What all packets change, and updates, belong on the chip; outside they would take the bench minutes.
	case $program in
	update | count) outside= ;;
	*) outside=${MEMORY_CLOCKS:-30 60 120} && "$B/nicjit" "$object" -p $program --map-mem 64 -o "$out/obj/memory.outside.fw" ;;
	esac
	for cores in ${MEMORY_CORES:-1 4 8 16}; do
		measure $program 0 "$cores" "$out/obj/memory.chip.fw"
		for latency in $outside; do
			measure $program "$latency" "$cores" "$out/obj/memory.outside.fw" --ext-mem "2G:$latency"
		done
	done
done
jq -s '{command: "make bench BENCH=memory", rows: .}' "$out/memory.jsonl" >"$out/memory.json"
table memory
