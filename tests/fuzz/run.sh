#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Every bug found so far, what is generated at all, spoilt programs for the verifier, then a bounded run from fixed seeds.
B="${B:-build}"
mkdir -p "$B/found"
out="$B/logs/fuzz.tmp"
set --
for c in tests/fuzz/found/*.case; do
	[ -e "$c" ] && set -- "$@" --replay "$c"
done
passed=0
failed=0
tally() {
	tail -n 1 "$out" | grep -qE '^[0-9]+ passed, [0-9]+ failed$' || { echo "FAIL fuzz did not finish"; failed=$((failed + 1)); return; }
	passed=$((passed + $(tail -n 1 "$out" | sed 's/ passed.*//')))
	failed=$((failed + $(tail -n 1 "$out" | sed 's/.* passed, \([0-9]*\) failed/\1/')))
	sed '$d' "$out"
}
if [ $# -ne 0 ]; then
	"$B/fuzz" "$@" >"$out" 2>&1
	tally
fi
"$B/fuzz" --census --cases 4000 >"$out" 2>&1
tally
"$B/fuzz" --seed "${SEED:-1}" --cases "${SPOILT:-40}" --mutate >"$out" 2>&1
tally
"$B/fuzz" --seed "${SEED:-1}" --cases "${CASES:-3000}" --rtl-every "${RTL_EVERY:-60}" --found "$B/found" >"$out" 2>&1
tally
# Native code of the host, where LLVM is there.
if "$B/fuzz" --models host --cases 0 >/dev/null 2>&1; then
	"$B/fuzz" --models host --seed "${SEED:-1}" --cases "${HOST_CASES:-300}" --found "$B/found" >"$out" 2>&1
	tally
fi
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
