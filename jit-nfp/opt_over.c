// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* Drops stores to the packet that others write over before anybody could read them, or what they write over of them: a checksum field is
 * cleared, then set. Backwards over each block with one bit per byte of the packet's first ones: is it written before it is read?
 *   st [data + 36], 0, 2; st [data + 36], x, 2 -> st [data + 36], x, 2 */
#include "opt.h"

enum { WORD_BITS = 64, WORDS = ISA_WINDOW_BYTES / WORD_BITS };

struct over { uint64_t bit[WORDS]; }; /* byte n of the packet will be written */

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

int opt_over_run(struct compile *c)
{
	struct func *f = c->func;

	for (uint32_t n = 0; n < f->n_rpo; n++) {
		struct over over = { { 0 } };

		for (struct value *v = f->rpo[n]->last, *prev; v; v = prev) {
			prev = v->prev;
			if (step(f, &over, v))
				ir_remove(v);
		}
	}
	return c->arena->failed ? -1 : 0;
}
