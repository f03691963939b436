#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Classifiers of tc on C model, RTL, reference and kernel: README.md.
suite=tc
. tests/tools/suite.sh
ask_kernel "compared with the reference interpreter"

same() { # program, one, other, capture's tag
	check "$1 $4: $2 equals $3" "$B/results-diff" "$out/$1.$4.$2.jsonl" "$out/$1.$4.$3.jsonl" "$out/$1.$4.$2.json" "$out/$1.$4.$3.json"
}

ask() { # program, oracle, capture, tag
	check "$1 $4 runs on $2" "$B/xdpref" --obj "$out/$1.o" --oracle "$2" --rx "$3" --results "$out/$1.$4.$2.jsonl" --results-data --maps-out "$out/$1.$4.$2.json"
}

on_nic() { # program, model, capture, tag
	check "$1 $4 runs on $2" "$B/nicsim" --fw "$out/$1.fw" --model "$2" --threads 1 --rx "$3" --results "$out/$1.$4.$2.jsonl" --results-data \
		--maps-out "$out/$1.$4.$2.json"
}

one() { # program, capture, tag, model..
	p=$1
	ask "$p" ref "$2" "$3"
	# a test run can't be told of a tag
	if [ "$kernel" -eq 1 ] && [ "$3" != runts ] && [ "$p" != vlan ]; then
		ask "$p" kernel "$2" "$3"
		same "$p" ref kernel "$3"
	fi
	tag=$3
	capture=$2
	shift 3
	for model in "$@"; do
		on_nic "$p" "$model" "$capture" "$tag"
		same "$p" "$model" ref "$tag"
	done
}

refused() { # statement, words
	printf '#include "%s/tests/tc/tc.h"\nSEC("tc")\nint f(struct __sk_buff *skb)\n{\n%s\nreturn 0;\n}\n' "$PWD" "$1" >"$out/refused.c"
	compile_bpf "$out/refused.c" "$out/refused.o" || return 1
	said=$("$B/nicjit" "$out/refused.o" -o "$out/refused.fw" 2>&1) && return 1
	echo "$said"
	echo "$said" | grep -qF "$2" && echo "$said" | grep -q 'refused.c:5:'
}

# As long as those on a wire: the kernel does not run all that are shorter.
tcpdump -r bpf-examples/vlan_ipv6_parser/in.pcap -w "$out/tagged.pcap" 'greater 60' 2>/dev/null
for program in fields verdicts classic vlan copies; do
	compile_bpf "$here/$program.c" "$out/$program.o" -mcpu=v2 && "$B/nicjit" "$out/$program.o" -o "$out/$program.fw" || {
		fail "$program does not compile"
		continue
	}
	one $program "$out/tagged.pcap" tagged iss rtl
	one $program bpf-examples/real/real.pcap real iss
	one $program bpf-examples/firewall/runts.pcap runts iss rtl
done
grep -v '^#' "$here/refused.txt" | while IFS='|' read -r statement words; do
	refused "$statement" "${words# }" >"$out/said" 2>&1 || echo "FAIL refused: $statement: $(cat "$out/said")"
	echo .
done >"$out/refusals"
passed=$((passed + $(grep -c '^\.' "$out/refusals") - $(grep -c '^FAIL' "$out/refusals")))
failed=$((failed + $(grep -c '^FAIL' "$out/refusals")))
grep -v '^\.' "$out/refusals"
suite_end
