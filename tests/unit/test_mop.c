// SPDX-License-Identifier: Apache-2.0
/* Operations on virtual registers: lists that grow, what kind of operation one is, and how it prints. */
#include "pass.h"

static struct jit j;
static char text[1 << 16];
static size_t length;

static void collect(void *arg, const char *piece, size_t n)
{
	(void)arg;
	assert_true(length + n < sizeof(text));
	memcpy(text + length, piece, n);
	length += n;
	text[length] = '\0';
}

static void lists_grow(void **state)
{
	struct trace t = { 0 };

	(void)state;
	pass_program(&j);
	pass_open_until(&j, opt_now_run);
	for (uint32_t n = 0; n < 1000; n++) {
		struct mop *m = mop_append(&j.c, &t, OP_ADD, n);

		assert_int_equal(t.n_ops, n + 1);
		assert_ptr_equal(m, &t.ops[n]);
		assert_true(m->w.a == SR_ZERO && m->w.b == SR_ZERO && m->w.c == SR_ZERO && !m->dst && !m->target);
		assert_int_equal(mop_vreg(&j.c), n + 1);
		j.c.func->mach.vreg[n + 1].reg = (uint8_t)n;
	}
	for (uint32_t n = 0; n < 1000; n++) {
		const struct vreg *v = &j.c.func->mach.vreg[n + 1];

		assert_int_equal(t.ops[n].insn, n);
		assert_int_equal(v->reg, (uint8_t)n);
		assert_int_equal(v->lanes, 7);
		assert_int_equal(v->lane, LANE_ANY);
	}
	jit_close(&j);
}

static void no_room_is_said(void **state)
{
	struct trace t = { 0 };

	(void)state;
	pass_program(&j);
	pass_open_until(&j, opt_now_run);
	while (arena_alloc(&j.arena, 64))
		;
	j.arena.failed = 0;
	assert_null(mop_append(&j.c, &t, OP_ADD, 0));
	assert_int_equal(mop_vreg(&j.c), 0);
	assert_true(j.arena.failed);
	jit_close(&j);
}

static void kinds_of_operations(void **state)
{
	static const struct { uint8_t op, control, ends; } rows[] = {
		{ OP_ADD, 0, 0 }, { OP_MLOOK, 0, 0 }, { OP_ST, 0, 0 }, { OP_JEQ, 1, 0 }, { OP_JNSET, 1, 0 }, { OP_WJEQ, 1, 0 }, { OP_WJNE4, 1, 0 },
		{ OP_JMP, 1, 1 }, { OP_EXIT, 1, 1 }, { OP_JMPR, 1, 1 },
	};

	(void)state;
	for (size_t n = 0; n < sizeof(rows) / sizeof(*rows); n++) {
		const struct mop m = { .w = { .op = rows[n].op } };

		assert_int_equal(mop_is_control(&m), rows[n].control);
		assert_int_equal(mop_ends(&m), rows[n].ends);
	}
}

/* A code of x says nothing where a register or an immediate stands instead. */
static void readers_of_x(void **state)
{
	struct mop m = { .w = { .op = OP_ADD, .a = SR_ZERO, .b = SR_ZERO, .c = SR_ZERO } };

	(void)state;
	assert_false(mop_reads_x(&m));
	m.w.a = SR_X;
	assert_true(mop_reads_x(&m));
	m.a = 3;
	assert_false(mop_reads_x(&m));
	m.w.b = SR_X;
	assert_true(mop_reads_x(&m));
	m.w.has_imm = 1;
	assert_false(mop_reads_x(&m));
	m.w.c = SR_X;
	assert_true(mop_reads_x(&m));
	m.c = 3;
	assert_false(mop_reads_x(&m));
}

/* Texts are those of isa.def, with virtual registers, and registers once they are known. */
static void operations_print(void **state)
{
	static const struct dump dump = { .write = collect, .stage = "" };
	struct trace second = { .id = 1 }, first = { .next = &second }, *traces[] = { &first, &second };
	uint32_t slots[] = { 1, 0, 2, 0, 3, 0 };
	struct mop *m;

	(void)state;
	pass_program(&j);
	pass_open_until(&j, opt_now_run);
	for (uint32_t n = 1; n <= 3; n++) {
		assert_int_equal(mop_vreg(&j.c), n);
		j.c.func->mach.vreg[n].lane = (uint8_t)(n - 1);
		j.c.func->mach.vreg[n].reg = (uint8_t)(4 + n);
	}
	m = mop_append(&j.c, &first, OP_ADD, 0);
	m->dst = 1;
	m->a = 2;
	m->w.has_imm = 1;
	m->w.imm = (uint32_t)-5;
	m = mop_append(&j.c, &first, OP_LD, 0);
	m->dst = 3;
	m->w.a = SR_FP;
	m->w.off = -16;
	m->w.width = 4;
	m = mop_append(&j.c, &first, OP_JEQ, 0);
	m->a = 3;
	m->target = &second;
	m->w.guard = 1;
	first.slots = slots;
	first.n_bundles = 2;
	j.c.func->mach.trace = traces;
	j.c.func->mach.n_traces = 2;
	j.c.dump = &dump;
	length = 0;
	mop_dump(&j.c);
	assert_string_equal(text, "t0:\n\tadd v1, v2, -5\n\tld4 v3, [fp-16]\n\t?jeq v3, zero, t1\n\t; to t1\nt1:\n");
	length = 0;
	mop_dump_bundles(&j.c, 0);
	assert_string_equal(text, "t0:\n\tadd v1, v2, -5 | nop | ld4 v3, [fp-16]\n\tnop | ?jeq v3, zero, t1 | nop\nt1:\n");
	length = 0;
	mop_dump_bundles(&j.c, 1);
	assert_string_equal(text, "t0:\n\tadd a5, b6, -5 | nop | ld4 c7, [fp-16]\n\tnop | ?jeq c7, zero, t1 | nop\nt1:\n");
	j.c.dump = NULL;
	jit_close(&j);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists_grow),
		cmocka_unit_test(no_room_is_said),
		cmocka_unit_test(kinds_of_operations),
		cmocka_unit_test(readers_of_x),
		cmocka_unit_test(operations_print),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
