#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Runs every cmocka program, and the scripts that print as one, and adds up their cases.
B="${B:-build}"
passed=0
failed=0
for t in tests/unit/test_*.c tests/unit/test_*.sh; do
	case "$t" in
	*.sh) out=$(sh "$t" 2>&1) ;;
	*) out=$("$B/${t%.c}" 2>&1) ;;
	esac
	code=$?
	echo "$out"
	p=$(echo "$out" | grep -c '^\[       OK \]')
	f=$(echo "$out" | grep '^\[  FAILED  \]' | grep -vc 'tests')
	[ "$code" -eq 0 ] || [ "$f" -ne 0 ] || f=1
	[ "$((p + f))" -ne 0 ] || f=1
	[ "$f" -eq 0 ] || echo "FAIL $(basename "$t")"
	passed=$((passed + p))
	failed=$((failed + f))
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
