#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The verdicts of kernel and nicjit on programs, and what the programs then do: README.md. `run.sh NAME...` runs only these.
suite=agree
. tests/tools/suite.sh
rx=bpf-examples/vlan_ipv6_parser/in.pcap
only=${1:+1}
[ $# -gt 0 ] || set -- $(cd $here && ls -- *.c | sed 's/\.c$//')
: >"$out/seen"

ask_kernel "nothing is compared"
[ "$kernel" -eq 1 ] || {
	pass
	suite_end
	exit
}

runs_equal() { # object, program
	"$B/nicsim" --fw "$out/x.fw" --model iss --threads 1 --rx $rx --results "$out/iss.jsonl" --results-data --maps-out "$out/iss.json" >"$out/log" 2>&1 &&
		"$B/xdpref" --obj "$1" --prog "$2" --oracle kernel --rx $rx --results "$out/kernel.jsonl" --results-data \
			--maps-out "$out/all.json" >"$out/log" 2>&1 || return 1
	# the maps that both show: nicjit leaves out those that the program does not use, the kernel's side constant data
	jq -c -s '.[1] as $o | .[0] | with_entries(select(.key | in($o)))' "$out/iss.json" "$out/all.json" >"$out/a.json"
	jq -c -s '.[0] as $o | .[1] | with_entries(select(.key | in($o)))' "$out/iss.json" "$out/all.json" >"$out/b.json"
	"$B/results-diff" "$out/iss.jsonl" "$out/kernel.jsonl" "$out/a.json" "$out/b.json" >"$out/log" 2>&1
}

one() { # name, object, program, what it is
	answer=$("$B/nicjit" --check-kernel "$2" -p "$3" -o "$out/x.fw" 2>"$out/log")
	nicjit=$?
	case "$answer" in
	*" accepts $3: "*) kernel=0 ;;
	*" refuses $3: "*) kernel=1 ;;
	*)
		fail "$4: the kernel was not asked: $answer"
		return
		;;
	esac
	if [ $nicjit -ne $kernel ] && [ $kernel -eq 1 ] && grep -q "^$1 $3	" $here/known.txt; then
		echo "$1 $3" >>"$out/seen"
	elif [ $nicjit -ne $kernel ]; then
		fail "$4: nicjit says $nicjit, the kernel $kernel: $answer"
		head -n 3 "$out/log"
		return
	elif [ $kernel -eq 0 ] && ! grep -q "$3.*reads a clock" $here/known.txt && ! runs_equal "$2" "$3"; then
		fail "$4 gives something else than in the kernel"
		head -n 5 "$out/log"
		return
	fi
	pass
}

for name in "$@"; do
	for cpu in v1 v3 v4; do
		compile_bpf "$here/$name.c" "$out/$name.o" -mcpu=$cpu -w 2>"$out/log" || {
			[ $cpu = v4 ] || fail "$name does not compile for $cpu: $(head -n 1 "$out/log")"
			continue
		}
		for program in $(grep -A1 '^SEC("xdp")' "$here/$name.c" | sed -n 's/^\(__attribute__((naked)) \)*int \([a-z0-9_]*\)(.*/\2/p'); do
			one "$name" "$out/$name.o" "$program" "$name.c:$program ($cpu)"
		done
	done
done
[ -n "$only" ] || grep -v '^#' $here/known.txt | grep -v 'reads a clock' | while read -r name program why; do
	grep -q "^$name $program\$" "$out/seen" || echo "note: $name $program is in known.txt, but both agree: $why"
done
suite_end
