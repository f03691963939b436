#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Damaged objects and firmware: libFuzzer goes on from the examples and what was found before, 20,000 of each, or for SECONDS_EACH.
# What makes it stop is kept in build/found; put it into tests/malformed/found/ when it is mended.
B="${B:-build}"
here=tests/malformed
found="$B/found"
passed=0
failed=0
mkdir -p "$found" "$B/malformed/object" "$B/malformed/image"
make -s B="$B" "$B/fuzz-object" "$B/fuzz-image" >"$B/malformed/build.log" 2>&1 || {
	grep -q 'libclang_rt.fuzzer' "$B/malformed/build.log" && {
		echo "skipped: this clang comes without libFuzzer"
		echo "1 passed, 0 failed"
		exit 0
	}
	tail -n 20 "$B/malformed/build.log"
	echo "FAIL the fuzzers do not build"
	echo "0 passed, 1 failed"
	exit 1
}
# So many runs from the same start are the same runs; for a time they are not.
bound=-runs=20000
[ -z "${SECONDS_EACH:-}" ] || bound="-max_total_time=$SECONDS_EACH"
for what in object image; do
	end=o
	[ $what = object ] || end=fw
	cp "$B"/examples/*.$end "$B/malformed/$what/" 2>/dev/null
	log="$B/malformed/$what.log"
	for case in "$here"/found/*.$what; do
		[ -e "$case" ] || continue
		if "$B/fuzz-$what" "$case" >"$log" 2>&1; then
			passed=$((passed + 1))
		else
			echo "FAIL $case"
			grep -m 3 -E 'ERROR|runtime error|Assertion' "$log"
			failed=$((failed + 1))
		fi
	done
	# shellcheck disable=SC2086
	if "$B/fuzz-$what" $bound -seed="${SEED:-1}" -max_len=20000 -timeout=20 -rss_limit_mb=2048 -print_final_stats=1 \
		-artifact_prefix="$found/$what-" "$B/malformed/$what" >"$log" 2>&1; then
		passed=$((passed + $(sed -n 's/^stat::number_of_executed_units: //p' "$log")))
	else
		echo "FAIL fuzz-$what"
		grep -m 5 -E 'ERROR|runtime error|Assertion|Test unit written' "$log"
		failed=$((failed + 1))
	fi
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
