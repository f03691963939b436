#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# profile.sh ROW: the bundles that a packet of this row executes, as the last `make bench BENCH=programs` measured them on an idle NIC:
# times per packet, clocks until the thread's next bundle, microcode, source.
set -eu
. tests/bench/common.sh

[ $# -eq 1 ] && jq -e --arg name "$1" 'any(.rows[]; .name == $name and .nic)' "$out/programs.json" >/dev/null 2>&1 || {
	echo "usage: profile.sh ROW, a row of rows.json that runs, after make bench BENCH=programs" >&2
	exit 2
}
jq -r --arg name "$1" '.rows[] | select(.name == $name) | .nic.profile[]
	| [.bundle, .per_packet, .clocks, ((.source // "") | sub("^.*/"; ""))] | map(tostring) | join("\t")' "$out/programs.json" >"$out/profile.txt"
"$B/nicjit" -d "$out/obj/$(slug "$1").fw" | awk -F '\t' '
	NR == FNR { times[$1] = $2; clocks[$1] = $3; source[$1] = $4; next }
	match($0, /^[0-9]+: /) && (pc = substr($0, 1, RLENGTH - 2)) in times {
		if (source[pc] != last)
			print "        ; " source[pc]
		last = source[pc]
		printf "%5.2f %4d  %s\n", times[pc], clocks[pc], $0
	}' "$out/profile.txt" -
