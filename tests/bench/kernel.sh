#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The same objects in the running kernel: nanoseconds a packet on one CPU, and how many such CPUs the NIC equals.
set -eu
. tests/bench/common.sh

one_row() {
	program=$(field "$1" program)
	say "kernel: $(field "$1" name)"
	if ! object=$(build_row "$1" 2>/dev/null); then
		return
	fi
	base=$(packets_of "$1" "$(field "$1" size 64)")
	code=0
	# shellcheck disable=SC2046
	"$B/bench-kernel" --obj "$object" ${program:+--prog "$program"} --rx "$base.pcap" $(maps_of "$base") \
		>"$out/kernel.one" 2>"$out/kernel.why" || code=$?
	[ $code -eq 0 ] || jq -n --arg why "$(tail -n 1 "$out/kernel.why")" '{error: $why}' >"$out/kernel.one"
	jq -c --argjson row "$1" '{name: $row.name} + .' "$out/kernel.one" >>"$out/kernel.jsonl"
	return $((code == 3))
}

headers
samples || true
rm -f "$out/kernel.jsonl"
permitted=true
each_row one_row || permitted=false
[ -f "$out/programs.json" ] || echo '{"rows": []}' >"$out/programs.json"
[ -f "$out/scaling.json" ] || echo '{"rows": []}' >"$out/scaling.json"
cpu=$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)
jq -s --arg kernel "$(uname -r)" --arg cpu "$cpu" --argjson permitted $permitted --slurpfile programs "$out/programs.json" \
	--slurpfile scaling "$out/scaling.json" '
	{command: "make bench BENCH=kernel", kernel: $kernel, cpu: $cpu, permitted: $permitted,
	 rows: map(. + {name: .name,
		nic_clocks: (.name as $n | [$programs[0].rows[] | select(.name == $n) | .nic.full.clocks_per_packet][0]),
		nic_many: (.name as $n | [$scaling[0].rows[] | select(.name == $n)] | max_by(.cores))})}' "$out/kernel.jsonl" >"$out/kernel.json"
table kernel
