// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* Which virtual registers are live at the top of each trace. Each register is followed from its uses upwards, along the ways into a trace,
 * until what writes it; so the work is the size of the result. */
#include "ir.h"

struct place {                /* an operation: where a register is written, or where another trace is entered from */
	struct trace *trace;
	uint32_t op;
	struct place *next;
};

struct need { struct trace *trace; struct need *next; }; /* a trace that reads a register before it writes it */

struct live {
	struct compile *c;
	struct mach *m;
	struct place **defs;  /* per vreg */
	struct need **needs;  /* per vreg */
	struct place **ways;  /* per trace: operations that lead to it; n_ops for falling into it */
	uint32_t *seen;       /* per trace: last vreg found live at its top */
	struct trace **todo;
};

static int add_place(struct live *l, struct place **list, struct trace *t, uint32_t op)
{
	struct place *p = arena_take(l->c->arena, sizeof(*p));

	if (!p)
		return -1;
	*p = (struct place){ t, op, *list };
	*list = p;
	return 0;
}

static int written_before(const struct live *l, uint32_t vreg, const struct trace *t, uint32_t op)
{
	for (const struct place *p = l->defs[vreg]; p; p = p->next)
		if (p->trace == t && p->op < op)
			return 1;
	return 0;
}

/* In the order of operations, so that a register's places in t come first in its list. */
static int read_ops(struct live *l, struct trace *t)
{
	for (uint32_t n = 0; n < t->n_ops; n++) {
		const struct mop *m = &t->ops[n];
		uint32_t src[3] = { m->a, m->b, m->c };

		for (int k = 0; k < 3; k++) {
			struct place *def = src[k] ? l->defs[src[k]] : NULL;
			struct need *need;

			if (!src[k] || (def && def->trace == t) || (l->needs[src[k]] && l->needs[src[k]]->trace == t))
				continue;
			need = arena_take(l->c->arena, sizeof(*need));
			if (!need)
				return -1;
			*need = (struct need){ t, l->needs[src[k]] };
			l->needs[src[k]] = need;
		}
		if (m->dst && add_place(l, &l->defs[m->dst], t, n))
			return -1;
		if (m->target && add_place(l, &l->ways[m->target->id], t, n))
			return -1;
	}
	if (t->next && (!t->n_ops || t->ops[t->n_ops - 1].target != t->next || t->ops[t->n_ops - 1].w.op != OP_JMP))
		return add_place(l, &l->ways[t->next->id], t, t->n_ops);
	return 0;
}

static int mark_live(struct live *l, struct trace *t, uint32_t vreg)
{
	struct live_in *in = arena_take(l->c->arena, sizeof(*in));

	if (!in)
		return -1;
	*in = (struct live_in){ vreg, t->live };
	t->live = in;
	l->seen[t->id] = vreg;
	return 0;
}

static int follow(struct live *l, uint32_t vreg)
{
	uint32_t n = 0;

	for (struct need *need = l->needs[vreg]; need; need = need->next) {
		if (l->seen[need->trace->id] == vreg)
			continue;
		if (mark_live(l, need->trace, vreg))
			return -1;
		l->todo[n++] = need->trace;
	}
	while (n) {
		struct trace *t = l->todo[--n];

		for (struct place *way = l->ways[t->id]; way; way = way->next) {
			if (l->seen[way->trace->id] == vreg || written_before(l, vreg, way->trace, way->op))
				continue;
			if (mark_live(l, way->trace, vreg))
				return -1;
			l->todo[n++] = way->trace;
		}
	}
	return 0;
}

int live_run(struct compile *c)
{
	struct mach *m = &c->func->mach;
	struct live l = {
		.c = c, .m = m,
		.defs = arena_alloc(c->arena, (m->n_vregs + 1) * sizeof(*l.defs)),
		.needs = arena_alloc(c->arena, (m->n_vregs + 1) * sizeof(*l.needs)),
		.ways = arena_alloc(c->arena, m->n_traces * sizeof(*l.ways)),
		.seen = arena_alloc(c->arena, m->n_traces * sizeof(*l.seen)),
		.todo = arena_alloc(c->arena, m->n_traces * sizeof(*l.todo)),
	};

	if (c->arena->failed)
		return -1;
	for (uint32_t n = 0; n < m->n_traces; n++) {
		m->trace[n]->live = NULL;
		if (read_ops(&l, m->trace[n]))
			return -1;
	}
	for (uint32_t v = 1; v < m->n_vregs; v++)
		if (follow(&l, v))
			return -1;
	return 0;
}
