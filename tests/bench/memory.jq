# SPDX-License-Identifier: Apache-2.0
include "table";

def where: if .latency == 0 then "on the chip" else "outside, \(.latency) clocks" end;

"## Map memory",
"",
([.rows[].cores] | unique) as $cores
| "Lookups per clock of all cores together, random keys that are there: 4096 flows of 8 bytes; 768 prefixes of 8 and 18 bits. C model. Made by `\(.command)`.",
"",
table(["lookups, map"] + ($cores | map("\(.) core\(if . > 1 then "s" else "" end)"));
	[.rows | group_by([.program, .latency])[] | ["\(.[0].program | ascii_upcase), \(.[0] | where)"] + [sort_by(.cores)[] | .lookups_per_clock | digits(3)]])
