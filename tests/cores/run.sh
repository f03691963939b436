#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# run.sh [CORES...]: builds the RTL with that many cores (5, as more than 4 have two lookup units and more banks) and runs it in lock step
# with the C model: random traffic, then every example with packets for it at both ports. Before that, that all tiles run one code.
B="${B:-build}"
SEEDS="${SEEDS:-12}"
[ $# -gt 0 ] || set -- 5
passed=0
failed=0

for cores; do
	out="$B/cores/$cores"
	mkdir -p "$out"
	if ! make -s --no-print-directory -j"$(nproc)" B="$B" "$out/fabric-test" "$out/nicsim" >"$out/build.log" 2>&1; then
		echo "FAIL the RTL with $cores cores does not build"
		tail -n 10 "$out/build.log"
		failed=$((failed + 1))
		continue
	fi
	# Verilator may order two statements of a tile in another way than of the next; but then each of them has some tiles.
	copies=$(cat "$out"/verilated/Vnic_fp_tile*.cpp | grep -c '^VL_INLINE_OPT .*tile__0(')
	if [ "$copies" -eq 0 ] || [ "$copies" -ge "$cores" ]; then
		echo "FAIL the $cores tiles run $copies copies of their code: sim/rtl/README.md"
		failed=$((failed + 1))
	else
		passed=$((passed + 1))
	fi
	text=$("$out/fabric-test" both 0 1000 "$SEEDS" 2>&1)
	code=$?
	tally=$(echo "$text" | grep -E '^[0-9]+ passed, [0-9]+ failed$')
	p=$(echo "$tally" | sed 's/ passed.*//')
	f=$(echo "$tally" | sed 's/.* passed, \([0-9]*\) failed/\1/')
	[ "$code" -ne 0 ] && [ "${f:-0}" -eq 0 ] && f=1
	echo "$text" | head -n 40
	passed=$((passed + ${p:-0}))
	failed=$((failed + ${f:-0}))
	for dir in bpf-examples/*/packets.py; do
		p=$(basename "$(dirname "$dir")")
		rx="bpf-examples/$p/in.pcap"
		maps=""
		# flow_exporter samples nothing then: with as many CPUs a new entry of its LRU_PERCPU_HASH takes thousands of clocks.
		[ -f "bpf-examples/$p/maps-in.json" ] && [ "$p" != flow_exporter ] && maps="--maps-in bpf-examples/$p/maps-in.json"
		# shellcheck disable=SC2046,SC2086
		if text=$("$B/nicjit" "$B/examples/$p.o" $(tests/tools/program.sh "$p" -p) --cpus $((16 * cores)) -o "$out/$p.fw" 2>&1 &&
			"$out/nicsim" --fw "$out/$p.fw" --model both --cores "$cores" --rx "0:$rx" --rx "1:$rx" $maps $(tests/tools/routes.sh "$p") 2>&1); then
			passed=$((passed + 1))
			echo "$cores cores, $p: $(echo "$text" | sed -n 's/^ *clocks per packet */clocks per packet /p')"
		else
			failed=$((failed + 1))
			echo "FAIL $cores cores, $p: $text"
		fi
	done
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
