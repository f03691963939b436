#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# run_suites.sh NAME...: runs tests/NAME/run.sh, SUITE_JOBS of them at a time (one more than there are processors, for
# some wait). A suite ends its output with
# "N passed, N failed"; the last line here is their sum. A suite that prints no such line, or exits non-zero without a failed test, counts as
# one failure.
set -u
export B="${B:-build}"
mkdir -p "$B/logs"

# Runs one, prints its line and puts its counts into the file beside its log.
one() {
	suite=$1
	log="$B/logs/$suite.log"
	start=$(date +%s)
	sh "tests/$suite/run.sh" >"$log" 2>&1
	code=$?
	times >"$log.times" # of this shell, then of what it ran
	cpu=$(awk 'NR == 2 {split($1, user, "[ms]"); split($2, sys, "[ms]"); print int(60 * (user[1] + sys[1]) + user[2] + sys[2])}' "$log.times")
	tally=$(grep -E '^[0-9]+ passed, [0-9]+ failed' "$log" | tail -n 1)
	p=$(printf '%s' "$tally" | sed -n 's/^\([0-9]*\) passed.*/\1/p')
	f=$(printf '%s' "$tally" | sed -n 's/.* \([0-9]*\) failed.*/\1/p')
	p=${p:-0}
	f=${f:-0}
	if [ $((p + f)) -eq 0 ] || { [ "$code" -ne 0 ] && [ "$f" -eq 0 ]; }; then
		f=$((f + 1))
	fi
	echo "$p $f" >"$B/logs/$suite.tally"
	{
		printf '%-10s %6d passed %4d failed %5d s %5d s of processor\n' "$suite" "$p" "$f" $(($(date +%s) - start)) "$cpu"
		if [ "$f" -ne 0 ]; then
			grep -E '^(FAIL|not ok|\[  FAILED)|rror' "$log" | head -n 40 | sed 's/^/    /'
			echo "    whole output: $log"
			tail -n 15 "$log" | sed 's/^/    | /'
		fi
		grep -E '^(skipped|note):' "$log" | sort -u | sed 's/^/    /'
	} >"$B/logs/$suite.report"
	cat "$B/logs/$suite.report"
}

if [ "${1:-}" = --one ]; then
	one "$2"
	exit 0
fi
for suite in "$@"; do
	rm -f "$B/logs/$suite.tally"
done
printf '%s\n' "$@" | xargs -n 1 -P "${SUITE_JOBS:-$(($(nproc) + 1))}" sh "$0" --one
passed=0
failed=0
for suite in "$@"; do
	read -r p f <"$B/logs/$suite.tally" || f=1 p=0
	passed=$((passed + p))
	failed=$((failed + f))
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
