// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* What only a rare way out of a block needs is made on that way: numbers, reads of packet bytes that are the same there, loads from maps that nothing has
 * changed since. Compilers make it earlier, as a processor has nothing else to do while it waits for a lookup.
 *   h = hash; look; x = 0: to A; ..; A: h % n -> look; x = 0: to A; ..; A: hash % n */
#include "opt.h"

enum { STEPS_MAX = 48,        /* dominators gone up */
       RARE = ODDS_ONE / 2, BETWEEN_MAX = 96 };

struct sink {
	struct func *f;
	struct block **user;  /* by value id: the last block that dominates all that need it, NULL: none yet */
};

/* The last block that dominates both, or NULL: too far up. */
static struct block *common(struct block *x, struct block *y)
{
	for (int n = 0; x != y; n++) {
		if (n == STEPS_MAX)
			return NULL;
		if (x->rpo > y->rpo)
			x = x->idom;
		else
			y = y->idom;
	}
	return x;
}

static void need(struct sink *s, struct value *v, struct block *b)
{
	struct block **user;

	if (!v || ir_kinds[v->op] == KIND_LEAF || v->block == NULL)
		return;
	user = &s->user[v->id];
	if (*user == v->block)
		return;
	*user = *user ? common(*user, b) : b;
	if (!*user)
		*user = v->block;
}

static void need_args(struct sink *s, struct value *v)
{
	for (int n = 0; n < 3; n++)
		need(s, v->arg[n] = ir_resolve(v->arg[n]), v->block);
}

static void need_phis(struct sink *s, struct block *b)
{
	for (struct value *v = b->first; v && v->op == IR_PHI; v = v->next)
		for (uint32_t n = 0; n < b->n_pred; n++)
			need(s, v->phi[n] = ir_resolve(v->phi[n]), b->pred[n]);
}

static int is_loop(const struct block *b)
{
	for (uint32_t n = 0; n < b->n_pred; n++)
		if (b->pred[n]->rpo >= b->rpo)
			return 1;
	return 0;
}

/* Few packets go from the block before b to it. */
static int is_rare(const struct block *b)
{
	const struct value *end = b->n_pred == 1 ? b->pred[0]->last : NULL;

	if (!end || end->op != IR_BR || b->pred[0]->succ[0] == b->pred[0]->succ[1])
		return 0;
	return (b->pred[0]->succ[0] == b ? end->odds : ODDS_ONE - end->odds) < RARE;
}

/* The first rare block on the way from v to those that need it; no loop begins between. */
static struct block *rare_block(const struct sink *s, const struct value *v)
{
	struct block *b = s->user[v->id], *found = NULL;

	for (int n = 0; b && b != v->block; n++, b = b->idom) {
		if (n == STEPS_MAX)
			return NULL;
		if (is_loop(b))
			found = NULL;
		else if (is_rare(b))
			found = b;
	}
	for (const struct block *x = found; x && x != v->block; x = x->idom)
		if (is_loop(x))
			return NULL;
	return found;
}

static int is_unchanged(const struct value *load)
{
	const struct value *v = load->next;

	for (int n = 0; v && n < BETWEEN_MAX; n++, v = v->next)
		if (opt_mem_changes_map(v, load))
			return 0;
	return !v;
}

static int may_move(const struct sink *s, const struct value *v, const struct block *to)
{
	switch (v->op) {
	case IR_PHI: case IR_COPY:
		return 0;
	case IR_WIN:
		return v->epoch == opt_mem_epoch(s->f, to->epoch_in, v->imm, v->width);
	case IR_MLD:
		return !v->fence && to->pred[0] == v->block && is_unchanged(v);
	default:
		return ir_kinds[v->op] == KIND_PURE;
	}
}

static void visit(struct sink *s, struct value *v)
{
	struct block *to = s->user[v->id] ? rare_block(s, v) : NULL;

	if (to && may_move(s, v, to)) {
		struct value *before = to->first;

		while (before->op == IR_PHI)
			before = before->next;
		ir_remove(v);
		ir_insert_before(before, v);
		v->here = to->epoch_in;
	}
	need_args(s, v);
}

int opt_sink_run(struct compile *c)
{
	struct sink s = { .f = c->func };
	struct func *f = c->func;

	if (c->careful || opt_dead_run(c) || opt_mem_number(f))
		return c->arena->failed ? -1 : 0;
	s.user = arena_alloc(c->arena, (f->n_values + 1) * sizeof(struct block *));
	if (!s.user)
		return -1;
	for (uint32_t n = 0; n < f->n_rpo; n++)
		need_phis(&s, f->rpo[n]);
	for (uint32_t n = f->n_rpo; n-- > 0;)
		for (struct value *v = f->rpo[n]->last, *before; v; v = before) {
			before = v->prev;
			if (v->op != IR_PHI)
				visit(&s, v);
		}
	return c->arena->failed ? -1 : 0;
}
