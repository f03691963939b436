#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Area of core and NIC, and what a program gives per LUT. By itself it makes all that the tables need and is not there yet, which takes an
# hour or two; among the other sections the least, and it shows what else there is.
set -eu
. tests/bench/common.sh

if [ "${BENCH_WHOLE:-}" ]; then
	netlists=synth-shown
	for section in programs scaling; do
		[ "$out/$section.json" -nt "$B/nicjit" ] || $here/$section.sh >"$out/area.log" || echo "bench: area goes on without $section" >&2
	done
else
	netlists=synth-default
fi
say "area: Yosys (minutes for a core, a quarter of an hour for a NIC, unless they are there)"
make --no-print-directory -s -k -j"${JOBS:-1}" $netlists >"$out/synth.log" || tail -n 3 "$out/synth.log" >&2
[ -f "$out/programs.json" ] || echo '{"rows": []}' >"$out/programs.json"
[ -f "$out/scaling.json" ] || echo '{"rows": [], "line_rate": []}' >"$out/scaling.json"
for name in $(make --no-print-directory -s synth-names); do
	[ ! -f "$B/synth/$name.area" ] || cat "$B/synth/$name.area"
done | jq -s --slurpfile programs "$out/programs.json" --slurpfile scaling "$out/scaling.json" \
	--slurpfile paths "$B/synth/fp_core-xcup.paths" '
	{command: "make bench BENCH=area", areas: ., paths: $paths[0],
	 programs: [$programs[0].rows[] | select(.nic) | {name, clocks: .nic.full.clocks_per_packet, peer}],
	 scaling: $scaling[0].rows, line_rate: $scaling[0].line_rate}' >"$out/area.json"
table area
