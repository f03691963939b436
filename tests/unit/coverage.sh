#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The unit tests on a build that counts lines (gcov): how much of each file of the compiler, of the contract and of the drivers' common part they
# execute, the least first. They alone: what other suites run is not counted.
set -eu
B="${B:-build}/coverage"
tests=$(for t in tests/unit/test_*.c; do echo "$B/${t%.c}"; done)
# shellcheck disable=SC2086
make -s --no-print-directory -j"$(nproc)" B="$B" CFLAGS="-O1 -g --coverage" "$B/nicjit" examples $tests >/dev/null
find "$B" -name '*.gcda' -delete
B="$B" sh tests/unit/run.sh >"$B/unit.log" || tail -n 1 "$B/unit.log"
for file in jit-nfp/*.c hw/spec/*.c driver/common/*.c; do
	object="$B/jit/${file%.c}.gcno"
	[ -f "$object" ] || continue
	gcov -n -o "${object%/*}" "$file" 2>/dev/null | grep -A 1 "^File '$file'" | sed -n "s|^Lines executed:\([0-9.]*\)% of \([0-9]*\)|\1 \2 $file|p"
done | sort -n | awk '{printf "%6.1f %%  %5d lines  %s\n", $1, $2, $3; all += $2; run += $1 * $2 / 100} END {printf "%6.1f %%  %5d lines  all\n", 100 * run / all, all}'
