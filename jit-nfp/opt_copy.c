// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* Merges values that are computed twice: the second becomes the first where that dominates it. */
#include "opt.h"

enum { CHAIN_MAX = 32 };      /* candidates looked at; more are not worth the time */

struct table {
	struct value **bucket, **next; /* next by value id */
	uint32_t mask;
};

static int mergeable(const struct value *v)
{
	if (v->op == IR_PHI)
		return 0;
	return ir_kinds[v->op] == KIND_PURE || v->op == IR_WIN || v->op == IR_NOW || (v->op == IR_LD && v->region[0] == R_PKT);
}

static uint32_t epoch_of(const struct value *v)
{
	return v->op == IR_WIN || v->op == IR_LD || v->op == IR_NOW ? v->epoch : 0;
}

static uint32_t hash(const struct value *v)
{
	uint64_t h = v->op + 256ULL * v->w + 512ULL * v->shift + (1ULL << 16) * v->len + (uint64_t)v->imm * 31 + epoch_of(v);

	for (int n = 0; n < 2; n++)
		h = h * 0x9e3779b97f4a7c15ULL + (v->arg[n] ? v->arg[n]->id : 0);
	return (uint32_t)(h ^ h >> 29);
}

static int equal(const struct value *x, const struct value *y)
{
	return x->op == y->op && x->w == y->w && x->width == y->width && x->swap == y->swap && x->sign == y->sign &&
	       x->shift == y->shift && x->len == y->len && x->imm == y->imm && x->arg[0] == y->arg[0] &&
	       x->arg[1] == y->arg[1] && epoch_of(x) == epoch_of(y);
}

static void order_args(struct value *v)
{
	int commutes = v->op == IR_ADD || v->op == IR_AND || v->op == IR_OR || v->op == IR_XOR || v->op == IR_MUL || v->op == IR_OADD;

	if (commutes && !ir_is_const(v->arg[1]) && v->arg[0]->id > v->arg[1]->id) {
		struct value *x = v->arg[0];

		v->arg[0] = v->arg[1];
		v->arg[1] = x;
	}
}

/* ---- keys that two ways put together ---- */

enum { UP_MAX = 8 };          /* blocks that a value moves up by */
enum { OF_KEY = UINT32_MAX }; /* order of what only puts the key of a lookup together */

static int is_cheap(const struct value *v)
{
	return v->op == IR_OR || v->op == IR_LSH || v->op == IR_UBFX || v->op == IR_AND || v->op == IR_ADD;
}

static void mark_keys(struct func *f)
{
	for (uint32_t n = 0; n < f->n_rpo; n++)
		for (struct value *v = f->rpo[n]->first; v; v = v->next)
			v->order = 0;
	for (uint32_t n = f->n_rpo; n-- > 0;)
		for (struct value *v = f->rpo[n]->last; v; v = v->prev)
			for (int k = 0; k < 2 && (v->op == IR_LOOKR || v->order == OF_KEY); k++) {
				struct value *x = ir_resolve(v->arg[k]);

				if (x && is_cheap(x) && x->block == v->block)
					x->order = OF_KEY;
			}
}

/* The block that both blocks come from, or NULL when it is far. */
static struct block *common_block(const struct value *x, const struct value *v)
{
	struct block *b = x->block;

	for (int n = 0; n < UP_MAX && b; n++, b = b->idom)
		if (cfg_dominates(b, v->block))
			return b;
	return NULL;
}

static int is_made_by(const struct value *x, const struct block *b)
{
	return !x || ir_kinds[x->op] == KIND_LEAF || cfg_dominates(x->block, b);
}

/* Two ways from one block look up the same: its key moves up there, to be ready where the lookup begins, for that is what takes time. */
static int move_up(struct value *x, const struct value *v)
{
	struct block *b = v->order == OF_KEY && x->order == OF_KEY ? common_block(x, v) : NULL;

	if (!b || !is_made_by(x->arg[0], b) || !is_made_by(x->arg[1], b))
		return 0;
	ir_remove(x);
	ir_insert_before(b->last, x);
	return 1;
}

static void visit(struct table *t, struct value *v)
{
	struct value **bucket, *x;
	int tries = 0;

	for (int n = 0; n < 3; n++)
		v->arg[n] = ir_resolve(v->arg[n]);
	if (v->op == IR_PHI)
		for (uint32_t n = 0; n < v->block->n_pred; n++)
			v->phi[n] = ir_resolve(v->phi[n]);
	if (!mergeable(v))
		return;
	order_args(v);
	bucket = &t->bucket[hash(v) & t->mask];
	for (x = *bucket; x && tries < CHAIN_MAX; x = t->next[x->id], tries++) {
		if (!equal(x, v) || !(cfg_dominates(x->block, v->block) || move_up(x, v)))
			continue;
		ir_replace(v, x);
		return;
	}
	t->next[v->id] = *bucket;
	*bucket = v;
}

int opt_copy_run(struct compile *c)
{
	struct func *f = c->func;
	struct arena mark;
	struct table t = { .mask = 63 };

	if (c->careful > 1)
		return 0;
	if (opt_mem_number(f))
		return -1;
	mark = *c->arena;
	while (t.mask < f->n_values)
		t.mask = 2 * t.mask + 1;
	t.bucket = arena_alloc(c->arena, (t.mask + 1) * sizeof(*t.bucket));
	t.next = arena_alloc(c->arena, (f->n_values + 1) * sizeof(*t.next));
	if (!t.bucket || !t.next)
		return -1;
	mark_keys(f);
	for (uint32_t n = 0; n < f->n_rpo; n++)
		for (struct value *v = f->rpo[n]->first, *next; v; v = next) {
			next = v->next;
			visit(&t, v);
		}
	*c->arena = mark;
	return 0;
}
