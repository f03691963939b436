# SPDX-License-Identifier: Apache-2.0
include "table";

def many: if .nic_many then 250 * .nic_many.packets_per_clock else null end;

def row:
	if .error then [.name, .error, "", "", "", "", ""]
	else [.name, .ns, (if .method == "single" then "each anew" else "repeated" end), (1000 / .ns | digits(1)),
		(if .nic_clocks then 250 / .nic_clocks | digits(1) else null end),
		(if .nic_clocks then .ns / 4 / .nic_clocks | digits(1) else null end),
		(if .nic_many then "\(.ns * many / 1000 | digits(0)) (\(.nic_many.cores) cores)" else null end)] end;

"## The kernel on this machine",
"",
if .permitted | not then
	"The running kernel does not let this process run BPF programs (root or CAP_BPF is needed): nothing was measured."
else
	"Linux \(.kernel) on one CPU (\(.cpu)), by BPF_PROG_TEST_RUN: the program alone, without driver, DMA and sending. Made by `\(.command)`.",
	"",
	table(["program", "ns/packet", "packets", "Mpps", "one NIC core, Mpps at 250 MHz", "CPUs it equals", "CPUs the NIC equals"]; [.rows[] | row]),
	"",
	"packets: repeated, a million runs on what the run before left of the packet, where that takes the same way through the program; else each",
	"packet anew in a call of its own, less what an empty program takes so. Empty cells: the NIC does not run the program yet, or many cores",
	"are not there yet."
end
