#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# run.sh [LANES,REGS,THREADS...]: builds RTL and C model with other parameters and runs the instruction tests and random microcode on
# both in lock step.
B="${B:-build}"
SEEDS="${SEEDS:-200}"
[ $# -gt 0 ] || set -- 1,16,4 2,8,8
passed=0
failed=0

start() { # command, LANES,REGS,THREADS, program, arguments...
	what=$1
	out="$B/parameters/$(echo "$2" | tr , -)"  # a comma ends a name in an archive script
	rtl=$(echo "$2" | sed 's/\(.*\),\(.*\),\(.*\)/-GLanes=\1 -GRegs=\2 -GThreads=\3/')
	iss=$(echo "$2" | sed 's/\(.*\),\(.*\),\(.*\)/-DISS_LANES=\1 -DISS_REGS=\2 -DISS_THREADS=\3/')
	program=$3
	shift 3
	case $what in
	build) make -s --no-print-directory B="$out" RTL_PARAMETERS="$rtl" CFLAGS="-O2 -g $iss" "$out/isa-test" "$out/isa-random" ;;
	run) "$out/$program" "$@" ;;
	esac
}

mkdir -p "$B/parameters"
for set; do
	start build "$set" none >"$B/parameters/$set.log" 2>&1 &
done
wait
for set; do
	for cmd in "isa-test both" "isa-random 1 $SEEDS"; do
		# shellcheck disable=SC2086
		out=$(start run "$set" $cmd 2>&1)
		code=$?
		tally=$(echo "$out" | grep -E '^[0-9]+ passed, [0-9]+ failed$' | tail -n 1)
		echo "lanes, registers, threads $set: $cmd: ${tally:-ended with code $code}"
		p=$(echo "$tally" | sed -n 's/ passed.*//p')
		f=$(echo "$tally" | sed -n 's/.* \([0-9]*\) failed/\1/p')
		if [ -z "$tally" ]; then
			echo "FAIL $set $cmd: $(tail -n 3 "$B/parameters/$set.log") $out"
			f=1
		fi
		[ "$f" -eq 0 ] || echo "$out" | grep -A 4 FAIL | head -n 20
		passed=$((passed + ${p:-0}))
		failed=$((failed + f))
	done
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
