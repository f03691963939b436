// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* A way that brings a constant to a block which only tests it goes on to where the test would send it; where that is an exit, to one of its own. */
#include "opt.h"

static uint32_t uses_by_phis(const struct block *b, const struct block *from, const struct value *x)
{
	uint32_t uses = 0;

	for (const struct value *v = b->first; v && v->op == IR_PHI; v = v->next)
		for (uint32_t n = 0; n < b->n_pred; n++)
			uses += b->pred[n] == from && v->phi[n] == x;
	return uses;
}

/* Does b only end the packet, with what is x? */
static int exits_with(const struct block *b, const struct value *x)
{
	return b->first->op == IR_EXIT && b->first->arg[0] == x;
}

/* Where b goes that way, past a block that only jumps on; *via leads there. */
static struct block *beyond(struct block *b, int way, struct block **via)
{
	struct block *to = b->succ[way];

	*via = b;
	if (to->first->op != IR_JMP || to->n_pred != 1 || to->succ[0] == b)
		return to;
	*via = to;
	return to->succ[0];
}

static uint32_t uses_beyond(struct block *b, int way, const struct value *x)
{
	struct block *via, *to = beyond(b, way, &via);

	return uses_by_phis(to, via, x) + (uint32_t)exits_with(to, x);
}

/* Does b only collect values, for its own test and for the phis of the blocks it leads to, or their verdict? */
static int only_tests(struct block *b)
{
	const struct value *test = b->last, *v;

	if (test->op != IR_BR || test->arg[0]->op != IR_PHI || test->arg[0]->block != b || !ir_is_const(test->arg[1]) ||
	    b->succ[0] == b || b->succ[1] == b || b->succ[0] == b->succ[1])
		return 0;
	for (v = b->first; v->op == IR_PHI; v = v->next)
		if (v->uses != uses_beyond(b, 0, v) + uses_beyond(b, 1, v) + (v == test->arg[0]))
			return 0;
	return v == test;
}

/* Pred n of b goes on directly to `to`, as if it came from there. What b's phis got from it, the target's phis get. */
static int pass_by(struct func *f, struct block *b, uint32_t n, struct block *to, const struct block *from_there)
{
	struct block *from = b->pred[n];
	int way = opt_way_to(from, b);
	uint32_t via = 0;

	if (ir_edge(f, from, way, to)) /* from->succ[way] is `to` from here on */
		return -1;
	while (to->pred[via] != from_there)
		via++;
	for (struct value *v = to->first; v->op == IR_PHI; v = v->next) {
		struct value *x = v->phi[via];

		if (x->op == IR_PHI && x->block == b)
			x = x->phi[n];
		v->phi[to->n_pred - 1] = x;
		x->uses++;
	}
	from->succ[way] = b;
	ir_remove_edge(from, way);
	from->succ[way] = to;
	return 0;
}

/* Pred n of b ends the packet as `to` does, with what b's phi got from it. */
static int exit_by(struct func *f, struct block *b, uint32_t n, const struct block *to)
{
	struct value *verdict = to->first->arg[0], *exit = ir_new(f, IR_EXIT, to->first->insn);
	struct block *from = b->pred[n], *own = ir_block(f, to->insn);
	int way = opt_way_to(from, b);

	if (!exit || !own)
		return -1;
	exit->arg[0] = verdict->op == IR_PHI && verdict->block == b ? verdict->phi[n] : verdict;
	exit->arg[0]->uses++;
	ir_append(own, exit);
	ir_remove_edge(from, way);
	return ir_edge(f, from, way, own);
}

static int thread_block(struct func *f, struct block *b)
{
	int changed = 0;

	if (!only_tests(b))
		return 0;
	for (uint32_t n = b->n_pred; n-- > 0;) {
		const struct value *test = b->last, *x = test->arg[0]->phi[n];
		struct block *from = b->pred[n], *to, *via;
		int taken;

		if (!ir_is_const(x) || from == b || from->succ[0] == from->succ[1])
			continue;
		taken = ir_holds(test->cc, test->w, (uint64_t)x->imm, (uint64_t)test->arg[1]->imm);
		to = beyond(b, taken ? 0 : 1, &via);
		if (from->succ[0] == to || from->succ[1] == to)
			continue; /* two ways to one block would need two arguments */
		if (to->first->op == IR_EXIT ? exit_by(f, b, n, to) : pass_by(f, b, n, to, via))
			return -1;
		changed = 1;
	}
	return changed;
}

int opt_thread_jumps(struct func *f)
{
	int changed = 0;

	opt_count_uses(f);
	for (uint32_t n = f->n_rpo; n-- > 1;) {
		int result = thread_block(f, f->rpo[n]);

		if (result < 0)
			return -1;
		changed |= result;
	}
	return changed;
}
