// SPDX-License-Identifier: Apache-2.0
/* Soundness of the verifier's ranges: whatever numbers a range stands for, the result stands for
 * what the machine makes of them. Ranges are built from sampled numbers, so that every sample must
 * be found again in the result. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include "verify.h"

enum { ROUNDS = 20000, SAMPLES = 5 };

static uint64_t seed;

static uint64_t next_random(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

/* Mostly numbers near limits, where carries and signs go wrong. */
static uint64_t next_number(void)
{
	static const uint64_t corners[] = {
		0,
		1,
		2,
		0x7f,
		0xff,
		0xffff,
		0x7fffffff,
		0x80000000,
		0xffffffff,
		0x100000000,
		0x7fffffffffffffff,
		0x8000000000000000,
		0xffffffffffffffff,
		0xffffffff80000000,
	};
	uint64_t r = next_random();

	switch (r & 3) {
	case 0:
		return r >> 8 & 0x3f;
	case 1:
		return corners[(r >> 8) % (sizeof(corners) / sizeof(*corners))] + (r >> 16 & 3) - 1;
	case 2:
		return r >> (8 + (r >> 2 & 31));
	default:
		return next_random();
	}
}

struct sampled {
	struct range range;
	uint64_t value[SAMPLES];
};

static int holds(const struct range *r, uint64_t v)
{
	return (v & ~r->mask) == r->value && r->umin <= v && v <= r->umax &&
	       r->smin <= (int64_t)v && (int64_t)v <= r->smax && r->wmin <= (int32_t)v && (int32_t)v <= r->wmax;
}

static void sample(struct sampled *s)
{
	uint64_t base = next_number(), spread = next_random() % 6;

	for (int n = 0; n < SAMPLES; n++) {
		struct range one;

		s->value[n] = spread == 0  ? base
			      : spread < 3 ? base + next_random() % 8
					   : next_number();
		range_const(&one, s->value[n]);
		if (n)
			range_join(&s->range, &one);
		else
			s->range = one;
	}
	if (next_random() & 1)
		assert_true(range_settle(&s->range));
}

/* RFC 9669 section 4.1 */
static uint64_t compute(int op, uint64_t a, uint64_t b, int is64, int off)
{
	uint64_t bits = is64 ? 63 : 31;

	if (!is64) {
		a = (uint32_t)a;
		b = (uint32_t)b;
	}
	switch (op) {
	case EBPF_ADD:
		a += b;
		break;
	case EBPF_SUB:
		a -= b;
		break;
	case EBPF_MUL:
		a *= b;
		break;
	case EBPF_DIV:
		if (!b)
			a = 0;
		else if (!off)
			a /= b;
		else if (!is64)
			a = (uint64_t)((int64_t)(int32_t)a / (int32_t)b);
		else
			a = b == UINT64_MAX ? -a : (uint64_t)((int64_t)a / (int64_t)b);
		break;
	case EBPF_MOD:
		if (b && !off)
			a %= b;
		else if (b && !is64)
			a = (uint64_t)((int64_t)(int32_t)a % (int32_t)b);
		else if (b)
			a = b == UINT64_MAX ? 0 : (uint64_t)((int64_t)a % (int64_t)b);
		break;
	case EBPF_OR:
		a |= b;
		break;
	case EBPF_AND:
		a &= b;
		break;
	case EBPF_XOR:
		a ^= b;
		break;
	case EBPF_LSH:
		a <<= b & bits;
		break;
	case EBPF_RSH:
		a >>= b & bits;
		break;
	case EBPF_ARSH:
		a = is64 ? (uint64_t)((int64_t)a >> (b & bits))
			 : (uint64_t)((int64_t)(int32_t)a >> (b & bits));
		break;
	default:
		a = -a; /* NEG */
	}
	return is64 ? a : (uint32_t)a;
}

static int compare(int op, uint64_t a, uint64_t b, int is64)
{
	int64_t sa = is64 ? (int64_t)a : (int32_t)a, sb = is64 ? (int64_t)b : (int32_t)b;

	if (!is64) {
		a = (uint32_t)a;
		b = (uint32_t)b;
	}
	switch (op) {
	case EBPF_JEQ:
		return a == b;
	case EBPF_JNE:
		return a != b;
	case EBPF_JGT:
		return a > b;
	case EBPF_JGE:
		return a >= b;
	case EBPF_JLT:
		return a < b;
	case EBPF_JLE:
		return a <= b;
	case EBPF_JSET:
		return !!(a & b);
	case EBPF_JSGT:
		return sa > sb;
	case EBPF_JSGE:
		return sa >= sb;
	case EBPF_JSLT:
		return sa < sb;
	default:
		return sa <= sb;
	}
}

static void arithmetic_keeps_every_result(void **state)
{
	static const int ops[] = { EBPF_ADD, EBPF_SUB, EBPF_MUL, EBPF_DIV, EBPF_OR,  EBPF_AND,
				   EBPF_LSH, EBPF_RSH, EBPF_NEG, EBPF_MOD, EBPF_XOR, EBPF_ARSH };

	(void)state;
	seed = 1;
	for (int round = 0; round < ROUNDS; round++) {
		for (size_t n = 0; n < sizeof(ops) / sizeof(*ops); n++) {
			int is64 = round & 1,
			    off = round >> 1 & 1 && (ops[n] == EBPF_DIV || ops[n] == EBPF_MOD);
			struct sampled a, b;
			struct range r;

			sample(&a);
			sample(&b);
			r = a.range;
			range_alu(&r, &b.range, ops[n], is64, off);
			for (int i = 0; i < SAMPLES * SAMPLES; i++)
				assert_true(holds(&r, compute(ops[n], a.value[i / SAMPLES],
							      b.value[i % SAMPLES], is64, off)));
		}
	}
}

static void constants_stay_constants(void **state)
{
	static const int ops[] = { EBPF_ADD, EBPF_SUB, EBPF_MUL, EBPF_DIV, EBPF_OR,  EBPF_AND,
				   EBPF_LSH, EBPF_RSH, EBPF_NEG, EBPF_MOD, EBPF_XOR, EBPF_ARSH };

	(void)state;
	seed = 2;
	for (int round = 0; round < ROUNDS; round++) {
		for (size_t n = 0; n < sizeof(ops) / sizeof(*ops); n++) {
			uint64_t a = next_number(), b = next_number();
			struct range r, by;

			range_const(&r, a);
			range_const(&by, b);
			range_alu(&r, &by, ops[n], round & 1, 0);
			assert_true(range_is_const(&r));
			assert_int_equal(r.value, compute(ops[n], a, b, round & 1, 0));
		}
	}
}

static void branches_keep_every_pair(void **state)
{
	static const int ops[] = { EBPF_JEQ,  EBPF_JNE,	 EBPF_JGT,  EBPF_JGE,  EBPF_JLT, EBPF_JLE,
				   EBPF_JSET, EBPF_JSGT, EBPF_JSGE, EBPF_JSLT, EBPF_JSLE };

	(void)state;
	seed = 3;
	for (int round = 0; round < ROUNDS; round++) {
		for (size_t n = 0; n < sizeof(ops) / sizeof(*ops); n++) {
			int is64 = round & 1;
			struct sampled a, b;

			sample(&a);
			sample(&b);
			for (int i = 0; i < SAMPLES * SAMPLES; i++) {
				uint64_t x = a.value[i / SAMPLES], y = b.value[i % SAMPLES];
				struct range rx = a.range, ry = b.range;
				int holds_op = compare(ops[n], x, y, is64);

				assert_true(range_assume(&rx, &ry, ops[n], !holds_op, is64));
				assert_true(holds(&rx, x));
				assert_true(holds(&ry, y));
			}
		}
	}
}

static void conversions_keep_every_number(void **state)
{
	static const unsigned int widths[] = { 8, 16, 32 };

	(void)state;
	seed = 4;
	for (int round = 0; round < ROUNDS; round++) {
		unsigned int bits = widths[round % 3], swap_bits = 16U << round % 3;
		struct sampled a;
		struct range low, sign, swapped, cut;

		sample(&a);
		low = sign = swapped = cut = a.range;
		range_low32(&low);
		range_sign_extend(&sign, bits);
		range_swap(&swapped, swap_bits, 1);
		range_swap(&cut, swap_bits, 0);
		for (int n = 0; n < SAMPLES; n++) {
			uint64_t v = a.value[n];

			assert_true(holds(&low, (uint32_t)v));
			assert_true(holds(&sign,
					  (uint64_t)((int64_t)(v << (64 - bits)) >> (64 - bits))));
			assert_true(holds(&swapped, __builtin_bswap64(v) >> (64 - swap_bits)));
			assert_true(holds(&cut, v << (64 - swap_bits) >> (64 - swap_bits)));
		}
	}
}

/* A number is known again from what is known of its copy with a constant added. */
static void origins_keep_every_number(void **state)
{
	(void)state;
	seed = 5;
	for (int round = 0; round < ROUNDS; round++) {
		struct origin o = { .added = (int32_t)next_number(), .moves64 = next_random() & 1, .adds64 = next_random() & 1 };
		struct range copy, origin, one;
		struct sampled s;

		sample(&s);
		for (int n = 0; n < SAMPLES; n++) {
			uint64_t x = (o.moves64 ? s.value[n] : (uint32_t)s.value[n]) + (uint64_t)o.added;

			range_const(&one, o.adds64 ? x : (uint32_t)x);
			if (n)
				range_join(&copy, &one);
			else
				copy = one;
		}
		assert_true(range_settle(&copy));
		origin = s.range;
		if (round & 1)
			range_unknown(&origin);
		assert_true(origin_learn(&o, &copy, &origin));
		for (int n = 0; n < SAMPLES; n++)
			assert_true(holds(&origin, s.value[n]));
	}
}

static void impossible_branches_are_seen(void **state)
{
	struct range a, b;

	(void)state;
	range_const(&a, 5);
	range_const(&b, 5);
	assert_false(range_assume(&a, &b, EBPF_JEQ, 1, 1));
	range_bits(&a, 8);
	range_const(&b, 255);
	assert_false(range_assume(&a, &b, EBPF_JGT, 0, 1));
	range_bits(&a, 8);
	range_const(&b, 0x100);
	assert_false(range_assume(&a, &b, EBPF_JSET, 0, 1));
	range_unknown(&a);
	range_const(&b, 0);
	assert_false(range_assume(&a, &b, EBPF_JLT, 0, 1));
}

static void learnt_bounds_are_exact(void **state)
{
	struct range a, b;

	(void)state;
	range_bits(&a, 16);
	range_const(&b, 100);
	assert_true(range_assume(&a, &b, EBPF_JGT, 1, 1)); /* not a > 100 */
	assert_int_equal(a.umax, 100);
	range_const(&b, 10);
	assert_true(range_assume(&a, &b, EBPF_JSGE, 0, 0));
	assert_int_equal(a.umin, 10);
	range_const(&b, 2);
	range_alu(&a, &b, EBPF_LSH, 1, 0);
	assert_int_equal(a.umin, 40);
	assert_int_equal(a.umax, 400);
	assert_int_equal(a.mask & 3, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(arithmetic_keeps_every_result),
		cmocka_unit_test(constants_stay_constants),
		cmocka_unit_test(branches_keep_every_pair),
		cmocka_unit_test(conversions_keep_every_number),
		cmocka_unit_test(origins_keep_every_number),
		cmocka_unit_test(impossible_branches_are_seen),
		cmocka_unit_test(learnt_bounds_are_exact),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
