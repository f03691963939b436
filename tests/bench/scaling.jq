# SPDX-License-Identifier: Apache-2.0
include "table";

"## Scaling",
"",
if .missing then "not yet: \(.missing). Made by `\(.command)`."
else
	(.rows | group_by(.name) | map(
		(map(select(.cores == 1))[0].packets_per_clock) as $one
		| [.[0].name] + [sort_by(.cores)[] | "\(.packets_per_clock | digits(3)) (\(.packets_per_clock / $one / .cores * 100 | digits(0)) %)"]
		+ [(max_by(.cores).packets_per_clock * 250 | digits(1)), (max_by(.cores).packets_per_clock * 250 / $peers[0].line_rate_mpps | digits(2))])) as $rows
	| ([.rows[].cores] | unique | map("\(.) core\(if . > 1 then "s" else "" end)")) as $cores
	| "Packets per clock on N cores, and in brackets the share of N times one core; 64-byte packets back to back, C model. Made by `\(.command)`.",
	"",
	table(["program"] + $cores + ["Mpps 250 MHz", "of 100GbE"]; $rows)
end
