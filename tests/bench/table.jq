# SPDX-License-Identifier: Apache-2.0
# What the sections' tables share.

def cell: if . == null then "" else tostring end;

# A Markdown table that reads well on a screen, too: the first column to the left, the others to the right.
def table($head; $rows):
	([$head] + $rows | map(map(cell))) as $all
	| ([range($head | length)] | map(. as $i | $all | map(.[$i] | length) | max)) as $width
	| def line: [range($head | length) as $i | .[$i] as $c | (" " * ($width[$i] - ($c | length))) as $fill
			| if $i == 0 then $c + $fill else $fill + $c end] | "| " + join(" | ") + " |";
	  ($all[0] | line),
	  ([range($head | length) as $i | if $i == 0 then "-" * ($width[$i] + 2) else "-" * ($width[$i] + 1) + ":" end] | "|" + join("|") + "|"),
	  ($all[1:][] | line);

def digits($n): if . == null then null else . * pow(10; $n) | round / pow(10; $n) end;

# What nicjit's refusal says is missing, by name; the sentence itself when it names nothing.
def feature:
	(capture("calls (?<f>bpf_\\w+)") // capture("calls (?<f>helper \\d+)") // capture("is of type (?<f>\\w+)")
		// capture("has the flag (?<f>\\w+)") // (select(test("xdp\\.frags")) | {f: "fragments"})
		// (select(test("has a loop")) | {f: "loops"}) // (select(test("its own functions")) | {f: "function calls"})
		// {f: .}).f;

def not_yet: "not yet: " + (.error // "no reason given" | feature);
