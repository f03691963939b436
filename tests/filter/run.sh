#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# nicjit --filter: the filters of filters.txt over recorded and hostile frames, against libpcap's own interpreter; C model, some on the RTL. And as eBPF
# objects (--ebpf): the same microcode; XDP program and classifier in the running kernel.
set -u
suite=filter
. tests/tools/suite.sh
ask_kernel "objects of filters were not loaded"

one() { # filter, match, verdict of a match, model, captures..
	filter_=$1
	verdict=$3
	model=$4
	"$B/nicjit" --filter "$1" --match "$2" -o "$out/f.fw" || return 1
	shift 4
	pairs=
	for rx in "$@"; do
		results="$out/$(basename "$(dirname "$rx")").results"
		"$B/nicsim" --fw "$out/f.fw" --model "$model" --rx "$rx" --tx "$out/tx.pcap" --results "$results" >/dev/null || return 1
		pairs="$pairs $rx $results"
	done
	# shellcheck disable=SC2086
	python3 -B "$here/oracle.py" "$filter_" "$verdict" $pairs
}
bundles() { # options of nicjit..
	"$B/nicjit" -S "$@" | grep -v '^;'
}
object() { # filter
	"$B/nicjit" --filter "$1" --ebpf -o "$out/f.o" && bundles --filter "$1" >"$out/of_filter" && bundles "$out/f.o" >"$out/of_object" && cmp "$out/of_filter" "$out/of_object"
}
in_kernel() { # filter, capture
	"$B/nicjit" --filter "$1" --ebpf -o "$out/f.o" && "$B/xdpref" --obj "$out/f.o" --prog filter --oracle kernel --rx "$2" --results "$out/results" &&
		python3 -B "$here/oracle.py" "$1" 2 "$2" "$out/results"
}
# Linux takes the outer VLAN tag off before, so libpcap says nothing of tagged frames here.
classifier() { # filter, capture
	"$B/nicjit" --filter "$1" --ebpf -o "$out/f.o" && "$B/nicjit" "$out/f.o" -p filter_tc -o "$out/f.fw" &&
		"$B/nicsim" --fw "$out/f.fw" --model iss --threads 1 --rx "$2" --results "$out/nic.jsonl" --results-data >/dev/null &&
		"$B/xdpref" --obj "$out/f.o" --prog filter_tc --oracle "$3" --rx "$2" --results "$out/ref.jsonl" --results-data >/dev/null &&
		"$B/results-diff" "$out/nic.jsonl" "$out/ref.jsonl"
}
refused() { # words, options...
	words=$1
	shift
	said=$("$B/nicjit" "$@" -o "$out/x.fw" 2>&1) && return 1
	echo "$said"
	echo "$said" | grep -q "$words"
}

n=0
while read -r filter; do
	n=$((n + 1))
	check "$filter" one "$filter" pass 2 iss bpf-examples/real/real.pcap bpf-examples/vlan_ipv6_parser/in.pcap bpf-examples/firewall/runts.pcap bpf-examples/decap/in.pcap
	[ $((n % 6)) -ne 0 ] || check "$filter: dropped instead" one "$filter" drop 1 iss bpf-examples/real/real.pcap
	check "$filter: its object gives the same microcode" object "$filter"
	[ $((n % 4)) -ne 0 ] || check "$filter: as a classifier" classifier "$filter" bpf-examples/vlan_ipv6_parser/in.pcap ref
	if [ "$kernel" -eq 1 ] && [ $((n % 4)) -eq 0 ]; then
		check "$filter: its object in the kernel" in_kernel "$filter" bpf-examples/real/real.pcap
		check "$filter: as a classifier in the kernel" classifier "$filter" bpf-examples/real/real.pcap kernel
	fi
	[ $((n % 10)) -ne 0 ] || check "$filter: on the RTL" one "$filter" pass 2 rtl bpf-examples/firewall/runts.pcap
done <"$here/filters.txt"
check "a filter that is none" refused "syntax error" --filter "tcp prt 80"
check "a filter and a file" refused "compiled alone" --filter tcp x.o
check "an object of no filter" refused "writes a filter" --ebpf
check "a match that is no verdict" refused "pass or drop" --filter tcp --match maybe
suite_end
