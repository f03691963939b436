// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* Drops stores to stack bytes that are written again, or never read, before the packet ends. Backwards over the program with one bit per
 * byte of stack: read before it is written? A store that is only read on a way that few packets take is done there, and a constant on all ways beside
 * what they store in the same word, where opt_pack.c makes one of the two. */
#include "opt.h"

enum { WORDS = EBPF_STACK_BYTES / 64 };

struct bytes { uint64_t bit[WORDS]; }; /* byte n is at r10 - 512 + n */

struct span { int64_t first, size; };

static void set(struct bytes *s, struct span span, int value)
{
	for (int64_t n = span.first; n < span.first + span.size; n++) {
		uint64_t at = (uint64_t)(n + EBPF_STACK_BYTES);

		if (at >= EBPF_STACK_BYTES)
			continue;
		if (value)
			s->bit[at / 64] |= 1ULL << at % 64;
		else
			s->bit[at / 64] &= ~(1ULL << at % 64);
	}
}

static int any(const struct bytes *s, struct span span)
{
	for (int64_t n = span.first; n < span.first + span.size; n++) {
		uint64_t at = (uint64_t)(n + EBPF_STACK_BYTES);

		if (at < EBPF_STACK_BYTES && (s->bit[at / 64] >> at % 64 & 1))
			return 1;
	}
	return 0;
}

static const struct span everything = { -EBPF_STACK_BYTES, EBPF_STACK_BYTES };

/* Where a pointer into the stack points, with size bytes behind it; everything when that is not known. */
static struct span span_of(struct value *pointer, int64_t off, uint32_t size)
{
	int64_t from;

	return ir_is_near(pointer, SR_FP, &from) ? (struct span){ off + from, size } : everything;
}

static void read_operands(const struct compile *c, struct bytes *live, const struct value *v)
{
	const struct image_map *m = &c->maps[v->map];

	if (v->op != IR_CPY && v->region[0] == R_STACK)
		set(live, span_of(v->arg[0], 0, m->key_size), 1);
	if ((v->op == IR_UPD || v->op == IR_CPY) && v->region[1] == R_STACK)
		set(live, span_of(v->arg[1], 0, m->value_size), 1);
}

/* Backwards over one value. Returns 1 when it is a store nobody needs. */
static int step(const struct compile *c, struct bytes *live, const struct value *v)
{
	switch (v->op) {
	case IR_LD:
		if (v->region[0] == R_STACK)
			set(live, span_of(v->arg[0], v->imm, v->width), 1);
		return 0;
	case IR_ST:
		if (v->region[0] != R_STACK || span_of(v->arg[0], v->imm, v->width).size != v->width)
			return 0;
		if (!any(live, span_of(v->arg[0], v->imm, v->width)))
			return 1;
		set(live, span_of(v->arg[0], v->imm, v->width), 0);
		return 0;
	case IR_LOOK: case IR_LOOKS: case IR_UPD: case IR_DEL: case IR_CPY:
		read_operands(c, live, v);
		return 0;
	default:
		return 0;
	}
}

static struct bytes behind(const struct bytes *top, const struct block *b)
{
	struct bytes live = { { 0 } };

	for (int way = 0; way < 2; way++)
		for (int n = 0; b->succ[way] && n < WORDS; n++)
			live.bit[n] |= top[b->succ[way]->rpo].bit[n];
	return live;
}

/* ---- stores that few packets need ---- */

enum { DOWN_MAX = 16, VALUES_MAX = 256, /* blocks and values that a store may be moved over */
       OWN_MAX = 64,                    /* ways that get a block of their own */
       SPLITS_MAX = 2, PLACES_MAX = 1 << SPLITS_MAX };

struct way { struct block *from; int way; };

static int overlap(struct span x, struct span y)
{
	return x.first < y.first + y.size && y.first < x.first + x.size;
}

static int touches(const struct compile *c, const struct value *v, struct span span)
{
	struct bytes read = { { 0 } };

	switch (v->op) {
	case IR_LD: case IR_ST:
		return v->region[0] == R_STACK && overlap(span_of(v->arg[0], v->imm, v->width), span);
	case IR_LOOK: case IR_LOOKS: case IR_UPD: case IR_DEL: case IR_CPY:
		read_operands(c, &read, v);
		return any(&read, span);
	default:
		return 0;
	}
}

/* The only way out of b on which these bytes are read, or -1. */
static int only_way(const struct bytes *top, const struct block *b, struct span span)
{
	int only = -1;

	for (int way = 0; way < 2; way++) {
		if (!b->succ[way] || !any(&top[b->succ[way]->rpo], span))
			continue;
		if (only >= 0)
			return -1;
		only = way;
	}
	return only;
}

static int is_unlikely(const struct block *b, int way)
{
	return b->succ[1] && (way ? ODDS_ONE - b->last->odds : b->last->odds) < ODDS_ONE / 2;
}

/* Where a store is done instead: on all ways of these; none: where it is. */
struct places { struct way at[PLACES_MAX]; uint32_t n; };

/* A store to move, or a part of it. */
struct moved {
	struct span span;
	int joins;            /* it may become one with another */
};

static struct places places_in(const struct compile *c, const struct bytes *top, struct moved m, struct way in, const struct value *v, int splits);

/* Does v store in the same word? */
static int is_beside(const struct value *v, struct span span)
{
	enum { WORD = 8 };

	return v->op == IR_ST && v->region[0] == R_STACK && ir_is_special(ir_resolve(v->arg[0]), SR_FP) && v->imm >> 3 == span.first >> 3 && span.size < WORD;
}

/* Both ways out of b read the bytes: may the store be done on each of them, further down? */
static struct places on_both(const struct compile *c, const struct bytes *top, struct moved m, struct block *b, int splits)
{
	struct places all = { .n = 0 };

	for (int way = 0; way < 2; way++) {
		struct block *to = b->succ[way];
		struct places some = { .n = 0 };

		if (splits && to && to->n_pred == 1)
			some = places_in(c, top, m, (struct way){ b, way }, to->first, splits - 1);
		if (!some.n || all.n + some.n > PLACES_MAX)
			return (struct places){ .n = 0 };
		memcpy(&all.at[all.n], some.at, some.n * sizeof(*some.at));
		all.n += some.n;
	}
	return all;
}

/* The ways at whose begin a store of these bytes is best, from v in the block behind a way on; none: before that. */
static struct places places_in(const struct compile *c, const struct bytes *top, struct moved m, struct way in, const struct value *v, int splits)
{
	struct places best = { .n = 0 };

	for (int n = 0, values = 0; n < DOWN_MAX; n++) {
		struct block *b = v->block;

		for (; v; v = v->next) {
			if (m.joins && in.from && is_beside(v, m.span))
				return (struct places){ .at = { in }, .n = 1 };
			if (++values > VALUES_MAX || touches(c, v, m.span))
				return best;
		}
		in = (struct way){ b, only_way(top, b, m.span) };
		if (in.way < 0) {
			struct places both = on_both(c, top, m, b, splits);

			return both.n ? both : best;
		}
		if (is_unlikely(b, in.way))
			best = (struct places){ .at = { in }, .n = 1 };
		b = b->succ[in.way];
		if (b->n_pred != 1)
			return best;
		v = b->first;
	}
	return best;
}

/* The block at the begin of the way, which is of no other one; NULL: there are too many of those. */
static struct block *own_block(struct func *f, struct bytes *top, struct way at, uint32_t *made)
{
	struct block *to = at.from->succ[at.way], *own;

	if (to->n_pred == 1 || *made == OWN_MAX)
		return to->n_pred == 1 ? to : NULL;
	own = opt_own_way(f, at.from, at.way);
	if (own) {
		own->rpo = f->n_rpo + (*made)++;
		top[own->rpo] = top[to->rpo];
	}
	return own;
}

/* What the block stores in the same word before it reads any of these bytes, when the store has come there to join it. */
static struct span beside(const struct compile *c, const struct block *b, struct moved m)
{
	for (const struct value *v = b->first; v && m.joins; v = v->next) {
		if (is_beside(v, m.span))
			return (struct span){ v->imm, v->width };
		if (touches(c, v, m.span))
			break;
	}
	return (struct span){ 0, 0 };
}

/* Stores at the begin of a block what the store does, in pieces around what is stored over it there. */
static void store_in(struct compile *c, struct bytes *top, struct block *to, const struct value *store, struct moved m)
{
	struct span over = beside(c, to, m), piece = { store->imm, store->width };
	struct value *at = to->first;

	while (at->op == IR_PHI)
		at = at->next;
	for (; piece.first < store->imm + store->width; piece.first += piece.size) {
		struct value *v;

		for (piece.size = m.span.size; piece.size > 1 && (piece.first % piece.size || piece.first + piece.size > store->imm + store->width ||
								overlap(piece, over)); piece.size /= 2)
			;
		if (overlap(piece, over))
			continue;
		v = ir_new(c->func, IR_ST, store->insn);
		if (!v)
			return;
		v->arg[0] = store->arg[0];
		v->arg[1] = piece.first == store->imm ? store->arg[1] : ir_const(c->func, (uint64_t)store->arg[1]->imm >> 8 * (piece.first - store->imm));
		v->imm = piece.first;
		v->width = (uint8_t)piece.size;
		v->swap = store->swap;
		v->region[0] = R_STACK;
		v->here = store->here;
		ir_insert_before(at, v);
	}
	set(&top[to->rpo], m.span, 0);
}

/* The last one first, so that they stay in order. Returns how many. */
static uint32_t sink(struct compile *c, struct bytes *top, struct block *b, uint32_t *made)
{
	uint32_t sunk = 0;

	for (struct value *v = b->last, *prev; v; v = prev) {
		struct places places = { .n = 0 };
		struct block *to[PLACES_MAX];
		struct moved m = { { v->imm, v->width }, 0 };
		int all = 1;

		prev = v->prev;
		if (v->op == IR_ST && v->region[0] == R_STACK && ir_is_special(ir_resolve(v->arg[0]), SR_FP)) {
			v->arg[1] = ir_resolve(v->arg[1]);
			m.joins = ir_is_const(v->arg[1]) && !v->swap;
			places = places_in(c, top, m, (struct way){ NULL, 0 }, v->next, SPLITS_MAX);
		}
		for (uint32_t n = 0; n < places.n; n++) {
			to[n] = own_block(c->func, top, places.at[n], made);
			all &= to[n] != NULL;
		}
		if (!places.n || !all)
			continue;
		for (uint32_t n = 0; n < places.n; n++)
			store_in(c, top, to[n], v, m);
		ir_remove(v);
		sunk++;
	}
	return sunk;
}

int opt_stack_run(struct compile *c)
{
	struct func *f = c->func;
	struct arena mark = *c->arena;
	struct bytes *top = arena_alloc(c->arena, (f->n_rpo + OWN_MAX) * sizeof(*top));
	uint32_t made = 0, sunk = 0;
	int changed = 1;

	if (!top)
		return -1;
	while (changed) {
		changed = 0;
		for (uint32_t n = f->n_rpo; n-- > 0;) {
			struct bytes live = behind(top, f->rpo[n]);

			for (struct value *v = f->rpo[n]->last; v; v = v->prev)
				step(c, &live, v);
			changed |= memcmp(&live, &top[n], sizeof(live)) != 0;
			top[n] = live;
		}
	}
	for (uint32_t n = 0; n < f->n_rpo; n++) {
		struct bytes live = behind(top, f->rpo[n]);

		for (struct value *v = f->rpo[n]->last, *prev; v; v = prev) {
			prev = v->prev;
			if (step(c, &live, v))
				ir_remove(v);
		}
	}
	for (uint32_t n = f->n_rpo; n-- > 0;)
		sunk += sink(c, top, f->rpo[n], &made);
	if (c->arena->failed)
		return -1;
	if (made)
		return cfg_order(f);
	if (!sunk)
		*c->arena = mark;
	return 0;
}
