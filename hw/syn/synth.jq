# SPDX-License-Identifier: Apache-2.0
include "table";

def counts: [.lut, .memory, .ff, .block, .dsp];

def line: [.name] + counts;

def per_module: .modules | map([.module, .count] + counts);

"### Area by Yosys",
"",
"Out of context, as Yosys counts, before placement: an upper bound (on PicoRV32 Yosys counts 1.3 to 1.5 times Vivado's LUT). fp_core has",
"microcode, packet and stack memory in it; nic_top the maps, ports and registers, too. Made by `\(.command)`.",
"",
table(["top, family, parameters", "LUT", "of these memory", "FF", "block RAM", "DSP"]; .areas | map(line)),
"",
(.areas[] | select(.top == "nic_top") |
	"### \(.name) by module",
	"",
	table(["module", "instances", "LUT", "of these memory", "FF", "block RAM", "DSP"]; [["(all)", 1] + counts] + per_module),
	""),
if .paths then
	"### Longest paths of \(.paths.name), estimated",
	"",
	"A delay for each kind of cell, nets by fan-out, nothing placed: for comparing paths, and 2.2 times Vivado's figure on a known core.",
	"",
	table(["from", "to", "ns"]; .paths.paths | map([.from, .to, .ns])),
	""
else empty end
