#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Area of core and NIC, and what a program gives per LUT. Takes what `make synth` left, and makes what the table needs at least.
set -eu
. tests/bench/common.sh

say "area: Yosys (minutes, unless it is there)"
make --no-print-directory -s synth-default >"$out/synth.log" 2>&1 || {
	tail -n 3 "$out/synth.log" >&2
	exit 1
}
[ -f "$out/programs.json" ] || echo '{"rows": []}' >"$out/programs.json"
[ -f "$out/scaling.json" ] || echo '{"rows": [], "line_rate": []}' >"$out/scaling.json"
cat "$B"/synth/*.area | jq -s --slurpfile programs "$out/programs.json" --slurpfile scaling "$out/scaling.json" \
	--slurpfile paths "$B/synth/fp_core-xcup.paths" '
	{command: "make bench BENCH=area", areas: sort_by(.name), paths: $paths[0],
	 programs: [$programs[0].rows[] | select(.nic) | {name, clocks: .nic.full.clocks_per_packet, peer}],
	 scaling: $scaling[0].rows, line_rate: $scaling[0].line_rate}' >"$out/area.json"
table area
