# SPDX-License-Identifier: Apache-2.0
include "table";

# Names and the order of programs/memory.c's programs.
def kinds: {hash: "lookup, HASH", lpm: "lookup, LPM", update: "update, HASH", load: "load", add: "atomic add", count: "atomic add to one word"};

def where: if .latency == 0 then "on the chip" else "outside, \(.latency) clocks" end;

"## Map memory",
"",
([.rows[].cores] | unique) as $cores
| "Commands to maps per clock, of all cores together: random keys that are there, of a table of 4096 flows with 8 bytes of key that is full, or of 768 prefixes of 8 and 18 bits;",
"words of 8 bytes, 8 in a row from random places. C model. Made by `\(.command)`.",
"",
table(["command, map"] + ($cores | map("\(.) core\(if . > 1 then "s" else "" end)"));
	[.rows | group_by([(.program as $p | kinds | keys_unsorted | index($p)), .latency])[]
		| ["\(kinds[.[0].program]), \(.[0] | where)"] + [sort_by(.cores)[] | .per_clock | digits(3)]])
