#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Random traffic through the C model with 1 to 16 cores, then through the RTL in lock step with it; then the same with a wild host, and with
# one that changes the hash's key. SEEDS, RTL_SEEDS and WILD_SEEDS say how much.
B="${B:-build}"
SEEDS="${SEEDS:-120}"
RTL_SEEDS="${RTL_SEEDS:-30}"
WILD_SEEDS="${WILD_SEEDS:-20}"
passed=0
failed=0

run() {
	program=$1
	shift
	text=$("$B/$program" "$@" 2>&1)
	code=$?
	tally=$(echo "$text" | grep -E '^[0-9]+ passed, [0-9]+ failed$' | tail -n 1)
	p=$(echo "$tally" | sed 's/ passed.*//')
	f=$(echo "$tally" | sed 's/.* passed, \([0-9]*\) failed/\1/')
	[ "$code" -ne 0 ] && [ "${f:-0}" -eq 0 ] && f=1
	[ "${f:-0}" -eq 0 ] || echo "$text" | head -n 40
	echo "== $program $*: ${p:-0} seeds passed; $(echo "$text" | sed -n 's/^note: //p')"
	passed=$((passed + ${p:-0}))
	failed=$((failed + ${f:-0}))
}
for cores in 1 2 4 16; do
	run fabric-test iss "$cores" 0 "$SEEDS"
done
run fabric-test both 0 1000 "$RTL_SEEDS"
run fabric-test both 0 1045 1   # ports that wait for room stop waiting
run fabric-test both 0 2143 1   # a reset catches a store in E1; a later packet shows the byte
run fabric-test iss 1 345 1     # ticks so close that one is under way at each look at STATUS
run fabric-lpm iss 2 0 60
run fabric-lpm both 0 100 6
run fabric-wild 1 "$WILD_SEEDS"
run fabric-keys 1 "$WILD_SEEDS"
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
