// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* What a taken or untaken branch teaches about the numbers it compared. */
#include "verify.h"

static int intersect(struct range *a, const struct range *b)
{
	if ((a->value ^ b->value) & ~a->mask & ~b->mask)
		return 0;
	a->value |= b->value;
	a->mask &= b->mask;
	if (a->umin < b->umin)
		a->umin = b->umin;
	if (a->umax > b->umax)
		a->umax = b->umax;
	if (a->smin < b->smin)
		a->smin = b->smin;
	if (a->smax > b->smax)
		a->smax = b->smax;
	if (a->wmin < b->wmin)
		a->wmin = b->wmin;
	if (a->wmax > b->wmax)
		a->wmax = b->wmax;
	return a->wmin <= a->wmax && range_settle(a);
}

static int assume_equal(struct range *a, struct range *b)
{
	if (!intersect(a, b))
		return 0;
	*b = *a;
	return 1;
}

static int trim(struct range *a, const struct range *b)
{
	if (!range_is_const(b))
		return 1;
	if (range_is_const(a) && a->umin == b->umin)
		return 0;
	a->umin += a->umin == b->umin;
	a->umax -= a->umax == b->umax;
	a->smin += a->smin == b->smin;
	a->smax -= a->smax == b->smax;
	return range_settle(a);
}

static int assume_unequal(struct range *a, struct range *b)
{
	return trim(a, b) && trim(b, a);
}

/* a < b, or a <= b when equal is 1 */
static int assume_less(struct range *a, struct range *b, int equal)
{
	if (!equal && (!b->umax || a->umin == UINT64_MAX))
		return 0;
	if (a->umax > b->umax - !equal)
		a->umax = b->umax - !equal;
	if (b->umin < a->umin + !equal)
		b->umin = a->umin + !equal;
	return range_settle(a) && range_settle(b);
}

static int assume_signed_less(struct range *a, struct range *b, int equal)
{
	if (!equal && (b->smax == INT64_MIN || a->smin == INT64_MAX))
		return 0;
	if (a->smax > b->smax - !equal)
		a->smax = b->smax - !equal;
	if (b->smin < a->smin + !equal)
		b->smin = a->smin + !equal;
	return range_settle(a) && range_settle(b);
}

/* (a & b) != 0 */
static int assume_common(struct range *a, struct range *b)
{
	uint64_t bit = (a->value | a->mask) & (b->value | b->mask);

	if (!bit)
		return 0;
	if (bit & (bit - 1))
		return 1;
	a->value |= bit; /* only one bit can be common */
	a->mask &= ~bit;
	b->value |= bit;
	b->mask &= ~bit;
	return range_settle(a) && range_settle(b);
}

static int assume_disjoint(struct range *a, struct range *b)
{
	if (a->value & b->value)
		return 0;
	a->mask &= ~b->value;
	b->mask &= ~a->value;
	return range_settle(a) && range_settle(b);
}

static int assume(struct range *a, struct range *b, int op, int negate)
{
	switch (op) {
	case EBPF_JEQ:
		return negate ? assume_unequal(a, b) : assume_equal(a, b);
	case EBPF_JNE:
		return negate ? assume_equal(a, b) : assume_unequal(a, b);
	case EBPF_JSET:
		return negate ? assume_disjoint(a, b) : assume_common(a, b);
	case EBPF_JGT:
		return negate ? assume_less(a, b, 1) : assume_less(b, a, 0);
	case EBPF_JGE:
		return negate ? assume_less(a, b, 0) : assume_less(b, a, 1);
	case EBPF_JLT:
		return negate ? assume_less(b, a, 1) : assume_less(a, b, 0);
	case EBPF_JLE:
		return negate ? assume_less(b, a, 0) : assume_less(a, b, 1);
	case EBPF_JSGT:
		return negate ? assume_signed_less(a, b, 1) : assume_signed_less(b, a, 0);
	case EBPF_JSGE:
		return negate ? assume_signed_less(a, b, 0) : assume_signed_less(b, a, 1);
	case EBPF_JSLT:
		return negate ? assume_signed_less(b, a, 1) : assume_signed_less(a, b, 0);
	case EBPF_JSLE:
		return negate ? assume_signed_less(b, a, 0) : assume_signed_less(a, b, 1);
	default:
		return 1;
	}
}

/* Carries what was learnt about the low half back to the whole. */
static int learn_low_half(struct range *r, const struct range *low)
{
	uint64_t known = (uint32_t)~low->mask;

	if (r->umax <= UINT32_MAX)
		return intersect(r, low);
	if ((r->value ^ low->value) & ~r->mask & known)
		return 0;
	r->value |= low->value & known;
	r->mask &= ~known;
	if (r->wmin < low->wmin)
		r->wmin = low->wmin;
	if (r->wmax > low->wmax)
		r->wmax = low->wmax;
	return r->wmin <= r->wmax && range_settle(r);
}

int range_assume(struct range *a, struct range *b, int op, int negate, int is64)
{
	struct range x = *a, y = *b;
	int is_signed = op == EBPF_JSGT || op == EBPF_JSGE || op == EBPF_JSLT || op == EBPF_JSLE;

	if (is64)
		return assume(a, b, op, negate);
	range_low32(&x);
	range_low32(&y);
	if (is_signed) {
		range_sign_extend(&x, 32);
		range_sign_extend(&y, 32);
	}
	if (!assume(&x, &y, op, negate))
		return 0;
	range_low32(&x);
	range_low32(&y);
	return learn_low_half(a, &x) && learn_low_half(b, &y);
}
