# SPDX-License-Identifier: Apache-2.0
include "table";

def area($name): [.areas[] | select(.name == $name)][0];

def per_klut($lut): if . == null or $lut == null then null else . / $lut * 1000 | digits(2) end;

# The programs whose Mpps per LUT is shown: those with a figure of hXDP.
def shown: .programs[] | select($peers[0].programs[.peer // ""].hxdp);

# NICs on UltraScale+ by their number of tiles.
def nics: [.areas[] | select(.top == "nic_top" and .family == "xcup") | . + {cores: ((.name | capture("Cores(?<n>\\d+)").n | tonumber)? // 2)}] | sort_by(.cores);

# What a NIC gives for this program, and its area: with the most cores of which both are known; what one core gives in the smallest otherwise.
def nic($all):
	.name as $name
	| if $all.scaling == [] then {cores: 1, mpps: (250 / .clocks), lut: ($all | nics[0].lut)}
	  else [$all.scaling[] | select(.name == $name) | . as $s | $all | nics[] | select(.cores == $s.cores)
		| {cores, mpps: (250 * $s.packets_per_clock), lut}] | max_by(.cores) // {} end;

# LUT of a NIC with so many cores: mapped, or on the line between two that are.
def lut_of($all; $cores):
	($all | nics) as $nics
	| ($nics | map(select(.cores <= $cores)) | last) as $low | ($nics | map(select(.cores >= $cores)) | first) as $high
	| if $low == null or $high == null then null
	  elif $low.cores == $high.cores then $low.lut
	  else $low.lut + ($high.lut - $low.lut) * ($cores - $low.cores) / ($high.cores - $low.cores) end;

# The parts of a NIC, by the modules in them; a module is in the first that names it.
def parts: [["tiles", "/fp_tile$"], ["maps", "/map_"], ["host side", "^dma_"], ["egress", "/pkt_(out|host|turn|route)$"],
	["ingress, hash, checksums, order", "/(pkt_|csr_rss)"], ["registers, counters", "csr_|axil_"]];

# LUT of these parts and of the rest.
def by_part:
	(.modules | map(select(.module != "nic_core")) | group_by(.module as $m | first(range(parts | length) as $i | select($m | test(parts[$i][1])) | $i) // -1)
		| map({key: (.[0].module as $m | first(parts[] | select(.[1] as $r | $m | test($r)) | .[0]) // "the rest"), value: (map(.lut) | add)}) | from_entries) as $known
	| ($known + {"the rest": (.lut - ([$known | to_entries[] | select(.key != "the rest") | .value] | add // 0))});

. as $all
| $peers[0] as $p
| area("fp_core-xcup").lut as $core
| "## Area",
"",
"Yosys, out of context, nothing placed: an upper bound (on PicoRV32 Yosys counts 1.3 to 1.5 times Vivado's LUT). fp_core has microcode, packet and",
"stack memory in it. block RAM: RAMB36, or an ECP5's DP16KD. By module and for more parameters: `make synth`. Made by `\(.command)`.",
"",
table(["top, family, parameters", "LUT", "of these memory", "FF", "block RAM", "DSP"]; [.areas[] | [.name, .lut, .memory, .ff, .block, .dsp]]),
"",
(nics | map(select(.modules))) as $nics
| if $nics == [] then empty else "### A NIC's parts, kLUT on UltraScale+", "",
	([$nics[] | by_part] as $of
	| table(["NIC of tiles", ($nics[] | .cores)]; [((parts[] | .[0]), "the rest") as $part | [$part, ($of[] | .[$part] // 0 | . / 1000 | digits(1))]]
		+ [["all", ($nics[] | .lut / 1000 | digits(1))]])),
	"" end,
"hXDP's processor alone takes \($p.hxdp_processor_lut) LUT for one thread, with packet buffer, maps and helpers \($p.hxdp_lut) (\($p.sources.hxdp_area)).",
"",
"### Packets per area: Mpps per 1000 LUT",
"",
table(["program", "one core, Mpps", "per kLUT of fp_core", "NIC of cores", "Mpps", "per kLUT of nic_top", "hXDP Mpps", "per kLUT (42 kLUT)"]; [shown |
	(250 / .clocks) as $mpps | $p.programs[.peer].hxdp as $hxdp | nic($all) as $nic
	| [.name, ($mpps | digits(1)), ($mpps | per_klut($core)), $nic.cores, ($nic.mpps | digits(1)), ($nic.mpps | per_klut($nic.lut)), $hxdp,
	   ($hxdp | per_klut($p.hxdp_lut))]]),
"",
if $all.line_rate == [] then empty else "### 100GbE of 64-byte packets: cores and area", "",
	table(["program", "cores", "kLUT"]; [$all.line_rate | group_by(.name)[] | max_by(.cores) | [.name, .cores, (lut_of($all; .cores) | if . then . / 1000 | digits(0) else null end)]]),
	"" end,
($p.ehdl_u50_share | map(. * $p.u50_lut)) as $ehdl
| "hXDP's Mpps are at its 156.25 MHz, ours at 250 MHz, which is what the estimated paths make likely on UltraScale+. eHDL, a fixed pipeline for each program: \($p.ehdl_mpps) Mpps in \($ehdl[0] / 1000 | digits(0)) to \($ehdl[1] / 1000 | digits(0)) kLUT, \($p.ehdl_mpps | per_klut($ehdl[1])) to \($p.ehdl_mpps | per_klut($ehdl[0])) Mpps per kLUT",
"(\($p.sources.ehdl)). The longest estimated path of fp_core is \(.paths.paths[0].ns) ns."
