#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Every program of bpf-examples/ on the RTL, on the C model and as native code of the host, one packet after the other, over its own packets, the frames too
# short for a header, and the recorded traffic. Compared: the verdicts that the packets' author expects, the maps and packets the
# author expects, and the running kernel (or the reference interpreter where the kernel may not be asked, or cannot: frames
# below 14 bytes, programs that read the clock). Where the kernel is asked, the interpreter must agree with it, too. What programs tell by ring buffers and
# perf events is compared as well. `run.sh NAME...` runs only these.
suite=examples
. tests/tools/suite.sh

ask_kernel "compared with the reference interpreter"

verdicts() { # expect.txt, results
	grep -v '^#' "$1" | awk '{print $1, $2}' >"$out/want"
	sed -n 's/.*"n": *\([0-9]*\).*"verdict": *"\([A-Z_]*\)".*/\1 \2/p' "$2" >"$out/got"
	test -s "$out/want" && diff "$out/want" "$out/got"
}

frames() { # pcap: the bytes, without times
	tcpdump -t -n -q -xx -r "$1" 2>/dev/null | grep 0x
}

packets() { # expected, those that went on
	frames "$1" >"$out/want" && frames "$2" >"$out/got" && cmp "$out/want" "$out/got"
}

ask() { # pcap, oracle; once
	home=
	fib=
	[ "$2" = kernel ] && home="tests/tools/routes.sh $p" || fib=$(tests/tools/routes.sh "$p")
	# shellcheck disable=SC2046,SC2086
	[ -f "$base.$2.jsonl" ] || check "$(basename "$base") runs on $2" $home "$B/xdpref" $fib --obj "$B/examples/$p.o" $(tests/tools/program.sh "$p" --prog) --oracle "$2" --rx "$1" \
		--results "$base.$2.jsonl" --results-data --maps-out "$base.$2.json" $maps $(listen "$2")
}

same() { # two of model and oracle
	check "$(basename "$base") $1 equals $2" "$B/results-diff" "$base.$1.jsonl" "$base.$2.jsonl" "$base.$1.json" "$base.$2.json"
	[ -z "$(listen "$1")" ] || check "$(basename "$base"): events of $1 equal those of $2" cmp "$base.$1.events" "$base.$2.events"
}

listen() { # model or oracle
	! grep -qE 'bpf_ringbuf|bpf_perf' "bpf-examples/$p/"*.c || echo "--events $base.$1.events"
}

run() { # program, pcap, tag, model, clock, oracle
	p="$1"
	base="$out/$p.$3"
	maps=""
	[ -f "bpf-examples/$p/maps-in.json" ] && maps="--maps-in bpf-examples/$p/maps-in.json"
	# shellcheck disable=SC2086
	[ "$4" = host ] && check "$p $3 runs on the host" "$B/xdphost" $(tests/tools/routes.sh "$p") --obj "$B/examples/$p.o" $(tests/tools/program.sh "$p" --prog) --rx "$2" \
		--results "$base.host.jsonl" --results-data --maps-out "$base.host.json" $maps $(listen host)
	# shellcheck disable=SC2086
	[ "$4" = host ] || check "$p $3 runs on $4" "$B/nicsim" $(tests/tools/routes.sh "$p") --fw "$B/examples/$p.fw" --model "$4" --threads 1 --rx "$2" --tx "$base.$4.pcap" \
		--results "$base.$4.jsonl" --results-data --maps-out "$base.$4.json" --clock "$5" $maps $(listen "$4")
	ask "$2" "$6"
	same "$4" "$6"
	[ "$6" = ref ] || [ -f "$base.ref.jsonl" ] || {
		ask "$2" ref
		same ref "$6"
	}
}

models="rtl iss"
# native code, where LLVM is there
[ -x "$B/xdphost" ] && models="$models host"
rm -f "$out"/*.jsonl
if [ $# -eq 0 ]; then
	tests/cocotb/venv.sh # has scapy
	check "the packets are those that packets.py writes" "$B/venv/bin/python" -B bpf-examples/packets.py --check
fi
# shellcheck disable=SC2046
[ $# -gt 0 ] || set -- $(cd bpf-examples && echo */)
for p in "$@"; do
	p=${p%/}
	dir="bpf-examples/$p"
	[ -f "$dir/in.pcap" ] && [ -f "$dir/expect.txt" ] || continue
	clock=nic
	oracle=ref
	[ "$kernel" -eq 1 ] && oracle=kernel
	if grep -qE "bpf_ktime|syncookie" "$dir"/*.c; then
		clock=pcap
		oracle=ref
	fi
	for model in $models; do
		run "$p" "$dir/in.pcap" in "$model" "$clock" "$oracle"
		check "$p verdicts on $model" verdicts "$dir/expect.txt" "$out/$p.in.$model.jsonl"
		[ ! -f "$dir/maps-out.json" ] || check "$p maps on $model" "$B/results-diff" "$out/$p.in.$model.jsonl" \
			"$out/$p.in.$model.jsonl" "$out/$p.in.$model.json" "$dir/maps-out.json"
		[ ! -f "$dir/out.pcap" ] || [ "$model" = host ] || check "$p packets on $model" packets "$dir/out.pcap" "$out/$p.in.$model.pcap"
		run "$p" "$dir/runts.pcap" runts "$model" "$clock" ref
		check "$p verdicts of runts on $model" verdicts "$dir/runts.expect.txt" "$out/$p.runts.$model.jsonl"
		# enough on the RTL where the program has many packets of its own
		[ "$model" = rtl ] && [ "$(wc -l <"$dir/expect.txt")" -gt 300 ] || run "$p" bpf-examples/real/real.pcap real "$model" "$clock" "$oracle"
	done
done
suite_end
