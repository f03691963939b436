// SPDX-License-Identifier: Apache-2.0
/* What a comparison of a copy with a constant added teaches of what was copied (verify_origin.c); test_range.c has the numbers. */
#include "verifier.h"

enum { ARRAY, MAPS };

static const struct prog_map maps[MAPS] = {
	[ARRAY] = { .name = "array", .type = MAP_TYPE_ARRAY, .key_size = 4, .value_size = 16, .max_entries = 1 },
};

#define J32(op, d, i, o) INSN(EC_JMP32 | (op), d, 0, o, i)
/* r0 = a value of 16 bytes, r8 = so much of the packet; 17 slots */
#define START(size) PACKET, NEEDS(14), LDX(size, 8, 2, 0), LOOKUP(ARRAY), J(EBPF_JNE, 0, 0, 2), PASS
#define TOUCH ADDX(0, 8), LDX(B, 0, 0, 0), PASS
#define OUTSIDE "the variable offset can lead outside the 16-byte value of map array"

#define UNBOUNDED "a map value pointer is moved by a number that could be negative without bound"

static void copies_teach_their_origin(void **state)
{
	(void)state;
	ACCEPT(START(B), MOVX(1, 8), ADD(1, -3), J(EBPF_JLE, 1, 12, 2), PASS, TOUCH);
	ACCEPT(START(B), MOVX(1, 8), ADD(1, -3), J(EBPF_JGT, 1, 12, 4), TOUCH, PASS);
	ACCEPT(START(DW), MOVX(1, 8), ADD(1, -16), J(EBPF_JLT, 1, -16, 4), TOUCH, PASS);
	ACCEPT(START(H), ALU32X(EBPF_MOV, 1, 8), ALU32(EBPF_ADD, 1, -16), J32(EBPF_JLT, 1, -13, 4), TOUCH, PASS);
	ACCEPT(START(W), ALU32X(EBPF_MOV, 1, 8), MOV(2, 7), ALU32(EBPF_ADD, 1, 5), MOV(3, 7), J32(EBPF_JGT, 1, 20, 5),
	       J32(EBPF_JLT, 1, 5, 4), TOUCH, PASS);
}

static void others_do_not(void **state)
{
	(void)state;
	REFUSE(23, OUTSIDE, START(B), MOVX(1, 8), ADD(1, -3), J(EBPF_JLE, 1, 13, 2), PASS, TOUCH);         /* to 16 */
	REFUSE(21, OUTSIDE, START(B), MOVX(1, 8), ADD(1, -3), J(EBPF_JLE, 1, 12, 4), TOUCH, PASS);         /* the other way */
	REFUSE(24, OUTSIDE, START(B), MOVX(1, 8), ADD(8, 1), ADD(1, -3), J(EBPF_JLE, 1, 12, 2), PASS, TOUCH); /* moved since */
	REFUSE(24, OUTSIDE, START(B), MOVX(1, 8), ADD(1, -3), ADD(8, 1), J(EBPF_JLE, 1, 12, 2), PASS, TOUCH);
	REFUSE(25, OUTSIDE, START(B), LDX(B, 1, 0, 0), J(EBPF_JNE, 8, 99, 1), MOVX(1, 8), ADD(1, -3), J(EBPF_JLE, 1, 12, 2), PASS, TOUCH); /* most come round it */
	REFUSE(22, UNBOUNDED, START(DW), ALU32X(EBPF_MOV, 1, 8), ALU32(EBPF_ADD, 1, -3), J32(EBPF_JLE, 1, 12, 2), PASS, TOUCH); /* only its lower half */
	REFUSE(22, UNBOUNDED, START(DW), MOVX(1, 8), ALU32(EBPF_ADD, 1, -3), J(EBPF_JLE, 1, 12, 2), PASS, TOUCH);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(copies_teach_their_origin),
		cmocka_unit_test(others_do_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
