// SPDX-License-Identifier: Apache-2.0
/* What a comparison of a copy with a constant added teaches of what was copied (verify_origin.c). */
#include "verifier.h"
#include "verify.h"

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
	REFUSE(25, OUTSIDE, START(B), MOVX(1, 7 + 1), J(EBPF_JEQ, 8, 99, 1), MOV(1, 5), ADD(1, -3), J(EBPF_JLE, 1, 12, 2), PASS, TOUCH);
	REFUSE(22, UNBOUNDED, START(DW), ALU32X(EBPF_MOV, 1, 8), ALU32(EBPF_ADD, 1, -3), J32(EBPF_JLE, 1, 12, 2), PASS, TOUCH); /* only its lower half */
	REFUSE(22, UNBOUNDED, START(DW), MOVX(1, 8), ALU32(EBPF_ADD, 1, -3), J(EBPF_JLE, 1, 12, 2), PASS, TOUCH);
}

static uint64_t seed = 88172645463325252;

static uint64_t next_random(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

static uint64_t next_number(void)
{
	uint64_t r = next_random();

	return r & 1 ? next_random() >> (r >> 8 & 63) : (0 - (r >> 2 & 1)) + ((uint64_t)(r >> 3 & 3) << 31) + (r >> 16 & 31) - 16;
}

static int holds(const struct range *r, uint64_t v)
{
	return (v & ~r->mask) == r->value && r->umin <= v && v <= r->umax && r->smin <= (int64_t)v && (int64_t)v <= r->smax &&
	       r->wmin <= (int32_t)v && (int32_t)v <= r->wmax;
}

/* Of some numbers and their copies: none gets lost. */
static void every_number_stays(void **state)
{
	enum { ROUNDS = 20000, NUMBERS = 4 };

	(void)state;
	for (int round = 0; round < ROUNDS; round++) {
		struct origin o = { .added = (int32_t)next_number(), .moves64 = next_random() & 1, .adds64 = next_random() & 1 };
		struct range copy, origin, one;
		uint64_t base = next_number(), number[NUMBERS];

		for (int n = 0; n < NUMBERS; n++) {
			uint64_t c;

			number[n] = round & 1 ? base + next_random() % 16 : next_number();
			c = (o.moves64 ? number[n] : (uint32_t)number[n]) + (uint64_t)o.added;
			range_const(&one, o.adds64 ? c : (uint32_t)c);
			copy = n ? copy : one;
			range_join(&copy, &one);
			range_const(&one, number[n]);
			origin = n ? origin : one;
			range_join(&origin, &one);
		}
		if (round & 2)
			range_unknown(&origin);
		assert_true(range_settle(&copy));
		assert_true(origin_learn(&o, &copy, &origin));
		for (int n = 0; n < NUMBERS; n++)
			assert_true(holds(&origin, number[n]));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(copies_teach_their_origin),
		cmocka_unit_test(others_do_not),
		cmocka_unit_test(every_number_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
