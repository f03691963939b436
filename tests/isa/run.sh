#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Every row of isa.def in every slot on the C model; then on the RTL in lock step with it; then random microcode in lock step.
# With QUICK set (make check) the second is left out and the third is short.
B="${B:-build}"
SEEDS="${SEEDS:-${QUICK:+40}}"
SEEDS="${SEEDS:-300}"
both="${QUICK:-isa-test both}"
passed=0
failed=0
for cmd in "isa-test iss" "$both" "isa-random 1 $SEEDS"; do
	[ "$cmd" != 1 ] || continue
	# shellcheck disable=SC2086
	out=$("$B"/$cmd 2>&1)
	code=$?
	echo "== $cmd"
	echo "$out"
	tally=$(echo "$out" | grep -E '^[0-9]+ passed, [0-9]+ failed$' | tail -n 1)
	f=$(echo "$tally" | sed -n 's/.* \([0-9]*\) failed/\1/p')
	p=$(echo "$tally" | sed -n 's/ passed.*//p')
	if [ "$code" -ne 0 ] && [ "${f:-0}" -eq 0 ]; then
		echo "FAIL $cmd ended with code $code"
		f=1
	fi
	passed=$((passed + ${p:-0}))
	failed=$((failed + ${f:-0}))
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
