# SPDX-License-Identifier: Apache-2.0
# From nic_top.v: nic_sim, the same NIC with a register behind each input. What the inputs alone lead to is then computed once a clock, with
# everything else, and not again in each evaluation. Data is only taken beside its valid.
/^module nic_top/ { sub(/nic_top/, "nic_sim"); header = 1 }
{ if (!done) print }
header && $1 == "parameter" { parameters = parameters sep "." $2 "(" $2 ")"; sep = ", " }
header && ($1 == "input" || $1 == "output") {
	line = $0
	sub(/,? *(\/\/.*)?$/, "", line)
	n = split(line, word, /[ \t]+/)
	name = word[n]
	inside = name
	if ($1 == "input" && name != "clk_i") {
		range = match(line, /\[.*\]/) ? substr(line, RSTART, RLENGTH) " " : ""
		inside = "q_" name
		registers = registers "\treg " range inside (name == "rst_i" ? " = 1'b1" : "") ";\n"
		valid = name
		sub(/_data_i$/, "_valid_i", valid)
		takes = takes "\t\t" (valid != name ? "if (|" valid ") " : "") inside " <= " name ";\n"
	}
	pins = pins comma "\n\t\t." name "(" inside ")"
	comma = ","
}
header && /^\);/ {
	done = 1
	header = 0
	printf "%s\talways @(posedge clk_i) begin\n%s\tend\n", registers, takes
	printf "\tnic_top #(%s) nic (%s\n\t);\nendmodule\n\n`default_nettype wire\n", parameters, pins
}
