// SPDX-License-Identifier: Apache-2.0
/* Chains blocks into traces, and orders them. From a branch a trace goes on into the way that is more likely, if it can only be entered from
 * it. A trace is followed by the one it ends in, where that has no place yet. */
#include "ir.h"

static int can_follow(const struct block *b)
{
	return b && b->n_pred == 1 && !b->trace;
}

/* What most packets are: IPv4 as the type of an Ethernet frame or VLAN tag, TCP, UDP. */
static int is_common(const struct value *v)
{
	enum { IPV4 = 0x0008, IPV4_SWAPPED = 0x0800, TCP = 6, UDP = 17 };
	int64_t k = v->op == IR_WBR ? v->imm : v->arg[1]->imm;

	return k == IPV4 || k == IPV4_SWAPPED || k == TCP || k == UDP;
}

/* The way that a test against a number most likely goes: 1 the branch is taken, 0 not, -1 no idea. A number is rarely just this one, a
 * lookup rarely finds nothing, a packet is rarely too short. */
static int likely_taken(const struct value *v)
{
	switch (v->cc) {
	case OP_WJEQ: case OP_WJEQ4:
		return is_common(v);
	case OP_WJNE: case OP_WJNE4:
		return !is_common(v);
	case OP_JEQ: case OP_JNE:
		if (!ir_is_const(v->arg[1]))
			return -1;
		return (v->cc == OP_JEQ) == is_common(v);
	case OP_JLT: case OP_JLE: case OP_JGT: case OP_JGE:
		if (!ir_is_special(v->arg[0], SR_LEN))
			return -1;
		return v->cc == OP_JGT || v->cc == OP_JGE;
	default:
		return -1;
	}
}

int trace_odds(const struct value *v)
{
	enum { SHORT_PACKET = 5, ONE_NUMBER = 3, COMMON_NUMBER = 1, ANY = 3 };

	if (v->op != IR_WBR && ir_is_special(v->arg[0], SR_LEN))
		return SHORT_PACKET;
	if (likely_taken(v) < 0)
		return ANY;
	return is_common(v) ? COMMON_NUMBER : ONE_NUMBER;
}

static uint32_t weight(const struct block *b)
{
	return b->first->op == IR_EXIT ? 0 : b->dom_out - b->dom_in;
}

static struct block *follower(const struct block *b)
{
	struct block *taken = b->succ[0], *other = b->succ[1];
	int likely;

	if (!other)
		return can_follow(taken) ? taken : NULL;
	if (!can_follow(taken) || !can_follow(other))
		return can_follow(taken) ? taken : can_follow(other) ? other : NULL;
	likely = likely_taken(b->last);
	if (likely >= 0 && weight(taken) && weight(other))
		return likely ? taken : other;
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
