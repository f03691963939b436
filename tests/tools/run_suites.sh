#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# run_suites.sh NAME...: runs tests/NAME/run.sh one after the other. A suite ends its output with "N passed, N failed"; the last
# line here is their sum. A suite that prints no such line, or exits non-zero without a failed test, counts as one failure.
set -u
export B="${B:-build}"
mkdir -p "$B/logs"
passed=0
failed=0
for suite in "$@"; do
	log="$B/logs/$suite.log"
	start=$(date +%s)
	sh "tests/$suite/run.sh" >"$log" 2>&1
	code=$?
	tally=$(grep -E '^[0-9]+ passed, [0-9]+ failed' "$log" | tail -n 1)
	p=$(printf '%s' "$tally" | sed -n 's/^\([0-9]*\) passed.*/\1/p')
	f=$(printf '%s' "$tally" | sed -n 's/.* \([0-9]*\) failed.*/\1/p')
	p=${p:-0}
	f=${f:-0}
	if [ $((p + f)) -eq 0 ] || { [ "$code" -ne 0 ] && [ "$f" -eq 0 ]; }; then
		f=$((f + 1))
	fi
	passed=$((passed + p))
	failed=$((failed + f))
	printf '%-10s %6d passed %4d failed %5d s\n' "$suite" "$p" "$f" $(($(date +%s) - start))
	if [ "$f" -ne 0 ]; then
		grep -E '^(FAIL|not ok|\[  FAILED)|rror' "$log" | head -n 40 | sed 's/^/    /'
		echo "    whole output: $log"
		tail -n 15 "$log" | sed 's/^/    | /'
	fi
	grep -E '^(skipped|note):' "$log" | sort -u | sed 's/^/    /'
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
