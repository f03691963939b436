#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The demonstration of `make demo`: every example program on the Verilated NIC with recorded traffic, twice. With one hardware thread
# packets are seen one after the other, as the kernel's test run sees them, and everything is compared with it. With all threads the
# figures on the right are taken: packets back to back, as many in flight as the core holds.
set -eu
B="${B:-build}"
rx=bpf-examples/real/real.pcap
out="$B/demo"
mkdir -p "$out"

bold=""
green=""
red=""
plain=""
if [ -t 1 ]; then
	bold=$(printf '\033[1m')
	green=$(printf '\033[32m')
	red=$(printf '\033[31m')
	plain=$(printf '\033[0m')
fi

oracle=kernel
if ! "$B/xdpref" --obj "$B/examples/pass_all.o" --rx "$rx" --oracle kernel >/dev/null 2>"$out/why"; then
	oracle=ref
	echo "The running kernel may not be asked ($(tail -n 1 "$out/why")); comparing with the reference interpreter instead."
fi

older=
tests/tools/kernel.sh >"$out/why" || older=1

echo "Traffic: $rx ($(tcpdump -r "$rx" --count 2>/dev/null | sed 's/ .*//') frames recorded on a veth pair)"
echo "NIC: Verilog, Verilated; 2 cores of 16 threads and 3 lanes; figures at 250 MHz"
echo
printf '%s%-17s %6s %6s %6s %6s %6s %5s %7s %8s %8s %7s  %s%s\n' "$bold" program PASS DROP TX REDIR ABORT insns "bundles" "bundles" "cycles" "Mpps" \
	"verdicts, packets, maps" "$plain"
printf '%-17s %6s %6s %6s %6s %6s %5s %7s %8s %8s %7s\n' "" "" "" "" "" "" "" static /packet /packet ""

answer() { # kernel or ref
	home=
	routes=$fib
	if [ "$1" = kernel ]; then
		home="tests/tools/routes.sh $p"
		routes=
	fi
	# shellcheck disable=SC2046,SC2086
	$home "$B/xdpref" $routes --obj "$obj" $(tests/tools/program.sh "$p" --prog) --oracle "$1" --rx "$rx" $maps --results "$out/$p.$1.jsonl" --results-data \
		--maps-out "$out/$p.$1.json" >/dev/null
}

wrong=0
for obj in "$B"/examples/*.o; do
	p=$(basename "$obj" .o)
	fw="$B/examples/$p.fw"
	maps=""
	[ -f "bpf-examples/$p/maps-in.json" ] && maps="--maps-in bpf-examples/$p/maps-in.json"
	fib=$(tests/tools/routes.sh "$p")
	clock=nic
	with=$oracle
	said="the kernel"
	if grep -qE "bpf_ktime|syncookie" bpf-examples/"$p"/*.c; then
		clock=pcap # the kernel's clock can't be set: the interpreter follows the capture's time, and so does the NIC
		with=ref
	fi
	[ "$with" = kernel ] || said="the reference"
	# shellcheck disable=SC2086
	"$B/nicsim" --fw "$fw" --rx "$rx" --tx "$out/$p.pcap" --threads 1 --clock $clock $maps $fib --results "$out/$p.nic.jsonl" \
		--results-data --maps-out "$out/$p.nic.json" --json >"$out/$p.one.json"
	if ! answer "$with" 2>"$out/why"; then
		[ "$with" = kernel ] && [ "$older" ] || { cat "$out/why" >&2 && exit 1; }
		with=ref
		said="the reference (this kernel does not load it)"
		answer ref
	fi
	if "$B/results-diff" "$out/$p.nic.jsonl" "$out/$p.$with.jsonl" "$out/$p.nic.json" "$out/$p.$with.json" >"$out/$p.diff"; then
		equal="${green}equal to $said${plain}"
	else
		equal="${red}DIFFERENT from $said: $out/$p.diff${plain}"
		wrong=1
	fi
	# shellcheck disable=SC2086
	"$B/nicsim" --fw "$fw" --rx "$rx" $maps $(tests/tools/routes.sh "$p") --json >"$out/$p.json"
	# shellcheck disable=SC2046
	"$B/nicjit" "$obj" $(tests/tools/program.sh "$p" -p) -o "$out/$p.fw" --json >"$out/$p.static"
	line=$(jq -r -s '[.[2].verdicts.XDP_PASS, .[2].verdicts.XDP_DROP, .[2].verdicts.XDP_TX, .[2].verdicts.XDP_REDIRECT, .[2].verdicts.XDP_ABORTED, .[1].instructions,
		.[1].bundles, (.[0].bundles_per_packet * 100 | round / 100), (.[0].cycles_per_packet * 100 | round / 100),
		(.[0].mpps * 10 | round / 10)] | map(tostring) | join(" ")' "$out/$p.json" "$out/$p.static" "$out/$p.one.json")
	# shellcheck disable=SC2086
	printf '%-17s %6s %6s %6s %6s %6s %5s %7s %8s %8s %7s  %s\n' "$p" $line "$equal"
done
echo
echo "Cycles per packet include the time a frame takes through the ports: 64 bytes a clock, $(jq -r '.bytes / .packets | round' "$out/pass_all.json") bytes a frame here."
echo "Output packets: $out/<program>.pcap (tcpdump -r). What a program became: build/nicjit -S $B/examples/firewall.o"
exit $wrong
