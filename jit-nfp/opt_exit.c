// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* Exits are copied to where they are reached from: after a jump the block exits itself; branches share one block per constant verdict. */
#include "opt.h"

/* The verdict when all that b does is to collect it and exit: via pred n. */
static struct value *verdict_via(const struct block *b, uint32_t n)
{
	struct value *v = b->last->arg[0];

	if (v->op == IR_PHI && v->block == b)
		return ir_resolve(v->phi[n]);
	return v;
}

static int only_exits(struct block *b)
{
	const struct value *v = b->first;

	while (v && v->op == IR_PHI)
		v = v->next;
	if (!v || v->op != IR_EXIT)
		return 0;
	b->last->arg[0] = ir_resolve(b->last->arg[0]);
	return 1;
}

static struct value *exit_with(struct func *f, struct block *b, struct value *verdict, uint32_t insn)
{
	struct value *v = ir_new(f, IR_EXIT, insn);

	if (!v)
		return NULL;
	v->arg[0] = verdict;
	ir_append(b, v);
	return v;
}

/* A block that exits with this verdict, one for all branches when it is a constant. They are chained by in_trace. */
static struct block *exit_block(struct func *f, struct block **exits, struct value *verdict, uint32_t insn)
{
	struct block *b = *exits;

	while (b && b->last->arg[0] != verdict)
		b = b->in_trace;
	if (b)
		return b;
	b = ir_block(f, insn);
	if (!b || !exit_with(f, b, verdict, insn))
		return NULL;
	if (ir_is_const(verdict)) {
		b->in_trace = *exits;
		*exits = b;
	}
	return b;
}

/* Pred n of b exits itself or goes to an exit block. */
static int exit_from(struct func *f, struct block *b, uint32_t n, struct block **exits)
{
	struct block *from = b->pred[n], *to;
	struct value *verdict = verdict_via(b, n);
	int way = opt_way_to(from, b);

	if (from->last->op == IR_JMP) {
		uint32_t insn = from->last->insn;

		ir_remove_edge(from, way);
		ir_remove(from->last);
		return exit_with(f, from, verdict, insn) ? 0 : -1;
	}
	to = exit_block(f, exits, verdict, b->last->insn);
	ir_remove_edge(from, way);
	if (!to || ir_edge(f, from, way, to))
		return -1;
	if (from->succ[0] == from->succ[1])
		opt_decide(from->last, 1);
	return 0;
}

/* Branches may stay with a block whose verdict does not depend on the way in, unless there is another with the same constant. */
static int copy_exit(struct func *f, struct block *b, struct block **exits)
{
	struct value *verdict = b->first->op == IR_EXIT ? b->first->arg[0] : NULL;
	struct block *same = *exits;
	int changed = 0;

	while (same && same->last->arg[0] != verdict)
		same = same->in_trace;
	if (verdict && !same && ir_is_const(verdict)) {
		b->in_trace = *exits;
		*exits = b;
	}
	for (uint32_t n = b->n_pred; n-- > 0;) {
		if (verdict && !same && b->pred[n]->last->op != IR_JMP)
			continue;
		if (exit_from(f, b, n, exits))
			return -1;
		changed = 1;
	}
	return changed;
}

int opt_copy_exits(struct func *f)
{
	struct block *exits = NULL;
	int changed = 0;

	for (uint32_t n = f->n_rpo; n-- > 1;)
		if (only_exits(f->rpo[n])) {
			int result = copy_exit(f, f->rpo[n], &exits);

			if (result < 0 || f->c->arena->failed)
				return -1;
			changed |= result;
		}
	return changed;
}

static int is_exit(const struct block *b)
{
	return b && b->first->op == IR_EXIT;
}

/* Of two exits the likely one belongs to the branch, and so does the exit that a lookup most likely leads to: it can stand beside it. */
int opt_own_exits(struct func *f)
{
	for (uint32_t n = 0; n < f->n_rpo; n++) {
		struct block *b = f->rpo[n], *shared, *own;
		int way = b->last->odds > ODDS_ONE / 2 ? 0 : 1;

		if (ir_answer_exit(b) < 0 && (!is_exit(b->succ[0]) || !is_exit(b->succ[1]) || b->last->odds == ODDS_ONE / 2))
			continue;
		if (b->succ[way]->n_pred == 1)
			continue;
		shared = b->succ[way];
		own = ir_block(f, shared->insn);
		ir_remove_edge(b, way);
		if (!own || !exit_with(f, own, shared->last->arg[0], shared->last->insn) || ir_edge(f, b, way, own))
			return -1;
	}
	return 0;
}
