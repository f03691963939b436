// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* Stores to packet or stack that lie side by side are cut anew, into as few as pays: a store has one lane, and what puts numbers together
 * has all of them. Those in front move down to the last one, so nothing between may touch their bytes.
 *   st [p], x, 4; st [p + 4], y, 2; st [p + 6], z, 4; st [p + 10], w, 2 -> st [p], .., 8; st [p + 8], .., 4 */
#include "opt.h"

enum { SIX = 6, STORES_MAX = 12, BETWEEN_MAX = 96, /* stores and values looked back over */
       SPAN = 64,             /* bytes cut at once */
       STORE_COST = 3,        /* as so many operations of any lane, at most */
       QUARTER = 4 };         /* lanes are counted in quarters */
enum { DONE = UINT32_MAX };   /* order of a store that has been looked at */

struct pack {
	struct func *f;
	struct value *last;   /* of the stores */
	struct value *store[STORES_MAX];
	unsigned int n;
	int64_t start;        /* offset of the first byte */
	unsigned int size;    /* bytes from there on without a gap */
	struct opt_byte byte[SPAN];
	unsigned int cost[SPAN + 1]; /* of the best cut from this byte on */
	uint8_t width[SPAN];  /* and the first store of it, or 1 for a byte that is not stored */
	uint8_t there[SPAN];  /* the packet has this byte already */
	uint8_t skip[SPAN];
	unsigned int store_cost;
};

enum { SLOTS = 128 };
struct timing {
	uint8_t taken[SLOTS]; /* of the last lane */
	unsigned int now, end; /* last one taken; behind all */
	unsigned int stored;  /* behind all stores so far */
};

static int reads_stores(const struct value *v)
{
	return v->op == IR_LOOK || v->op == IR_LOOKS || v->op == IR_UPD || v->op == IR_DEL || v->op == IR_CPY;
}

static int can_pack(const struct value *v)
{
	return v->op == IR_ST && !v->swap && (v->region[0] != R_STACK || ir_is_special(ir_resolve(v->arg[0]), SR_FP));
}

static void collect(struct pack *p)
{
	int values = 0;

	p->n = 0;
	p->store[p->n++] = p->last;
	for (struct value *v = p->last->prev; v && p->n < STORES_MAX && values < BETWEEN_MAX; v = v->prev, values++)
		if (can_pack(v) && v->region[0] == p->last->region[0] && ir_resolve(v->arg[0]) == ir_resolve(p->last->arg[0]) &&
		    !opt_mem_overlap(v, p->last) && opt_mem_can_sink(v, p->last))
			p->store[p->n++] = v;
}

static struct value *store_at(const struct pack *p, int64_t at, int ends)
{
	for (unsigned int n = 0; n < p->n; n++)
		if (p->store[n] && p->store[n]->imm + (ends ? p->store[n]->width : 0) == at)
			return p->store[n];
	return NULL;
}

/* A store of what the packet has there changes nothing. */
static int is_there(const struct func *f, const struct value *store, const struct opt_byte *b, int64_t at)
{
	return store->region[0] == R_PKT && opt_bytes_is_packet(b) && opt_bytes_offset(b) == at && opt_mem_is_there(f, store, b->v);
}

/* Byte n of what the store writes. */
static void add_byte(struct pack *p, const struct value *store, unsigned int n)
{
	struct opt_byte *b = &p->byte[p->size];

	*b = opt_byte_of(p->f, store->arg[1], n);
	p->there[p->size] = (uint8_t)is_there(p->f, store, b, store->imm + n);
	*b = opt_tested_byte(p->f, p->last->block, *b);
	p->size++;
}

/* The bytes around the last store that the others fill without a gap. */
static void find_span(struct pack *p)
{
	struct value *v = p->last;
	int64_t end;

	while (v && p->last->imm + p->last->width - v->imm <= SPAN) {
		p->start = v->imm;
		v = store_at(p, p->start, 1);
	}
	p->size = 0;
	for (end = p->start; (v = store_at(p, end, 0)) && end + v->width - p->start <= SPAN; end += v->width)
		for (unsigned int n = 0; n < v->width; n++)
			add_byte(p, v, n);
}

static unsigned int cost_of(const struct pack *p, unsigned int at, unsigned int width)
{
	return p->store_cost + opt_bytes_cost(p->f, p->byte + at, width);
}

/* The best cut, from the end on. */
static void cut(struct pack *p)
{
	static const uint8_t widths[] = { 8, SIX, 4, 2, 1 };

	p->cost[p->size] = 0;
	for (unsigned int at = p->size; at-- > 0;) {
		p->skip[at] = p->there[at];
		p->width[at] = 1;
		p->cost[at] = p->there[at] ? p->cost[at + 1] : UINT32_MAX;
		for (unsigned int n = 0; n < sizeof(widths); n++) {
			unsigned int cost, width = widths[n];

			if (at + width > p->size || (p->last->region[0] == R_STACK && (width == SIX || (p->start + at) % width)))
				continue;
			cost = cost_of(p, at, width) + p->cost[at + width];
			if (cost < p->cost[at]) {
				p->skip[at] = 0;
				p->cost[at] = cost;
				p->width[at] = (uint8_t)width;
			}
		}
	}
}

static unsigned int cost_now(const struct pack *p, unsigned int *stores)
{
	unsigned int cost = 0;

	for (unsigned int at = 0; at < p->size;) {
		unsigned int width = store_at(p, p->start + at, 0)->width;

		cost += cost_of(p, at, width);
		at += width;
		++*stores;
	}
	return cost;
}

static void put(struct pack *p, unsigned int at, unsigned int width, struct value *data)
{
	struct value *v = ir_new(p->f, IR_ST, p->last->insn);

	if (!v || !data)
		return;
	v->arg[0] = p->last->arg[0];
	v->arg[1] = data;
	v->imm = p->start + at;
	v->width = (uint8_t)width;
	v->region[0] = p->last->region[0];
	v->here = p->last->here;
	ir_insert_before(p->last, v);
}

/* Is the store in the cut as it is? */
static int is_kept(const struct pack *p, const struct value *v)
{
	unsigned int at = 0, from = (unsigned int)(v->imm - p->start);

	while (at < from)
		at += p->width[at];
	return at == from && p->width[at] == v->width && !p->skip[at];
}

static int in_span(const struct pack *p, const struct value *v)
{
	return v->imm >= p->start && v->imm < p->start + p->size;
}

static int is_in_span(const struct pack *p, const struct value *v)
{
	for (unsigned int n = 0; n < p->n; n++)
		if (p->store[n] == v)
			return in_span(p, v);
	return 0;
}

/* ---- how long it takes ---- */

int opt_takes_last_lane(const struct value *v)
{
	switch (v->op) {
	case IR_LD: case IR_MLD: case IR_MUL: case IR_OADD: case IR_FOLD: case IR_RDT: case IR_RDIR: case IR_LOOKR:
		return 1;
	default:
		return ir_kinds[v->op] == KIND_EFFECT || reads_stores(v);
	}
}

/* Bundles are counted from the first value looked at; what was there before is ready in the first of them. */
static unsigned int ready(const struct value *v)
{
	unsigned int at = 0;

	for (int n = 0; n < ir_args[v->op]; n++) {
		const struct value *x = ir_resolve(v->arg[n]);

		if (ir_kinds[x->op] != KIND_LEAF && x->uses > at)
			at = x->uses;
	}
	return at;
}

static void take_slot(struct timing *t, unsigned int at)
{
	while (at < SLOTS && t->taken[at])
		at++;
	if (at < SLOTS)
		t->taken[at] = 1;
	t->now = at;
	t->end = at >= t->end ? at + 1 : t->end;
}

static void take_store(struct timing *t, unsigned int at)
{
	take_slot(t, at);
	t->stored = t->now >= t->stored ? t->now + 1 : t->stored;
}

/* Reads and stores of less than four bytes will become one with their neighbours. */
static unsigned int quarters(const struct value *v)
{
	int is_part = v->op == IR_WIN || (v->op == IR_ST && v->region[0] != R_MAP_VALUE);

	if (v->op == IR_PHI || v->op == IR_NOW || v->op == IR_COPY)
		return 0;
	return is_part && v->width < QUARTER ? v->width : QUARTER;
}

/* The last bundle of those around the last store, with the stores as they are or as they are cut. `own`: operations of the stores of the span
 * and of what puts their numbers together. */
static unsigned int time_of(const struct pack *p, int is_cut, unsigned int own)
{
	enum { LANES = 3 };
	struct timing t = { .end = 0 };
	struct value *first = p->last, *v;
	unsigned int all = 0, parts = QUARTER - 1;

	for (int n = 0; first->prev && n < BETWEEN_MAX; n++)
		first = first->prev;
	v = first;
	for (int n = 0; v && n < 2 * BETWEEN_MAX; v = v->next, n++) {
		int mine = v->op == IR_ST && is_in_span(p, v);

		all += mine ? 0 : quarters(v);
		v->uses = ready(v) + 1;
		if (is_cut && v == p->last)
			for (unsigned int at = 0; at < p->size; at += p->width[at])
				if (!p->skip[at])
					take_store(&t, opt_bytes_ready(p->f, p->byte + at, p->width[at]));
		if ((is_cut && mine) || !opt_takes_last_lane(v))
			continue;
		if (!mine && quarters(v) < QUARTER) {
			parts += quarters(v);
			if (parts < QUARTER)
				continue;
			parts -= QUARTER;
		}
		if (v->op == IR_ST) {
			take_store(&t, v->uses - 1);
		} else {
			take_slot(&t, reads_stores(v) && t.stored >= v->uses ? t.stored : v->uses - 1);
			v->uses = t.now + 1;
		}
	}
	for (; first != v; first = first->next) {
		t.end = first->uses > t.end && ir_kinds[first->op] == KIND_END ? first->uses : t.end;
		first->uses = 0;
	}
	all = (all / QUARTER + own + LANES - 1) / LANES;
	return all > t.end ? all : t.end;
}

/* ---- the pass ---- */

/* All that is stored is read before the first store. */
static void replace(struct pack *p)
{
	struct value *data[SPAN] = { NULL };

	for (unsigned int at = 0; at < p->size; at += p->width[at]) {
		const struct value *v = store_at(p, p->start + at, 0);

		if (!p->skip[at] && (!v || !is_kept(p, v)))
			data[at] = opt_bytes_value(p->f, p->last, p->byte + at, p->width[at], 0);
	}
	for (unsigned int at = 0; at < p->size; at += p->width[at])
		if (data[at])
			put(p, at, p->width[at], data[at]);
	for (unsigned int n = 0; n < p->n; n++)
		if (in_span(p, p->store[n]) && !is_kept(p, p->store[n]))
			ir_remove(p->store[n]);
}

/* Operations of the stores, and how long it takes. */
struct price { unsigned int time, cost; };

static int is_less(struct price x, struct price y)
{
	return x.time < y.time || (x.time == y.time && x.cost < y.cost);
}

static struct price price_now(const struct pack *p)
{
	unsigned int stores = 0, own = cost_now(p, &stores);

	own -= (p->store_cost - 1) * stores;
	return (struct price){ time_of(p, 0, own), own + (STORE_COST - 1) * stores };
}

static struct price price_of_cut(const struct pack *p)
{
	unsigned int cuts = 0, own;

	for (unsigned int at = 0; at < p->size; at += p->width[at])
		cuts += !p->skip[at];
	own = p->cost[0] - (p->store_cost - 1) * cuts;
	return (struct price){ time_of(p, 1, own), own + (STORE_COST - 1) * cuts };
}

/* The best of the cuts for stores of several prices, if it is one that pays. */
static void pack(struct pack *p, struct value *last)
{
	struct price now, best;
	unsigned int chosen = 0;

	p->last = last;
	p->store_cost = STORE_COST;
	collect(p);
	find_span(p);
	best = now = price_now(p);
	for (p->store_cost = STORE_COST; p->store_cost; p->store_cost--) {
		unsigned int stores = 0;
		struct price price;

		cut(p);
		price = price_of_cut(p);
		if (p->cost[0] < cost_now(p, &stores) && (is_less(price, best) || (!chosen && !is_less(now, price)))) {
			best = price;
			chosen = p->store_cost;
		}
	}
	if (chosen) {
		p->store_cost = chosen;
		cut(p);
		replace(p);
	}
	for (unsigned int n = 0; n < p->n; n++)
		if (in_span(p, p->store[n]))
			p->store[n]->order = DONE;
}

/* A number that is there in the other order already is stored as it is there, as part of a wider one perhaps. */
static void unswap(struct value *store)
{
	struct value *x = ir_resolve(store->arg[1]);
	int values = 0;

	for (struct value *v = store->prev; v && v != x && values < BETWEEN_MAX; v = v->prev, values++)
		if (v->op == IR_BSWAP && v->width == store->width && ir_resolve(v->arg[0]) == x) {
			store->arg[1] = v;
			store->swap = 0;
			return;
		}
}

static void visit(struct pack *p, struct block *b)
{
	struct value **store;
	unsigned int stores = 0, n = 0;

	for (struct value *v = b->first; v; v = v->next) {
		stores += v->op == IR_ST;
		v->uses = 0;
	}
	if (!stores)
		return;
	p->f->least = b->least;
	store = arena_alloc(p->f->c->arena, stores * sizeof(*store));
	for (struct value *v = b->first; v && store; v = v->next) {
		v->order = 0;
		if (v->op == IR_ST && v->swap)
			unswap(v);
		if (can_pack(v))
			store[n++] = v;
	}
	while (n-- > 0)
		if (store[n]->order != DONE)
			pack(p, store[n]);
	p->f->least = 0;
}

int opt_pack_run(struct compile *c)
{
	struct pack *p = arena_alloc(c->arena, sizeof(*p));

	if (!p || opt_dead_run(c) || opt_mem_number(c->func)) /* what nobody needs is no work */
		return -1;
	p->f = c->func;
	opt_least_lengths(p->f);
	for (uint32_t n = 0; n < c->func->n_rpo; n++)
		visit(p, c->func->rpo[n]);
	return c->arena->failed ? -1 : 0;
}
