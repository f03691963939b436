#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Every program of rows.json on one core: instructions, bundles, clocks a packet at full load, latency on an idle NIC.
set -eu
. tests/bench/common.sh

executed() { # OBJECT PROGRAM BASE: eBPF instructions per packet, by the reference interpreter; null when it can't
	# shellcheck disable=SC2046
	"$B/xdpref" --obj "$1" ${2:+--prog "$2"} --rx "$3.pcap" $(maps_of "$3") --json --count 2>/dev/null |
		jq -s 'if length == 2 and .[0].faults == 0 then .[1].instructions / .[0].packets else null end' || echo null
}

static_size() { # OBJECT PROGRAM: eBPF instructions of the program's function
	llvm-readelf -sW "$1" | awk -v name="$2" '$4 == "FUNC" && (name == "" || $8 == name) {print $3 / 8; exit}'
}

meter() { # FW BASE [OPTIONS]
	fw="$1"
	base="$2"
	shift 2
	# shellcheck disable=SC2046
	"$B/bench-meter" --fw "$fw" --rx "$base.pcap" $(maps_of "$base") "$@"
}

lock_step() { # FW BASE: do both models agree in every clock?
	# shellcheck disable=SC2046
	if "$B/nicsim" --fw "$1" --rx "$2.pcap" $(maps_of "$2") --model both --json >/dev/null 2>&1; then echo true; else echo false; fi
}

one_row() {
	name=$(field "$1" name)
	size=$(field "$1" size 64)
	program=$(field "$1" program)
	say "programs: $name"
	if ! object=$(build_row "$1"); then
		printf '%s' "$1" | jq -c '. + {broken: "the source is not there or does not compile"}' >>"$out/programs.jsonl"
		return
	fi
	base=$(packets_of "$1" "$size")
	long=$(packets_of "$1" 1518)
	fw="${object%.o}.fw"
	"$B/nicjit" "$object" ${program:+-p "$program"} -o "$fw" --json >"$out/nicjit.json" 2>/dev/null || true
	for part in small long equal; do
		echo null >"$out/$part.json"
	done
	if jq -e .accepted "$out/nicjit.json" >/dev/null; then
		meter "$fw" "$base" >"$out/small.json"
		meter "$fw" "$long" --idle-only >"$out/long.json"
		lock_step "$fw" "$base" >"$out/equal.json"
	fi
	jq -c -n --argjson row "$1" --argjson executed "$(executed "$object" "$program" "$base")" \
		--argjson instructions "$(static_size "$object" "$program")" --slurpfile nicjit "$out/nicjit.json" \
		--slurpfile small "$out/small.json" --slurpfile long "$out/long.json" --slurpfile equal "$out/equal.json" \
		'$row + {instructions: $instructions, executed: $executed, nicjit: $nicjit[0], nic: $small[0],
			latency_1518: $long[0].latency_clocks, models_equal: $equal[0]}' >>"$out/programs.jsonl"
}

headers
samples || echo "bench: going on without Linux' samples" >&2
rm -f "$out/programs.jsonl"
each_row one_row
jq -s --arg version "$(cat "$out/linux/version" 2>/dev/null || echo "not there")" \
	'{command: "make bench BENCH=programs", linux: $version, rows: .}' "$out/programs.jsonl" >"$out/programs.json"
table programs
