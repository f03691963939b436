// SPDX-License-Identifier: Apache-2.0
/* Checksums are added up anew, and stores that others write over are dropped: random programs of stores and checksums leave the same packet before and
 * after each of these passes.
 * Also of fold_sum.c. */
#include "pass.h"

enum { FRAME = 64, WINDOW = 60, PROGRAMS = 400, ADDITIONS = 16 };

static struct jit j;

/* ---- programs ---- */

static void put_call_csum(int off, int size, unsigned int seed)
{
	jit_put(&j, EC_ALU64 | EBPF_MOV, 1, 0, 0, 0);
	jit_put(&j, EC_ALU64 | EBPF_MOV, 2, 0, 0, 0);
	jit_put(&j, EC_ALU64 | EBPF_MOV | EBPF_X, 3, 6, 0, 0);
	jit_put(&j, EC_ALU64 | EBPF_ADD, 3, 0, 0, off);
	jit_put(&j, EC_ALU64 | EBPF_MOV, 4, 0, 0, size);
	if (seed)
		jit_put(&j, EC_ALU64 | EBPF_MOV | EBPF_X, 5, seed, 0, 0);
	else
		jit_put(&j, EC_ALU64 | EBPF_MOV, 5, 0, 0, 0);
	jit_put(&j, EC_JMP | EBPF_CALL, 0, 0, 0, HELPER_CSUM_DIFF);
}

/* The same without the helper: half-words added up, and folded twice. */
static void put_sum_by_hand(int off, int words)
{
	int code = jit_random(&j, 2) ? EC_ALU : EC_ALU64, again = (int)jit_random(&j, 2);

	jit_put(&j, EC_ALU64 | EBPF_MOV, 0, 0, 0, (int)jit_random(&j, 2) * 0x1145);
	for (int n = 0; n < words; n++) {
		pass_load(&j, EBPF_H, 3, 6, off + 2 * n);
		jit_put(&j, code | EBPF_ADD | EBPF_X, 0, 3, 0, 0);
	}
	for (int n = 0; n < 2; n++) {
		jit_put(&j, EC_ALU64 | EBPF_MOV | EBPF_X, 3, 0, 0, 0);
		jit_put(&j, code | EBPF_RSH, 3, 0, 0, 16);
		if (!n || again)
			jit_put(&j, code | EBPF_AND, 0, 0, 0, 0xffff);
		jit_put(&j, code | EBPF_ADD | EBPF_X, 0, 3, 0, 0);
	}
}

/* Of a constant, an input, packet bytes as they are or turned round. */
static void put_store(void)
{
	static const struct { int code, bytes; } sizes[] = { { EBPF_B, 1 }, { EBPF_H, 2 }, { EBPF_W, 4 }, { EBPF_DW, 8 } };
	unsigned int n = jit_random(&j, 4), from = jit_random(&j, 4);
	int step = jit_random(&j, 3) ? sizes[n].bytes : 1, at = (int)jit_random(&j, (uint32_t)(WINDOW - 8) / (uint32_t)step) * step;

	switch (jit_random(&j, 4)) {
	case 0:
		jit_put(&j, EC_ALU64 | EBPF_MOV, 2, 0, 0, (int)jit_random(&j, 0x10000));
		break;
	case 1:
		jit_put(&j, EC_ALU64 | EBPF_MOV | EBPF_X, 2, 7 + jit_random(&j, 2), 0, 0);
		break;
	default:
		pass_load(&j, sizes[from].code, 2, 6, (int)jit_random(&j, WINDOW - 8));
		if (jit_random(&j, 2))
			jit_put(&j, EC_ALU | EBPF_END | EBPF_X, 2, 0, 0, 16 << jit_random(&j, 3));
	}
	pass_store(&j, sizes[n].code, 6, at, 2);
}

static void put_random_program(uint32_t seed)
{
	pass_program(&j);
	j.seed = seed;
	for (uint32_t sums = 1 + jit_random(&j, 3); sums; sums--) {
		int words = (int)jit_random(&j, 14) + 1;

		for (uint32_t n = jit_random(&j, 8); n; n--)
			put_store();
		if (jit_random(&j, 4))
			put_call_csum((int)jit_random(&j, (uint32_t)(WINDOW - 4 * words)), 4 * words, jit_random(&j, 2) ? 7 : 0);
		else
			put_sum_by_hand((int)jit_random(&j, (uint32_t)(WINDOW - 4 * words)), words);
		if (jit_random(&j, 2))
			jit_put(&j, EC_ALU64 | EBPF_XOR, 0, 0, 0, -1);
		pass_store(&j, EBPF_H, 6, (int)jit_random(&j, WINDOW / 2) * 2, 0);
	}
	jit_put(&j, EC_JMP | EBPF_EXIT, 0, 0, 0, 0);
}

/* ---- what they do ---- */

static uint64_t result[1 << 16];

static uint64_t of(struct value *v)
{
	v = ir_resolve(v);
	if (ir_is_const(v))
		return (uint64_t)v->imm;
	if (v->op != IR_SPECIAL)
		return result[v->id];
	return v->imm == SR_LEN || v->imm == SR_DATA_END ? FRAME : v->imm == SR_DATA ? 0 : 0x9e3779b97f4a7c15ULL * (uint64_t)v->imm >> 32 & ((1ULL << v->bits) - 1);
}

static uint64_t swapped(uint64_t x, unsigned int width)
{
	return __builtin_bswap64(x) >> (64 - 8 * width);
}

static uint64_t field(uint64_t x, const struct value *v)
{
	x >>= v->shift;
	assert_false(v->sign);
	return v->len < 64 ? x & ((1ULL << v->len) - 1) : x;
}

static uint64_t window(const struct value *v, const uint8_t *packet)
{
	uint64_t x = 0;

	assert_in_range(v->imm, 0, FRAME - v->width);
	memcpy(&x, packet + v->imm, v->width);
	return field(v->swap ? swapped(x, v->width) : x, v);
}

static uint64_t place(struct value *v)
{
	uint64_t at = of(v->arg[0]) + (uint64_t)v->imm;

	assert_in_range(at, 0, FRAME - v->width);
	return at;
}

static void store(struct value *v, uint8_t *packet)
{
	uint64_t x = of(v->arg[1]);

	if (v->region[0] != R_PKT)
		return;
	x = v->swap ? swapped(x, v->width) : x;
	memcpy(packet + place(v), &x, v->width);
}

static uint64_t load(struct value *v, const uint8_t *packet)
{
	uint64_t x = 0;

	assert_int_equal(v->region[0], R_PKT);
	memcpy(&x, packet + place(v), v->width);
	return v->swap ? swapped(x, v->width) : x;
}

static uint64_t alu(const struct value *v)
{
	uint64_t x = of(v->arg[0]), y = v->arg[1] ? of(v->arg[1]) : 0;

	switch (v->op) {
	case IR_ADD:
		return v->w ? (uint32_t)(x + y) : x + y;
	case IR_AND:
		return v->w ? (uint32_t)(x & y) : x & y;
	case IR_OR:
		return v->w ? (uint32_t)(x | y) : x | y;
	case IR_XOR:
		return v->w ? (uint32_t)(x ^ y) : x ^ y;
	case IR_RSH:
		return v->w ? (uint32_t)x >> (y & 31) : x >> (y & 63);
	case IR_LSH:
		return v->w ? (uint32_t)(x << (y & 31)) : x << (y & 63);
	case IR_UBFX:
		return field(x, v);
	case IR_BSWAP:
		return swapped(x, v->width);
	case IR_MOVH:
		return (uint64_t)v->imm << 32 | (uint32_t)x;
	case IR_OADD:
		return x + y + (x + y < x);
	case IR_FOLD:
		while (x >> 16)
			x = (x & 0xffff) + (x >> 16);
		return x;
	default:
		fail_msg("the test does not know %d", v->op);
		return 0;
	}
}

static uint32_t run(uint8_t *packet)
{
	const struct block *b = j.c.func->entry, *next;

	for (;; b = next) {
		next = b->succ[0];
		for (struct value *v = b->first; v; v = v->next)
			switch (v->op) {
			case IR_ST:
				store(v, packet);
				break;
			case IR_LD:
				result[v->id] = load(v, packet);
				break;
			case IR_WIN:
				result[v->id] = window(v, packet);
				break;
			case IR_BR:
				if (!ir_holds(v->cc, v->w, of(v->arg[0]), of(v->arg[1])))
					next = b->succ[1];
				break;
			case IR_JMP:
				break;
			case IR_EXIT:
				return (uint32_t)of(v->arg[0]);
			default:
				result[v->id] = alu(v);
			}
	}
}

static void fill(uint8_t *packet, uint32_t seed)
{
	for (int n = 0; n < FRAME; n++) {
		uint32_t x = (seed * 2654435761u + (uint32_t)n) * 2246822519u;

		packet[n] = seed % 4 ? (uint8_t)(x >> 24) : seed % 8 ? 0xff : 0;
	}
}

static void packets_stay_the_same(void **state)
{
	unsigned int sums = 0, fewer = 0;

	(void)state;
	for (uint32_t seed = 1; seed <= PROGRAMS; seed++) {
		uint8_t before[FRAME], after[FRAME];
		uint32_t verdict = 0;
		unsigned int stores = 0, additions = 0;

		put_random_program(seed);
		jit_finish(&j);
		jit_open(&j);
		for (size_t n = 0; n < JIT_PASSES && jit_passes[n] != opt_update_run; n++) {
			assert_int_equal(jit_passes[n](&j.c), 0);
			jit_check_ssa(j.c.func);
			if (jit_passes[n] == opt_stack_run) {
				assert_int_equal(opt_dead_run(&j.c), 0);
				stores = pass_count(&j, IR_ST);
				additions = pass_count(&j, IR_OADD);
			}
			if (jit_passes[n] == build_run) {
				fill(before, seed);
				verdict = run(before);
			}
			if (jit_passes[n] != opt_sum_run && jit_passes[n] != opt_over_run && jit_passes[n] != opt_pack_run)
				continue;
			fill(after, seed);
			assert_int_equal(run(after), verdict);
			assert_memory_equal(before, after, FRAME);
			sums += jit_passes[n] == opt_sum_run && pass_count(&j, IR_OADD) < additions;
			fewer += jit_passes[n] == opt_over_run && pass_count(&j, IR_ST) < stores;
		}
		jit_close(&j);
	}
	assert_true(sums > PROGRAMS / 4);
	assert_true(fewer > PROGRAMS / 8);
}

/* ---- shapes ---- */

/* The field of the checksum is cleared, and the sum takes the rest from where it was before. */
static void a_header_is_read_before_it_is_stored(void **state)
{
	(void)state;
	pass_program(&j);
	jit_put(&j, EC_ALU64 | EBPF_MOV, 2, 0, 0, 0);
	pass_store(&j, EBPF_H, 6, 24, 2);
	pass_store(&j, EBPF_W, 6, 26, 7);
	put_call_csum(14, 20, 0);
	pass_store(&j, EBPF_H, 6, 24, 0);
	pass_open_until(&j, opt_over_run);
	assert_int_equal(pass_count(&j, IR_ST), 2);
	for (uint32_t n = 0; n < j.c.func->n_rpo; n++)
		for (const struct value *v = j.c.func->rpo[n]->first; v; v = v->next)
			if (v->op == IR_WIN)
				assert_true(v->imm + v->width <= 24 || v->imm >= 30 || v->imm + v->shift / 8 >= 30 || v->imm + v->shift / 8 + v->len / 8 <= 24);
	jit_close(&j);
}

/* Folded by hand, it is a sum as the helper's: the header's checksum is one addition of numbers as wide as they are there. */
static void sums_by_hand_are_folded_at_once(void **state)
{
	(void)state;
	pass_program(&j);
	put_sum_by_hand(26, 4);
	jit_put(&j, EC_ALU64 | EBPF_XOR, 0, 0, 0, -1);
	pass_store(&j, EBPF_H, 6, 24, 0);
	pass_open_until(&j, opt_sum_run);
	assert_int_equal(pass_count(&j, IR_FOLD), 1);
	assert_int_equal(pass_count(&j, IR_UBFX), 0);
	assert_true(pass_count(&j, IR_WIN) <= 2);
	jit_close(&j);
}

/* Folded once, it may have a carry more than a sum of 16 bits has. */
static void one_fold_is_none(void **state)
{
	(void)state;
	pass_program(&j);
	pass_load(&j, EBPF_W, 0, 6, 26);
	jit_put(&j, EC_ALU64 | EBPF_MOV | EBPF_X, 3, 0, 0, 0);
	jit_put(&j, EC_ALU64 | EBPF_RSH, 3, 0, 0, 16);
	jit_put(&j, EC_ALU64 | EBPF_ADD | EBPF_X, 0, 3, 0, 0);
	pass_store(&j, EBPF_H, 6, 24, 0);
	pass_open_until(&j, opt_sum_run);
	assert_int_equal(pass_count(&j, IR_FOLD), 0);
	jit_close(&j);
}

/* Where much is added up, all lanes do it. */
static void long_sums_take_all_lanes(void **state)
{
	(void)state;
	pass_program(&j);
	for (int n = 0; n < ADDITIONS; n++)
		pass_store(&j, EBPF_W, 6, 60, 7);
	put_call_csum(0, 56, 0);
	pass_store(&j, EBPF_H, 6, 58, 0);
	pass_open_until(&j, opt_sum_run);
	assert_true(pass_count(&j, IR_OADD) < 6);
	assert_true(pass_count(&j, IR_ADD) > 0);
	jit_close(&j);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(packets_stay_the_same),
		cmocka_unit_test(a_header_is_read_before_it_is_stored),
		cmocka_unit_test(sums_by_hand_are_folded_at_once),
		cmocka_unit_test(one_fold_is_none),
		cmocka_unit_test(long_sums_take_all_lanes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
