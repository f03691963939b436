// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* Conditions. */
#include "fold.h"

static int mirrored(int cc)
{
	switch (cc) {
	case OP_JGT:
		return OP_JLT;
	case OP_JGE:
		return OP_JLE;
	case OP_JLT:
		return OP_JGT;
	case OP_JLE:
		return OP_JGE;
	case OP_JSGT:
		return OP_JSLT;
	case OP_JSGE:
		return OP_JSLE;
	case OP_JSLT:
		return OP_JSGT;
	case OP_JSLE:
		return OP_JSGE;
	default:
		return cc;
	}
}

static int is_signed(int cc)
{
	return cc == OP_JSGT || cc == OP_JSGE || cc == OP_JSLT || cc == OP_JSLE;
}

/* k cc len; a negative k is below any length, as 0 is below 1 */
static void compare_length(struct fold *o, const struct packet_sum *s, int cc, int64_t k)
{
	o->v->cc = (uint8_t)cc;
	o->v->arg[0] = ir_const(o->f, k < 0 ? 0 : (uint64_t)k);
	o->v->arg[1] = k < 0 ? ir_const(o->f, 1) : fold_length(o, s);
}

/* data + k > data_end -> k > len; packet addresses are far from wrapping */
static void fold_bounds_check(struct fold *o)
{
	struct value *v = o->v;
	struct packet_sum x, y;

	if (v->w || is_signed(v->cc) || v->cc == OP_JSET || v->cc == OP_JNSET || !fold_packet_sums(v, &x, &y))
		return;
	if (x.times == y.times) { /* a distance that makes both positive */
		v->arg[0] = ir_const(o->f, (uint64_t)(x.off - INT32_MIN));
		v->arg[1] = ir_const(o->f, (uint64_t)(y.off - INT32_MIN));
	} else if (x.times) {
		compare_length(o, &x, mirrored(v->cc), y.off - x.off);
	} else {
		compare_length(o, &x, v->cc, x.off - y.off);
	}
}

static int outcome_by_bits(const struct value *v)
{
	uint64_t k = v->w ? (uint32_t)v->arg[1]->imm : imm_u(v->arg[1]), most;
	unsigned int bits = v->arg[0]->bits;

	if (v->w && bits > 32)
		return -1;
	most = ones(bits);
	switch (v->cc) {
	case OP_JEQ:
		return k > most ? 0 : -1;
	case OP_JNE:
		return k > most ? 1 : -1;
	case OP_JGT:
		return k >= most ? 0 : -1;
	case OP_JGE:
		return k > most ? 0 : k ? -1 : 1;
	case OP_JLT:
		return k > most ? 1 : k ? -1 : 0;
	case OP_JLE:
		return k >= most ? 1 : -1;
	case OP_JSET:
		return k & most ? -1 : 0;
	case OP_JNSET:
		return k & most ? -1 : 1;
	default:
		return -1;
	}
}

/* (x & k) != 0 -> x jset k, also for a field */
static void fold_bit_test(struct fold *o)
{
	struct value *v = o->v, *x = v->arg[0];
	uint64_t mask;

	if ((v->cc != OP_JEQ && v->cc != OP_JNE) || !ir_is_const(v->arg[1]) || v->arg[1]->imm || (v->w && x->bits > 32))
		return;
	if (x->op == IR_AND && ir_is_const(x->arg[1]))
		mask = x->w ? (uint32_t)x->arg[1]->imm : imm_u(x->arg[1]);
	else if (x->op == IR_UBFX && x->shift + x->len < 32)
		mask = ones(x->len) << x->shift;
	else
		return;
	if (mask > INT32_MAX && mask < (uint64_t)INT32_MIN)
		return;
	v->w = 0;
	v->cc = v->cc == OP_JEQ ? OP_JNSET : OP_JSET;
	v->arg[0] = x->arg[0];
	v->arg[1] = ir_const(o->f, mask);
}

/* Zero-extended numbers compare as their low halves do. */
static void fold_narrow(struct value *v)
{
	struct value *x = v->arg[0], *y = v->arg[1];

	if (!v->w && !is_signed(v->cc) && x->op == IR_UBFX && !x->shift && x->len == 32 && y->bits <= 32) {
		v->w = 1;
		v->arg[0] = x->arg[0];
	}
}

static void swap_args(struct value *v)
{
	struct value *x = v->arg[0];

	v->arg[0] = v->arg[1];
	v->arg[1] = x;
}

/* Numbers without a sign bit compare signed as they do unsigned. */
static void fold_signed(struct value *v)
{
	unsigned int width = width_of(v);
	uint64_t k = v->w ? (uint32_t)v->arg[1]->imm : imm_u(v->arg[1]);

	if (is_signed(v->cc) && ir_is_const(v->arg[1]) && v->arg[0]->bits < width && !(k >> (width - 1)))
		v->cc = (uint8_t)(v->cc - OP_JSGT + OP_JGT);
}

/* k - x > c, signed -> x < k - c */
static void fold_difference(struct fold *o)
{
	struct value *v = o->v, *x = v->arg[0];

	if (v->w || !is_signed(v->cc) || x->op != IR_SUB || x->w || !ir_is_const(x->arg[0]) || x->arg[1]->bits > 62 || !ir_is_const(v->arg[1]) ||
	    x->arg[0]->imm != (int32_t)x->arg[0]->imm || v->arg[1]->imm != (int32_t)v->arg[1]->imm)
		return;
	v->cc = (uint8_t)mirrored(v->cc);
	v->arg[0] = ir_resolve(x->arg[1]);
	v->arg[1] = ir_const(o->f, (uint64_t)(x->arg[0]->imm - v->arg[1]->imm));
}

/* Asked for one number, bytes need not be turned round: bswap x == k -> x == bswap k */
static void fold_swapped(struct fold *o)
{
	struct value *v = o->v, *x = v->arg[0], *y = v->arg[1], *plain;

	if ((v->cc != OP_JEQ && v->cc != OP_JNE) || !ir_is_const(y) || (v->w && x->width > 4) || imm_u(y) & ~ones(8U * x->width))
		return;
	if (x->op == IR_BSWAP) {
		plain = fold_emit(o, IR_UBFX, x->arg[0], NULL);
		if (plain)
			plain->len = (uint8_t)(8 * x->width);
	} else if (x->op == IR_WIN && x->swap && !x->sign && !x->shift && x->len == 8 * x->width && x->epoch == opt_mem_epoch(o->f, o->here, x->imm, x->width)) {
		plain = fold_emit(o, IR_WIN, NULL, NULL);
		if (plain) {
			plain->imm = x->imm;
			plain->width = x->width;
			plain->len = x->len;
			plain->region[0] = R_PKT;
			plain->epoch = x->epoch;
		}
	} else {
		return;
	}
	if (!plain)
		return;
	opt_bits(plain);
	v->arg[0] = plain;
	v->arg[1] = ir_const(o->f, __builtin_bswap64(imm_u(y)) >> (64 - 8 * x->width));
}

/* x << n < k -> x < k >> n, rounded up, where no bit of x is lost */
static void fold_shifted(struct fold *o)
{
	struct value *v = o->v, *x = v->arg[0];
	unsigned int n;
	uint64_t k, up;

	if (x->op != IR_LSH || x->w != v->w || is_signed(v->cc) || v->cc == OP_JSET || v->cc == OP_JNSET || !ir_is_const(x->arg[1]) || !ir_is_const(v->arg[1]))
		return;
	n = (unsigned int)x->arg[1]->imm & (width_of(v) - 1);
	if (x->arg[0]->bits + n > width_of(v))
		return;
	k = v->w ? (uint32_t)v->arg[1]->imm : imm_u(v->arg[1]);
	up = (k >> n) + ((k & ones(n)) != 0);
	if ((v->cc == OP_JEQ || v->cc == OP_JNE) && k & ones(n))
		return;
	v->arg[0] = x->arg[0];
	v->arg[1] = ir_const(o->f, v->cc == OP_JLT || v->cc == OP_JGE ? up : k >> n);
}

/* x cc x, also where x is a place of the packet that was asked for twice. -1: not so, or not known by that. */
static int outcome_of_same(const struct value *v)
{
	const struct value *x = v->arg[0], *y = v->arg[1];
	int same = x == y || (x->op == y->op && x->imm == y->imm && (x->op == IR_SPECIAL || (x->op == IR_NOW && x->epoch == y->epoch)));

	return same && v->cc != OP_JSET && v->cc != OP_JNSET ? ir_holds(v->cc, v->w, 0, 0) : -1;
}

/* Has a test on the way to b found that x is not NULL? */
static int was_found(const struct block *b, const struct value *x)
{
	enum { ANCESTORS_MAX = 8 };

	for (int n = 0; n < ANCESTORS_MAX && b->n_pred; n++, b = b->idom) {
		const struct block *from = b->n_pred == 1 ? b->pred[0] : NULL;
		struct value *test = from ? from->last : NULL, *k;

		if (!test || test->op != IR_BR || ir_resolve(test->arg[0]) != x || from->succ[0] == from->succ[1])
			continue;
		k = ir_resolve(test->arg[1]);
		if (ir_is_const(k) && !k->imm && test->cc == (from->succ[0] == b ? OP_JNE : OP_JEQ))
			return 1;
	}
	return 0;
}

/* What a lookup gives points into a map, or is NULL. */
static int outcome_by_tag(const struct value *v)
{
	const struct value *x = v->arg[0];
	uint64_t k = imm_u(v->arg[1]);

	if (!fold_is_tag(x) || (v->cc != OP_JEQ && v->cc != OP_JNE))
		return -1;
	x = ir_resolve(x->arg[0]);
	if ((x->op != IR_LOOK && x->op != IR_LOOKR && x->op != IR_LOOKS) || !k || (k == NIC_TAG_MAP && !was_found(v->block, x)))
		return -1;
	return (v->cc == OP_JEQ) == (k == NIC_TAG_MAP);
}

static int outcome_by_const(const struct value *v)
{
	int known = outcome_by_tag(v);

	return known < 0 ? outcome_by_bits(v) : known;
}

struct value *fold_branch(struct fold *o)
{
	struct value *v = o->v;
	int known = -1;

	fold_bounds_check(o);
	if (ir_is_const(v->arg[0]) && !ir_is_const(v->arg[1])) {
		swap_args(v);
		v->cc = (uint8_t)mirrored(v->cc);
	}
	fold_difference(o);
	fold_swapped(o);
	fold_signed(v);
	fold_narrow(v);
	fold_shifted(o);
	fold_bit_test(o);
	if (ir_is_const(v->arg[0]) && ir_is_const(v->arg[1]))
		known = ir_holds(v->cc, v->w, imm_u(v->arg[0]), imm_u(v->arg[1]));
	else if (ir_is_const(v->arg[1]))
		known = outcome_by_const(v);
	else
		known = outcome_of_same(v);
	if (known < 0)
		return NULL;
	opt_decide(v, known);
	return v; /* the block's ways have changed */
}
