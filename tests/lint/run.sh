#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Every C file under gcc and clang with -Werror and under cppcheck, every RTL file under verilator, iverilog and yosys,
# generated files up to date, every source with its licence line. With QUICK set (make check) the RTL of three lanes only, without yosys.
B="${B:-build}"
passed=0
failed=0
flags="-std=gnu11 -Wall -Wextra -Wshadow -Wstrict-prototypes -Werror -D_GNU_SOURCE -I. -Ihw/spec -Ijit-nfp -fsyntax-only"
# Not those for the BPF target, nor those of the kernel module: its own build warns, in suite linux.
sources=$(git ls-files '*.c' | grep -v '^driver/linux/\|^tests/linux/starve/\|^bpf-examples/\|^tests/refuse/\|^tests/golden/\|^tests/maps/\|^tests/bench/programs/' | xargs grep -L '^SEC(')

report() { # name, exit code, output
	if [ "$2" -eq 0 ] && [ -z "$3" ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAIL $1"
		echo "$3" | head -n 20
	fi
}

if [ -d "$B/dpdk/sdk" ]; then
	dpdk="$(pkg-config --cflags libdpdk | sed 's/ -I/ -isystem /g; s/^-I/-isystem /') -isystem $B/dpdk/sdk -DALLOW_INTERNAL_API -DALLOW_EXPERIMENTAL_API"
else
	echo "note: driver/dpdk and driver/host are not looked at without DPDK and LLVM (make setup-dpdk dpdk)"
fi
for cc in gcc clang; do
	for f in $sources; do
		more=""
		case $f in driver/dpdk/* | tests/dpdk/* | tests/bench/host_rte.c)
			[ -d "$B/dpdk/sdk" ] || continue
			more=$dpdk
		esac
		case $f in driver/host/*)
			command -v llvm-config-14 >/dev/null || continue
			more="-isystem $(llvm-config-14 --includedir)"
		esac
		# shellcheck disable=SC2086
		out=$($cc $flags $more "$f" 2>&1)
		report "$cc $f" $? "$out"
	done
done

# What it found in a file is kept until the file or what it includes changes.
mkdir -p "$B/lint"
out=$(cppcheck --quiet --cppcheck-build-dir="$B/lint" --error-exitcode=1 --enable=warning,portability,performance --inline-suppr --std=c11 -j 2 \
	--library=tests/lint/cppcheck.cfg --suppressions-list=tests/lint/cppcheck.txt -I. -Ihw/spec -Ijit-nfp $sources 2>&1)
report cppcheck $? "$out"

lanes="1 2 3 4"
[ -z "${QUICK:-}" ] || lanes=3
for lanes in $lanes; do
	out=$(verilator --lint-only -Wall hw/lint/verilator.vlt -f hw/rtl/rtl.f -GLanes=$lanes --top-module nic_top 2>&1)
	report "verilator -Wall lanes=$lanes" $? "$out"
	out=$(iverilog -g2005 -Wall -c hw/rtl/rtl.f -Pnic_top.Lanes=$lanes -s nic_top -o /dev/null 2>&1)
	report "iverilog -Wall lanes=$lanes" $? "$out"
done
out=$(python3 tests/lint/declared.py hw/rtl/*.v hw/rtl/*/*.v)
report "names of the RTL are declared above their use" $? "$out"
if [ -z "${QUICK:-}" ]; then
	# proc makes the latches if there are any; memories stay memories
	out=$(yosys -q -p "read_verilog -Ihw/gen -Ihw/rtl/lib -Ihw/rtl/map hw/rtl/*/*.v hw/rtl/*.v; hierarchy -check -top nic_top; proc; check -assert;
		select -assert-none t:\$dlatch t:\$adlatch t:\$dlatchsr" 2>&1)
	report "yosys elaboration without latches" $? "$out"
fi

out=$(make -s --no-print-directory check-gen 2>&1)
report "generated files are up to date" $? "$(test $? -eq 0 || echo "$out")"
out=$(make -s --no-print-directory check-freestanding 2>&1)
report "the compiler core is freestanding" $? ""

out=$(for f in $(git ls-files '*.c' '*.h' '*.def' '*.v' '*.cpp' '*.py' '*.sh' '*.mk' Makefile); do
	head -n 3 "$f" | grep -q SPDX-License-Identifier || echo "$f: no SPDX line"
done)
report "licence lines" 0 "$out"
out=$(git ls-files '*.c' '*.h' '*.def' '*.v' '*.cpp' '*.sh' '*.mk' '*.vh' | xargs grep -nP '[^\x00-\x7F]|[ \t]+$' | head)
report "plain ASCII without trailing blanks" 0 "$out"

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
