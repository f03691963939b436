// SPDX-License-Identifier: Apache-2.0
/* Small programs the verifier must take, must refuse with an exact sentence, or must find an exact fact in.
 * Also of ctx.c, helpers.c, verify_alu.c, verify_assume.c, verify_call.c, verify_insn.c, verify_jump.c, verify_mem.c, verify_range.c, verify_split.c, verify_stack.c. */
#include <time.h>
#include "verifier.h"

enum { ARRAY_MAP, HASH_MAP, DATA_MAP, CONST_MAP, MAPS };

static const uint8_t constants[8] = { 5, 0, 0, 0, 200, 0, 0, 0 };
static const struct prog_map maps[MAPS] = {
	{ .name = "counters", .type = MAP_TYPE_ARRAY, .key_size = 4, .value_size = 16, .max_entries = 8 },
	{ .name = "flows", .type = MAP_TYPE_HASH, .key_size = 4, .value_size = 8, .max_entries = 64, .flags = 1 },
	{ .name = "t.data", .type = MAP_TYPE_ARRAY, .key_size = 4, .value_size = 8, .max_entries = 1, .init = constants, .init_size = 8 },
	{ .name = "t.rodata", .type = MAP_TYPE_ARRAY, .key_size = 4, .value_size = 8, .max_entries = 1, .flags = 0x80, .init = constants, .init_size = 8 },
};

static void encodings(void **state)
{
	(void)state;
	ACCEPT(PASS);
	REFUSE(0, "opcode 0xff is not an eBPF instruction", INSN(0xff, 0, 0, 0, 0), EXIT);
	REFUSE(0, "opcode 0x8f is not an eBPF instruction", INSN(EC_ALU64 | EBPF_NEG | EBPF_X, 0, 0, 0, 0), EXIT);
	REFUSE(0, "opcode 0x99 is not an eBPF instruction", INSN(EC_LDX | EBPF_MEMSX | DW, 0, 1, 0, 0), EXIT);
	REFUSE(0, "opcode 0x96 is not an eBPF instruction", INSN(EC_JMP32 | EBPF_EXIT, 0, 0, 0, 0), EXIT);
	REFUSE(0, "the reserved immediate field of opcode 0xe5 is not zero", INSN(EBPF_MAY_GOTO, 0, 0, 0, 1), PASS);
	REFUSE(0, "the reserved source register field of opcode 0xe5 is not zero", INSN(EBPF_MAY_GOTO, 0, 1, 0, 0), PASS);
	REFUSE(0, "opcode 0xe6 is not an eBPF instruction", INSN(0xe6, 0, 0, 0, 0), EXIT);
	ACCEPT(ST(DW, 10, -8, 0), ATOMIC(H, 0, 10, -8, EBPF_LOAD_ACQUIRE), EXIT);
	ACCEPT(MOV(2, 1), ATOMIC(B, 10, 2, -1, EBPF_STORE_RELEASE), LDX(B, 0, 10, -1), EXIT);
	REFUSE(1, "the atomic operation is at an address that is not a multiple of 2", ST(DW, 10, -8, 0), ATOMIC(H, 0, 10, -7, EBPF_LOAD_ACQUIRE), EXIT);
	REFUSE(0, "an atomic operation goes to the context pointer", ATOMIC(W, 0, 1, 12, EBPF_LOAD_ACQUIRE), EXIT);
	REFUSE(0, "r2 is read before it is written", ATOMIC(DW, 10, 2, -8, EBPF_STORE_RELEASE), PASS);
	REFUSE(1, "the frame pointer r10 can't be written", ST(DW, 10, -8, 0), ATOMIC(DW, 10, 10, -8, EBPF_LOAD_ACQUIRE), PASS);
	REFUSE(1, "an atomic operation works on 4 or 8 bytes only", ST(DW, 10, -8, 0), ATOMIC(H, 10, 10, -8, EBPF_ADD), PASS);
	REFUSE(0, "there is no register r11", MOV(11, 0), EXIT);
	REFUSE(0, "there is no register r15", MOVX(0, 15), EXIT);
	REFUSE(0, "the frame pointer r10 can't be written", MOV(10, 0), PASS);
	REFUSE(0, "the reserved offset field of opcode 0xb7 is not zero", INSN(EC_ALU64 | EBPF_MOV, 0, 0, 1, 0), EXIT);
	REFUSE(0, "the reserved source register field of opcode 0xb7 is not zero", INSN(EC_ALU64 | EBPF_MOV, 0, 1, 0, 0), EXIT);
	REFUSE(0, "the reserved immediate field of opcode 0xbf is not zero", INSN(EC_ALU64 | EBPF_MOV | EBPF_X, 0, 1, 0, 1),
	       EXIT);
	REFUSE(0, "the reserved immediate field of opcode 0x61 is not zero", INSN(EC_LDX | EBPF_MEM | W, 0, 1, 0, 1), EXIT);
	REFUSE(0, "the reserved immediate field of opcode 0x63 is not zero", INSN(EC_STX | EBPF_MEM | W, 10, 1, -4, 1), EXIT);
	REFUSE(1, "the reserved destination register field of opcode 0x95 is not zero", MOV(0, 0),
	       INSN(EC_JMP | EBPF_EXIT, 1, 0, 0, 0));
	ACCEPT(MOV(0, 1), INSN(EC_JMP | EBPF_EXIT, 0, 0, 7, 0)); /* as Linux */
	/* where no path comes by, nobody looks */
	ACCEPT(MOV(0, 1), J(EBPF_JEQ, 0, 1, 3), INSN(EC_ALU64 | EBPF_MOV, 0, 1, 0, 0), MOV(10, 0), INSN(EC_ALU | EBPF_END, 0, 0, 0, 8), EXIT);
	/* but at loads */
	REFUSE(2, "the reserved immediate field of opcode 0x61 is not zero", MOV(0, 1), J(EBPF_JEQ, 0, 1, 1),
	       INSN(EC_LDX | EBPF_MEM | W, 0, 1, 0, 1), EXIT);
	REFUSE(0, "a byte swap of 8 bits does not exist", INSN(EC_ALU | EBPF_END, 0, 0, 0, 8), EXIT);
	REFUSE(0, "a move that extends the sign of 32 bits does not exist",
	       INSN(EC_ALU | EBPF_MOV | EBPF_X, 0, 1, 32, 0), EXIT);
	REFUSE(0, "a move that extends the sign of 7 bits does not exist",
	       INSN(EC_ALU64 | EBPF_MOV | EBPF_X, 0, 1, 7, 0), EXIT);
	REFUSE(0, "the classic packet loads (LD_ABS, LD_IND) do not exist in XDP programs", INSN(0x20, 0, 0, 0, 0), EXIT);
	REFUSE(0, "an atomic operation works on 4 or 8 bytes only", ATOMIC(B, 10, 0, -8, EBPF_ADD), PASS);
	REFUSE(0, "atomic operation 0x10 does not exist", ATOMIC(DW, 10, 0, -8, 0x10), PASS);
	REFUSE(0, "the program ends inside a 64-bit immediate load", INSN(EBPF_LDDW, 0, 0, 0, 0));
	REFUSE(0, "the second half of a 64-bit immediate load has bits that must be zero", INSN(EBPF_LDDW, 0, 0, 0, 0), EXIT,
	       EXIT);
	REFUSE(0, "the instruction refers to map 4 of 4", MAP(1, 4), PASS);
	REFUSE(0, "a 64-bit immediate load of kind 3 refers to the kernel, which the NIC does not have", LDDW(1, 3, 0, 0), PASS);
	REFUSE(0, "the call leads into the middle of a 64-bit immediate load",
	       LDDW(1, EBPF_PSEUDO_FUNC, 0, 0), PASS);
}

static void every_operation_of_v4(void **state)
{
	(void)state;
	ACCEPT(MOV(0, -7), INSN(EC_ALU64 | EBPF_DIV, 0, 0, 1, 2), INSN(EC_ALU | EBPF_MOD, 0, 0, 1, 2), EXIT);
	ACCEPT(MOV(1, -7), INSN(EC_ALU64 | EBPF_MOV | EBPF_X, 0, 1, 8, 0), INSN(EC_ALU | EBPF_MOV | EBPF_X, 0, 1, 16, 0), EXIT);
	ACCEPT(MOV(0, 1), INSN(EC_ALU64 | EBPF_END, 0, 0, 0, 64), INSN(EC_ALU | EBPF_END | EBPF_X, 0, 0, 0, 16), EXIT);
	ACCEPT(MOV(0, 1), INSN(EC_JMP32 | EBPF_JA, 0, 0, 0, 1), EXIT, JA(-2));
	ACCEPT(ST(W, 10, -4, -1), INSN(EC_LDX | EBPF_MEMSX | B, 0, 10, -4, 0), EXIT);
	ACCEPT(MOV(0, 1), ALU(EBPF_LSH, 0, 200), ALU(EBPF_DIV, 0, 0), ALU(EBPF_MOD, 0, 0), EXIT);
}

static void control_flow(void **state)
{
	(void)state;
	REFUSE(0, "the program can run past its last instruction", MOV(0, 0));
	REFUSE(1, "the program can run past its last instruction", MOV(0, 0), J(EBPF_JEQ, 0, 0, -2));
	REFUSE(0, "the jump leads outside the program", JA(5), EXIT);
	REFUSE(0, "the jump leads outside the program", JA(-2), EXIT);
	REFUSE(0, "the jump leads into the middle of a 64-bit immediate load", JA(1), LDDW(0, 0, 0, 0), EXIT);
	REFUSE(1, "the instruction can't be reached", JA(1), MOV(0, 0), PASS);
	ACCEPT(MOV(0, 0), JA(2), MOV(0, 1), EXIT, JA(-3)); /* back, but no loop */
	REFUSE(0, "the program calls a function of the kernel (kfunc), which the NIC does not have",
	       INSN(EC_JMP | EBPF_CALL, 0, EBPF_CALL_KFUNC, 0, 5), EXIT);
	REFUSE(0, "a call through a register is not supported", INSN(EC_JMP | EBPF_CALL | EBPF_X, 0, 0, 0, 1), EXIT);
}

#define FOREVER "the program has a loop that can go round for ever: nothing it depends on changes from one round to the next"
#define TOO_LONG "the loop does not come to an end within a million steps of checking"

static void loops(void **state)
{
	(void)state;
	ACCEPT(MOV(0, 0), ADD(0, 1), J(EBPF_JLT, 0, 10, -2), EXIT);
	ACCEPT(MOV(0, 5), ADD(0, -1), J(EBPF_JNE, 0, 0, -2), EXIT);
	/* the first instruction heads the loop, and its counter is on the stack */
	ACCEPT(MOV(0, 0), STX(DW, 10, 0, -8), LDX(DW, 0, 10, -8), ADD(0, 1), J(EBPF_JLT, 0, 100, -4), EXIT);
	/* one in the other, 50 times 50 rounds */
	ACCEPT(MOV(0, 0), MOV(2, 0), ADD(2, 1), J(EBPF_JLT, 2, 50, -2), ADD(0, 1), J(EBPF_JLT, 0, 50, -5), EXIT);
	/* left early, when the packet says so; what it adds up is of no interest */
	ACCEPT(PACKET, MOV(0, 0), MOV(5, 0), MOVX(4, 2), ADD(4, 1), JX(EBPF_JGT, 4, 3, 5), LDX(B, 4, 2, 0), ADDX(5, 4), ADD(2, 1),
	       ADD(0, 1), J(EBPF_JLT, 0, 64, -8), EXIT);
	/* two ways on in each of 1000 rounds */
	ACCEPT(MOV(8, 0), MOV(7, 0), CALL(HELPER_GET_PRANDOM_U32), J(EBPF_JEQ, 0, 1, 1), ADD(7, 3), ADD(8, 1), J(EBPF_JLT, 8, 1000, -5),
	       EXIT);
	/* into its middle */
	ACCEPT(LDX(W, 6, 1, 12), MOV(0, 0), J(EBPF_JEQ, 6, 3, 1), ADD(0, 1), ADD(0, 1), J(EBPF_JLT, 0, 10, -3), EXIT);

	REFUSE(0, FOREVER, JA(-1));
	REFUSE(1, FOREVER, MOV(0, 0), JA(-1));
	REFUSE(1, FOREVER, MOV(0, 0), MOV(2, 5), ADD(2, -1), JA(-3));
	REFUSE(1, FOREVER, LDX(W, 6, 1, 12), J(EBPF_JEQ, 6, 3, 1), JA(-2), MOV(0, 0), EXIT);
	/* through 8 states again and again */
	REFUSE(1, FOREVER, MOV(0, 1), ADD(0, 3), ALU(EBPF_AND, 0, 7), J(EBPF_JNE, 0, 9, -3), EXIT);
	REFUSE(1, FOREVER, MOV(9, 1), CALL(HELPER_GET_PRANDOM_U32), J(EBPF_JNE, 0, 9, -2), EXIT);
	REFUSE(1, TOO_LONG, MOV(0, 0), ADD(0, 1), JA(-2));
	REFUSE(2, TOO_LONG, LDX(W, 6, 1, 12), MOV(0, 0), ADD(0, 1), JX(EBPF_JLT, 0, 6, -2), EXIT);
	/* the last round goes wrong: the counter may not be forgotten */
	REFUSE(6, "the 1-byte access at offset 70000 of the packet needs 70001 bytes, and the program has checked for 0", PACKET, MOV(0, 0),
	       ADD(0, 10000), J(EBPF_JLT, 0, 70000, -2), ADDX(2, 0), LDX(B, 0, 2, 0), EXIT);
}

#define MAY_GOTO(o) INSN(EBPF_MAY_GOTO, 0, 0, o, 0)

static void counted_loops(void **state)
{
	(void)state;
	ACCEPT(MOV(0, 0), MAY_GOTO(1), JA(-2), EXIT);
	ACCEPT(MOV(0, 0), MAY_GOTO(2), ADD(0, 1), JA(-3), EXIT);
	ACCEPT(MOV(0, 0), STX(DW, 10, 0, -8), MAY_GOTO(4), LDX(DW, 2, 10, -8), ADD(2, 3), STX(DW, 10, 2, -8), JA(-5), EXIT);
	/* one in the other */
	ACCEPT(MOV(0, 0), MOV(2, 0), MAY_GOTO(5), MAY_GOTO(2), ADD(0, 1), JA(-3), ADD(2, 1), JA(-6), EXIT);
	/* two ways on in each round, which change different numbers */
	ACCEPT(MOV(7, 0), MOV(8, 0), MAY_GOTO(6), CALL(HELPER_GET_PRANDOM_U32), J(EBPF_JEQ, 0, 3, 2), ADD(7, 1), JA(-5), ADD(8, 2), JA(-7), PASS);

	/* the way out is taken again and again */
	REFUSE(1, FOREVER, MOV(0, 0), MAY_GOTO(0), JA(-2));
	REFUSE(1, FOREVER, MOV(0, 0), MAY_GOTO(1), JA(-2), JA(-3));
	REFUSE(1, FOREVER, MOV(0, 0), MAY_GOTO(-1), EXIT);
	/* in its fifth round */
	REFUSE(5, "the 1-byte access at offset 10 is outside the 8-byte value of map t.data", LDDW(2, EBPF_PSEUDO_MAP_VALUE, DATA_MAP, 0), MOV(0, 0),
	       MAY_GOTO(4), ADDX(2, 0), LDX(B, 3, 2, 0), ADD(0, 1), JA(-5), PASS);
	REFUSE(6, "r7 is read before it is written", MOV(0, 0), MAY_GOTO(3), MOV(7, 1), ADD(0, 1), JA(-4), JA(0), MOVX(0, 7), EXIT);
}

#undef MAY_GOTO
#undef FOREVER
#undef TOO_LONG

#define CALLF(o) INSN(EC_JMP | EBPF_CALL, 0, EBPF_CALL_LOCAL, 0, o)

static void functions(void **state)
{
	(void)state;
	ACCEPT(MOV(1, 5), CALLF(1), EXIT, MOVX(0, 1), EXIT);
	/* r6 to r9 are the caller's own, and r6 to r9 of the function start without values */
	ACCEPT(MOV(6, 1), CALLF(2), MOVX(0, 6), EXIT, MOV(6, 7), MOV(0, 0), EXIT);
	REFUSE(4, "r6 is read before it is written", MOV(6, 1), CALLF(2), MOVX(0, 6), EXIT, MOVX(0, 6), EXIT);
	REFUSE(3, "r0 is read before it is written", MOV(0, 1), CALLF(1), EXIT, MOVX(2, 0), MOV(0, 0), EXIT);
	REFUSE(2, "r1 is read before it is written", MOV(1, 1), CALLF(2), MOVX(0, 1), EXIT, MOV(0, 0), EXIT);
	REFUSE(1, "the program ends without a verdict in r0", CALLF(1), EXIT, EXIT);
	ACCEPT(CALLF(2), MOV(0, 1), EXIT, EXIT); /* a function need not return a value */
	/* packet pointers go in with what was checked, and come out */
	ACCEPT(PACKET, NEEDS(14), MOVX(1, 2), CALLF(2), LDX(B, 0, 0, 13), EXIT, LDX(B, 2, 1, 13), MOVX(0, 1), EXIT);
	/* the caller's stack is written through a pointer */
	ACCEPT(MOVX(1, 10), ADD(1, -8), CALLF(2), LDX(DW, 0, 10, -8), EXIT, ST(DW, 1, 0, 5), EXIT);
	ACCEPT(MOVX(1, 10), ADD(1, -8), CALLF(2), LDX(DW, 0, 10, -8), EXIT,
	       ST(DW, 10, -8, 5), EXIT);
	/* again and again to the stack of a function */
	ACCEPT(CALLF(2), MOV(0, 0), EXIT, MOV(0, 0), STX(DW, 10, 0, -8), ADD(0, 1), J(EBPF_JLT, 0, 3, -3), EXIT);
	/* bytes that were never written may be read */
	ACCEPT(MOV(1, 1), CALLF(3), MOV(1, 0), CALLF(1), EXIT,
	       J(EBPF_JEQ, 1, 0, 1), ST(DW, 10, -8, 5), LDX(DW, 0, 10, -8), EXIT);
	REFUSE(4, "the function returns a stack pointer", CALLF(2), MOV(0, 0), EXIT, MOVX(0, 10), EXIT);
	REFUSE(4, "a stack pointer is stored in the stack of the function's caller", MOVX(1, 10), CALLF(2), MOV(0, 0), EXIT,
	       STX(DW, 1, 10, -8), EXIT);
	REFUSE(4, "the 8-byte access at r10+0 is outside the stack", MOVX(1, 10), CALLF(2), MOV(0, 0), EXIT, ST(DW, 1, 0, 0), EXIT);
	REFUSE(2, "the program calls a function from within itself", CALLF(1), EXIT, CALLF(-1), EXIT);
	REFUSE(0, "the program calls a function from within itself", CALLF(-1), EXIT);
	REFUSE(0, "the call leads outside the program", CALLF(1), EXIT);
	REFUSE(0, "the call leads outside the program", CALLF(-2), EXIT);
	REFUSE(0, "the call leads into the middle of a 64-bit immediate load", CALLF(1), LDDW(0, 0, 0, 0), EXIT);
	REFUSE(1, "the program can run past its last instruction", CALLF(1), MOV(0, 0), EXIT);
	REFUSE(2, "the function can run past its last instruction", CALLF(1), EXIT, MOV(0, 0));
	REFUSE(2, "the jump leads outside the function", CALLF(1), EXIT, JA(-2), EXIT);
	REFUSE(0, "the reserved offset field of opcode 0x85 is not zero", INSN(EC_JMP | EBPF_CALL, 0, EBPF_CALL_LOCAL, 1, 1), EXIT,
	       EXIT);
}

static void frames_share_the_stack(void **state)
{
	(void)state;
	ACCEPT(ST(DW, 10, -256, 0), CALLF(2), MOV(0, 0), EXIT, ST(DW, 10, -256, 0), EXIT);
	REFUSE(1, "the stacks of the functions that call each other here take more than 512 bytes", ST(DW, 10, -256, 0), CALLF(2),
	       MOV(0, 0), EXIT, ST(DW, 10, -264, 0), EXIT);
	/* how much a function takes shows only while it is followed: 512 in one go, and 300 by way of a register */
	REFUSE(1, "the stacks of the functions that call each other here take more than 512 bytes", ST(DW, 10, -256, 0), CALLF(2),
	       MOV(0, 0), EXIT, MOVX(2, 10), MOV(3, -304), ADDX(2, 3), ST(DW, 2, 0, 0), EXIT);
	ACCEPT(ST(DW, 10, -8, 0), CALLF(2), MOV(0, 0), EXIT, MOVX(2, 10), MOV(3, -304), ADDX(2, 3), ST(DW, 2, 0, 0), EXIT);
	/* neighbours use the same place */
	ACCEPT(ST(DW, 10, -8, 0), CALLF(3), CALLF(4), MOV(0, 0), EXIT, ST(DW, 10, -400, 0), EXIT, ST(DW, 10, -400, 0), EXIT);
}

/* Eight frames are what the kernel allows. */
static void nest(int frames, const char *sentence)
{
	struct ebpf_insn insns[2 * 16];
	int n = 0;

	for (int k = 0; k < frames; k++) {
		insns[n++] = (struct ebpf_insn)CALLF(1);
		insns[n++] = (struct ebpf_insn)EXIT;
	}
	insns[n++] = (struct ebpf_insn)MOV(0, 1);
	insns[n++] = (struct ebpf_insn)EXIT;
	expect(insns, (uint32_t)n, maps, MAPS, 14, sentence);
}

static void calls_are_nested_so_deep(void **state)
{
	(void)state;
	nest(7, "");
	nest(8, "calls are nested more than 8 deep");
}

/* Each function calls the next one ten times. */
static void copies_have_a_limit(void **state)
{
	struct ebpf_insn insns[6 * 11 + 2];
	uint32_t n = 0;
	struct run r;

	(void)state;
	for (int k = 0; k < 6; k++) {
		for (int call = 0; call < 10; call++, n++)
			insns[n] = (struct ebpf_insn)CALLF(10 - call);
		insns[n++] = (struct ebpf_insn)EXIT;
	}
	insns[n++] = (struct ebpf_insn)MOV(0, 1);
	insns[n++] = (struct ebpf_insn)EXIT;
	run_prog(&r, insns, n, NULL, 0);
	assert_int_equal(r.result, -1);
	assert_string_equal(r.diag.text,
			    "with its functions copied to where they are called the program has more than 65536 instructions");
	assert_string_equal(r.diag.note, "call large functions from fewer places");
	free(r.mem);
}

static void facts_of_frames(void **state)
{
	(void)state;
	FACTS(r, ST(DW, 10, -16, 0), MOVX(1, 10), ADD(1, -16), CALLF(3), CALLF(7), MOV(0, 0), EXIT, LDX(DW, 2, 1, 0), ST(DW, 10, -8, 1),
	      MOVX(0, 10), MOV(0, 3), EXIT, ST(DW, 10, -24, 1), EXIT);
	assert_int_equal(r.c.n_frames, 3);
	assert_int_equal(r.c.n_insns, 14);
	assert_int_equal(r.c.frames[1].fp, -16);
	assert_int_equal(r.c.frames[1].call, 3);
	assert_int_equal(r.c.frames[2].depth, 1);
	assert_int_equal(r.c.facts[7].mem.off, -16); /* the caller's */
	assert_int_equal(r.c.facts[8].mem.off, -24); /* its own, behind that */
	assert_int_equal(r.c.facts[12].mem.off, -40);
	assert_int_equal(r.c.stack_used, 40);
	free(r.mem);
}

/* A number that nothing depends on is not compared; one that something depends on is, whatever way it took. */
static void numbers_that_matter(void **state)
{
	(void)state;
	/* r7 is 8 or, on the path that comes second, 100 where ways meet, and only 8 is good; it goes through a register, the stack, a sum, a function, a copy */
#define EITHER LOOKUP(ARRAY_MAP), J(EBPF_JNE, 0, 0, 2), PASS, MOVX(8, 0), CALL(HELPER_GET_PRANDOM_U32), MOV(7, 100), \
	J(EBPF_JEQ, 0, 1, 1), MOV(7, 8), MOV(0, 0)
#define BAD "the 8-byte access at offset 100 is outside the 16-byte value of map counters"
	REFUSE(16, BAD, EITHER, ADDX(8, 7), LDX(DW, 0, 8, 0), EXIT);
	REFUSE(18, BAD, EITHER, STX(DW, 10, 7, -16), LDX(DW, 6, 10, -16), ADDX(8, 6), LDX(DW, 0, 8, 0), EXIT);
	/* r7 is 0, or on the second path -1, and what is read back of it decides whether r0 is used */
#define ZERO_OR_NOT LOOKUP(ARRAY_MAP), STX(DW, 10, 0, -16), CALL(HELPER_GET_PRANDOM_U32), MOV(7, -1), J(EBPF_JEQ, 0, 1, 1), MOV(7, 0)
#define USE LDX(DW, 0, 10, -16), J(EBPF_JEQ, 6, 0, 2), ADD(0, 1), EXIT, MOV(0, 0), EXIT
#define UNCHECKED "r0 may be NULL here, and is moved before it was compared with NULL"
	REFUSE(15, UNCHECKED, ZERO_OR_NOT, STX(DW, 10, 7, -32), LDX(W, 6, 10, -28), USE);
	REFUSE(16, UNCHECKED, ZERO_OR_NOT, ST(W, 10, -24, 7), STX(W, 10, 7, -20), LDX(W, 6, 10, -20), USE);
	REFUSE(16, UNCHECKED, ZERO_OR_NOT, STX(DW, 10, 7, -32), ST(B, 10, -32, 1), LDX(W, 6, 10, -28), USE);
	REFUSE(16, UNCHECKED, ZERO_OR_NOT, STX(W, 10, 7, -24), ST(W, 10, -20, 7), LDX(W, 6, 10, -24), USE);
	REFUSE(13, "a map value pointer that may be NULL is compared with a number", ZERO_OR_NOT, LDX(DW, 0, 10, -16), MOV(6, 0),
	       JX(EBPF_JEQ, 0, 7, 0), MOV(0, 0), EXIT);
	REFUSE(13, "a number is compared with a map value pointer that may be NULL", ZERO_OR_NOT, LDX(DW, 0, 10, -16), MOV(6, 0),
	       JX(EBPF_JEQ, 7, 0, 0), MOV(0, 0), EXIT);
#undef ZERO_OR_NOT
#undef USE
#undef UNCHECKED
	/* compared with a number that is known to be no more than r7 */
	REFUSE(19, "the variable offset can lead outside the 16-byte value of map counters", EITHER, CALL(HELPER_GET_PRANDOM_U32),
	       MOVX(6, 0), JX(EBPF_JGT, 6, 7, 2), ADDX(8, 6), LDX(DW, 5, 8, 0), EXIT);
	REFUSE(19, BAD, EITHER, MOV(6, 0), ADDX(6, 7), ALU(EBPF_XOR, 6, 0), ADDX(8, 6), LDX(DW, 0, 8, 0), EXIT);
	REFUSE(18, BAD, EITHER, MOVX(1, 7), CALLF(3), ADDX(8, 0), LDX(DW, 0, 8, 0), EXIT, MOVX(0, 1), EXIT);
	REFUSE(17, BAD, EITHER, MOV(6, 50), JX(EBPF_JLT, 7, 6, 1), LDX(DW, 0, 8, 100), EXIT);
	REFUSE(16, BAD, EITHER, J(EBPF_JEQ, 7, 8, 1), LDX(DW, 0, 8, 100), EXIT);
	REFUSE(17, BAD, EITHER, J(EBPF_JNE, 7, 100, 1), ADDX(8, 7), LDX(DW, 0, 8, 0), EXIT);
	/* compared with a copy, which learns for it */
	REFUSE(19, "the variable offset can lead outside the 16-byte value of map counters", LOOKUP(ARRAY_MAP), J(EBPF_JNE, 0, 0, 2), PASS,
	       MOVX(8, 0), CALL(HELPER_GET_PRANDOM_U32), MOVX(9, 0), CALL(HELPER_GET_PRANDOM_U32), MOVX(7, 0), MOV(6, 3),
	       J(EBPF_JNE, 9, 1, 1), MOVX(6, 7), J(EBPF_JGT, 6, 8, 2), ADDX(8, 7), LDX(DW, 5, 8, 0), EXIT);
#undef EITHER
#undef BAD
}

/* The first path goes to the end; the second ends where it meets the first, by way of a place where the third meets it: what mattered to
 * the first matters there, too. */
static void what_follows_matters(void **state)
{
	(void)state;
	REFUSE(20, "the 8-byte access at offset 100 is outside the 16-byte value of map counters", LOOKUP(ARRAY_MAP), J(EBPF_JNE, 0, 0, 2),
	       PASS, MOVX(8, 0), CALL(HELPER_GET_PRANDOM_U32), J(EBPF_JEQ, 0, 5, 2), MOV(7, 8), JA(5), CALL(HELPER_GET_PRANDOM_U32),
	       MOV(7, 100), J(EBPF_JEQ, 0, 1, 1), MOV(7, 8), MOV(0, 0), ADDX(8, 7), LDX(DW, 0, 8, 0), EXIT);
	REFUSE(9, "a pointer on the stack is read as if it were bytes", STX(DW, 10, 1, -16), CALL(HELPER_GET_PRANDOM_U32),
	       J(EBPF_JEQ, 0, 5, 2), ST(DW, 10, -16, 1), JA(4), CALL(HELPER_GET_PRANDOM_U32), J(EBPF_JEQ, 0, 1, 1), ST(DW, 10, -16, 1),
	       MOV(0, 0), LDX(W, 0, 10, -16), EXIT);
	REFUSE(8, "a pointer on the stack is read as if it were bytes", CALL(HELPER_GET_PRANDOM_U32), J(EBPF_JEQ, 0, 5, 2), /* the first reads bytes never written */
	       MOV(7, 0), JA(4), CALL(HELPER_GET_PRANDOM_U32), J(EBPF_JEQ, 0, 1, 1), STX(DW, 10, 10, -16), MOV(0, 0), LDX(W, 0, 10, -16), EXIT);
	REFUSE(19, "the 1-byte access at offset 13 of the packet needs 14 bytes, and the program has checked for 0", PACKET,
	       LDX(W, 6, 1, 12), J(EBPF_JEQ, 6, 5, 6), NEEDS(14), JA(8), LDX(W, 7, 1, 16), J(EBPF_JEQ, 7, 1, 5), NEEDS(14), MOV(0, 0),
	       LDX(W, 2, 1, 0), LDX(B, 0, 2, 13), EXIT);
}

static void registers(void **state)
{
	(void)state;
	REFUSE(0, "the program ends without a verdict in r0", EXIT);
	REFUSE(0, "r3 is read before it is written", MOVX(0, 3), EXIT);
	REFUSE(1, "r0 is read before it is written", JA(0), J(EBPF_JEQ, 0, 0, 0), PASS);
	REFUSE(1, "r1 is read before it is written", CALL(HELPER_KTIME_GET_NS), LDX(W, 0, 1, 0), EXIT);
	REFUSE(1, "the verdict is the context pointer", MOVX(0, 1), EXIT);
	REFUSE(4, "the verdict is a packet pointer", PACKET, MOVX(0, 2), JA(0), EXIT);
	REFUSE(2, "the program ends without a verdict in r0", LDX(W, 4, 1, 12), J(EBPF_JEQ, 4, 0, 0), EXIT);
	/* r0 set on one path only, and the other one is impossible */
	ACCEPT(MOV(4, 3), J(EBPF_JNE, 4, 3, 1), MOV(0, 0), EXIT);
}

static void context(void **state)
{
	(void)state;
	ACCEPT(LDX(W, 0, 1, 20), EXIT);
	ACCEPT(ADD(1, 12), LDX(W, 0, 1, 4), EXIT);
	REFUSE(0, "the 4-byte access at offset 24 is outside struct xdp_md", LDX(W, 0, 1, 24), EXIT);
	REFUSE(0, "the 4-byte access at offset -4 is outside struct xdp_md", LDX(W, 0, 1, -4), EXIT);
	REFUSE(0, "the 8-byte access at offset 0 is not a field of struct xdp_md", LDX(DW, 0, 1, 0), EXIT);
	REFUSE(0, "the 2-byte access at offset 12 is not a field of struct xdp_md", LDX(H, 0, 1, 12), EXIT);
	REFUSE(0, "the 4-byte access at offset 14 is not a field of struct xdp_md", LDX(W, 0, 1, 14), EXIT);
	REFUSE(0, "the context is written, and all its fields are read-only", ST(W, 1, 16, 0), PASS);
	REFUSE(0, "a packet pointer is loaded with its sign extended", INSN(EC_LDX | EBPF_MEMSX | W, 2, 1, 0, 0), PASS);
	REFUSE(1, "r1 is the context pointer, which can't be moved",
	       LDX(W, 2, 1, 12), ADDX(1, 2), PASS);
}

static void packet(void **state)
{
	(void)state;
	REFUSE(2, "the 1-byte access at offset 0 of the packet needs 1 bytes, and the program has checked for 0", PACKET, LDX(B, 0, 2, 0), EXIT);
	ACCEPT(PACKET, NEEDS(14), LDX(H, 0, 2, 12), EXIT);
	REFUSE(7, "the 2-byte access at offset 13 of the packet needs 15 bytes, and the program has checked for 14", PACKET, NEEDS(14),
	       LDX(H, 0, 2, 13), EXIT);
	REFUSE(7, "the access can lie before the start of the packet", PACKET, NEEDS(14), LDX(B, 0, 2, -1), EXIT);
	ACCEPT(PACKET, NEEDS(14), LDX(W, 5, 1, 0), LDX(B, 0, 5, 13), EXIT); /* loaded anew */
	/* each comparison, both operand orders; the packet has 14 bytes, or 15 when strict, on the way to the load */
	ACCEPT(PACKET, MOVX(4, 2), ADD(4, 14), MOV(0, 0), JX(EBPF_JGT, 4, 3, 1), LDX(B, 0, 2, 13), EXIT);
	ACCEPT(PACKET, MOVX(4, 2), ADD(4, 14), MOV(0, 0), JX(EBPF_JGE, 4, 3, 1), LDX(B, 0, 2, 14), EXIT);
	ACCEPT(PACKET, MOVX(4, 2), ADD(4, 14), MOV(0, 0), JX(EBPF_JLT, 3, 4, 1), LDX(B, 0, 2, 13), EXIT);
	ACCEPT(PACKET, MOVX(4, 2), ADD(4, 14), MOV(0, 0), JX(EBPF_JLE, 3, 4, 1), LDX(B, 0, 2, 14), EXIT);
	ACCEPT(PACKET, MOVX(4, 2), ADD(4, 14), MOV(0, 0), JX(EBPF_JLE, 4, 3, 1), EXIT, LDX(B, 0, 2, 13), EXIT);
	ACCEPT(PACKET, MOVX(4, 2), ADD(4, 14), MOV(0, 0), JX(EBPF_JLT, 4, 3, 1), EXIT, LDX(B, 0, 2, 14), EXIT);
	ACCEPT(PACKET, MOVX(4, 2), ADD(4, 14), MOV(0, 0), JX(EBPF_JGE, 3, 4, 1), EXIT, LDX(B, 0, 2, 13), EXIT);
	ACCEPT(PACKET, MOVX(4, 2), ADD(4, 14), MOV(0, 0), JX(EBPF_JGT, 3, 4, 1), EXIT, LDX(B, 0, 2, 14), EXIT);
	/* the wrong way teaches nothing */
	REFUSE(6, "the 1-byte access at offset 13 of the packet needs 14 bytes, and the program has checked for 0", PACKET, MOVX(4, 2), ADD(4, 14),
	       MOV(0, 0), JX(EBPF_JLE, 4, 3, 1), LDX(B, 0, 2, 13), EXIT);
	REFUSE(6, "the 1-byte access at offset 14 of the packet needs 15 bytes, and the program has checked for 14", PACKET, MOVX(4, 2),
	       ADD(4, 14), MOV(0, 0), JX(EBPF_JGT, 4, 3, 1), LDX(B, 0, 2, 14), EXIT);
	REFUSE(2, "memory is accessed through the end-of-packet pointer", PACKET, LDX(B, 0, 3, 0), EXIT);
	REFUSE(8, "a stack pointer is stored through a packet pointer", PACKET, NEEDS(14), JA(0), STX(DW, 2, 10, 0), PASS);
	REFUSE(8, "an atomic operation goes to a packet pointer", PACKET, NEEDS(14), MOV(0, 1), ATOMIC(W, 2, 0, 0, EBPF_ADD), EXIT);
}

/* r5 = a byte of the packet, up to 255; r2 stays data */
#define BYTE PACKET, NEEDS(34), LDX(B, 5, 2, 0)

static void variable_packet_offsets(void **state)
{
	(void)state;
	ACCEPT(BYTE, MOVX(6, 2), ADDX(6, 5), MOVX(7, 6), ADD(7, 20), MOV(0, 1), JX(EBPF_JGT, 7, 3, 1), LDX(W, 0, 6, 16), EXIT);
	REFUSE(14, "the 4-byte access at a variable offset + 17 of the packet needs 21 bytes there, and the program has checked for 20", BYTE,
	       MOVX(6, 2), ADDX(6, 5), MOVX(7, 6), ADD(7, 20), MOV(0, 1), JX(EBPF_JGT, 7, 3, 1), LDX(W, 0, 6, 17), EXIT);
	/* another variable part: not proven */
	REFUSE(15, "the 4-byte access at a variable offset + 0 of the packet needs 4 bytes there, and the program has checked for 0", BYTE,
	       MOVX(6, 2), ADDX(6, 5), MOVX(7, 6), ADD(7, 20), ADDX(6, 5), MOV(0, 1), JX(EBPF_JGT, 7, 3, 1), LDX(W, 0, 6, 0),
	       EXIT);
	/* what the constant part proved covers small variable offsets too */
	ACCEPT(BYTE, ALU(EBPF_AND, 5, 15), ADDX(2, 5), LDX(H, 0, 2, 17), EXIT);
	REFUSE(10, "the 4-byte access at a variable offset + 16 of the packet needs 20 bytes there, and the program has checked for 19", BYTE,
	       ALU(EBPF_AND, 5, 15), ADDX(2, 5), LDX(W, 0, 2, 16), EXIT);
	REFUSE(10, "the access can lie before the start of the packet", BYTE, ALU(EBPF_AND, 5, 15), SUBX(2, 5),
	       LDX(B, 0, 2, 14), EXIT);
	ACCEPT(BYTE, ALU(EBPF_AND, 5, 15), SUBX(2, 5), LDX(B, 0, 2, 15), EXIT);
	REFUSE(9, "a packet pointer is moved by a number that could be negative without bound", BYTE, LDX(DW, 5, 2, 0),
	       ADDX(2, 5), PASS);
	REFUSE(10, "the variable offset into the packet can be as large as 4294967295", BYTE, LDX(W, 5, 2, 0), ADDX(2, 5),
	       LDX(B, 0, 2, 0), EXIT);
}

static void metadata(void **state)
{
	(void)state;
	ACCEPT(LDX(W, 2, 1, 0), LDX(W, 3, 1, 8), MOVX(4, 3), ADD(4, 4), MOV(0, 2), JX(EBPF_JGT, 4, 2, 1), LDX(W, 0, 3, 0), EXIT);
	REFUSE(6, "the 1-byte access at offset 4 of the metadata needs 5 bytes, and the program has checked for 4", LDX(W, 2, 1, 0),
	       LDX(W, 3, 1, 8), MOVX(4, 3), ADD(4, 4), MOV(0, 2), JX(EBPF_JGT, 4, 2, 1), LDX(B, 0, 3, 4), EXIT);
}

static void stack(void **state)
{
	(void)state;
	ACCEPT(ST(DW, 10, -512, 1), LDX(W, 0, 10, -512), EXIT);
	REFUSE(0, "the 8-byte access at r10-520 is outside the stack", ST(DW, 10, -520, 1), PASS);
	REFUSE(0, "the 8-byte access at r10+0 is outside the stack", ST(DW, 10, 0, 1), PASS);
	REFUSE(0, "the 8-byte access at r10-4 is outside the stack", ST(DW, 10, -4, 1), PASS);
	REFUSE(0, "the stack is accessed at an address that is not a multiple of 4", ST(W, 10, -6, 1), PASS);
	ACCEPT(ST(W, 10, -8, 1), LDX(DW, 0, 10, -8), EXIT);
	ACCEPT(LDX(B, 0, 10, -1), EXIT);
	/* a spilled pointer comes back as one; pieces of it do not */
	ACCEPT(STX(DW, 10, 1, -8), MOV(1, 0), LDX(DW, 1, 10, -8), LDX(W, 0, 1, 12), EXIT);
	REFUSE(1, "a pointer on the stack is read as if it were bytes", STX(DW, 10, 1, -8), LDX(W, 0, 10, -8), EXIT);
	REFUSE(0, "part of a pointer is stored on the stack", STX(W, 10, 1, -8), PASS);
	ACCEPT(STX(DW, 10, 1, -8), ST(W, 10, -8, 0),
	       LDX(DW, 0, 10, -8), EXIT);
	ACCEPT(STX(DW, 10, 1, -8), ST(B, 10, -1, 0),
	       LDX(DW, 0, 10, -8), EXIT);
	/* a spilled number keeps its bounds: a branch on it is decided */
	ACCEPT(MOV(4, 7), STX(W, 10, 4, -4), LDX(W, 5, 10, -4), J(EBPF_JNE, 5, 7, 1), MOV(0, 0), EXIT);
	ACCEPT(ST(DW, 10, -8, 0), LDX(H, 5, 10, -6), J(EBPF_JNE, 5, 0, 1), MOV(0, 0), EXIT);
	/* variable places */
	ACCEPT(LDX(W, 4, 1, 12), ALU(EBPF_AND, 4, 8), ST(DW, 10, -8, 1), ST(DW, 10, -16, 2), ADDX(4, 10), LDX(DW, 0, 4, -16),
	       EXIT);
	ACCEPT(LDX(W, 4, 1, 12), ALU(EBPF_AND, 4, 8),
	       ST(DW, 10, -16, 2), ADDX(4, 10), LDX(DW, 0, 4, -16), EXIT);
	ACCEPT(LDX(W, 4, 1, 12), ALU(EBPF_AND, 4, 8), ST(DW, 10, -16, 0), STX(DW, 10, 1, -8),
	       MOVX(5, 10), ADD(5, -16), ADDX(5, 4), LDX(B, 0, 5, 0), EXIT);
	REFUSE(8, "memory is accessed through a number", LDX(W, 4, 1, 12), ALU(EBPF_AND, 4, 8), ST(DW, 10, -16, 0), STX(DW, 10, 1, -8),
	       MOVX(5, 10), ADD(5, -16), ADDX(5, 4), LDX(DW, 5, 5, 0), LDX(B, 0, 5, 0), EXIT);
	REFUSE(3, "a variable offset can lead outside the stack", LDX(W, 4, 1, 12), ALU(EBPF_AND, 4, 8), ADDX(4, 10),
	       ST(DW, 4, -8, 0), PASS);
	REFUSE(3, "the stack is accessed at an address that is not a multiple of 8", LDX(W, 4, 1, 12), ALU(EBPF_AND, 4, 4),
	       ADDX(4, 10), ST(DW, 4, -16, 0), PASS);
	REFUSE(3, "a pointer is stored at a variable place of the stack", LDX(W, 4, 1, 12), ALU(EBPF_AND, 4, 8), ADDX(4, 10),
	       STX(DW, 4, 1, -16), PASS);
	ACCEPT(STX(DW, 10, 1, -8), LDX(W, 4, 1, 12),
	       ALU(EBPF_AND, 4, 8), ADDX(4, 10), ST(DW, 4, -16, 0), LDX(DW, 0, 10, -8), EXIT);
}

static void map_values(void **state)
{
	(void)state;
	ACCEPT(LOOKUP(ARRAY_MAP), J(EBPF_JEQ, 0, 0, 1), LDX(DW, 0, 0, 8), PASS);
	REFUSE(6, "the map value is accessed before the pointer was compared with NULL", LOOKUP(ARRAY_MAP), LDX(DW, 0, 0, 8), EXIT);
	REFUSE(7, "memory is accessed through a number", LOOKUP(ARRAY_MAP), J(EBPF_JNE, 0, 0, 1), LDX(DW, 0, 0, 8), PASS);
	REFUSE(7, "the 8-byte access at offset 9 is outside the 16-byte value of map counters", LOOKUP(ARRAY_MAP), J(EBPF_JEQ, 0, 0, 1),
	       LDX(DW, 0, 0, 9), PASS);
	REFUSE(7, "the 1-byte access at offset -1 is outside the 16-byte value of map counters", LOOKUP(ARRAY_MAP), J(EBPF_JEQ, 0, 0, 1),
	       LDX(B, 0, 0, -1), PASS);
	REFUSE(6, "r0 may be NULL here, and is moved before it was compared with NULL", LOOKUP(ARRAY_MAP), ADD(0, 8), PASS);
	/* copies are checked together */
	ACCEPT(LOOKUP(ARRAY_MAP), MOVX(6, 0), STX(DW, 10, 0, -16), J(EBPF_JEQ, 6, 0, 3), LDX(DW, 0, 0, 8),
	       LDX(DW, 7, 10, -16), LDX(DW, 0, 7, 0), PASS);
	/* two lookups are not */
	REFUSE(14, "the map value is accessed before the pointer was compared with NULL", LOOKUP(ARRAY_MAP), MOVX(6, 0),
	       LOOKUP(ARRAY_MAP), J(EBPF_JEQ, 0, 0, 1), LDX(DW, 0, 6, 0), PASS);
	ACCEPT(LOOKUP(ARRAY_MAP), J(EBPF_JEQ, 0, 0, 4), MOV(1, 1), ATOMIC(DW, 0, 1, 8, EBPF_ADD),
	       ATOMIC(W, 0, 1, 4, EBPF_XCHG), MOVX(0, 1), PASS);
	REFUSE(8, "the atomic operation is at an address that is not a multiple of 8", LOOKUP(ARRAY_MAP), J(EBPF_JEQ, 0, 0, 2),
	       MOV(1, 1), ATOMIC(DW, 0, 1, 4, EBPF_ADD), PASS);
	REFUSE(7, "r10 is a stack pointer, and atomic operations work on numbers", LOOKUP(ARRAY_MAP), J(EBPF_JEQ, 0, 0, 1),
	       ATOMIC(DW, 0, 10, 8, EBPF_ADD), PASS);
	REFUSE(7, "a stack pointer is stored through a map value pointer", LOOKUP(ARRAY_MAP), J(EBPF_JEQ, 0, 0, 1),
	       STX(DW, 0, 10, 0), PASS);
	/* an index with bounds */
	ACCEPT(LOOKUP(ARRAY_MAP), J(EBPF_JEQ, 0, 0, 4), LDX(DW, 6, 0, 0), J(EBPF_JGT, 6, 12, 2), ADDX(0, 6), LDX(W, 0, 0, 0), PASS);
	REFUSE(10, "the variable offset can lead outside the 16-byte value of map counters", LOOKUP(ARRAY_MAP),
	       J(EBPF_JEQ, 0, 0, 4), LDX(DW, 6, 0, 0), J(EBPF_JGT, 6, 13, 2), ADDX(0, 6), LDX(W, 0, 0, 0), PASS);
	REFUSE(8, "a map value pointer is moved by a number that could be negative without bound", LOOKUP(ARRAY_MAP),
	       J(EBPF_JEQ, 0, 0, 3), LDX(DW, 6, 0, 0), ADDX(0, 6), LDX(W, 0, 0, 0), PASS);
	REFUSE(8, "a map value pointer is compared with a number", LOOKUP(ARRAY_MAP), J(EBPF_JEQ, 0, 0, 2), MOV(6, 5),
	       JX(EBPF_JGT, 0, 6, 0), PASS);
}

static void global_data(void **state)
{
	(void)state;
	ACCEPT(LDDW(1, EBPF_PSEUDO_MAP_VALUE, DATA_MAP, 4), ST(W, 1, 0, 1), LDX(W, 0, 1, 0), EXIT);
	REFUSE(2, "the 4-byte access at offset 6 is outside the 8-byte value of map t.data", LDDW(1, EBPF_PSEUDO_MAP_VALUE, DATA_MAP, 6),
	       ST(W, 1, 0, 1), PASS);
	REFUSE(0, "offset 8 lies outside the 8-byte value of map t.data", LDDW(1, EBPF_PSEUDO_MAP_VALUE, DATA_MAP, 8), PASS);
	REFUSE(0, "the address of a value is taken of map counters, which is not an array of one",
	       LDDW(1, EBPF_PSEUDO_MAP_VALUE, ARRAY_MAP, 0), PASS);
	REFUSE(2, "map t.rodata is read-only for the program, and is written", LDDW(1, EBPF_PSEUDO_MAP_VALUE, CONST_MAP, 0),
	       ST(W, 1, 0, 1), PASS);
	/* constants are known, so only one way is possible */
	ACCEPT(LDDW(1, EBPF_PSEUDO_MAP_VALUE, CONST_MAP, 4), LDX(W, 4, 1, 0), J(EBPF_JNE, 4, 200, 1), MOV(0, 0), EXIT);
	REFUSE(4, "the program ends without a verdict in r0", LDDW(1, EBPF_PSEUDO_MAP_VALUE, DATA_MAP, 4), LDX(W, 4, 1, 0),
	       J(EBPF_JEQ, 4, 200, 1), EXIT, PASS);
}

static void helpers(void **state)
{
	(void)state;
	ACCEPT(ST(W, 10, -4, 0), ST(DW, 10, -16, 9), MOVX(2, 10), ADD(2, -4), MOVX(3, 10), ADD(3, -16), MOV(4, 0),
	       MAP(1, HASH_MAP), CALL(HELPER_MAP_UPDATE_ELEM), EXIT);
	ACCEPT(PACKET, NEEDS(14), ADD(2, 6), MAP(1, HASH_MAP), CALL(HELPER_MAP_DELETE_ELEM), EXIT);
	REFUSE(10, "the 4-byte access at offset 11 of the packet needs 15 bytes, and the program has checked for 14", PACKET, NEEDS(14), ADD(2, 11),
	       MAP(1, HASH_MAP), CALL(HELPER_MAP_DELETE_ELEM), EXIT);
	REFUSE(0, "the program calls bpf_sk_lookup_tcp (helper 84), which the NIC does not have", CALL(84), EXIT);
	REFUSE(0, "the program calls helper 1000000, which the NIC does not have", CALL(1000000), EXIT);
	REFUSE(0, "the program calls helper -1, which the NIC does not have", CALL(-1), EXIT);
	ACCEPT(MOVX(2, 10), ADD(2, -4), JA(0), MAP(1, HASH_MAP),
	       CALL(HELPER_MAP_LOOKUP_ELEM), PASS);
	REFUSE(1, "the first argument of bpf_map_lookup_elem must be a map, and is the context pointer", MOVX(2, 10),
	       CALL(HELPER_MAP_LOOKUP_ELEM), PASS);
	REFUSE(3, "the second argument of bpf_map_lookup_elem must point to memory, and is a number", MOV(2, 0),
	       MAP(1, HASH_MAP), CALL(HELPER_MAP_LOOKUP_ELEM), PASS);
	REFUSE(3, "r2 is read before it is written", JA(0), MAP(1, HASH_MAP), CALL(HELPER_MAP_LOOKUP_ELEM), PASS);
	REFUSE(9, "the fourth argument of bpf_map_update_elem must be a number, and is a stack pointer", ST(W, 10, -4, 0),
	       ST(DW, 10, -16, 9), MOVX(2, 10), ADD(2, -4), MOVX(3, 10), ADD(3, -16), MAP(1, HASH_MAP), MOVX(4, 10),
	       CALL(HELPER_MAP_UPDATE_ELEM), EXIT);
	REFUSE(5, "map t.rodata is read-only for the program, and is changed", ST(W, 10, -4, 0), MOVX(2, 10), ADD(2, -4),
	       MAP(1, CONST_MAP), CALL(HELPER_MAP_DELETE_ELEM), EXIT);
	/* the map depends on the path */
	ACCEPT(ST(W, 10, -4, 0), LDX(W, 3, 1, 12), MOVX(2, 10), ADD(2, -4),
	       MAP(1, HASH_MAP), J(EBPF_JEQ, 3, 0, 2), MAP(1, ARRAY_MAP), CALL(HELPER_MAP_LOOKUP_ELEM), PASS);
}

static void pointers_are_no_numbers(void **state)
{
	(void)state;
	REFUSE(0, "r1 is the context pointer, and this operation would turn it into a number", ALU(EBPF_AND, 1, 7), PASS);
	REFUSE(0, "r1 is the context pointer, and this operation would turn it into a number", ALU(EBPF_NEG, 1, 0), PASS);
	REFUSE(0, "r10 is a stack pointer, and this operation would turn it into a number", ALU32X(EBPF_MOV, 0, 10), EXIT);
	REFUSE(0, "r1 is the context pointer, and this operation would turn it into a number", ALU32(EBPF_ADD, 1, 4), PASS);
	REFUSE(1, "r10 is a stack pointer, and this operation would turn it into a number", MOV(0, 9), SUBX(0, 10), EXIT);
	REFUSE(2, "r3 is the end-of-packet pointer, which can't be moved", PACKET, ADD(3, -1), PASS);
	REFUSE(3, "a stack pointer is subtracted from a packet pointer", PACKET, MOVX(4, 2), SUBX(4, 10), PASS);
	ACCEPT(PACKET, SUBX(3, 2), MOVX(0, 3), EXIT);
	/* the length in 32 bits, as clang -mcpu=v3 computes it */
	ACCEPT(PACKET, ALU32X(EBPF_SUB, 3, 2), MOVX(0, 3), EXIT);
	ACCEPT(PACKET, ALU32X(EBPF_MOV, 4, 3), ALU32X(EBPF_MOV, 5, 2), ALU32(EBPF_ADD, 5, 14), ALU32X(EBPF_SUB, 4, 5),
	       MOVX(0, 4), EXIT);
	REFUSE(3, "the verdict is half of a packet pointer", PACKET, ALU32X(EBPF_MOV, 0, 3), EXIT);
	REFUSE(3, "half of a packet pointer is compared with a number", PACKET, ALU32X(EBPF_MOV, 0, 3), J(EBPF_JEQ, 0, 1, 0), PASS);
	REFUSE(2, "a packet pointer is compared with a number", PACKET, J(EBPF_JGT, 2, 77, 0), PASS);
	REFUSE(2, "a packet pointer is compared with a stack pointer", PACKET, JX(EBPF_JGT, 2, 10, 0), PASS);
	/* but they are never the same */
	ACCEPT(PACKET, JX(EBPF_JNE, 2, 10, 1), LDX(B, 0, 2, 0), PASS);
	REFUSE(1, "the constant takes a stack pointer too far away from it", MOVX(2, 10), ADD(2, 1 << 29), PASS);
}

static void paths(void **state)
{
	(void)state;
	/* half a packet pointer is not NULL */
	ACCEPT(PACKET, INSN(EC_JMP32 | EBPF_JNE, 2, 0, 2, 0), MOV(0, 0), EXIT, PASS);
	ACCEPT(PACKET, INSN(EC_JMP32 | EBPF_JNE, 3, 0, 2, 0), MOV(0, 0), EXIT, PASS);
	ACCEPT(LDX(W, 2, 1, 8), INSN(EC_JMP32 | EBPF_JEQ, 2, 0, 2, 0), PASS, MOV(0, 0), EXIT);
	REFUSE(2, "the end-of-packet pointer is compared with a number", PACKET, INSN(EC_JMP32 | EBPF_JGT, 3, 0, 0, 0), PASS);
	REFUSE(2, "a packet pointer is compared with a number", PACKET, INSN(EC_JMP32 | EBPF_JNE, 2, 0, 0, 7), PASS);
	ACCEPT(PACKET, INSN(EC_JMP32 | EBPF_JEQ | EBPF_X, 2, 3, 0, 0), PASS);
	REFUSE(2, "a packet pointer is compared with the end-of-packet pointer", PACKET, INSN(EC_JMP32 | EBPF_JLT | EBPF_X, 2, 3, 0, 0), PASS);
	/* where paths meet, a value that differs can't be used, but is harmless otherwise */
	REFUSE(6, "the access goes to different memories on different paths", LDX(W, 3, 1, 12), MOVX(2, 10), ADD(2, -16),
	       ST(W, 10, -4, 0), J(EBPF_JEQ, 3, 0, 1), MOVX(2, 1), LDX(W, 0, 2, 12), EXIT);
	ACCEPT(LDX(W, 3, 1, 12), MOVX(2, 10), J(EBPF_JEQ, 3, 0, 1), MOV(2, 7), MOVX(4, 2), PASS);
	/* the same condition twice: the second is decided by the first */
	ACCEPT(LDX(W, 6, 1, 12), J(EBPF_JEQ, 6, 0, 1), MOV(7, 1), J(EBPF_JEQ, 6, 0, 1), MOVX(0, 7), PASS);
	/* a copy learns with the original */
	ACCEPT(LOOKUP(ARRAY_MAP), J(EBPF_JEQ, 0, 0, 5), LDX(DW, 6, 0, 0), MOVX(7, 6), J(EBPF_JGT, 7, 12, 2), ADDX(0, 6),
	       LDX(W, 0, 0, 0), PASS);
	/* a packet too short for 14 bytes is too short for 20 */
	ACCEPT(PACKET, MOVX(4, 2), ADD(4, 14), JX(EBPF_JLE, 4, 3, 5), ADD(4, 6), JX(EBPF_JGT, 4, 3, 1), MOVX(0, 5), PASS, PASS);
}

/* 24 conditions in a row that each change a number: 2^24 paths. */
static void many_paths_are_merged(void **state)
{
	struct ebpf_insn insns[3 + 24 * 2 + 4], *i = insns;
	const struct ebpf_insn head[] = { LDX(W, 6, 1, 12), LDX(W, 7, 1, 16), MOV(5, 0) };
	const struct ebpf_insn tail[] = { ALU(EBPF_AND, 5, 3), MOVX(0, 5), ADD(0, 0), EXIT };

	(void)state;
	memcpy(i, head, sizeof(head));
	i += 3;
	for (int n = 0; n < 24; n++) {
		*i++ = (struct ebpf_insn)INSN(EC_JMP | EBPF_JSET, n & 1 ? 6 : 7, 0, 1, 1 << n);
		*i++ = (struct ebpf_insn)ALU(n & 1 ? EBPF_ADD : EBPF_XOR, 5, 3 << n);
	}
	memcpy(i, tail, sizeof(tail));
	expect(insns, sizeof(insns) / sizeof(*insns), maps, MAPS, 0, "");
}

/* r5 and r7 are one of six pairs of numbers where ways meet; their sum is always 48. */
#define PAIR(n) J(EBPF_JNE, 6, n, 2), MOV(5, 8 * (n)), MOV(7, 48 - 8 * (n))
#define PAIRS LDX(W, 6, 1, 12), PACKET, NEEDS(64), MOV(5, 0), MOV(7, 48), PAIR(1), PAIR(2), PAIR(3), PAIR(4), PAIR(5)

static void what_was_forgotten_is_found_again(void **state)
{
	(void)state;
	ACCEPT(PAIRS, ADDX(2, 5), LDX(B, 0, 2, 23), EXIT);              /* it is 40 at most: ranges suffice */
	ACCEPT(PAIRS, ADDX(5, 7), ADDX(2, 5), LDX(B, 0, 2, 15), EXIT);  /* each pair for itself */
	REFUSE(26, "the 1-byte access at offset 64 of the packet needs 65 bytes, and the program has checked for 64",
	       PAIRS, ADDX(2, 5), LDX(B, 0, 2, 24), EXIT);
}

/* 10,000 conditions, each on a number that the one before may have changed, each of which decides a branch later: what is kept per place
 * where ways meet has a limit, so the time grows with the program only. It takes a tenth of a second. */
static void large_programs_take_no_longer_per_instruction(void **state)
{
	enum { CONDITIONS = 10000, INSNS = 3 + 4 * CONDITIONS + 2 };
	struct ebpf_insn *insns = calloc(INSNS, sizeof(*insns)), *i = insns;
	clock_t start = clock();

	(void)state;
	*i++ = (struct ebpf_insn)LDX(W, 6, 1, 12);
	*i++ = (struct ebpf_insn)MOV(0, 0);
	*i++ = (struct ebpf_insn)MOV(7, 0);
	for (int n = 0; n < CONDITIONS; n++) {
		*i++ = (struct ebpf_insn)J(EBPF_JSET, 6, 1 << n % 31, 1);
		*i++ = (struct ebpf_insn)ADD(7, n);
		*i++ = (struct ebpf_insn)J(EBPF_JGT, 7, 100 * n, 1);
		*i++ = (struct ebpf_insn)MOVX(0, 7);
	}
	*i++ = (struct ebpf_insn)MOV(0, 1);
	*i++ = (struct ebpf_insn)EXIT;
	expect(insns, INSNS, maps, MAPS, 0, "");
	assert_true(clock() - start < 3 * CLOCKS_PER_SEC);
	free(insns);
}

/* 30 stack slots that hold a pointer or a number, as 30 conditions say, and all are read: nothing can be merged. */
static void too_many_paths_are_refused(void **state)
{
	struct ebpf_insn insns[3 + 30 * 4 + 2], *i = insns;

	(void)state;
	*i++ = (struct ebpf_insn)MOVX(9, 1);
	*i++ = (struct ebpf_insn)LDX(W, 6, 1, 12);
	*i++ = (struct ebpf_insn)MOV(0, 0);
	for (int n = 0; n < 30; n++) {
		*i++ = (struct ebpf_insn)STX(DW, 10, 9, -8 * (n + 1));
		*i++ = (struct ebpf_insn)J(EBPF_JSET, 6, 1 << n, 1);
		*i++ = (struct ebpf_insn)STX(DW, 10, 6, -8 * (n + 1));
	}
	for (int n = 0; n < 30; n++)
		*i++ = (struct ebpf_insn)LDX(DW, 7, 10, -8 * (n + 1));
	*i++ = (struct ebpf_insn)MOV(0, 1);
	*i++ = (struct ebpf_insn)EXIT;
	expect(insns, sizeof(insns) / sizeof(*insns), maps, MAPS, -1,
	       "the program is too complex to check: more than four million steps over all paths");
}

static void facts_of_memory_and_branches(void **state)
{
	(void)state;
	FACTS(r, PACKET, NEEDS(34), LDX(H, 5, 2, 12), MOVX(4, 2), ADD(4, 20), JX(EBPF_JGT, 4, 3, 1), LDX(B, 5, 4, 0),
	      STX(DW, 10, 2, -32), PASS);
	assert_int_equal(r.c.facts[0].mem.region, R_CTX);
	assert_int_equal(r.c.facts[1].mem.off, 4);
	assert_int_equal(r.c.facts[3].dst.region, R_PKT);
	assert_int_equal(r.c.facts[4].dst.off, 34);
	assert_int_equal(r.c.facts[4].src.region, R_PKT_END);
	assert_false(r.c.facts[4].taken_never);
	assert_false(r.c.facts[4].taken_always);
	assert_int_equal(r.c.facts[7].mem.region, R_PKT);
	assert_true(r.c.facts[7].mem.off_known);
	assert_int_equal(r.c.facts[7].mem.off, 12);
	assert_true(r.c.facts[10].taken_never); /* the first check covers it */
	assert_int_equal(r.c.facts[11].mem.off, 20);
	assert_int_equal(r.c.facts[12].mem.region, R_STACK);
	assert_int_equal(r.c.facts[12].mem.off, -32);
	assert_int_equal(r.c.facts[12].src.region, R_PKT);
	assert_int_equal(r.c.stack_used, 32);
	free(r.mem);
}

static void facts_differ_between_paths(void **state)
{
	(void)state;
	FACTS(r, PACKET, NEEDS(34), LDX(B, 5, 2, 0), MOV(6, 1), J(EBPF_JEQ, 5, 4, 2), ADD(2, 4), MOV(6, 2), LDX(W, 0, 2, 8),
	      ADDX(0, 6), EXIT);
	assert_int_equal(r.c.facts[12].mem.region, R_PKT);
	assert_false(r.c.facts[12].mem.off_known);
	assert_int_equal(r.c.facts[13].src.region, R_SCALAR);
	assert_false(r.c.facts[13].src.off_known);
	free(r.mem);
}

static void facts_of_calls(void **state)
{
	(void)state;
	FACTS(r, MOV(4, 5), LOOKUP(HASH_MAP), J(EBPF_JNE, 0, 0, 2), MOV(0, 1), EXIT, J(EBPF_JEQ, 0, 0, 1), LDX(DW, 0, 0, 0), PASS);
	assert_int_equal(r.c.facts[6].arg[0].region, R_MAP_PTR);
	assert_int_equal(r.c.facts[6].arg[0].map, HASH_MAP);
	assert_int_equal(r.c.facts[6].arg[1].region, R_STACK);
	assert_int_equal(r.c.facts[6].arg[1].off, -4);
	assert_int_equal(r.c.facts[6].arg[2].region, R_NONE);
	assert_true(r.c.facts[4].reachable);
	assert_false(r.c.facts[5].reachable); /* second half of LDDW */
	assert_int_equal(r.c.facts[7].dst.region, R_MAP_VALUE_OR_NULL);
	assert_true(r.c.facts[10].taken_never);
	assert_int_equal(r.c.facts[11].mem.region, R_MAP_VALUE);
	assert_int_equal(r.c.facts[11].mem.map, HASH_MAP);
	free(r.mem);
}

static void impossible_code_has_no_facts(void **state)
{
	(void)state;
	FACTS(r, MOV(0, 1), J(EBPF_JEQ, 0, 1, 1), LDX(DW, 0, 9, 0), EXIT);
	assert_true(r.c.facts[1].taken_always);
	assert_false(r.c.facts[1].taken_never);
	assert_false(r.c.facts[2].reachable);
	free(r.mem);
}

static void expect_map(struct prog_map m, const char *sentence)
{
	const struct ebpf_insn insns[] = { PASS };
	struct run r;

	run_prog(&r, insns, 2, &m, 1);
	assert_string_equal(r.diag.text, sentence);
	assert_int_equal(r.diag.insn, *sentence ? -1 : 0);
	free(r.mem);
}

static void map_definitions(void **state)
{
	(void)state;
	expect_map((struct prog_map){ .name = "m", .type = 1, .key_size = 8, .value_size = 8, .max_entries = 16, .flags = 1 }, "");
	expect_map((struct prog_map){ .name = "m", .type = 7, .key_size = 8, .value_size = 8, .max_entries = 16 }, "map m is of type STACK_TRACE, which the NIC does not have");
	expect_map((struct prog_map){ .name = "m", .type = 99, .key_size = 8, .value_size = 8, .max_entries = 16 }, "map m is of type 99, which the NIC does not have");
	expect_map((struct prog_map){ .name = "m", .type = 2, .key_size = 4, .value_size = 8, .max_entries = 16, .flags = 1 },
		   "map m of type ARRAY has the flag BPF_F_NO_PREALLOC, which such maps can't have");
	expect_map((struct prog_map){ .name = "m", .type = 2, .key_size = 4, .value_size = 8, .max_entries = 16, .flags = 0x800 },
		   "map m of type ARRAY has the flag BPF_F_PRESERVE_ELEMS, which such maps can't have");
	expect_map((struct prog_map){ .name = "m", .type = 1, .key_size = 4, .value_size = 8, .max_entries = 16, .flags = 0x80000000 },
		   "map m has the flag 0x80000000, which the NIC can't honour");
	expect_map((struct prog_map){ .name = "m", .type = 2, .key_size = 8, .value_size = 8, .max_entries = 16 },
		   "the key of array map m has 8 bytes, and an array index has 4");
	expect_map((struct prog_map){ .name = "m", .type = 1, .key_size = 65, .value_size = 8, .max_entries = 16 }, "the key of map m has 65 bytes, and the NIC takes 1 to 64");
	expect_map((struct prog_map){ .name = "m", .type = 1, .key_size = 0, .value_size = 8, .max_entries = 16 }, "the key of map m has 0 bytes, and the NIC takes 1 to 64");
	expect_map((struct prog_map){ .name = "m", .type = 1, .key_size = 4, .value_size = 0, .max_entries = 16 },
		   "the value of map m has 0 bytes, and the NIC takes 1 to 536870912");
	expect_map((struct prog_map){ .name = "m", .type = 1, .key_size = 4, .value_size = 8, .max_entries = 0 }, "map m has no entries");
	expect_map((struct prog_map){ .name = "m", .type = 2, .key_size = 4, .value_size = 4, .max_entries = 1, .init = constants, .init_size = 8 },
		   "map m has 8 bytes of initial data and values of 4 bytes");
}

static void limits(void **state)
{
	static struct ebpf_insn many[65537];
	static struct prog_map seventeen[17];
	const struct ebpf_insn insns[] = { PASS };
	struct run r;

	(void)state;
	run_prog(&r, insns, 0, NULL, 0);
	assert_string_equal(r.diag.text, "the program has no instructions");
	free(r.mem);
	run_prog(&r, many, 65537, NULL, 0);
	assert_string_equal(r.diag.text, "the program has 65537 instructions, and at most 65536 are taken");
	free(r.mem);
	run_prog(&r, insns, 2, seventeen, 17);
	assert_string_equal(r.diag.text, "the program uses 17 maps, and the NIC has room for 16");
	free(r.mem);
}

static void too_little_memory_is_an_error(void **state)
{
	const struct ebpf_insn insns[] = { PASS };
	struct diag diag = { 0 };
	struct prog prog = { .insns = insns, .n_insns = 2 };
	struct arena arena;
	struct compile c = { .arena = &arena, .prog = &prog, .target = &target, .diag = &diag };
	uint8_t *mem = malloc(verify_mem_size(2));

	(void)state;
	for (size_t size = 0; size < 20000; size += 100) {
		memset(&diag, 0, sizeof(diag));
		arena_init(&arena, mem, size);
		assert_int_equal(verify_run(&c), -1);
		assert_memory_equal(diag.text, "out of memory", 13);
	}
	free(mem);
}

static void all_but_the_facts_is_given_back(void **state)
{
	(void)state;
	FACTS(r, PASS);
	assert_true((size_t)((uint8_t *)r.mem + verify_mem_size(2) - r.arena.at) > verify_mem_size(2) - 4096);
	free(r.mem);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(encodings),
		cmocka_unit_test(every_operation_of_v4),
		cmocka_unit_test(control_flow),
		cmocka_unit_test(loops),
		cmocka_unit_test(counted_loops),
		cmocka_unit_test(functions),
		cmocka_unit_test(frames_share_the_stack),
		cmocka_unit_test(calls_are_nested_so_deep),
		cmocka_unit_test(copies_have_a_limit),
		cmocka_unit_test(facts_of_frames),
		cmocka_unit_test(numbers_that_matter),
		cmocka_unit_test(what_follows_matters),
		cmocka_unit_test(registers),
		cmocka_unit_test(context),
		cmocka_unit_test(packet),
		cmocka_unit_test(variable_packet_offsets),
		cmocka_unit_test(metadata),
		cmocka_unit_test(stack),
		cmocka_unit_test(map_values),
		cmocka_unit_test(global_data),
		cmocka_unit_test(helpers),
		cmocka_unit_test(pointers_are_no_numbers),
		cmocka_unit_test(paths),
		cmocka_unit_test(many_paths_are_merged),
		cmocka_unit_test(what_was_forgotten_is_found_again),
		cmocka_unit_test(large_programs_take_no_longer_per_instruction),
		cmocka_unit_test(too_many_paths_are_refused),
		cmocka_unit_test(facts_of_memory_and_branches),
		cmocka_unit_test(facts_differ_between_paths),
		cmocka_unit_test(facts_of_calls),
		cmocka_unit_test(impossible_code_has_no_facts),
		cmocka_unit_test(map_definitions),
		cmocka_unit_test(limits),
		cmocka_unit_test(too_little_memory_is_an_error),
		cmocka_unit_test(all_but_the_facts_is_given_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
