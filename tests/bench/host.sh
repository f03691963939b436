#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Native code of bpf-examples/ on this machine: nanoseconds a packet, as ratios; then the driver under testpmd.
set -eu
. tests/bench/common.sh
native="$out/native"
mkdir -p "$native"
rm -f "$out/host.jsonl"

# The example as plain C, called in a loop of its own.
compile_native() { # example
	{
		echo "#include \"$PWD/bpf-examples/$1/$1.c\""
		name=$(sed -n '/^SEC("xdp")/{n;s/^int \([a-z0-9_]*\)(.*/\1/p;}' "bpf-examples/$1/$1.c" | tail -n 1)
		echo "void native_burst(struct xdp_md *p, __u32 *v, __u32 n) { for (; n; n--) *v++ = $name(p++); }"
	} >"$native/$1.c"
	${BPF_CC:-clang} -O2 -march=native -fPIC -shared -w -Itests/bench/native -I. -I"/usr/include/$(gcc -print-multiarch)" -o "$native/$1.so" "$native/$1.c" 2>"$native/$1.log"
}

for dir in bpf-examples/*/in.pcap; do
	p=$(basename "$(dirname "$dir")")
	say "host: $p"
	object="$B/examples/$p.o"
	rx=bpf-examples/real/real.pcap
	maps=
	[ ! -f "bpf-examples/$p/maps-in.json" ] || maps="--maps-in bpf-examples/$p/maps-in.json"
	rm -f "$native/$p.so"
	compile_native "$p" || rm -f "$native/$p.so"
	# shellcheck disable=SC2046,SC2086
	"$B/bench-host" --obj "$object" $(tests/tools/program.sh "$p" --prog) --rx $rx $maps $([ ! -f "$native/$p.so" ] || echo "--native $native/$p.so") $(tests/tools/routes.sh "$p") \
		>"$out/host.one" 2>"$out/host.why" || jq -n --arg why "$(tail -n 1 "$out/host.why")" '{error: $why}' >"$out/host.one"
	# shellcheck disable=SC2046,SC2086
	"$B/bench-kernel" --obj "$object" $(tests/tools/program.sh "$p" --prog) --rx $rx $maps >"$out/kernel.one" 2>/dev/null || echo '{}' >"$out/kernel.one"
	jq -c --arg name "$p" --slurpfile kernel "$out/kernel.one" '{name: $name} + . + {kernel: $kernel[0].ns}' "$out/host.one" >>"$out/host.jsonl"
done
say "host: testpmd"
python3 -B $here/host_testpmd.py >"$out/host.ends" || echo '[]' >"$out/host.ends"
cpu=$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)
jq -s --arg cpu "$cpu" --slurpfile ends "$out/host.ends" '{cpu: $cpu, rows: ., ends: $ends[0]}' "$out/host.jsonl" >"$out/host.json"
table host
