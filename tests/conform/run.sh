#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The cases through the reference interpreter, also as XDP programs, through nicjit and the NIC, both the C model and the RTL,
# and through the kernel where that is permitted, with random programs on top.
B="${B:-build}"
here=$(dirname "$0")
passed=0
failed=0

add() {
	passed=$((passed + $1))
	failed=$((failed + $2))
}

cases() {
	echo "== $*"
	out=$("$here/run.py" --cache "$B/conform" "$@")
	echo "$out" | sed '$d'
	# The last line is "N passed, N failed"; a runner that says nothing has failed.
	tally=$(echo "$out" | sed -n '$s/^\([0-9]*\) passed, \([0-9]*\) failed$/\1 \2/p')
	# shellcheck disable=SC2086
	add ${tally:-0 1}
}

# What a runner does wrong is said in a sentence, and is no result.
wrong() { # sentence, arguments
	sentence=$1
	shift
	if says=$(echo b700000007000000 9500000000000000 | "$B/nicjit-conformance-plugin" "$@" 2>&1) || [ $? -ne 2 ] || ! echo "$says" | grep -q "$sentence"; then
		echo "FAIL nicjit-conformance-plugin $* does not say: $sentence"
		add 0 1
	else
		add 1 0
	fi
}

${MAKE:-make} -s "$B/ref-plugin" "$B/ref-fuzz" "$B/nicjit-conformance-plugin" || exit 1
cases --plugin "$B/ref-plugin"
cases --plugin "$B/ref-plugin --xdp" --xdp-prologue
cases --plugin "$B/nicjit-conformance-plugin --model iss" --refused "$here/refused.txt"
cases --plugin "$B/nicjit-conformance-plugin" --xdp-prologue
cases --plugin "$B/nicjit-conformance-plugin" --known --refused "$here/refused_known.txt"
cases --plugin "$B/nicjit-conformance-plugin --model rtl" --refused "$here/refused.txt"
wrong "there is no option --cpu_version" "--cpu_version v3"
wrong "the models are iss and rtl, not xx" --model xx
wrong "not whole bytes in hex: 012" 012
wrong "a second argument with memory: 02" 01 02
"$B/ref-fuzz" 2000
case $? in
0)
	add 1 0
	cases --plugin "$B/ref-plugin --kernel" --allow-refused
	;;
3)
	echo "skipped: comparison with the kernel, which does not let us run BPF programs"
	;;
*)
	echo "FAIL random programs differ between the interpreter and the kernel"
	add 0 1
	;;
esac
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
