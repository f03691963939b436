#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# run.sh [LANES-REGS-THREADS-CORES-PORTS...]: Verilator and Icarus must take the NIC with any parameters that hw/rtl/README.md allows, without
# a warning; then RTL and C model are built with other parameters and run in lock step.
B="${B:-build}"
[ $# -gt 0 ] || set -- 1-16-4-1-1 3-8-2-3-4
passed=0
failed=0

report() { # name, good (0 or not), text
	if [ "$2" -eq 0 ] && [ -z "$3" ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAIL $1"
		echo "$3" | head -n 10
	fi
}

while read -r set; do
	# shellcheck disable=SC2086
	out=$(verilator --lint-only -Wall hw/lint/verilator.vlt -f hw/rtl/rtl.f $(printf -- '-G%s ' $set) --top-module nic_top 2>&1)
	report "verilator -Wall $set" $? "$out"
	# shellcheck disable=SC2086
	out=$(iverilog -g2005 -Wall -c hw/rtl/rtl.f $(printf -- '-Pnic_top.%s ' $set) -s nic_top -o /dev/null 2>&1)
	report "iverilog -Wall $set" $? "$out"
done <<'SETS'
Cores=1 Ports=1 Queues=1 Threads=2 Lanes=1 Regs=16
Ports=4 Queues=16 Cores=3 Threads=8
Trace=0 Threads=4 Ports=3 Queues=2
Banks=8 ImemDepth=1024 MapWords=4096 Maps=8 MapLatency=4 Lanes=4
SETS

tally() { # set, program, arguments...
	name=$*
	program="$B/parameters/$1/$2"
	shift 2
	out=$("$program" "$@" 2>&1)
	code=$?
	line=$(echo "$out" | grep -E '^[0-9]+ passed, [0-9]+ failed$' | tail -n 1)
	echo "lanes-registers-threads-cores-ports $name: ${line:-ended with code $code}"
	p=$(echo "$line" | sed -n 's/ passed.*//p')
	f=$(echo "$line" | sed -n 's/.* \([0-9]*\) failed/\1/p')
	[ "$code" -eq 0 ] || [ "${f:-0}" -ne 0 ] || f=1
	[ "${f:-1}" -eq 0 ] || echo "$out" | grep -A 4 FAIL | head -n 20
	passed=$((passed + ${p:-0}))
	failed=$((failed + ${f:-1}))
}

for set; do
	out="$B/parameters/$set"
	mkdir -p "$out"
	if ! text=$(make -s --no-print-directory -j"$(nproc)" B="$B" "$out/isa-test" "$out/isa-random" "$out/fabric-test" 2>&1); then
		report "$set does not build" 1 "$(echo "$text" | tail -n 10)"
		continue
	fi
	tally "$set" isa-test iss
	tally "$set" isa-random 1 100
	case $set in 3-*) tally "$set" fabric-test both 0 1000 18 ;; esac # its microcode is for three lanes
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
