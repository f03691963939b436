// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* Numbers the states of the packet's bytes: two reads with equal epoch see the same bytes. A store starts a new epoch, and so does a
 * block that different epochs lead into. A read belongs to the epoch of the last store that may have changed its bytes. Moving the packet
 * changes all of it; where it lies is numbered in the same way. */
#include "opt.h"

enum { STEPS_MAX = 64,        /* stores looked through */
       BETWEEN_MAX = 96 };     /* values that a store may be moved over */

struct epoch {
	const struct value *store; /* that started it; NULL: a block, or the packet as it came */
	uint32_t before;
};

int opt_mem_writes_packet(const struct value *v)
{
	return v->op == IR_ADJ || (v->op == IR_ST && v->region[0] == R_PKT);
}

static int moves_packet(const struct value *v)
{
	return v->op == IR_ADJ;
}

/* The epoch that all ways known so far bring, or 0 when they differ. */
static uint32_t epoch_from_preds(const struct block *b)
{
	uint32_t epoch = 0;

	for (uint32_t n = 0; n < b->n_pred; n++) {
		uint32_t e = b->pred[n]->epoch_out;

		if (e && epoch && e != epoch)
			return 0;
		if (e)
			epoch = e;
	}
	return epoch;
}

static int at_known_offset(const struct value *v)
{
	return v->op == IR_WIN || (v->op != IR_ADJ && ir_is_place(ir_resolve(v->arg[0]), SR_DATA));
}

int opt_mem_overlap(const struct value *x, const struct value *y)
{
	int wx = x->op == IR_WIN, wy = y->op == IR_WIN;

	if (x->region[0] == R_MAP_VALUE && y->region[0] == R_MAP_VALUE && (x->fence || y->fence))
		return 1;
	if (x->region[0] != y->region[0] || (x->region[0] == R_MAP_VALUE && !maps_meet(x->map, y->map)))
		return 0;
	if (!wx && !wy && ir_resolve(x->arg[0]) != ir_resolve(y->arg[0]))
		return 1;
	if ((wx || wy) && !(at_known_offset(x) && at_known_offset(y)))
		return 1;
	return x->imm < y->imm + y->width && y->imm < x->imm + x->width;
}

static int touches(const struct value *v, const struct value *store)
{
	switch (v->op) {
	case IR_WIN: case IR_LD: case IR_MLD: case IR_ST: case IR_MST:
	case IR_MADD: case IR_MAND: case IR_MOR: case IR_MXOR: case IR_MXCHG: case IR_MCAS:
		return opt_mem_overlap(v, store);
	case IR_LOOK: case IR_LOOKS: case IR_UPD: case IR_DEL: case IR_CPY: case IR_ADJ:
		return 1;
	default:
		return 0;
	}
}

int opt_mem_can_sink(const struct value *store, const struct value *to)
{
	int n = 0;

	for (const struct value *v = store->next; v != to; v = v->next)
		if (!v || ++n > BETWEEN_MAX || touches(v, store))
			return 0;
	return 1;
}

int opt_mem_changes_map(const struct value *v, const struct value *load)
{
	switch (v->op) {
	case IR_MST: case IR_MADD: case IR_MAND: case IR_MOR: case IR_MXOR: case IR_MXCHG: case IR_MCAS:
		return opt_mem_overlap(v, load);
	case IR_UPD: case IR_DEL: case IR_CPY:
		return 1;
	case IR_MLD:
		return v->fence;
	default:
		return 0;
	}
}

uint32_t opt_mem_epoch(const struct func *f, uint32_t here, int64_t off, uint32_t width)
{
	for (int n = 0; n < STEPS_MAX; n++) {
		const struct value *s = f->epochs[here].store;

		if (!s || !at_known_offset(s) || (s->imm < off + width && off < s->imm + s->width))
			break;
		here = f->epochs[here].before;
	}
	return here;
}

const struct value *opt_mem_written(const struct func *f, uint32_t here, int64_t off)
{
	const struct value *s = f->epochs[opt_mem_epoch(f, here, off, 1)].store;

	return s && s->op == IR_ST && at_known_offset(s) && off >= s->imm && off < s->imm + s->width ? s : NULL;
}

const struct value *opt_mem_began(const struct func *f, uint32_t epoch, uint32_t *before)
{
	*before = f->epochs[epoch].before;
	return f->epochs[epoch].store;
}

void opt_mem_moved(struct func *f, const struct value *store, const struct value *to)
{
	uint32_t gone = store->epoch, before = f->epochs[gone].before;

	for (struct value *v = store->next; opt_mem_writes_packet(store) && v; v = v == to ? NULL : v->next) {
		if (opt_mem_writes_packet(v) && f->epochs[v->epoch].before == gone)
			f->epochs[v->epoch].before = before;
		if (v->here == gone)
			v->here = before;
	}
}

int opt_mem_is_there(const struct func *f, const struct value *store, const struct value *win)
{
	return at_known_offset(store) && win->epoch == opt_mem_epoch(f, f->epochs[store->epoch].before, win->imm, win->width);
}

static void number_changes(struct func *f, int (*changes)(const struct value *v))
{
	f->n_epochs = 1; /* 1 is the packet as it came */
	for (uint32_t n = 0; n < f->n_rpo; n++) {
		struct block *b = f->rpo[n];

		b->epoch_in = b->epoch_out = 0;
		for (struct value *v = b->first; v; v = v->next)
			if (changes(v))
				v->epoch = b->epoch_out = ++f->n_epochs;
	}
	f->rpo[0]->epoch_in = 1;
	if (!f->rpo[0]->epoch_out)
		f->rpo[0]->epoch_out = 1;
}

/* An epoch once made for a block where ways differ stays, so this ends: a block changes at most twice. */
static void spread(struct func *f)
{
	int changed = 1;

	while (changed) {
		changed = 0;
		for (uint32_t n = 1; n < f->n_rpo; n++) {
			struct block *b = f->rpo[n];
			uint32_t in = epoch_from_preds(b);
			int passes = b->epoch_out == b->epoch_in;

			if (b->reached || (in && in == b->epoch_in))
				continue;
			if (!in || b->epoch_in) {
				in = ++f->n_epochs;
				b->reached = 1; /* has an epoch of its own */
			}
			b->epoch_in = in;
			if (passes)
				b->epoch_out = in;
			changed = 1;
		}
	}
	for (uint32_t n = 0; n < f->n_rpo; n++)
		f->rpo[n]->reached = 0;
}

static void number_reads(struct func *f, struct block *b)
{
	uint32_t epoch = b->epoch_in;

	for (struct value *v = b->first; v; v = v->next) {
		if (opt_mem_writes_packet(v)) {
			f->epochs[v->epoch] = (struct epoch){ v, epoch };
			epoch = v->epoch;
		} else if (v->op == IR_WIN || (v->op == IR_LD && v->region[0] == R_PKT && at_known_offset(v))) {
			v->epoch = opt_mem_epoch(f, epoch, v->imm, v->width);
		} else if (v->op != IR_NOW) {
			v->epoch = epoch;
		}
		v->here = epoch;
	}
}

void opt_mem_number_places(struct func *f)
{
	number_changes(f, moves_packet);
	spread(f);
	for (uint32_t n = 0; n < f->n_rpo; n++) {
		uint32_t epoch = f->rpo[n]->epoch_in;

		for (struct value *v = f->rpo[n]->first; v; v = v->next) {
			if (moves_packet(v))
				epoch = v->epoch;
			else if (v->op == IR_NOW)
				v->epoch = epoch;
			v->here = epoch;
		}
	}
}

int opt_mem_number(struct func *f)
{
	if (f->moves)
		opt_mem_number_places(f); /* of NOW */
	number_changes(f, opt_mem_writes_packet);
	spread(f);
	f->epochs = arena_alloc(f->c->arena, (f->n_epochs + 1) * sizeof(*f->epochs));
	if (!f->epochs)
		return -1;
	for (uint32_t n = 0; n < f->n_rpo; n++)
		number_reads(f, f->rpo[n]);
	return 0;
}
