// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* Chains blocks into traces, and orders them. From a branch a trace goes on into the way that can only be entered from it; when both can,
 * into the more likely one, or the one with more of the program behind it, but rather not into a mere exit unless a lookup mostly ends there. A trace is followed by the one
 * it ends in, where that has no place yet. */
#include "ir.h"

static int can_follow(const struct block *b)
{
	return b && b->n_pred == 1 && !b->trace;
}

static uint32_t weight(const struct block *b)
{
	return b->first->op == IR_EXIT ? 0 : b->dom_out - b->dom_in;
}

static struct block *follower(const struct block *b)
{
	struct block *taken = b->succ[0], *other = b->succ[1];

	if (!can_follow(taken) || !can_follow(other))
		return can_follow(taken) ? taken : can_follow(other) ? other : NULL;
	if (ir_answer_exit(b) >= 0)
		return b->succ[ir_answer_exit(b)];
	if (b->last->odds != ODDS_ONE / 2 && !weight(taken) == !weight(other))
		return b->last->odds > ODDS_ONE / 2 ? taken : other;
	return weight(taken) > weight(other) ? taken : other;
}

static struct trace *new_trace(struct compile *c, struct block *head)
{
	struct mach *m = &c->func->mach;
	struct trace *t = arena_alloc(c->arena, sizeof(*t));

	if (!t)
		return NULL;
	t->id = m->n_traces;
	t->blocks = head;
	m->trace[m->n_traces++] = t;
	for (struct block *b = head; b; b = b->in_trace) {
		b->trace = t;
		b->in_trace = follower(b);
	}
	return t;
}

int trace_run(struct compile *c)
{
	struct func *f = c->func;
	struct mach *m = &f->mach;
	struct block **todo = arena_alloc(c->arena, 3 * (f->n_rpo + 1) * sizeof(*todo));
	uint32_t n = 0;

	m->trace = arena_alloc(c->arena, f->n_rpo * sizeof(*m->trace));
	if (!todo || !m->trace)
		return -1;
	todo[n++] = f->entry;
	while (n) {
		struct block *head = todo[--n], *last = NULL;

		if (head->trace)
			continue;
		if (!new_trace(c, head))
			return -1;
		/* The first way out is placed first, and before them where the trace ends. */
		for (struct block *b = head; b; b = b->in_trace)
			last = b;
		for (int way = 0; way < 2; way++)
			for (struct block *b = head; b; b = b->in_trace)
				if (b->succ[way] && !b->succ[way]->trace)
					todo[n++] = b->succ[way];
		if (last->succ[0] && !last->succ[0]->trace && !last->succ[1])
			todo[n++] = last->succ[0];
	}
	return 0;
}
