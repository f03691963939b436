#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# run.sh [MODULE...]: the benches of single RTL modules on Icarus, each with several seeds. The last line of a bench is PASS.
# A module's own complaint begins with its instance, tb_..., and is a failure too.
B="${B:-build}"
SEEDS="${SEEDS:-1 2 3}"
passed=0
failed=0
mkdir -p "$B/tests/rtl"
[ $# -gt 0 ] || set -- tests/rtl/*/

for dir; do
	module=$(basename "$dir")
	for seed in $SEEDS; do
		run="$B/tests/rtl/$module.vvp"
		out=$(iverilog -g2005 -DSEED="$seed" -c hw/rtl/rtl.f -s "tb_$module" -o "$run" "tests/rtl/$module/tb_$module.v" 2>&1 &&
			timeout 1800 vvp -n "$run" 2>&1 </dev/null)
		if [ "$(echo "$out" | tail -n 1)" = PASS ] && ! echo "$out" | grep -q '^tb_'; then
			passed=$((passed + 1))
		else
			failed=$((failed + 1))
			echo "FAIL $module seed $seed: $(echo "$out" | head -n 5)"
		fi
	done
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
