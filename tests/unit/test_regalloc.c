// SPDX-License-Identifier: Apache-2.0
/* Follows every trace bundle by bundle with registers that hold the name of the virtual register last written to them: each read must find
 * the name it asks for, and so must each way out for what is live behind it. */
#include "jit.h"

static uint32_t held[ISA_LANES_MAX][ISA_REGS_MAX];

static uint32_t *place_of(const struct mach *m, uint32_t vreg)
{
	return &held[m->vreg[vreg].lane][m->vreg[vreg].reg];
}

static void check_held(const struct mach *m, uint32_t vreg)
{
	if (vreg)
		assert_int_equal(*place_of(m, vreg), vreg);
}

static void check_way_out(const struct mach *m, const struct trace *to)
{
	for (const struct live_in *in = to ? to->live : NULL; in; in = in->next)
		check_held(m, in->vreg);
}

/* Packet bytes may come from the word beside it that reads them: the first operand's in lane 0, the second one's in lane 1. */
static void check_read(const struct jit *j, const struct trace *t, uint32_t bundle, const struct mop *use, uint32_t vreg, const struct mop *beside)
{
	if (!mop_takes(&j->c, t, bundle, use, vreg)) {
		check_held(&j->c.func->mach, vreg);
		return;
	}
	assert_non_null(beside);
	assert_int_equal(beside->dst, vreg);
	assert_int_equal(use->lane, j->target.lanes - 1);
}

static void follow_bundle(const struct jit *j, const struct trace *t, uint32_t bundle)
{
	const struct mach *m = &j->c.func->mach;
	const struct mop *op[ISA_LANES_MAX] = { NULL };

	for (uint32_t lane = 0; lane < j->target.lanes; lane++) {
		uint32_t slot = t->slots[bundle * j->target.lanes + lane];

		op[lane] = slot ? &t->ops[slot - 1] : NULL;
		if (!op[lane])
			continue;
		check_read(j, t, bundle, op[lane], op[lane]->a, op[0]);
		check_read(j, t, bundle, op[lane], op[lane]->b, op[1]);
		check_held(m, op[lane]->c);
	}
	for (int guarded = 0; guarded < 2; guarded++) { /* a taken branch sees the words without guard done */
		for (uint32_t lane = 0; lane < j->target.lanes; lane++)
			if (op[lane] && op[lane]->dst && op[lane]->w.guard == guarded)
				*place_of(m, op[lane]->dst) = op[lane]->dst;
		for (uint32_t lane = 0; lane < j->target.lanes && !guarded; lane++)
			if (op[lane] && op[lane]->w.op != OP_JMP)
				check_way_out(m, op[lane]->target);
	}
}

static void follow(const struct jit *j, const struct trace *t)
{
	const struct mach *m = &j->c.func->mach;

	memset(held, 0, sizeof(held));
	for (const struct live_in *in = t->live; in; in = in->next) {
		assert_int_equal(*place_of(m, in->vreg), 0);
		*place_of(m, in->vreg) = in->vreg;
	}
	for (uint32_t bundle = 0; bundle < t->n_bundles; bundle++)
		follow_bundle(j, t, bundle);
	check_way_out(m, t->next);
}

static void allocate(struct jit *j)
{
	jit_allocate(j);
	for (uint32_t n = 0; n < j->c.func->mach.n_traces; n++)
		follow(j, j->c.func->mach.trace[n]);
	for (uint32_t v = 1; v < j->c.func->mach.n_vregs; v++)
		assert_true(j->c.func->mach.vreg[v].reg < j->target.regs);
	jit_close(j);
}

static void each_read_finds_its_value(void **state)
{
	static struct jit j;

	(void)state;
	for (uint32_t seed = 1; seed <= JIT_PROGRAMS; seed++) {
		jit_program(&j, seed, 1 + seed % 30);
		j.target.lanes = 1 + seed % 4;
		j.target.regs = 3 + seed % 6;
		allocate(&j);
	}
}

/* More values at once than registers, for every size of register file. */
static void spilling_comes_to_an_end(void **state)
{
	static struct jit j;
	enum { REGS_MIN = 3, REGS_MAX = 8, PROGRAMS = 12 };

	(void)state;
	for (uint32_t lanes = 1; lanes <= ISA_LANES_MAX; lanes++)
		for (uint32_t regs = REGS_MIN; regs <= REGS_MAX; regs++)
			for (uint32_t seed = 1; seed <= PROGRAMS; seed++) {
				jit_crowd(&j, seed, 4 + 2 * seed, 20 + 4 * seed);
				j.target.lanes = lanes;
				j.target.regs = regs;
				allocate(&j);
			}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_read_finds_its_value),
		cmocka_unit_test(spilling_comes_to_an_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
