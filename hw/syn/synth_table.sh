#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# synth_table.sh DIR NAME...: DIR/synth.json and .md from DIR/NAME.area and DIR/*.paths, and the tables on the screen.
set -eu
dir="$1"
shift
for name in "$@"; do
	[ ! -f "$dir/$name.area" ] || cat "$dir/$name.area"
done | jq -s '{command: "make synth", areas: .}' >"$dir/areas.json"
cat "$dir"/fp_core-xcup.paths 2>/dev/null | jq -s '{paths: (.[0] // null)}' >"$dir/paths.json"
jq -s 'add' "$dir/areas.json" "$dir/paths.json" >"$dir/synth.json"
jq -r -L tests/bench --slurpfile peers tests/bench/peers.json -f hw/syn/synth.jq "$dir/synth.json" | tee "$dir/synth.md"
