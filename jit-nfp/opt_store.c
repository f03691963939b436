// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* Two stores side by side become one of twice the width, where the two values are halves of one: constants, neighbouring bits of a value, or
 * neighbouring bytes of the packet or of a map. The first store moves down to the second, so nothing between may touch its bytes. */
#include "opt.h"

enum { BACK_MAX = 12, BETWEEN_MAX = 96 }; /* stores and values looked back over */

struct pair {
	struct func *f;
	struct value *low, *high; /* the stores, by address */
	struct value *first, *second; /* the same, by order */
};

static uint64_t ones(unsigned int bits)
{
	return bits < 64 ? (1ULL << bits) - 1 : UINT64_MAX;
}

static int can_be_wider(const struct value *v)
{
	return (v->op == IR_ST || v->op == IR_MST) && v->width <= 4 && !v->swap && !v->fence;
}

static int side_by_side(const struct value *x, const struct value *y)
{
	int64_t distance = x->imm < y->imm ? y->imm - x->imm : x->imm - y->imm;
	int64_t low = x->imm < y->imm ? x->imm : y->imm;

	if (x->op != y->op || x->width != y->width || x->region[0] != y->region[0] || x->arg[0] != y->arg[0] || distance != x->width)
		return 0;
	/* stack words stay aligned: fp is a multiple of 8 */
	return x->region[0] != R_STACK || (ir_is_special(x->arg[0], SR_FP) && low % (2 * x->width) == 0);
}

/* ---- one value of two ---- */

struct bits { struct value *of; unsigned int shift; }; /* at least as many as are stored */

static struct bits bits_of(struct value *v, unsigned int width)
{
	struct bits b = { v, 0 };

	if (v->op == IR_UBFX && (v->len >= width || v->arg[0]->bits <= v->shift + v->len))
		b = (struct bits){ v->arg[0], v->shift };
	return b;
}

static struct value *joined_bits(struct pair *p, unsigned int width)
{
	struct bits low = bits_of(p->low->arg[1], width), high = bits_of(p->high->arg[1], width);
	struct value *v;

	if (low.of != high.of || high.shift != low.shift + width)
		return NULL;
	if (!low.shift)
		return low.of;
	v = ir_new(p->f, IR_UBFX, p->second->insn);
	if (!v)
		return NULL;
	v->arg[0] = low.of;
	v->shift = (uint8_t)low.shift;
	v->len = (uint8_t)(low.shift + 2 * width > 64 ? 64 - low.shift : 2 * width);
	ir_insert_before(p->second, v);
	opt_bits(v);
	return v;
}

static int is_whole_window(const struct value *v)
{
	return v->op == IR_WIN && !v->sign && !v->swap && !v->shift && v->len == 8 * v->width;
}

static int comes_before(const struct value *x, const struct value *y)
{
	return x->block == y->block ? x->order < y->order : cfg_dominates(x->block, y->block);
}

/* Does x give the same where y is? */
static int reads_same_at(const struct pair *p, const struct value *x, const struct value *y)
{
	return x->epoch == opt_mem_epoch(p->f, y->here, x->imm, x->width);
}

/* Neighbouring packet bytes are read where one of the two was, the later one if the other still gives the same there. */
static struct value *joined_window(struct pair *p)
{
	struct value *low = p->low->arg[1], *high = p->high->arg[1], *later, *earlier, *at, *v;

	if (!is_whole_window(low) || !is_whole_window(high) || low->width != p->low->width || high->width != p->high->width ||
	    high->imm != low->imm + low->width)
		return NULL;
	later = comes_before(low, high) ? high : low;
	earlier = later == low ? high : low;
	at = reads_same_at(p, earlier, later) ? later : earlier;
	if (!comes_before(earlier, later) || (at == earlier && !reads_same_at(p, later, earlier)))
		return NULL;
	v = ir_new(p->f, IR_WIN, at->insn);
	if (!v)
		return NULL;
	v->imm = low->imm;
	v->width = (uint8_t)(2 * low->width);
	v->len = (uint8_t)(8 * v->width);
	v->region[0] = R_PKT;
	v->here = at->here;
	v->epoch = opt_mem_epoch(p->f, v->here, v->imm, v->width);
	v->order = at->order;
	ir_insert_before(at, v);
	opt_bits(v);
	return v;
}

static int is_whole_map_load(const struct value *v, const struct value *store)
{
	return v->op == IR_MLD && !v->sign && !v->swap && !v->fence && v->width == store->width;
}

/* Neighbouring bytes of a map are read where the first of the two was, if nothing changes the map until the second. */
static struct value *joined_map(struct pair *p)
{
	struct value *low = p->low->arg[1], *high = p->high->arg[1], *earlier = low->order < high->order ? low : high, *later = earlier == low ? high : low, *v;
	int n = 0;

	if (!is_whole_map_load(low, p->low) || !is_whole_map_load(high, p->high) || low->block != high->block || low->arg[0] != high->arg[0] ||
	    low->map != high->map || high->imm != low->imm + low->width)
		return NULL;
	for (v = earlier; v != later; v = v->next)
		if (!v || ++n > BETWEEN_MAX || opt_mem_changes_map(v, later))
			return NULL;
	v = ir_new(p->f, IR_MLD, earlier->insn);
	if (!v)
		return NULL;
	v->arg[0] = low->arg[0];
	v->imm = low->imm;
	v->width = (uint8_t)(2 * low->width);
	v->region[0] = low->region[0];
	v->map = low->map;
	v->order = earlier->order;
	ir_insert_before(earlier, v);
	opt_bits(v);
	return v;
}

static struct value *joined(struct pair *p)
{
	unsigned int width = 8U * p->low->width;
	const struct value *low = p->low->arg[1], *high = p->high->arg[1];

	if (ir_is_const(low) && ir_is_const(high))
		return ir_const(p->f, ((uint64_t)low->imm & ones(width)) | ((uint64_t)high->imm & ones(width)) << width);
	if (ir_is_const(low) || ir_is_const(high))
		return NULL;
	if (low->op == IR_MLD && high->op == IR_MLD)
		return joined_map(p);
	return bits_of(p->low->arg[1], width).of == bits_of(p->high->arg[1], width).of ? joined_bits(p, width) : joined_window(p);
}

/* A wide constant that is no imm32 costs two words more than it saves. */
static int is_costly(const struct value *v, unsigned int width)
{
	return ir_is_const(v) && width == 8 && (v->imm < INT32_MIN || v->imm > INT32_MAX);
}

static int join(struct func *f, struct value *first, struct value *second)
{
	struct pair p = { f, first, second, first, second };
	struct value *data;

	if (first->imm > second->imm) {
		p.low = second;
		p.high = first;
	}
	data = joined(&p);
	if (!data || is_costly(data, 2U * first->width))
		return 0;
	second->imm = p.low->imm;
	second->width = (uint8_t)(2 * second->width);
	second->arg[1] = data;
	opt_mem_moved(f, first, second);
	ir_remove(first);
	return 1;
}

/* ---- the pass ---- */

static int join_backwards(struct func *f, struct value *store)
{
	int stores = 0, values = 0;

	for (struct value *v = store->prev; v && stores < BACK_MAX && values < BETWEEN_MAX; v = v->prev, values++) {
		if (v->op != store->op)
			continue;
		stores++;
		if (can_be_wider(v) && side_by_side(v, store) && opt_mem_can_sink(v, store) && join(f, v, store))
			return 1;
	}
	return 0;
}

static void visit(struct func *f, struct block *b)
{
	uint32_t order = 0;

	for (struct value *v = b->first; v; v = v->next) {
		v->order = order++;
		for (int n = 0; n < 3; n++)
			v->arg[n] = ir_resolve(v->arg[n]);
	}
	for (struct value *v = b->first; v; v = v->next)
		while (can_be_wider(v) && join_backwards(f, v))
			;
}

int opt_store_run(struct compile *c)
{
	struct func *f = c->func;

	if (opt_mem_number(f))
		return -1;
	for (uint32_t n = 0; n < f->n_rpo; n++)
		visit(f, f->rpo[n]);
	return c->arena->failed ? -1 : 0;
}
