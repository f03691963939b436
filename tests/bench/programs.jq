# SPDX-License-Identifier: Apache-2.0
include "table";
include "limits";
include "means";

def peer: $peers[0].programs[.peer // ""] // {};

def measured:
	(.nic.full.clocks_per_packet) as $clocks
	| [.nicjit.bundles, (.nic.full.bundles_per_packet | digits(1)), ($clocks | digits(2)), (156.25 / $clocks | digits(1)),
	   (250 / $clocks | digits(1)), (.nic | limit), (.nic.latency_clocks * 6.4 | digits(0)), (.latency_1518 * 6.4 | digits(0))];

def missing: [(if .broken then .broken else .nicjit | not_yet end), "", "", "", "", "", "", ""];

def must: if .must and .nic and .nic.full.clocks_per_packet > .must * 1.005 then "missed \(.must)" else .must end;

def row:
	peer as $peer
	| [.name, .instructions, (.executed | digits(1))]
	  + (if .nic then measured else missing end)
	  + [(if $peer.hxdp then 156.25 / $peer.hxdp | digits(1) else null end), $peer.hxdp, $peer.nfp, $peer.x86, must, .aim];

"## Programs on one core",
"",
"One core, 16 threads, 3 lanes; 64-byte packets back to back, lookups hit, after 500 packets of warm-up. Made by `\(.command)`.",
"",
table(["program", "insns", "run", "bundles", "run", "clocks", "Mpps 156", "Mpps 250", "limit", "ns 64 B", "ns 1518 B",
	"hXDP clocks", "hXDP Mpps", "NFP Mpps", "x86 Mpps", "must", "aim"]; [.rows[] | row]),
"",
"insns, bundles: in the program, then executed per packet. clocks: per packet at full load; Mpps at 156.25 and 250 MHz. limit: what of",
"the core a packet needs most clocks of. ns: from the first beat in to the last beat out (or the verdict, when dropped) on an idle NIC at",
"156.25 MHz. must, aim: targets in clocks. The C model equals the Verilog in every clock in \([.rows[] | select(.models_equal)] | length) of \([.rows[] | select(.nic)] | length) rows that run.",
"",
"- hXDP: \($peers[0].sources.hxdp).",
"- NFP: \($peers[0].sources.nfp). x86: \($peers[0].sources.x86).",
"- Published latency through the NIC and back, 64 / 1518 bytes, in us: hXDP \($peers[0].hxdp_latency_us["64"]) / \($peers[0].hxdp_latency_us["1518"]), NFP \($peers[0].nfp_latency_us["64"]) / \($peers[0].nfp_latency_us["1518"]), x86 \($peers[0].x86_latency_us["64"]) / \($peers[0].x86_latency_us["1518"]); theirs include the wire.",
"- Geometric mean: \(means($peers[0])).",
"- Slower than hXDP at the same clock: \([.rows[] | select(.nic and peer.hxdp and .nic.full.clocks_per_packet > 156.25 / peer.hxdp) | .name] | if length == 0 then "none" else join("; ") end).",
"- xdp samples: Linux \(.linux), as adapted by tests/bench/linux/adapt.sed.",
(.rows[] | select(.note) | "- \(.name): \(.note).")
