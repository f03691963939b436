// SPDX-License-Identifier: Apache-2.0
/* The copies at the end of a block: whatever they read and write, and in whatever rings, it is as if all were done at once. */
#include "pass.h"
#include "lower.h"

enum { PHIS = 12, ROUNDS = 100, PROGRAMS = 40, ONE_WORD = 1 << 20 };

static struct jit j;
static struct lower l;
static struct block other, from, to;
static struct trace trace;

/* Two blocks with a way between them, and a trace for the copies. */
static void begin(void)
{
	memset(&other, 0, sizeof(other));
	memset(&from, 0, sizeof(from));
	memset(&to, 0, sizeof(to));
	memset(&trace, 0, sizeof(trace));
	ir_append(&other, ir_new(j.c.func, IR_JMP, 0));
	ir_append(&from, ir_new(j.c.func, IR_JMP, 0));
	ir_append(&to, ir_new(j.c.func, IR_EXIT, 0));
	l = (struct lower){ .c = &j.c, .f = j.c.func, .t = &trace, .v = from.last };
	assert_int_equal(ir_edge(j.c.func, &other, 0, &to), 0);
	assert_int_equal(ir_edge(j.c.func, &from, 0, &to), 0);
}

static struct value *new_phi(void)
{
	struct value *phi = ir_new(j.c.func, IR_PHI, 0);

	phi->phi = arena_alloc(&j.arena, 2 * sizeof(*phi->phi));
	phi->phi[0] = ir_const(j.c.func, 99);
	ir_insert_before(to.first, phi);
	return phi;
}

/* A value that another block has made. */
static struct value *new_value(void)
{
	struct value *v = ir_new(j.c.func, IR_RND, 0);

	lower_vreg(&l, v);
	return v;
}

/* Registers hold their own numbers at first. */
static uint64_t source(const uint64_t *reg, const struct mop *m)
{
	if (m->w.has_imm)
		return (uint64_t)(int64_t)(int32_t)m->w.imm;
	return m->b ? reg[m->b] : m->w.b == SR_ZERO ? 0 : 0x5eed0000u + m->w.b;
}

static void run(uint64_t *reg)
{
	for (uint32_t n = 0; n < j.c.func->mach.n_vregs; n++)
		reg[n] = n + 0x1000;
	for (uint32_t n = 0; n < trace.n_ops; n++) {
		const struct mop *m = &trace.ops[n];

		assert_int_equal(m->w.op, OP_MOV);
		reg[m->dst] = source(reg, m);
	}
}

static uint64_t wanted(const struct value *x)
{
	return x->op == IR_CONST ? (uint64_t)x->imm : x->op == IR_SPECIAL ? 0x5eed0000u + (uint64_t)x->imm : x->vreg + 0x1000;
}

static struct value *random_source(struct value **phi, uint32_t n)
{
	switch (jit_random(&j, 6)) {
	case 0: return ir_const(j.c.func, jit_random(&j, ONE_WORD));
	case 1: return ir_special(j.c.func, SR_LEN);
	case 2: return new_value();
	default: return phi[jit_random(&j, n)]; /* rings, and phis that stay as they are */
	}
}

/* The most copies that there were. */
static uint32_t random_rounds(void)
{
	uint32_t longest = 0;

	for (uint32_t round = 0; round < ROUNDS; round++) {
		struct value *phi[PHIS];
		uint32_t n = 1 + jit_random(&j, PHIS);
		uint64_t reg[1 << 10];

		j.c.func->mach.n_vregs = j.c.func->mach.cap_vregs = 0;
		begin();
		for (uint32_t k = 0; k < n; k++)
			phi[k] = new_phi();
		for (uint32_t k = 0; k < n; k++)
			lower_vreg(&l, phi[k]);
		for (uint32_t k = 0; k < n; k++)
			phi[k]->phi[1] = random_source(phi, n);
		lower_phis(&l, &from, &to);
		assert_true(j.c.func->mach.n_vregs < 1 << 10);
		run(reg);
		for (uint32_t k = 0; k < n; k++)
			assert_int_equal(reg[phi[k]->vreg], wanted(phi[k]->phi[1]));
		longest = trace.n_ops > longest ? trace.n_ops : longest;
		assert_true(trace.n_ops <= n + n / 2); /* one more for each ring of two or more */
	}
	return longest;
}

static void copies_are_done_at_once(void **state)
{
	uint32_t longest = 0;

	(void)state;
	for (uint32_t seed = 1; seed <= PROGRAMS; seed++) {
		uint32_t most;

		pass_program(&j);
		j.seed = seed;
		pass_open_until(&j, opt_now_run);
		most = random_rounds();
		longest = most > longest ? most : longest;
		jit_close(&j);
	}
	assert_true(longest > PHIS);
}

/* Who else reads what. */
struct readers {
	int behind, of_phi, uses;
};

/* What a block makes for a phi alone is written into the phi's register, unless the old value is still read behind it. */
static void share(enum ir_op op, struct readers r, int shared)
{
	struct value *phi, *next, *x, *reader;
	uint8_t lanes;

	pass_program(&j);
	pass_open_until(&j, opt_now_run);
	begin();
	next = new_phi();
	phi = new_phi();
	x = ir_new(j.c.func, op, 0);
	x->arg[0] = phi;
	x->arg[1] = ir_const(j.c.func, 1);
	x->uses = (uint32_t)r.uses;
	ir_insert_before(from.last, x);
	reader = ir_new(j.c.func, IR_XOR, 0);
	reader->arg[0] = r.behind ? phi : x;
	reader->arg[1] = x;
	ir_insert_before(from.last, reader);
	phi->phi[1] = x;
	next->phi[1] = r.of_phi ? phi : ir_const(j.c.func, 5);
	lower_share(&l, &to);
	assert_true(phi->vreg && j.c.func->mach.vreg[phi->vreg].many);
	assert_int_equal(x->vreg == phi->vreg, shared);
	lanes = j.c.func->mach.vreg[phi->vreg].lanes;
	assert_int_equal(lanes, lower_lanes(&l, shared && op == IR_MUL ? OP_MUL : OP_MOV));
	jit_close(&j);
}

static void registers_are_shared_where_they_can(void **state)
{
	(void)state;
	share(IR_ADD, (struct readers){ .uses = 1 }, 1);
	share(IR_MUL, (struct readers){ .uses = 1 }, 1); /* not every lane can multiply */
	share(IR_ADD, (struct readers){ .uses = 1, .behind = 1 }, 0);
	share(IR_ADD, (struct readers){ .uses = 1, .of_phi = 1 }, 0);
	share(IR_ADD, (struct readers){ .uses = 2 }, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(copies_are_done_at_once),
		cmocka_unit_test(registers_are_shared_where_they_can),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
