#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# synth.sh TOP-FAMILY[-ParameterNUMBER]... DIR: maps a module with Yosys, out of context, to DIR/<that name>.json. Families: xcup, xc7,
# ecp5, ice40. What is mapped is flattened, as tools for boards do it; a whole NIC keeps its parts, for the table of them.
# BASE=NETLIST of another NIC: modules that it has with the same parameters are left empty; area.py takes them from there.
# synth.sh --key TOP-FAMILY[-ParameterNUMBER]...: all that the netlist depends on, as one number: tool, script, sources without comments.
set -eu
command -v yosys >/dev/null || {
	echo "synth.sh: there is no yosys" >&2
	exit 1
}
key=
[ "$1" != --key ] || { key=yes && shift; }
name="$1"
dir="${2:-}"
top=${name%%-*}
family=$(printf '%s' "$name" | cut -d - -f 2)
parameters=$(printf '%s' "$name" | cut -s -d - -f 3- | tr - '\n' | sed 's/^\([A-Za-z_]*\)\([0-9][0-9]*\)$/chparam -set \1 \2 TOP/')
parts=
[ "$top" != nic_top ] || parts=$(sed -n 's/^[[:blank:]]*\([a-z]*_[a-z]*\) \(#(\|[a-z_]* (\).*/*\1*/p' hw/rtl/nic_top.v hw/rtl/nic_core.v | sort -u | tr '\n' ' ')
defines=
case $family in
xcup | xc7) map="synth_xilinx -family $family -widemux 5 -flatten -noiopad -noclkbuf" ;;
# Its block memories do not promise the old word when both ports meet, and Yosys would refuse them: see docs/porting-to-a-board.md.
ecp5) map="synth_ecp5 -no-rw-check" ;;
ice40) map="synth_ice40 -dsp" && defines="-DRAM_LUT= -DRAM_BLOCK=" ;;
*)
	echo "synth.sh: there is no family $family" >&2
	exit 2
	;;
esac
needs() { # the files of a module and of all that it names
	awk -v top="$1" '
		FNR == 1 {module = FILENAME; sub(/.*\//, "", module); sub(/\.v$/, "", module); file[module] = FILENAME}
		{sub(/\/\/.*/, ""); while (match($0, /[a-z_0-9]+/)) {names[module] = names[module] " " substr($0, RSTART, RLENGTH); $0 = substr($0, RSTART + RLENGTH)}}
		function visit(module, i, n, words) {
			if (!(module in file) || module in seen) return
			seen[module]
			print file[module]
			n = split(names[module], words, " ")
			for (i = 1; i <= n; i++) visit(words[i])
		}
		END {visit(top)}' hw/rtl/*.v hw/rtl/*/*.v | sort
}
sources=$(needs "${top#fmax_}" | tr '\n' ' ')
read_design() {
	echo "read_verilog -Ihw/gen $(printf ' -I%s' hw/rtl/*/) $defines $sources${HARNESS:-}"
	for module in $top $(printf '%s' "$top" | sed -n 's/^fmax_//p'); do
		! grep -q 'parameter.*Trace' "hw/rtl/$module.v" hw/rtl/*/"$module.v" 2>/dev/null || echo "chparam -set Trace 0 $module"
	done
	printf '%s\n' "$parameters" | sed "s/TOP/$top/"
	echo "hierarchy -top $top"
}

same() { # modules of this design that BASE has, with ? for what a selection would take for an escape
	read_design >"$dir/$name.ys"
	yosys -q -p "script $dir/$name.ys; tee -o $dir/$name.modules ls" >/dev/null 2>&1
	sed -n 's/^    "\(.*\)": {$/\1/p' "$BASE" | sed 's/\\\\/\\/g' | sort >"$dir/$name.base"
	sed -n 's/^  \([^ ].*\)$/\1/p' "$dir/$name.modules" | sort | comm -12 - "$dir/$name.base" | grep -vx "$top" | tr '\\' '?'
}

script() {
	read_design
	[ -z "${BASE:-}" ] || same | sed 's/^/blackbox /'
	# Mapped among its neighbours, ABC makes a choice of four two LUT3 a bit where one LUT6 does.
	echo "setattr -mod -set keep_hierarchy 1 *turn* *mux4* $parts"
	echo "$map -top $top"
	echo "setattr -mod -unset keep_hierarchy *"
	[ -z "$parts" ] || echo "setattr -mod -set keep_hierarchy 1 $parts"
	printf '%s\n' flatten opt_clean
	echo "check -assert"
}

if [ -n "$key" ]; then
	{
		yosys -V
		BASE= script
		# shellcheck disable=SC2086
		yosys -Q -T -p "read_verilog -ppdump -Ihw/gen $(printf ' -I%s' hw/rtl/*/) $defines $sources" | sed "s,/[*]\([^*]\|[*]\+[^*/]\)*[*]\+/,,g" | tr -s "[:space:]" " "
	} | sha256sum
	exit
fi
mkdir -p "$dir"
begin=$(date +%s)
{
	script
	echo "write_json $dir/$name.json.part"
} >"$dir/$name.ys.part"
mv "$dir/$name.ys.part" "$dir/$name.ys"
yosys -q -l "$dir/$name.log" "$dir/$name.ys" >/dev/null 2>&1 || {
	echo "synth.sh: Yosys fails on $name: $(grep -m 1 ERROR "$dir/$name.log")" >&2
	exit 1
}
mv "$dir/$name.json.part" "$dir/$name.json"
echo "$name: mapped in $(($(date +%s) - begin)) s" >&2
