// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* One's complement sums. OADD gives 0 only for two zeroes, else the one number from 1 to 2^64 - 1 that is the sum modulo that; FOLD likewise
 * modulo 65535, which divides it. So what is folded in the end need not be folded on the way. */
#include "fold.h"

enum { NO_CARRY_BITS = 63 };  /* two such numbers have a sum below 2^64 */

int opt_is_sum(const struct value *v)
{
	return v->op == IR_OADD || (v->op == IR_ADD && !v->w && v->arg[0]->bits <= NO_CARRY_BITS && v->arg[1]->bits <= NO_CARRY_BITS);
}

/* fold (fold x + y) -> fold (x + y) */
static struct value *drop_inner_fold(struct fold *o, struct value *sum)
{
	for (int n = 0; n < 2; n++) {
		struct value *inner = ir_resolve(sum->arg[n]);

		if (inner->op == IR_FOLD)
			return fold_emit(o, IR_OADD, ir_resolve(inner->arg[0]), ir_resolve(sum->arg[1 - n]));
	}
	return NULL;
}

/* x, if v is x + (x >> 16) or (x & 0xffff) + (x >> 16); what is above bit 16 of the former is not the same. */
static struct value *halves_of(const struct value *v, int whole)
{
	for (int n = 0; v->op == IR_ADD && n < 2; n++) {
		struct value *low = ir_resolve(v->arg[n]), *high = ir_resolve(v->arg[1 - n]), *x;

		if (high->op != IR_UBFX || high->shift != 16)
			continue;
		x = ir_resolve(high->arg[0]);
		if (x->bits > 16 + high->len || x->bits > 32)
			continue;
		if (low->op == IR_UBFX && !low->shift && low->len == 16 && ir_resolve(low->arg[0]) == x)
			return x;
		if (low == x && !whole)
			return x;
	}
	return NULL;
}

struct value *fold_twice(struct value *v)
{
	struct value *once = halves_of(v, 0);

	return once ? halves_of(once, 1) : NULL;
}

struct value *fold_sum(struct fold *o)
{
	struct value *v = o->v, *x = v->arg[0], *y = v->arg[1];

	if (v->op == IR_FOLD) {
		if (ir_is_const(x))
			return ir_const(o->f, opt_sum_fold(imm_u(x)));
		if (x->bits <= 16)
			return x;
		y = x->op == IR_FOLD ? x->arg[0] : opt_is_sum(x) ? drop_inner_fold(o, x) : NULL;
		if (y)
			v->arg[0] = y;
		return NULL;
	}
	if (ir_is_const(x) && ir_is_const(y))
		return ir_const(o->f, opt_sum_add(imm_u(x), imm_u(y)));
	if (ir_is_const(x)) {
		v->arg[0] = y;
		v->arg[1] = x;
	}
	if (ir_is_const(v->arg[1]) && !v->arg[1]->imm)
		return v->arg[0];
	if (v->arg[0]->bits <= NO_CARRY_BITS && v->arg[1]->bits <= NO_CARRY_BITS)
		v->op = IR_ADD; /* any lane can do it */
	return NULL;
}
