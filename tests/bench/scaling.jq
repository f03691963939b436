# SPDX-License-Identifier: Apache-2.0
include "table";

# Dispatch takes a row of 64 bytes a clock, all ports together.
def limit($one): max_by(.cores)
	| ((.report.bytes // 64) / .report.packets / 64 | ceil | if . < 1 then 1 else . end) as $rows
	| if .packets_per_clock / $one / .cores >= 0.95 then "cores"
	  elif .packets_per_clock * $rows >= 0.95 then "dispatch"
	  else "maps" end;

"## Scaling",
"",
if .missing then "not yet: \(.missing). Made by `\(.command)`."
else
	(.rows | group_by(.name) | map(
		(map(select(.cores == 1))[0].packets_per_clock) as $one
		| [.[0].name] + [sort_by(.cores)[] | "\(.packets_per_clock | digits(3)) (\(.packets_per_clock / $one / .cores * 100 | digits(0)) %)"]
		+ [(max_by(.cores).packets_per_clock * 250 | digits(1)), (max_by(.cores).packets_per_clock * 250 / $peers[0].line_rate_mpps | digits(2)), limit($one)])) as $rows
	| ([.rows[].cores] | unique | map("\(.) core\(if . > 1 then "s" else "" end)")) as $cores
	| "Packets per clock on N cores, and in brackets the share of N times one core; 64-byte packets back to back at both of two ports, C model. Made by `\(.command)`.",
	"",
	table(["program"] + $cores + ["Mpps 250 MHz", "of 100GbE", "limit"]; $rows),
	"",
	"limit, with the most cores: cores, while N of them do N times the work; dispatch, which takes 64 bytes a clock from all ports together; else the maps'",
	"banks and lookups, which the cores share. 100GbE: \($peers[0].line_rate_mpps) million 64-byte packets a second.",
	"",
	"### Least cores for 100GbE at 250 MHz",
	"",
	table(["program", "cores", "packets per clock"]; [.line_rate | group_by(.name)[] | max_by(.cores)
		| [.name, if .packets_per_clock * 250 >= $peers[0].line_rate_mpps then .cores else "more than \(.cores)" end, (.packets_per_clock | digits(3))]])
end
