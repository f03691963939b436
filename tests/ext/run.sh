#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The map memory outside the chip. Its unit alone; generated programs with all their maps there against kernel and reference; the examples'
# maps there: results equal to those on the chip, and Verilog and C model in lock step at several latencies; very large maps.
B="${B:-build}"
out="$B/tests/ext"
mkdir -p "$out"
passed=0
failed=0

report() { # name, good (0 or not), text
	if [ "$2" -eq 0 ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAIL $1"
		echo "$3" | tail -n 20
	fi
}

text=$("$B/ext-lockstep" 1 "${SEEDS:-40}" 20000 2>&1)
report "the unit in lock step" $? "$text"
text=$("$B/fuzz" --ext --seed 1 --cases "${CASES:-300}" --rtl-every 30 2>&1)
report "generated programs" $? "$text"

for p in blocklist firewall proto_count rate_limit; do
	rx=bpf-examples/real/real.pcap
	maps=""
	[ -f "bpf-examples/$p/maps-in.json" ] && maps="--maps-in bpf-examples/$p/maps-in.json"
	maps="$maps $(tests/tools/routes.sh "$p")"
	text=$("$B/nicjit" "$B/examples/$p.o" --map-mem 64 -o "$out/$p.fw" 2>&1)
	report "$p is compiled" $? "$text"
	for where in chip ext; do
		fw="$out/$p.fw"
		[ $where = chip ] && fw="$B/examples/$p.fw"
		# shellcheck disable=SC2086
		text=$("$B/nicsim" --fw "$fw" --model iss --threads 1 --clock pcap --ext-mem 64M --rx $rx --results "$out/$where.jsonl" --results-data \
			--maps-out "$out/$where.json" $maps 2>&1)
		report "$p runs with its maps in $where" $? "$text"
	done
	text=$("$B/results-diff" "$out/chip.jsonl" "$out/ext.jsonl" "$out/chip.json" "$out/ext.json" 2>&1)
	report "$p: equal on the chip and outside" $? "$text"
	for latency in 1 30 120; do
		# shellcheck disable=SC2086
		text=$("$B/nicsim" --fw "$out/$p.fw" --model both --ext-mem 64M:$latency --rx $rx $maps 2>&1)
		report "$p in lock step, $latency clocks" $? "$text"
	done
done

# A hash map and an array of a GiB in little memory.
for shape in "HASH, 14000000, 40" "ARRAY, 2000000, 500"; do
	printf '%s\n' '#include <linux/bpf.h>' '#include <bpf/bpf_helpers.h>' "#define MAP(type, n, bytes) MAP_(type, n, bytes)" \
		'#define MAP_(type_, n, bytes) struct { __uint(type, BPF_MAP_TYPE_##type_); __uint(max_entries, n); __type(key, __u32); __type(value, struct v); } m SEC(".maps");' \
		"struct v { __u8 b[${shape##*, }]; };" "MAP($shape)" \
		'SEC("xdp") int count(struct xdp_md *ctx) { __u32 k = bpf_get_prandom_u32() & 0xfffff; static const struct v zero;' \
		'struct v *v = bpf_map_lookup_elem(&m, &k); if (v) __sync_fetch_and_add((__u64 *)v, 1); else bpf_map_update_elem(&m, &k, &zero, 0); return XDP_PASS; }' \
		'char _license[] SEC("license") = "GPL";' >"$out/large.c"
	text=$(clang -O2 -g -target bpf "-I/usr/include/$(gcc -print-multiarch)" -c "$out/large.c" -o "$out/large.o" 2>&1 &&
		"$B/nicjit" "$out/large.o" -o "$out/large.fw" 2>&1 &&
		python3 -c "import resource, subprocess, sys
r = subprocess.run(['$B/nicsim', '--model', 'iss', '--fw', '$out/large.fw', '--rx', 'bpf-examples/real/real.pcap'])
most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
print(most, 'KiB')
sys.exit(r.returncode or most > 100000)" 2>&1)
	report "a map of a GiB: $shape" $? "$text"
done

says() { # name, exit code, words, command...
	name=$1
	code=$2
	words=$3
	shift 3
	text=$("$@" 2>&1)
	[ $? -eq "$code" ] && echo "$text" | grep -q -e "$words"
	report "$name" $? "$text"
}
rx=bpf-examples/pass_all/in.pcap
says "an image that needs it on a NIC without" 1 "outside the chip of the NIC" "$B/nicsim" --fw "$out/firewall.fw" --model iss --ext-mem 0 --rx $rx
says "an image that needs more" 1 "needed .*, there is 131072" "$B/nicsim" --fw "$out/large.fw" --model iss --ext-mem 1M --rx $rx
says "too much for both" 1 "map m does not fit: the maps outside the chip need 1[0-9]* bytes, m alone 1[0-9]*, and the NIC has 67108864" "$B/nicjit" "$out/large.o" --ext-mem 64M -o "$out/none.fw"
for size in 3G 0M 64 M 64M: 64M:0 64M:20000; do
	says "nicsim --ext-mem $size" 2 "--ext-mem does not take" "$B/nicsim" --fw "$out/firewall.fw" --ext-mem $size --rx $rx
done
for size in 3G 0K K 1T 63; do
	says "nicjit --ext-mem $size" 2 "64 to 2G" "$B/nicjit" "$out/large.o" --ext-mem $size -o "$out/none.fw"
done

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
