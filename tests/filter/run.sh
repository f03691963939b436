#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# nicjit --filter: the filters of filters.txt over recorded and hostile frames, against libpcap's own interpreter; C model, some on the RTL.
set -u
suite=filter
. tests/tools/suite.sh

one() { # filter, capture, match, verdict of a match, model
	"$B/nicjit" --filter "$1" --match "$3" -o "$out/f.fw" && "$B/nicsim" --fw "$out/f.fw" --model "$5" --rx "$2" --tx "$out/tx.pcap" \
		--results "$out/results" >/dev/null && python3 -B "$here/oracle.py" "$2" "$1" "$out/results" "$4"
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
	for capture in real/real vlan_ipv6_parser/in firewall/runts decap/in; do
		check "$filter: $capture" one "$filter" "bpf-examples/$capture.pcap" pass 2 iss
	done
	[ $((n % 6)) -ne 0 ] || check "$filter: dropped instead" one "$filter" bpf-examples/real/real.pcap drop 1 iss
	[ $((n % 10)) -ne 0 ] || check "$filter: on the RTL" one "$filter" bpf-examples/firewall/runts.pcap pass 2 rtl
done <"$here/filters.txt"
check "a filter that is none" refused "syntax error" --filter "tcp prt 80"
check "a filter and a file" refused "compiled alone" --filter tcp x.o
check "a match that is no verdict" refused "pass or drop" --filter tcp --match maybe
suite_end
