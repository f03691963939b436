# SPDX-License-Identifier: Apache-2.0
# What the assembler of LLVM 14 has no syntax for. It goes before every `-- asm` part.
# Operands are register numbers; `skip` is the number of instructions to jump over.

.macro insn opcode, dst, src, off, imm
	.byte \opcode, (\src) << 4 | (\dst)
	.short \off
	.long \imm
.endm

# dst %= src, and signed division and remainder; RFC 9669 section 4.1
.macro mod64 dst, src
	insn 0x9f, \dst, \src, 0, 0
.endm
.macro mod64i dst, imm
	insn 0x97, \dst, 0, 0, \imm
.endm
.macro mod32 dst, src
	insn 0x9c, \dst, \src, 0, 0
.endm
.macro mod32i dst, imm
	insn 0x94, \dst, 0, 0, \imm
.endm
.macro sdiv64 dst, src
	insn 0x3f, \dst, \src, 1, 0
.endm
.macro sdiv64i dst, imm
	insn 0x37, \dst, 0, 1, \imm
.endm
.macro sdiv32 dst, src
	insn 0x3c, \dst, \src, 1, 0
.endm
.macro sdiv32i dst, imm
	insn 0x34, \dst, 0, 1, \imm
.endm
.macro smod64 dst, src
	insn 0x9f, \dst, \src, 1, 0
.endm
.macro smod64i dst, imm
	insn 0x97, \dst, 0, 1, \imm
.endm
.macro smod32 dst, src
	insn 0x9c, \dst, \src, 1, 0
.endm
.macro smod32i dst, imm
	insn 0x94, \dst, 0, 1, \imm
.endm

# dst = (signed number of `bits` bits) src
.macro movsx64 dst, src, bits
	insn 0xbf, \dst, \src, \bits, 0
.endm
.macro movsx32 dst, src, bits
	insn 0xbc, \dst, \src, \bits, 0
.endm

# Unconditional byte swap; section 4.2
.macro bswap dst, bits
	insn 0xd7, \dst, 0, 0, \bits
.endm

# Section 4.3
.macro jset64 dst, src, skip
	insn 0x4d, \dst, \src, \skip, 0
.endm
.macro jset64i dst, imm, skip
	insn 0x45, \dst, 0, \skip, \imm
.endm
.macro jset32 dst, src, skip
	insn 0x4e, \dst, \src, \skip, 0
.endm
.macro jset32i dst, imm, skip
	insn 0x46, \dst, 0, \skip, \imm
.endm
.macro gotol skip
	insn 0x06, 0, 0, 0, \skip
.endm

# Constant to memory (section 5.1) and sign-extending loads (5.2)
.macro st8 dst, off, imm
	insn 0x72, \dst, 0, \off, \imm
.endm
.macro st16 dst, off, imm
	insn 0x6a, \dst, 0, \off, \imm
.endm
.macro st32 dst, off, imm
	insn 0x62, \dst, 0, \off, \imm
.endm
.macro st64 dst, off, imm
	insn 0x7a, \dst, 0, \off, \imm
.endm
.macro ldsx8 dst, src, off
	insn 0x91, \dst, \src, \off, 0
.endm
.macro ldsx16 dst, src, off
	insn 0x89, \dst, \src, \off, 0
.endm
.macro ldsx32 dst, src, off
	insn 0x81, \dst, \src, \off, 0
.endm

# Atomic operations, section 5.3; `operation` is the immediate
.macro atomic64 dst, off, src, operation
	insn 0xdb, \dst, \src, \off, \operation
.endm
.macro atomic32 dst, off, src, operation
	insn 0xc3, \dst, \src, \off, \operation
.endm
.set ATOMIC_ADD, 0x00
.set ATOMIC_OR, 0x40
.set ATOMIC_AND, 0x50
.set ATOMIC_XOR, 0xa0
.set ATOMIC_FETCH, 0x01
.set ATOMIC_XCHG, 0xe1
.set ATOMIC_CMPXCHG, 0xf1
