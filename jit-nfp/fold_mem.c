// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* Addresses and what is stored. */
#include "fold.h"

enum { OFFSET_MIN = -1024, OFFSET_MAX = 1023 };

/* [x + k1] + k2 -> [x] + (k1 + k2) */
static void fold_address(struct value *v)
{
	struct value *x = v->arg[0];

	if (x->op == IR_ADD && !x->w && ir_is_const(x->arg[1]) && x->arg[1]->imm + v->imm >= OFFSET_MIN &&
	    x->arg[1]->imm + v->imm <= OFFSET_MAX && x->arg[1]->imm > -65536 && x->arg[1]->imm < 65536) {
		v->imm += x->arg[1]->imm;
		v->arg[0] = x->arg[0];
	}
}

struct value *fold_load(struct fold *o)
{
	struct value *v = o->v;

	fold_address(v);
	if (v->op != IR_LD || !ir_is_place(v->arg[0], SR_DATA) || v->imm < 0 || v->imm + v->width > ISA_WINDOW_BYTES)
		return NULL;
	v->op = IR_WIN;
	v->arg[0] = NULL;
	v->shift = 0;
	v->len = (uint8_t)(8 * v->width);
	v->epoch = opt_mem_epoch(o->f, o->here, v->imm, v->width);
	return NULL;
}

/* Only the low bits of what is stored count. */
static struct value *stored(struct value *x, unsigned int bits)
{
	while ((x->op == IR_UBFX || x->op == IR_SBFX) && !x->shift && x->len >= bits)
		x = x->arg[0];
	return x;
}

/* A checksum that the program folds by itself, and perhaps inverts. */
static struct value *stored_sum(struct fold *o, struct value *x)
{
	int inverted = x->op == IR_XOR && ir_is_const(x->arg[1]);
	struct value *all = fold_twice(inverted ? x->arg[0] : x), *sum = all ? fold_emit(o, IR_FOLD, all, NULL) : NULL;

	return sum && inverted ? fold_emit(o, IR_XOR, sum, x->arg[1]) : sum;
}

struct value *fold_store(struct fold *o)
{
	struct value *v = o->v, *x, *sum;

	fold_address(v);
	x = v->arg[1] = stored(v->arg[1], v->op == IR_ST || v->op == IR_MST ? 8U * v->width : width_of(v));
	if ((v->op == IR_ST || v->op == IR_MST) && x->op == IR_BSWAP && x->width == v->width) {
		v->swap = !v->swap;
		v->arg[1] = x = x->arg[0];
	}
	sum = (v->op == IR_ST || v->op == IR_MST) && v->width == 2 ? stored_sum(o, x) : NULL;
	if (sum)
		v->arg[1] = sum;
	return NULL;
}
