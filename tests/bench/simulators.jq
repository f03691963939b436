# SPDX-License-Identifier: Apache-2.0
include "table";

def median: sort | if length % 2 == 1 then .[length / 2 | floor] else (.[length / 2 - 1] + .[length / 2]) / 2 end;
def geometric_mean: map(log) | add / length | exp;
def thousands: . / 1000 | digits(0);
def span($n): "\(median | digits($n)) (\(min | digits($n)) to \(max | digits($n)))";

# Of the rounds of one program; a ratio is taken within a round.
def program: {
	name: .[0].name, clocks_per_packet: .[0].clocks_per_packet,
	rtl: map(.rtl.cpu), iss: map(.iss.cpu), ratio: map(.iss.cpu / .rtl.cpu), best: [(map(.iss.cpu) | max) / (map(.rtl.cpu) | max)],
	wall: map(.iss.wall / .rtl.wall),
	two: map((.two | map(.wall) | add) / .rtl.wall),
	packets: (map(.iss.cpu / .clocks_per_packet))};

def row: [.name, (.clocks_per_packet | digits(2)), (.rtl | map(. / 1000) | span(0)), (.iss | map(. / 1000) | span(0)), (.packets | median | thousands),
	(.ratio | span(1)), (.best[0] | digits(1)), (.wall | span(1)), (.two | span(2))];

def mean(of): map(of | median) | geometric_mean;

(.rounds | group_by(.name) | map(program) | sort_by(.clocks_per_packet)) as $programs
| (.rounds | group_by(.name) | map(length) | min) as $rounds
| "## Simulators",
"",
"64-byte packets at full load on a NIC of \(.rounds[0].cores) cores: for each program \($rounds) rounds of RTL (Verilator, one process), C model, and two processes of the RTL side by side. The median and, in brackets, least and most of the rounds. Made by `\(.command)`.",
"",
table(["program", "clocks a packet", "RTL, kclocks/s", "C model, kclocks/s", "kpackets/s", "C model to RTL", "of the bests", "by the wall", "two RTL to one"];
	($programs | map(row))
	+ [["geometric mean", "", ($programs | mean(.rtl) | thousands), ($programs | mean(.iss) | thousands), ($programs | mean(.packets) | thousands),
		($programs | mean(.ratio) | digits(1)), ($programs | mean(.best) | digits(1)), ($programs | mean(.wall) | digits(1)), ($programs | mean(.two) | digits(2))]]),
"",
"Clocks of the NIC a second of processor time of nicsim, without its start; the two columns at the right by the wall, where what else runs on the machine counts. Ratios are of the same round, but those of the bests:",
"of each simulator's best round."
