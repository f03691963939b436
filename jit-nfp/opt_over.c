// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* Drops stores to the packet that others write over before anybody could read them, or what they write over of them: a checksum field is
 * cleared, then set. Backwards over the blocks with one bit per byte of the packet's first ones: is it written before it is read, whichever way is taken?
 * A store that is written over on one of a block's two ways out is done on the other one.
 *   st [data + 36], 0, 2; st [data + 36], x, 2                 -> st [data + 36], x, 2
 *   st [data], 0, 8; x: to A; st [data], y, 8; ..; A: exit     -> x: to A; st [data], y, 8; ..; A: st [data], 0, 8; exit */
#include "opt.h"

enum { WORD_BITS = 64, WORDS = ISA_WINDOW_BYTES / WORD_BITS };

struct over { uint64_t bit[WORDS]; }; /* byte n of the packet will be written */

struct ways {                 /* a block with two ways out */
	struct block *b;
	struct over over[2];  /* along each */
	struct over touched;  /* what is done between here and its end may be to these bytes, */
	uint8_t closed;       /* or to any */
};

static int is_near(const struct value *v)
{
	return v->region[0] == R_PKT && (v->op == IR_WIN || ir_is_place(ir_resolve(v->arg[0]), SR_DATA)) && v->imm >= 0 &&
	       v->imm + v->width <= ISA_WINDOW_BYTES;
}

static void mark(struct over *o, const struct value *v, int written)
{
	for (uint64_t n = (uint64_t)v->imm; n < (uint64_t)v->imm + v->width; n++)
		if (written)
			o->bit[n / WORD_BITS] |= 1ULL << n % WORD_BITS;
		else
			o->bit[n / WORD_BITS] &= ~(1ULL << n % WORD_BITS);
}

static int is_written(const struct over *o, const struct value *v)
{
	for (uint64_t n = (uint64_t)v->imm; n < (uint64_t)v->imm + v->width; n++)
		if (!(o->bit[n / WORD_BITS] >> n % WORD_BITS & 1))
			return 0;
	return 1;
}

/* What is left of a store when others write over its first or last half. */
static void halve(struct func *f, const struct over *o, struct value *v)
{
	while (v->width > 1 && !v->swap) {
		struct value low = *v, high = *v, *x = ir_resolve(v->arg[1]);

		low.width = high.width = v->width / 2;
		high.imm += low.width;
		if (is_written(o, &low)) {
			v->imm = high.imm;
			x = ir_is_const(x) ? ir_const(f, (uint64_t)x->imm >> 8 * low.width) : opt_emit(f, v, IR_UBFX, x, NULL);
			if (!x)
				return;
			if (!ir_is_const(x)) {
				x->shift = (uint8_t)(8 * low.width);
				x->len = (uint8_t)(8 * low.width);
				opt_bits(x);
			}
			v->arg[1] = x;
		} else if (!is_written(o, &high)) {
			return;
		}
		v->width = low.width;
	}
}

/* Returns 1 when it is a store nobody needs. */
static int step(struct func *f, struct over *o, struct value *v)
{
	switch (v->op) {
	case IR_ST:
		if (!is_near(v))
			return 0;
		if (is_written(o, v))
			return 1;
		halve(f, o, v);
		mark(o, v, 1);
		return 0;
	case IR_WIN: case IR_LD:
		if (is_near(v))
			mark(o, v, 0);
		else if (v->region[0] != R_STACK)
			*o = (struct over){ { 0 } };
		return 0;
	case IR_LOOK: case IR_LOOKS: case IR_UPD: case IR_DEL: case IR_CPY: case IR_ADJ:
		*o = (struct over){ { 0 } };
		return 0;
	default:
		return 0;
	}
}

/* ---- one way out of two ---- */

static int is_touched(const struct over *o, const struct value *v)
{
	for (uint64_t n = (uint64_t)v->imm; n < (uint64_t)v->imm + v->width; n++)
		if (o->bit[n / WORD_BITS] >> n % WORD_BITS & 1)
			return 1;
	return 0;
}

static void touch(struct ways *w, const struct value *v)
{
	switch (v->op) {
	case IR_ST: case IR_LD: case IR_WIN:
		if (is_near(v))
			mark(&w->touched, v, 1);
		else
			w->closed |= v->region[0] != R_STACK;
		break;
	case IR_LOOK: case IR_LOOKS: case IR_UPD: case IR_DEL: case IR_CPY: case IR_ADJ:
		w->closed = 1;
		break;
	default:
		break;
	}
}

/* Is a byte beside it written that way? Then one store may do for both. */
static int is_beside(const struct over *o, const struct value *v)
{
	struct value before = *v, after = *v;

	before.width = after.width = 1;
	before.imm--;
	after.imm += v->width;
	return (before.imm >= 0 && is_written(o, &before)) || (after.imm < ISA_WINDOW_BYTES && is_written(o, &after));
}

static int put(struct func *f, struct ways *w, int way, const struct value *v)
{
	struct block *to = opt_own_way(f, w->b, way);
	struct value *at, *copy;

	if (!to)
		return -1;
	for (at = to->first; at->op == IR_PHI; at = at->next)
		;
	copy = opt_emit(f, at, IR_ST, v->arg[0], v->arg[1]);
	if (!copy)
		return -1;
	copy->imm = v->imm;
	copy->width = v->width;
	copy->swap = v->swap;
	copy->region[0] = v->region[0];
	copy->insn = v->insn;
	return 0;
}

/* Returns 1 when v, a store, is done behind the block's end, where that is of use: 0 it is not, or -1. */
static int move_down(struct func *f, struct ways *w, const struct value *v)
{
	int over[2];

	if (v->op != IR_ST || !w->b->succ[1] || w->closed || !is_near(v) || is_touched(&w->touched, v))
		return 0;
	over[0] = is_written(&w->over[0], v);
	over[1] = is_written(&w->over[1], v);
	if (over[0] && over[1])
		return 0;
	if (!over[0] && !over[1] && !is_beside(&w->over[0], v) && !is_beside(&w->over[1], v))
		return 0;
	for (int way = 0; way < 2; way++)
		if (!over[way]) {
			if (put(f, w, way, v))
				return -1;
			mark(&w->over[way], v, 1);
		}
	return 1;
}

/* What will be written behind b, whichever way is taken; and along each. */
static struct over behind(struct block *b, const struct over *in, struct ways *w)
{
	struct over both;

	*w = (struct ways){ .b = b };
	for (int way = 0; way < 2; way++)
		if (b->succ[way] && b->succ[way]->rpo > b->rpo)
			w->over[way] = in[b->succ[way]->rpo];
	for (int n = 0; n < WORDS; n++)
		both.bit[n] = w->over[0].bit[n] & (b->succ[1] ? w->over[1].bit[n] : UINT64_MAX);
	return both;
}

int opt_over_run(struct compile *c)
{
	struct func *f = c->func;
	struct over *in = arena_alloc(c->arena, f->n_rpo * sizeof(*in)); /* by rpo, at the top */
	uint32_t blocks = f->n_blocks;

	if (!in)
		return -1;
	for (uint32_t n = f->n_rpo; n--;) {
		struct ways ways;
		struct over over = behind(f->rpo[n], in, &ways);

		for (struct value *v = f->rpo[n]->last, *prev; v; v = prev) {
			prev = v->prev;
			switch (move_down(f, &ways, v)) {
			case 1:
				mark(&over, v, 1);
				ir_remove(v);
				continue;
			case 0:
				break;
			default:
				return -1;
			}
			if (step(f, &over, v))
				ir_remove(v);
			else
				touch(&ways, v);
		}
		in[n] = over;
	}
	return c->arena->failed || (f->n_blocks > blocks && cfg_order(f)) ? -1 : 0;
}
