// SPDX-License-Identifier: Apache-2.0
/* What the compiler works out by itself must be what the instruction does: every operation on every pair of telling operands, once with both
 * known while compiling; the answer must be the verdict of the one exit that is left. */
#include "pass.h"

static const uint64_t telling[] = {
	0, 1, 2, 3, 7, 8, 31, 32, 33, 63, 64, 127, 128, 255, 256, 0x7fffffff, 0x80000000, 0x80000001, 0xffffffff, 0x100000000,
	0x7fffffffffffffff, 0x8000000000000000, 0xffffffff80000000, 0xfffffffffffffffe, 0xffffffffffffffff, 0x0123456789abcdef,
};
enum { N_TELLING = sizeof(telling) / sizeof(*telling) };

static uint64_t divided(int op, int is_signed, int w, uint64_t x, uint64_t y)
{
	int64_t sx = w ? (int32_t)x : (int64_t)x, sy = w ? (int32_t)y : (int64_t)y;
	__int128 q, r;

	if (!y)
		return op == EBPF_DIV ? 0 : x;
	if (!is_signed)
		return op == EBPF_DIV ? x / y : x % y;
	q = (__int128)sx / sy;
	r = (__int128)sx % sy;
	return (uint64_t)(op == EBPF_DIV ? q : r);
}

static uint64_t expected(int op, int off, int w, uint64_t x, uint64_t y)
{
	unsigned int width = w ? 32 : 64;
	uint64_t r;

	if (w) {
		x = (uint32_t)x;
		y = (uint32_t)y;
	}
	switch (op) {
	case EBPF_ADD: r = x + y; break;
	case EBPF_SUB: r = x - y; break;
	case EBPF_MUL: r = x * y; break;
	case EBPF_OR: r = x | y; break;
	case EBPF_AND: r = x & y; break;
	case EBPF_XOR: r = x ^ y; break;
	case EBPF_LSH: r = x << y % width; break;
	case EBPF_RSH: r = x >> y % width; break;
	case EBPF_ARSH: r = w ? (uint64_t)((int32_t)x >> y % width) : (uint64_t)((int64_t)x >> y % width); break;
	case EBPF_MOV: r = y; break;
	default: r = divided(op, off, w, x, y); break;
	}
	return w ? (uint32_t)r : r;
}

static void put_const(struct jit *j, unsigned int reg, uint64_t imm)
{
	jit_put(j, EBPF_LDDW, reg, 0, 0, (int32_t)imm);
	jit_put(j, 0, 0, 0, 0, (int32_t)(imm >> 32));
}

/* The verdict of a program that has been folded to one exit. */
static uint32_t folded_verdict(struct jit *j)
{
	struct value *v;
	uint32_t verdict;

	j->prog = (struct prog){ .name = "fold", .section = "xdp", .insns = j->insns, .n_insns = j->n };
	j->target = target_default;
	jit_open(j);
	assert_int_equal(build_run(&j->c) || opt_fold_run(&j->c) || opt_branch_run(&j->c) || opt_fold_run(&j->c) || opt_dead_run(&j->c), 0);
	v = j->c.func->rpo[0]->first;
	assert_int_equal(v->op, IR_EXIT);
	v = ir_resolve(v->arg[0]);
	assert_int_equal(v->op, IR_CONST);
	verdict = (uint32_t)v->imm;
	jit_close(j);
	return verdict;
}

static void check(int op, int off, int w, uint64_t x, uint64_t y, unsigned int shift)
{
	static struct jit j;

	memset(&j, 0, sizeof(j));
	put_const(&j, 2, x);
	put_const(&j, 3, y);
	jit_put(&j, (w ? EC_ALU : EC_ALU64) | op | EBPF_X, 2, 3, off, 0);
	jit_put(&j, EC_ALU64 | EBPF_MOV | EBPF_X, 0, 2, 0, 0);
	jit_put(&j, EC_ALU64 | EBPF_RSH, 0, 0, 0, (int)shift);
	jit_put(&j, EC_JMP | EBPF_EXIT, 0, 0, 0, 0);
	if (folded_verdict(&j) != (uint32_t)(expected(op, off, w, x, y) >> shift))
		fail_msg("op 0x%x off %d w %d of 0x%llx 0x%llx", op, off, w, (unsigned long long)x, (unsigned long long)y);
}

static void constants_are_computed_right(void **state)
{
	static const struct { int op, off; } ops[] = {
		{ EBPF_ADD, 0 }, { EBPF_SUB, 0 }, { EBPF_MUL, 0 }, { EBPF_DIV, 0 }, { EBPF_DIV, 1 }, { EBPF_MOD, 0 }, { EBPF_MOD, 1 },
		{ EBPF_OR, 0 }, { EBPF_AND, 0 }, { EBPF_XOR, 0 }, { EBPF_LSH, 0 }, { EBPF_RSH, 0 }, { EBPF_ARSH, 0 }, { EBPF_MOV, 0 },
	};

	(void)state;
	for (size_t op = 0; op < sizeof(ops) / sizeof(*ops); op++)
		for (int x = 0; x < N_TELLING; x++)
			for (int y = 0; y < N_TELLING; y++)
				for (int w = 0; w < 2; w++)
					check(ops[op].op, ops[op].off, w, telling[x], telling[y], 32U * ((unsigned int)(x + y) & 1));
}

static int compares(int op, int w, uint64_t x, uint64_t y)
{
	int64_t sx = w ? (int32_t)x : (int64_t)x, sy = w ? (int32_t)y : (int64_t)y;

	if (w) {
		x = (uint32_t)x;
		y = (uint32_t)y;
	}
	switch (op) {
	case EBPF_JEQ: return x == y;
	case EBPF_JNE: return x != y;
	case EBPF_JGT: return x > y;
	case EBPF_JGE: return x >= y;
	case EBPF_JLT: return x < y;
	case EBPF_JLE: return x <= y;
	case EBPF_JSGT: return sx > sy;
	case EBPF_JSGE: return sx >= sy;
	case EBPF_JSLT: return sx < sy;
	case EBPF_JSLE: return sx <= sy;
	default: return (x & y) != 0;
	}
}

static const struct { int jump, cc; } ops[] = {
	{ EBPF_JEQ, OP_JEQ }, { EBPF_JNE, OP_JNE }, { EBPF_JGT, OP_JGT }, { EBPF_JGE, OP_JGE }, { EBPF_JLT, OP_JLT },
	{ EBPF_JLE, OP_JLE }, { EBPF_JSGT, OP_JSGT }, { EBPF_JSGE, OP_JSGE }, { EBPF_JSLT, OP_JSLT }, { EBPF_JSLE, OP_JSLE },
	{ EBPF_JSET, OP_JSET },
};

static void conditions_are_decided_right(void **state)
{
	(void)state;
	for (size_t op = 0; op < sizeof(ops) / sizeof(*ops); op++)
		for (int n = 0; n < N_TELLING * N_TELLING; n++)
			for (int w = 0; w < 2; w++)
				assert_int_equal(ir_holds(ops[op].cc, w, telling[n / N_TELLING], telling[n % N_TELLING]),
						 compares(ops[op].jump, w, telling[n / N_TELLING], telling[n % N_TELLING]));
}

/* The packet's length, asked for twice. */
static void what_is_the_same_is_known(void **state)
{
	static struct jit j;

	(void)state;
	for (size_t op = 0; op < sizeof(ops) / sizeof(*ops); op++)
		for (int w = 0; w < 2 && ops[op].jump != EBPF_JSET; w++) {
			memset(&j, 0, sizeof(j));
			for (unsigned int to = 4; to < 6; to++) {
				jit_put(&j, EC_LDX | EBPF_MEM | EBPF_W, 2, 1, 0, 0);
				jit_put(&j, EC_LDX | EBPF_MEM | EBPF_W, to, 1, 4, 0);
				jit_put(&j, EC_ALU64 | EBPF_SUB | EBPF_X, to, 2, 0, 0);
			}
			jit_put(&j, EC_ALU64 | EBPF_MOV, 0, 0, 0, 1);
			jit_put(&j, (w ? EC_JMP32 : EC_JMP) | ops[op].jump | EBPF_X, 4, 5, 1, 0);
			jit_put(&j, EC_ALU64 | EBPF_MOV, 0, 0, 0, 2);
			jit_put(&j, EC_JMP | EBPF_EXIT, 0, 0, 0, 0);
			assert_int_equal(folded_verdict(&j), compares(ops[op].jump, w, 5, 5) ? 1 : 2);
		}
}

/* ---- shapes ---- */

/* What a mask keeps whole is a field of what was masked; the stack is known by its pointers, and so is a map by what a lookup gives. */
static void fields_look_through(void **state)
{
	static struct jit j;

	(void)state;
	pass_program(&j);
	jit_put(&j, EC_ALU64 | EBPF_MOV | EBPF_X, 3, 7, 0, 0);
	jit_put(&j, EC_ALU | EBPF_AND, 3, 0, 0, -65536);
	jit_put(&j, EC_ALU | EBPF_RSH, 3, 0, 0, 16);
	pass_store(&j, EBPF_DW, 6, 16, 3);
	pass_open_until(&j, opt_copy_run);
	assert_int_equal(pass_count(&j, IR_AND), 1); /* nobody has dropped it yet */
	for (uint32_t n = 0; n < j.c.func->n_rpo; n++)
		for (const struct value *v = j.c.func->rpo[n]->first; v; v = v->next)
			if (v->op == IR_UBFX)
				assert_int_equal(ir_resolve(v->arg[0])->op, IR_SPECIAL);
	assert_int_equal(pass_count(&j, IR_UBFX), 1);
	jit_close(&j);
}

/* A value in a map or on the stack: which of the two is asked where ways meet, and known on each way that has a copy. */
static void pointers_are_known(void **state)
{
	static struct jit j;

	(void)state;
	for (int copies = 0; copies < 2; copies++) {
		pass_program(&j);
		jit_put(&j, EC_ST | EBPF_MEM | EBPF_W, 10, 0, -20, 1);
		jit_put(&j, EC_ST | EBPF_MEM | EBPF_DW, 10, 0, -32, 5);
		pass_map_and_key(&j, HASH, -20);
		jit_put(&j, EC_JMP | EBPF_CALL, 0, 0, 0, HELPER_MAP_LOOKUP_ELEM);
		pass_skip(&j, EBPF_JNE, 0, 0, 2);
		jit_put(&j, EC_ALU64 | EBPF_MOV | EBPF_X, 0, 10, 0, 0);
		jit_put(&j, EC_ALU64 | EBPF_ADD, 0, 0, 0, -32);
		pass_load(&j, EBPF_DW, 3, 0, 0);
		pass_store(&j, EBPF_DW, 6, 16, 3);
		pass_open(&j);
		j.c.careful = !copies;
		pass_until(&j, opt_branch_run);
		assert_int_equal(opt_dead_run(&j.c), 0);
		assert_int_equal(pass_count(&j, IR_UBFX), !copies);
		jit_close(&j);
	}
}

/* 0x8899aabb at 8 of the packet, its last half written again as 0xccdd; what a read from there on is known to be. */
static int64_t number_read(int size, int at, int end)
{
	static struct jit j;
	const struct value *v = NULL;
	int64_t read;

	pass_program(&j);
	jit_put(&j, EC_ST | EBPF_MEM | EBPF_W, 6, 0, 8, (int32_t)0x8899aabb);
	jit_put(&j, EC_ST | EBPF_MEM | EBPF_H, 6, 0, 10, 0xccdd);
	pass_load(&j, size, 3, 6, at);
	if (end)
		jit_put(&j, EC_ALU | EBPF_END | EBPF_X, 3, 0, 0, size == EBPF_W ? 32 : 16);
	pass_store(&j, EBPF_DW, 10, -8, 3);
	pass_load(&j, EBPF_DW, 0, 10, -8);
	jit_put(&j, EC_JMP | EBPF_EXIT, 0, 0, 0, 0);
	jit_finish(&j);
	jit_open(&j);
	pass_until(&j, opt_copy_run);
	for (uint32_t n = 0; n < j.c.func->n_rpo; n++)
		for (const struct value *x = j.c.func->rpo[n]->first; x; x = x->next)
			if (x->op == IR_EXIT && !(ir_is_const(ir_resolve(x->arg[0])) && ir_resolve(x->arg[0])->imm == 2))
				v = ir_resolve(x->arg[0]);
	assert_non_null(v);
	read = ir_is_const(v) ? v->imm : -1;
	jit_close(&j);
	return read;
}

static void what_is_stored_is_known(void **state)
{
	(void)state;
	assert_int_equal(number_read(EBPF_W, 8, 0), 0xccddaabb);
	assert_int_equal(number_read(EBPF_W, 8, 1), 0xbbaaddcc);
	assert_int_equal(number_read(EBPF_H, 9, 0), 0xddaa);
	assert_int_equal(number_read(EBPF_H, 9, 1), 0xaadd);
	assert_int_equal(number_read(EBPF_B, 11, 0), 0xcc);
	assert_int_equal(number_read(EBPF_H, 11, 0), -1);
	assert_int_equal(number_read(EBPF_H, 7, 0), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(constants_are_computed_right),
		cmocka_unit_test(conditions_are_decided_right),
		cmocka_unit_test(what_is_the_same_is_known),
		cmocka_unit_test(fields_look_through),
		cmocka_unit_test(pointers_are_known),
		cmocka_unit_test(what_is_stored_is_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
