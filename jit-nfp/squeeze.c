// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* Moves whose two registers came out as one go, and bundles that are left with nothing to do. */
#include "ir.h"

static int moves_nothing(const struct mach *m, const struct mop *op)
{
	const struct vreg *d = &m->vreg[op->dst], *s = &m->vreg[op->b];

	return op->w.op == OP_MOV && op->b && !op->w.w32 && d->lane == s->lane && d->reg == s->reg;
}

static void squeeze(struct compile *c, struct trace *t)
{
	uint32_t lanes = c->target->lanes, kept = 0;

	for (uint32_t bundle = 0; bundle < t->n_bundles; bundle++) {
		uint32_t used = 0;

		for (uint32_t lane = 0; lane < lanes; lane++) {
			uint32_t op = t->slots[bundle * lanes + lane];

			if (op && moves_nothing(&c->func->mach, &t->ops[op - 1]))
				op = 0;
			used |= op;
			t->slots[kept * lanes + lane] = op;
			if (op)
				t->ops[op - 1].bundle = kept;
		}
		kept += used != 0;
	}
	t->n_bundles = kept;
}

int squeeze_run(struct compile *c)
{
	for (uint32_t n = 0; n < c->func->mach.n_traces; n++)
		squeeze(c, c->func->mach.trace[n]);
	return 0;
}
