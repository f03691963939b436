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
enum { READ_FOR_KEY = UINT32_MAX - 1, OF_KEY }; /* order of what is read for the key of a lookup, and of what puts that together */

static int is_cheap(const struct value *v)
{
	return v->op == IR_OR || v->op == IR_LSH || v->op == IR_UBFX || v->op == IR_AND || v->op == IR_ADD || v->op == IR_MOVH;
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

				if (x && x->block == v->block && (is_cheap(x) || x->op == IR_WIN))
					x->order = x->op == IR_WIN ? READ_FOR_KEY : OF_KEY;
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

/* ---- what two ways read for their keys ---- */

static int is_whole_read(const struct value *v)
{
	return v->op == IR_WIN && v->order == READ_FOR_KEY && !v->sign && !v->swap && !v->shift && v->len == 8 * v->width;
}

/* Does `wide`, where it would stand at the end of b, read what `part` reads? */
static int covers(const struct func *f, const struct block *b, const struct value *wide, const struct value *part)
{
	uint32_t here = b->last->here;

	return is_whole_read(part) && part->imm >= wide->imm && part->imm + part->width <= wide->imm + wide->width &&
	       part->epoch == opt_mem_epoch(f, here, part->imm, part->width) && wide->epoch == opt_mem_epoch(f, here, wide->imm, wide->width);
}

static void become_field(struct value *part, struct value *wide)
{
	part->op = IR_UBFX;
	part->order = 0;
	part->arg[0] = wide;
	part->shift = (uint8_t)(8 * (part->imm - wide->imm));
	part->width = 0;
	part->region[0] = R_NONE;
	part->imm = 0;
	part->epoch = 0;
}

/* A field that is shifted up as far as it can need not be cut out before. */
static void shift_whole(struct value *v)
{
	struct value *field = v->op == IR_LSH ? ir_resolve(v->arg[0]) : v, *by = v->op == IR_LSH ? ir_resolve(v->arg[1]) : NULL;
	unsigned int top;

	if (!by || v->w || !ir_is_const(by) || field->op != IR_UBFX || field->shift)
		return;
	top = (unsigned int)by->imm + field->len;
	if (top != 64 && top != 32)
		return;
	v->w = top == 32;
	v->arg[0] = field->arg[0];
}

/* One read before the branch, instead of some on either way of which none is the likely one. It must not end behind a packet that has what they read. */
static void read_before(struct func *f, struct block *b, struct value *wide, struct block *other)
{
	int found = 0;

	for (struct value *v = wide->imm + wide->width <= other->least ? other->first : NULL; v; v = v->next)
		if (covers(f, b, wide, v)) {
			become_field(v, wide);
			found = 1;
		}
	if (!found)
		return;
	for (struct value *v = other->first; v; v = v->next)
		shift_whole(v);
	ir_remove(wide);
	ir_insert_before(b->last, wide);
	wide->here = b->last->here;
}

static void share_reads(struct func *f, struct block *b)
{
	if (!b->succ[1] || b->last->odds != ODDS_ONE / 2 || b->succ[0]->n_pred != 1 || b->succ[1]->n_pred != 1)
		return;
	for (int way = 0; way < 2; way++)
		for (struct value *v = b->succ[way]->first, *next; v; v = next) {
			next = v->next;
			if (is_whole_read(v))
				read_before(f, b, v, b->succ[!way]);
		}
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
	opt_least_lengths(f);
	for (uint32_t n = 0; n < f->n_rpo; n++)
		share_reads(f, f->rpo[n]);
	for (uint32_t n = 0; n < f->n_rpo; n++)
		for (struct value *v = f->rpo[n]->first, *next; v; v = next) {
			next = v->next;
			visit(&t, v);
		}
	*c->arena = mark;
	return 0;
}
