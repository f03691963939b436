#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Programs for each type of map and each helper on maps, one packet after the other over the recorded traffic (the RTL: a few packets). Verdicts, packets maps and events
# of the C model and of the RTL, with all maps on the chip and with all of them outside, must be those of the reference interpreter, and these those of the running kernel
# where it may be asked.
# NAME.c is the program; NAME.in.json, if there is one, what its maps hold before; NAME.entries what their loader makes of their sizes; nobody
# reads the events of NAME_unheard.c. `run.sh NAME...` runs only these.
suite=maps
. tests/tools/suite.sh
frames=bpf-examples/real/real.pcap
short=bpf-examples/pass_all/in.pcap

ask_kernel

# What is printed faster than a host reads is lost, which is not what this program is about.
pace() {
	case $p in events) echo "--load burst:1:20000" ;; prints*) echo "--load burst:1:4000" ;; esac
}

listen() { # model or oracle, tag
	case $p in *_unheard) ;; *) echo "--events $base.$2.$1.events" ;; esac
}

ask() { # oracle, tag, frames
	check "$p runs on $1" "$B/xdpref" --obj "$base.o" $sizes --oracle "$1" --rx "$3" --results "$base.$2.$1.jsonl" --results-data \
		--maps-out "$base.$2.$1.json" $maps $(listen "$1" "$2")
}

wrong_sizes() {
	for bad in bare bare=0 bare= bare=5x bare=-5 bare=4294967297 none=3; do
		"$B/xdpref" --obj "$base.o" --entries $bad --rx $short 2>&1 | grep -q "^xdpref: '$bad' is not an object's map" || return 1
	done
}

run() { # model, tag, frames; $where: the firmware's maps
	check "$p runs on $1, maps on $where" "$B/nicsim" --fw "$base.$where.fw" --model "$1" --threads 1 $(pace) --rx "$3" --tx "$base.$1.pcap" \
		--results "$base.$2.$1.jsonl" --results-data --maps-out "$base.$2.$1.json" $maps $(listen "$1" "$2")
}

# Of the kernel what is printed is not read. Between maps there is no order.
heard() { # tag, model or oracle, the other
	case "$2$3" in *kernel*) grep -v '^{"printk"' "$base.$1.$2.events" ;; *) cat "$base.$1.$2.events" ;; esac | sort -s -t, -k1,1
}

same_events() { # tag, two of model and oracle
	heard "$1" "$2" "$3" >"$out/one" && heard "$1" "$3" "$2" >"$out/other"
	cmp "$out/one" "$out/other" && test -s "$out/one" -o ! -s "$base.$1.ref.events"
}

same() { # tag, two of model and oracle
	check "$p $1: $2 equals $3" "$B/results-diff" "$base.$1.$2.jsonl" "$base.$1.$3.jsonl" "$base.$1.$2.json" "$base.$1.$3.json"
	[ -z "$(listen "$2" "$1")" ] || check "$p $1: events of $2 equal those of $3" same_events "$1" "$2" "$3"
}

# Eight cores at once: every number told once, none lost, and nothing left over.
number() { # little-endian hexadecimal
	printf '%d' "0x$(echo "$1" | sed 's/\(..\)\(..\)\(..\)\(..\).*/\4\3\2\1/')"
}

own() { # map, digits of a value: the sum of all threads' first words, and of the words behind them
	first=0
	second=0
	for value in $(awk -v map="\"$1\"" '/^"/ {on = index($0, map) == 1} on' "$base.json" | grep -o "\"[0-9a-f]\{$2\}\"" | tr -d '"'); do
		first=$((first + $(number "$value")))
		[ "$2" -eq 16 ] || second=$((second + $(number "${value#????????????????}")))
	done
	echo $first $second
}

crowd() {
	memory=$1
	shift
	compile crowd --map-mem "$memory" && "$B/nicsim" --fw "$base.fw" --model iss "$@" --rx $frames --json --events "$base.events" \
		--maps-out "$base.json" >"$base.report" || return 1
	packets=$(sed -n 's/.*"packets": *\([0-9]*\).*/\1/p' "$base.report" | head -n 1)
	# shellcheck disable=SC2046
	set -- $(awk '/^"/ {on = 0} /^"sums"/ {on = 1} on' "$base.json" | sed -n 's/.*"value":"\([0-9a-f]*\)".*/\1/p')
	own=$(own own 16)
	pairs=$(own pairs 32)
	told=$(wc -l <"$base.events")
	different=$(sort -u "$base.events" | wc -l)
	echo "packets $packets, counted $(number "$1"), by CPU $own and $pairs, told $(number "$2"), heard $told, different $different, pushed $3, popped $4," \
		"stacked $5, unstacked $6, failed $7"
	[ "$packets" -gt 1000 ] && [ "$packets" -eq "$(number "$1")" ] && [ "$own" = "$packets 0" ] && [ "$pairs" = "$packets $((2 * packets))" ] && [ "$told" -eq "$(number "$2")" ] &&
		[ "$told" -eq "$different" ] && [ "$3" = "$4" ] && [ "$5" = "$6" ] && [ "$(number "$7")" -eq 0 ] && [ "$told" -gt 500 ]
}

compile() { # program of crowd/, options
	base="$out/$1"
	name=$1
	shift
	compile_bpf "$here/crowd/$name.c" "$base.o" &&
		"$B/nicjit" "$base.o" --cpus 128 "$@" -o "$base.fw"
}

# Threads that want the same locks: the maps end as if they had come one after the other.
locks() { # model, options
	model=$1
	shift
	compile locks && "$B/xdpref" --obj "$base.o" --rx $frames --maps-out "$base.ref.json" &&
		"$B/nicsim" --fw "$base.fw" --model "$model" "$@" --rx $frames --maps-out "$base.$model.json" &&
		cmp "$base.ref.json" "$base.$model.json"
}

# Packets that end with the lock in their hands: it is taken from them, and most of the others pass.
locks_dead() {
	compile locks_dead && "$B/nicsim" --fw "$base.fw" --model iss --cores 2 --watchdog 20000 --rx $frames --repeat 4 --json \
		--maps-out "$base.json" >"$base.report" 2>&1 || return 1
	passes=$(sed -n 's/.*"XDP_PASS": *\([0-9]*\).*/\1/p' "$base.report" | head -n 1)
	steps=$(number "$(sed -n 's/.*"value":"00000000\([0-9a-f]*\)".*/\1/p' "$base.json")")
	echo "of 2136 packets $passes pass, and $steps had the lock"
	[ "$passes" -gt 1400 ] && [ "$passes" -lt 2116 ] && [ "$steps" -ge "$passes" ]
}

# What each thread counts in a structure of its own, with four cores: a packet in little more than the clock that dispatch takes. In one bank it would be two.
structures() {
	compile structures && python3 tests/bench/packets.py plain 64 "$base.pcap" "$base.in.json" 1000 &&
		"$B/nicsim" --fw "$base.fw" --model iss --cores 4 --rx "0:$base.pcap" --rx "1:$base.pcap" --repeat 4 --json --maps-out "$base.json" >"$base.report" || return 1
	clocks=$(sed -n 's/.*"cycles_per_packet": *\([0-9.]*\).*/\1/p' "$base.report" | head -n 1)
	sum=0
	for value in $(sed -n 's/.*"value":"0\{32\}\([0-9a-f]*\)".*/\1/p' "$base.json"); do
		sum=$((sum + $(number "$value")))
	done
	echo "counted $sum, $clocks clocks a packet"
	[ "$sum" -eq 8000 ] && awk "BEGIN {exit !($clocks < 1.1)}"
}

if [ $# -eq 0 ]; then
	check "four cores at structures of 64 bytes" structures
	check "eight cores at the same locks" locks iss --cores 8
	check "the RTL's cores at the same locks" locks rtl
	check "packets that end with a lock held" locks_dead
	check "eight cores on one ring, queue and stack" crowd 512K --cores 8 --repeat 4
	check "a core on those outside the chip" crowd 64 --cores 1 --ext-mem 64M:10 --repeat 2
fi
[ $# -gt 0 ] || set -- $(cd $here && ls -- *.c | sed 's/\.c$//')
for p in "$@"; do
	base="$out/$p"
	maps=
	[ -f "$here/$p.in.json" ] && maps="--maps-in $here/$p.in.json"
	sizes=
	[ -f "$here/$p.entries" ] && sizes="--entries $(cat "$here/$p.entries")"
	check "$p: clang" compile_bpf "$here/$p.c" "$base.o" || continue
	check "$p: nicjit" "$B/nicjit" "$base.o" $sizes -o "$base.chip.fw" || continue
	check "$p: nicjit, maps outside" "$B/nicjit" "$base.o" $sizes --map-mem 64 -o "$base.outside.fw" || continue
	[ -z "$sizes" ] || check "$p: the interpreter refuses wrong sizes" wrong_sizes
	ask ref real $frames
	[ $kernel -eq 0 ] || { ask kernel real $frames && same real ref kernel; }
	ask ref short $short
	for where in chip outside; do
		run iss real $frames && same real iss ref
		run rtl short $short && same short rtl ref
	done
	case $p in lpm | lru | percpu_*) stepped=$frames ;; long_*) stepped=$short ;; *) continue ;; esac
	for where in chip outside; do
		check "$p in lock step, maps on $where" "$B/nicsim" --fw "$base.$where.fw" --model both --ext-mem 64M:5 --rx "$stepped" $maps
		check "$p alone in lock step, maps on $where" "$B/nicsim" --fw "$base.$where.fw" --model both --threads 1 --ext-mem 64M:5 --rx "$short" $maps
	done
done
suite_end
