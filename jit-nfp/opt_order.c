// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* Of loads from maps one behind the other, the one comes first that more operations wait for, one after the other; what it is taken apart into comes right
 * behind it, where its result stands in x (wait.c). Passes have left loads in the order in which the program wanted what lies there. */
#include "opt.h"

enum { BETWEEN_MAX = 48 };    /* values looked at */

/* uses: operations of the block that wait for the value, one after the other; order: place in the block. */
static void measure(struct block *b)
{
	uint32_t order = 0;

	for (struct value *v = b->first; v; v = v->next) {
		v->uses = 0;
		v->order = order++;
	}
	for (struct value *v = b->last; v; v = v->prev)
		for (int n = 0; n < ir_args[v->op]; n++) {
			struct value *x = v->arg[n] = ir_resolve(v->arg[n]);

			if (x->block == b && x->uses <= v->uses)
				x->uses = v->uses + 1;
		}
}

static int is_load(const struct value *v)
{
	return v->op == IR_MLD && !v->fence;
}

/* The load behind v, if it may as well be in front of it. */
static struct value *next_load(const struct value *v)
{
	struct value *w = v->next;

	for (int n = 0; w && !is_load(w) && n < BETWEEN_MAX; n++, w = w->next)
		if (ir_kinds[w->op] != KIND_PURE && w->op != IR_WIN && w->op != IR_NOW)
			return NULL;
	if (!w || !is_load(w) || (w->arg[0]->block == v->block && w->arg[0]->order >= v->order))
		return NULL;
	return w;
}

static void move(struct value *v, struct value *before)
{
	ir_remove(v);
	ir_insert_before(before, v);
	v->order = before->order; /* earlier than all that has a larger one */
}

/* Fields and shifts of the load that stand close behind. */
static void move_parts(const struct value *load, struct value *before)
{
	struct value *v = before, *next;

	for (int n = 0; v && n < BETWEEN_MAX; n++, v = next) {
		next = v->next;
		if (ir_kinds[v->op] == KIND_PURE && v->op != IR_PHI && v->op != IR_COPY && v->arg[0] == load &&
		    (ir_args[v->op] == 1 || ir_kinds[v->arg[1]->op] == KIND_LEAF))
			move(v, before);
	}
}

static void visit(struct block *b)
{
	struct value *next;

	for (struct value *v = b->first; v; v = next) {
		struct value *w = is_load(v) ? next_load(v) : NULL;

		next = v->next;
		if (!w || w->uses <= v->uses)
			continue;
		move(w, v);
		move_parts(w, v);
		next = v; /* others may be behind it still */
	}
}

int opt_order_run(struct compile *c)
{
	struct func *f = c->func;

	for (uint32_t n = 0; n < f->n_rpo; n++) {
		measure(f->rpo[n]);
		visit(f->rpo[n]);
	}
	return c->arena->failed ? -1 : 0;
}
