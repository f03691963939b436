#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# specgen over tables with one mistake each: every mistake is refused with its sentence, and the
# tables as they are pass. Run from the top of the tree; prints and exits as a cmocka program does.
set -u
CC="${CC:-cc}"
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
srcs="hw/spec/specgen.c hw/spec/specgen_check.c hw/spec/specgen_views.c"

failed=0

ok() { echo "[       OK ] $1"; }
fail() {
	echo "[  FAILED  ] $1: $2"
	failed=1
}

# table, sed command that makes the mistake, what specgen must say
refuse() {
	cp hw/spec/isa.def hw/spec/regs.def "$dir"
	sed "$2" "hw/spec/$1" >"$dir/$1"
	name="$1 $2"
	if cmp -s "hw/spec/$1" "$dir/$1"; then
		fail "$name" "the sed command changes nothing"
	elif ! $CC -std=gnu11 -w -DISA_DEF="\"$dir/isa.def\"" -DREGS_DEF="\"$dir/regs.def\"" \
			-o "$dir/specgen" $srcs; then
		fail "$name" "specgen does not compile"
	elif "$dir/specgen" 2>"$dir/said"; then
		fail "$name" "accepted"
	elif ! grep -qxF "$1: $3" "$dir/said"; then
		fail "$name" "said $(head -n 1 "$dir/said")"
	else
		ok "$name"
	fi
}

isa() { refuse isa.def "$1" "$2"; }
regs() { refuse regs.def "$1" "$2"; }

isa 's/^FIELD(op, *63, 56/FIELD(op, 64, 56/' 'op: bits 64:56 are not a range within 63:0'
isa 's/^FIELD(imm, *31, *0/FIELD(imm, 0, 31/' 'imm: bits 0:31 are not a range within 63:0'
isa 's/^FIELD(woff,/FIELD(a,/' 'a: the name is used twice'
isa 's/^FIELD(op,/FIELD(operation,/' 'op: the field is missing'
isa 's/^SPECIAL(CPU, *0x4a/SPECIAL(CPU, 0x49/' 'CPU: code 0x49 is RXQ already'
isa 's/^SPECIAL(CPU, *0x4a/SPECIAL(CPU, 0x3f/' "CPU: code 0x3f is a register's or does not fit an operand"
isa 's/^SPECIAL(CPU, *0x4a/SPECIAL(CPU, 0x80/' "CPU: code 0x80 is a register's or does not fit an operand"
isa 's/"cpu"/"rxq"/' 'CPU: "rxq" is RXQ already'
isa 's/"cpu"/"c7"/' 'CPU: "c7" reads like a register'
isa "s/^LETTER('v'/LETTER('C'/" 'C: the letter is used twice'
isa "s/^LETTER('v', cmp/LETTER('v', compare/" 'v: there is no field compare'
isa 's/^FORMAT(J, *"gt"/FORMAT(J, "gtz"/' 'J: there is no letter z'
isa 's/^FORMAT(J, *"gt"/FORMAT(J, "gti"/' 'J: the letter i comes with b only'
isa 's/^FORMAT(J, *"gt"/FORMAT(J, "gtt"/' 'J: field target overlaps another'
isa 's/^FORMAT(R, *"gwdab"/FORMAT(R, "gwdabs"/' 'R: field shift overlaps another'
isa 's/^FIELD(dst, *52/FIELD(dst, 53/' 'R: field i overlaps another'
isa 's/^FORMAT(J, /FORMAT(N, /' 'N: the name is used twice'
isa '/^INSN(JMP,/d' 'J: no instruction has this format'
isa 's/^INSN(SUB,/INSN(ADD,/' 'ADD: the name is used twice'
isa 's/^INSN(SUB, *0x11/INSN(SUB, 0x10/' 'SUB: opcode 0x10 is ADD already'
isa 's/^INSN(NOP, *0x01/INSN(NOP, 0x00/' 'NOP: opcode 0x00 is not within 0x01..0xff'
isa 's/^INSN(NOP, *0x01/INSN(NOP, 0x100/' 'NOP: opcode 0x100 is not within 0x01..0xff'
isa '/^INSN(ADD,/s/ R, / RR, /' 'ADD: there is no format RR'
isa '/^INSN(ADD,/s/ A, / Z, /' 'ADD: there is no slot Z'
isa '/^INSN(ADD,/s/NEXT/SOON/' 'ADD: there is no result SOON'
isa '/^INSN(ADD,/s/NEXT/NONE/' 'ADD: a destination needs NEXT'
isa '/^INSN(JMP,/s/NONE/NEXT/' 'JMP: NEXT needs a destination'
isa '/^INSN(MADD,/s/POST/WAIT/' 'MADD: a fetch flag needs POST'
isa '/^INSN(MLD,/s/ M, / A, /' 'MLD: WAIT needs slot M, which is one word of a bundle'
isa '/^INSN(ADD,/s/, %b"/"/' 'ADD: the syntax has %b 0 times instead of once'
isa '/^INSN(ADD,/s/, %b"/, %b, %b"/' 'ADD: the syntax has %b 2 times instead of once'
isa '/^INSN(ADD,/s/, %b"/, %b, %s"/' 'ADD: the syntax has %s, which the format R has not'
isa '/^INSN(SUB,/s/"sub/"add/' 'SUB: the syntax is that of ADD'

regs 's/^CONST(HEADROOM,/CONST(FRAME_MAX,/' 'FRAME_MAX: the name is used twice'
regs 's/^CAUSE(MAP, *4/CAUSE(MAP, 3/' 'MAP: code 3 is WATCHDOG already'
regs 's/^CAUSE(MAP, *4/CAUSE(MAP, 256/' 'MAP: code 256 does not fit 8 bits'
regs 's/^REG(CORES, *0x02c/REG(CORES, 0x028/' 'CORES: it overlaps THREADS'
regs 's/^REG(CORES, *0x02c/REG(CORES, 0x02e/' 'CORES: it does not stand on multiples of 4'
regs 's/^REG(CORES, *0x02c/REG(CORES, 0x1004/' 'MAPDESC: it overlaps CORES'
regs 's/^REG(CORES,/REG(RND,/' 'RND: the name is used twice'
regs '/^REG(CORES,/s/RW/RX/' 'CORES: there is no access RX'
regs '/^REG(CORES,/s/RW, 16,/RW, 0x100000000,/' 'CORES: the reset value does not fit 32 bits'
regs 's/^REGFIELD(CTRL, REPORT, 1, 1/REGFIELD(CTRL, REPORT, 1, 0/' 'REPORT: it overlaps RUN of CTRL'
regs 's/^REGFIELD(CTRL, REPORT, 1, 1/REGFIELD(CTRL, REPORT, 32, 1/' 'REPORT: bits 32:1 are not a range within 31:0'
regs 's/^REGFIELD(CTRL, REPORT/REGFIELD(CTRL, RUN/' 'RUN: the name is used twice in CTRL'
regs 's/^REGFIELD(CTRL, REPORT/REGFIELD(CONTROL, REPORT/' 'REPORT: there is no register CONTROL'
regs 's/^REGARRAY(MAPSTATE, *0x2000/REGARRAY(MAPSTATE, 0x1700/' 'MAPSTATE: it overlaps MAPDESC'

if $CC -std=gnu11 -w -o "$dir/specgen" $srcs && "$dir/specgen"; then
	ok "the tables as they are"
else
	fail "the tables as they are" "refused"
fi
exit $failed
