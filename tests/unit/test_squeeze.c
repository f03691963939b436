// SPDX-License-Identifier: Apache-2.0
/* Moves from a register to itself go, bundles that are left empty go, everything else stays in its lane and in its order. */
#include "jit.h"

static int does_nothing(const struct mach *m, const struct mop *op)
{
	const struct vreg *d = &m->vreg[op->dst], *s = &m->vreg[op->b];

	return op->w.op == OP_MOV && op->b && !op->w.w32 && d->lane == s->lane && d->reg == s->reg;
}

/* The operations in the order of their slots, each with its lane; those that do nothing only where asked for. */
static uint32_t list(const struct jit *j, const struct trace *t, uint32_t *out, int all)
{
	uint32_t n = 0, lanes = j->target.lanes;

	for (uint32_t slot = 0; slot < t->n_bundles * lanes; slot++)
		if (t->slots[slot] && (all || !does_nothing(&j->c.func->mach, &t->ops[t->slots[slot] - 1])))
			out[n++] = t->slots[slot] * ISA_LANES_MAX + slot % lanes;
	return n;
}

static uint32_t check(struct jit *j, uint32_t n, uint32_t *out)
{
	struct mach *m = &j->c.func->mach;
	uint32_t lanes = j->target.lanes;

	for (uint32_t k = 0; k < m->n_traces; k++) {
		const struct trace *t = m->trace[k];

		for (uint32_t bundle = 0; bundle < t->n_bundles; bundle++) {
			uint32_t used = 0;

			for (uint32_t lane = 0; lane < lanes; lane++) {
				uint32_t op = t->slots[bundle * lanes + lane];

				used |= op;
				if (op)
					assert_int_equal(t->ops[op - 1].bundle, bundle); /* branch targets and lines go by it */
			}
			assert_int_not_equal(used, 0);
		}
		n += list(j, t, out + n, 1);
	}
	return n;
}

static void only_moves_to_themselves_go(void **state)
{
	static struct jit j;
	static uint32_t before[1 << 16], after[1 << 16];
	uint32_t moves = 0, bundles = 0;

	(void)state;
	for (uint32_t seed = 1; seed <= JIT_PROGRAMS; seed++) {
		uint32_t n = 0, all = 0;

		jit_program(&j, seed, 1 + seed % 30);
		j.target.lanes = 1 + seed % 4;
		jit_allocate(&j);
		for (uint32_t k = 0; k < j.c.func->mach.n_traces; k++) {
			all += list(&j, j.c.func->mach.trace[k], after, 1);
			n += list(&j, j.c.func->mach.trace[k], before + n, 0);
			bundles += j.c.func->mach.trace[k]->n_bundles;
		}
		assert_int_equal(squeeze_run(&j.c), 0);
		assert_int_equal(check(&j, 0, after), n);
		assert_memory_equal(before, after, n * sizeof(*before));
		for (uint32_t k = 0; k < j.c.func->mach.n_traces; k++)
			bundles -= j.c.func->mach.trace[k]->n_bundles;
		moves += all - n;
		jit_close(&j);
	}
	assert_true(moves > 0);
	assert_true(bundles > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_moves_to_themselves_go),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
