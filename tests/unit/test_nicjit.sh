#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The command line: wrong use gets one sentence and an exit code, text ends in a newline, a result appears whole or not at all.
# Run from the top of the tree; prints and exits as a cmocka program does.
set -u
B="${B:-build}"
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
failed=0

check() { # name, condition's exit code, what was said
	if [ "$2" -eq 0 ]; then
		echo "[       OK ] $1"
	else
		echo "[  FAILED  ] $1: $3"
		failed=1
	fi
}

# exit code, first line on stderr, arguments
says() {
	code=$1
	sentence=$2
	shift 2
	"$B/nicjit" "$@" >"$dir/out" 2>"$dir/err"
	got=$?
	first=$(head -n 1 "$dir/err" | sed 's/^[^ ]*nicjit: /nicjit: /')
	[ "$got" -eq "$code" ] && [ "$first" = "$sentence" ] && [ ! -s "$dir/out" ]
	check "nicjit $*" $? "exit $got, '$first'"
}

says 2 "nicjit: name a file to compile"
says 2 "nicjit: name a file to compile" -d
says 2 "nicjit: say where the firmware goes with -o, or ask for text with -S" x.o
says 2 "nicjit: one file at a time: 'b.fw' is one too many" -d a.fw b.fw
says 2 "nicjit: --lanes takes 1 to 4, not '0'" --lanes 0 x.o -S
says 2 "nicjit: --lanes takes 1 to 4, not '5'" --lanes=5 x.o -S
says 2 "nicjit: --lanes takes 1 to 4, not 'x'" --lanes x x.o -S
says 2 "nicjit: --lanes takes 1 to 4, not ''" --lanes= x.o -S
says 2 "nicjit: --regs takes 1 to 16, not '17'" --regs 17 x.o -S
says 2 "nicjit: --diagnostics is text or json, not 'xml'" --diagnostics=xml x.o -S
says 2 "nicjit: there is no stage 'nonsense'" --dump=nonsense x.o
says 2 "nicjit: unrecognized option '--nonsense'" --nonsense
says 2 "nicjit: option requires an argument -- 'o'" x.o -o
says 3 "$dir/none.o: error: $dir/none.o can't be opened: No such file or directory" "$dir/none.o" -S
says 3 "$dir/none.fw: error: No such file or directory" -d "$dir/none.fw"
says 3 "README.md: error: README.md is not an ELF object" README.md -S
says 3 "/dev/null: error: the file is too short to be a firmware image" -d /dev/null

cat >"$dir/two.s" <<'END'
	.section xdp,"ax",@progbits
	.globl one
	.type one,@function
one:	r0 = 1
	exit
	.size one, .-one
	.globl two
	.type two,@function
two:	r0 = 2
	exit
	.size two, .-two
END
clang -target bpf -c "$dir/two.s" -o "$dir/two.o" || failed=1
says 3 "$dir/two.o: error: the object has no program or section of that name" "$dir/two.o" -p three -S
"$B/nicjit" "$dir/two.o" -p two -o "$dir/two.fw" -v 2>"$dir/err"
check "a program is chosen by its name" $? "$(cat "$dir/err")"
says 3 "$dir/none/x.fw: error: No such file or directory" "$dir/two.o" -p two -o "$dir/none/x.fw"
[ ! -e "$dir/two.fw.part" ]
check "nothing is left beside the result" $? "$(ls "$dir")"

ends_in_newline() {
	name=$1
	shift
	"$B/nicjit" "$@" >"$dir/out" 2>"$dir/err" && [ -s "$dir/out" ] && [ "$(tail -c 1 "$dir/out" | od -An -tx1 | tr -d ' ')" = 0a ]
	check "$name ends in a newline" $? "$(cat "$dir/err")"
}
ends_in_newline -S "$dir/two.o" -p two -S
ends_in_newline -d -d "$dir/two.fw"
ends_in_newline --help --help
ends_in_newline --version --version
ends_in_newline --json "$dir/two.o" -p two --json

# A line of the text of each stage, for a program whose verdict is the packet's length without 14.
cat >"$dir/less.s" <<'END'
	.section xdp,"ax",@progbits
	.globl less
	.type less,@function
less:	r2 = *(u32 *)(r1 + 0)
	r0 = *(u32 *)(r1 + 4)
	r0 -= r2
	r0 -= 14
	exit
	.size less, .-less
END
clang -target bpf -c "$dir/less.s" -o "$dir/less.o" || failed=1
stages=$("$B/nicjit" --help | sed -n 's/^stages of --dump: //p')
[ "$(echo "$stages" | wc -w)" -gt 20 ]
check "--help lists the stages" $? "$stages"
for stage in $stages; do
	ends_in_newline "--dump=$stage" "$dir/less.o" --dump="$stage"
	case $stage in
	verify) line='    3: 17 00 0000 0000000e dst=number src=number' ;;
	build) line='	%8 = sub %6, 14' ;;
	lower | wait) line='	add v1, len, -14' ;;
	sched) line='	add v1, len, -14 | nop | nop' ;;
	regalloc | squeeze) line='	add a0, len, -14 | nop | nop' ;;
	encode) line='0: { add a0, len, -14 | nop | nop }' ;;
	*) line='	%8 = add len, -14' ;;
	esac
	grep -qxF -e "$line" "$dir/out"
	check "--dump=$stage shows the program" $? "$(cat "$dir/out")"
done
"$B/nicjit" "$B/examples/parser_chain.o" -p parser_chain --dump=encode >"$dir/out" && [ "$(grep -c '^; program parse' "$dir/out")" = 5 ]
check "--dump names the programs of a chain" $? "$(grep '^;' "$dir/out")"
"$B/nicjit" "$B/examples/nat44.o" --regs 1 --dump=build >"$dir/out" 2>"$dir/err"
[ $? -eq 1 ] && [ "$(grep '^;' "$dir/out" | tr '\n' ' ')" = "; try 2 ; try 3 " ]
check "--dump tells tries apart" $? "$(grep '^;' "$dir/out")"
"$B/nicjit" --version | grep -qE '^nicjit [0-9]+\.[0-9]+$'
check "--version says name and number" $? "$("$B/nicjit" --version)"

"$B/nicjit" "$dir/two.o" -p two -S >"$dir/a.s" && "$B/nicjit" --assemble "$dir/a.s" -o "$dir/b.fw" &&
	"$B/nicjit" -d "$dir/b.fw" | diff - "$dir/a.s" >"$dir/diff"
check "what -S prints assembles to the same" $? "$(cat "$dir/diff")"
echo "{ nonsense }" >"$dir/bad.s"
says 1 "$dir/bad.s:1: error: lane 0: there is no such instruction at 'nonsense'" --assemble "$dir/bad.s" -o "$dir/bad.fw"
[ ! -e "$dir/bad.fw" ]
check "no firmware of microcode with an error" $? "$(ls "$dir")"
"$B/nicjit" "$dir/two.o" --json >"$dir/out" 2>/dev/null
[ $? -eq 3 ] && grep -q '^{"accepted":false,.*"note":"choose one of: one two"}]}$' "$dir/out"
check "a failure as JSON names the choice" $? "$(cat "$dir/out")"
"$B/nicjit" "$dir/two.o" -S --diagnostics=json >"$dir/out" 2>"$dir/err"
[ $? -eq 3 ] && [ ! -s "$dir/out" ] && grep -q '^{"accepted":false,"diagnostics":\[{"severity":"error","file":".*","message":".*"}\]}$' "$dir/err"
check "diagnostics as JSON come instead of sentences" $? "$(cat "$dir/err")"
"$B/nicjit" "$dir/two.o" -p two --explain >"$dir/out" && grep -q '^two (section xdp), 2 instructions: runs on the NIC$' "$dir/out" &&
	grep -q 'bundles of microcode  *1 of 8192$' "$dir/out" && grep -q 'bundles on the likeliest path  *1$' "$dir/out"
check "--explain says what is used and taken" $? "$(cat "$dir/out")"
"$B/nicjit" "$dir/two.o" -p two --annotate >"$dir/out" && grep -q '0: r0 = 2  *| 0: { exit 2 | nop | nop }$' "$dir/out"
check "--annotate puts eBPF and microcode side by side" $? "$(cat "$dir/out")"
echo "0 7 21  x" >"$dir/profile"
"$B/nicjit" "$dir/two.o" -p two --annotate --profile "$dir/profile" >"$dir/out" && grep -q '^ *7 bundles  *21 clocks' "$dir/out"
check "--annotate shows what was counted" $? "$(cat "$dir/out")"
echo "9 7 21  x" >"$dir/profile"
"$B/nicjit" "$dir/two.o" -p two --annotate --profile "$dir/profile" >/dev/null 2>"$dir/err"
[ $? -eq 3 ] && grep -q 'the profile is of another program' "$dir/err"
check "a profile of another program is refused" $? "$(cat "$dir/err")"
if [ -e /dev/full ]; then
	"$B/nicjit" "$dir/two.o" -p two -S >/dev/full 2>"$dir/err"
	[ $? -eq 3 ]
	check "a full disk is noticed" $? "$(cat "$dir/err")"
fi
exit $failed
