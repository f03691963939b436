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
# Each file of the compiler, the contract and the drivers' common part has a test of its name, or is named in the one that it belongs to.
for file in jit-nfp/*.c hw/spec/*.c driver/common/*.c; do
	name=$(basename "$file" .c)
	[ -e "tests/unit/test_$name.c" ] || [ -e "tests/unit/test_$name.sh" ] || grep -qw -e "$name[.]c" tests/unit/test_*.c tests/unit/test_*.sh && passed=$((passed + 1)) && continue
	echo "FAIL $file: no unit test names it"
	failed=$((failed + 1))
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
