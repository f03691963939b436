// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* What is known of a number: bits and bounds. Every function errs on the side of knowing less. */
#include "verify.h"

void range_const(struct range *r, uint64_t value)
{
	r->value = r->umin = r->umax = value;
	r->mask = 0;
	r->smin = r->smax = (int64_t)value;
	r->wmin = r->wmax = (int32_t)value;
}

static void low_unknown(struct range *r)
{
	r->wmin = INT32_MIN;
	r->wmax = INT32_MAX;
}

void range_unknown(struct range *r)
{
	low_unknown(r);
	r->value = 0;
	r->mask = UINT64_MAX;
	r->umin = 0;
	r->umax = UINT64_MAX;
	r->smin = INT64_MIN;
	r->smax = INT64_MAX;
}

static int is_unknown(const struct range *r)
{
	return r->mask == UINT64_MAX && !r->umin && r->umax == UINT64_MAX && r->smin == INT64_MIN && r->smax == INT64_MAX &&
	       r->wmin == INT32_MIN && r->wmax == INT32_MAX;
}

static uint64_t low_bits(unsigned int bits)
{
	return bits < 64 ? (1ULL << bits) - 1 : UINT64_MAX;
}

static int32_t lesser(int64_t a, int64_t b)
{
	return (int32_t)(a < b ? a : b);
}

static int32_t greater(int64_t a, int64_t b)
{
	return (int32_t)(a > b ? a : b);
}

/* The low half and the whole sharpen each other. */
static int settle_low(struct range *r)
{
	if (r->umin >> 31 == r->umax >> 31) { /* the low half changes neither sign nor what is above it */
		r->wmin = greater(r->wmin, (int32_t)r->umin);
		r->wmax = lesser(r->wmax, (int32_t)r->umax);
	}
	if (r->smin >= INT32_MIN && r->smax <= INT32_MAX) {
		r->wmin = greater(r->wmin, r->smin);
		r->wmax = lesser(r->wmax, r->smax);
		r->smin = r->wmin;
		r->smax = r->wmax;
	}
	if (r->wmin > r->wmax)
		return 0;
	if (r->umax <= UINT32_MAX && (r->wmin >= 0 || r->wmax < 0)) {
		if (r->umin < (uint32_t)r->wmin)
			r->umin = (uint32_t)r->wmin;
		if (r->umax > (uint32_t)r->wmax)
			r->umax = (uint32_t)r->wmax;
	}
	return r->umin <= r->umax;
}

/* Least and largest by the bits that are known; the highest one is the sign. */
static void settle_signed(struct range *r)
{
	int64_t least = (int64_t)(r->value | (r->mask & (uint64_t)INT64_MIN)), most = (int64_t)(r->value | (r->mask & INT64_MAX));

	if (r->smin < least)
		r->smin = least;
	if (r->smax > most)
		r->smax = most;
}

int range_settle(struct range *r)
{
	if (is_unknown(r))
		return 1;
	for (int round = 0; round < 2; round++) {
		uint64_t top = r->value | r->mask, prefix;

		if (r->umin < r->value)
			r->umin = r->value;
		if (r->umax > top)
			r->umax = top;
		if (r->umin > r->umax || !settle_low(r))
			return 0;
		settle_signed(r);
		if ((int64_t)r->umin <= (int64_t)r->umax) { /* no sign change in between */
			if (r->smin < (int64_t)r->umin)
				r->smin = (int64_t)r->umin;
			if (r->smax > (int64_t)r->umax)
				r->smax = (int64_t)r->umax;
		}
		if (r->smin > r->smax)
			return 0;
		if ((uint64_t)r->smin <= (uint64_t)r->smax) {
			if (r->umin < (uint64_t)r->smin)
				r->umin = (uint64_t)r->smin;
			if (r->umax > (uint64_t)r->smax)
				r->umax = (uint64_t)r->smax;
		}
		if (r->umin > r->umax)
			return 0;
		/* The bits above the highest one in which the bounds differ are the same in all values. */
		prefix = UINT64_MAX;
		if (r->umin != r->umax)
			prefix = ~low_bits(64 - (unsigned int)__builtin_clzll(r->umin ^ r->umax));
		if ((r->value ^ r->umin) & ~r->mask & prefix)
			return 0;
		r->value |= r->umin & prefix;
		r->mask &= ~prefix;
	}
	return 1;
}

static void set_unsigned(struct range *r, uint64_t min, uint64_t max)
{
	range_unknown(r);
	r->umin = min;
	r->umax = max;
	range_settle(r);
}

void range_bits(struct range *r, unsigned int bits)
{
	range_unknown(r);
	if (bits >= 64)
		return;
	r->mask = r->umax = low_bits(bits);
	r->smin = 0;
	r->smax = (int64_t)r->umax;
	if (bits >= 32)
		return;
	r->wmin = 0;
	r->wmax = (int32_t)r->umax;
}

int range_is_const(const struct range *r)
{
	return r->umin == r->umax;
}

int range_covers(const struct range *o, const struct range *i)
{
	return o->umin <= i->umin && i->umax <= o->umax && o->smin <= i->smin && o->wmin <= i->wmin && i->wmax <= o->wmax &&
	       i->smax <= o->smax && !(i->mask & ~o->mask) && !((o->value ^ i->value) & ~o->mask);
}

void range_join(struct range *r, const struct range *w)
{
	r->mask |= w->mask | (r->value ^ w->value);
	r->value &= ~r->mask;
	if (r->umin > w->umin)
		r->umin = w->umin;
	if (r->umax < w->umax)
		r->umax = w->umax;
	if (r->smin > w->smin)
		r->smin = w->smin;
	if (r->smax < w->smax)
		r->smax = w->smax;
	r->wmin = lesser(r->wmin, w->wmin);
	r->wmax = greater(r->wmax, w->wmax);
}

void range_low32(struct range *r)
{
	uint64_t min = r->umin, max = r->umax;

	r->value = (uint32_t)r->value;
	r->mask = (uint32_t)r->mask;
	r->smin = INT64_MIN;
	r->smax = INT64_MAX;
	if (min >> 32 == max >> 32) {
		r->umin = (uint32_t)min;
		r->umax = (uint32_t)max;
	} else {
		r->umin = 0;
		r->umax = UINT32_MAX;
	}
	range_settle(r);
}

static void arithmetic_shift(struct range *r, unsigned int n)
{
	r->value = (uint64_t)((int64_t)r->value >> n);
	r->mask = (uint64_t)((int64_t)r->mask >> n);
	r->value &= ~r->mask;
	r->smin >>= n;
	r->smax >>= n;
	low_unknown(r);
	r->umin = 0;
	r->umax = UINT64_MAX;
	range_settle(r);
}

static void shift_low(struct range *r, unsigned int n)
{
	int64_t wmin = n < 32 ? r->wmin * (1LL << n) : 0, wmax = n < 32 ? r->wmax * (1LL << n) : 0;

	low_unknown(r);
	if (wmin < INT32_MIN || wmax > INT32_MAX)
		return;
	r->wmin = (int32_t)wmin;
	r->wmax = (int32_t)wmax;
}

static void left_shift(struct range *r, unsigned int n)
{
	int fits = r->umax <= UINT64_MAX >> n;
	int64_t smin = (int64_t)((uint64_t)r->smin << n), smax = (int64_t)((uint64_t)r->smax << n);
	int signed_fits = smin >> n == r->smin && smax >> n == r->smax;

	if (n == 32) { /* as when a sign is extended */
		smin = (int64_t)((uint64_t)r->wmin << 32);
		smax = (int64_t)((uint64_t)r->wmax << 32);
		signed_fits = 1;
	}
	shift_low(r, n);
	r->value <<= n;
	r->mask <<= n;
	r->umin = fits ? r->umin << n : 0;
	r->umax = fits ? r->umax << n : UINT64_MAX;
	r->smin = signed_fits ? smin : INT64_MIN;
	r->smax = signed_fits ? smax : INT64_MAX;
	range_settle(r);
}

void range_sign_extend(struct range *r, unsigned int bits)
{
	left_shift(r, 64 - bits);
	arithmetic_shift(r, 64 - bits);
}

void range_swap(struct range *r, unsigned int bits, int swap)
{
	if (!swap && r->umax <= low_bits(bits))
		return;
	if (!range_is_const(r))
		range_bits(r, bits);
	else if (!swap)
		range_const(r, r->value & low_bits(bits));
	else
		range_const(r, __builtin_bswap64(r->value) >> (64 - bits));
}

static void add(struct range *r, const struct range *b)
{
	uint64_t least = r->value + b->value, most = (r->value | r->mask) + (b->value | b->mask);
	uint64_t carry_least = r->value ^ b->value ^ least;
	uint64_t carry_most = (r->value | r->mask) ^ (b->value | b->mask) ^ most;
	int wraps_min, wraps_max;

	/* A carry into a bit grows with the operands, so it is known where both extremes agree. */
	r->mask |= b->mask | (carry_least ^ carry_most);
	r->value = least & ~r->mask;
	wraps_min = __builtin_add_overflow(r->umin, b->umin, &r->umin);
	wraps_max = __builtin_add_overflow(r->umax, b->umax, &r->umax);
	if (wraps_min != wraps_max) {
		r->umin = 0;
		r->umax = UINT64_MAX;
	}
	wraps_min = __builtin_add_overflow(r->smin, b->smin, &r->smin);
	wraps_max = __builtin_add_overflow(r->smax, b->smax, &r->smax);
	if (wraps_min || wraps_max) {
		r->smin = INT64_MIN;
		r->smax = INT64_MAX;
	}
	wraps_min = __builtin_add_overflow(r->wmin, b->wmin, &r->wmin);
	wraps_max = __builtin_add_overflow(r->wmax, b->wmax, &r->wmax);
	if (wraps_min || wraps_max)
		low_unknown(r);
	range_settle(r);
}

static void sub(struct range *r, const struct range *b)
{
	uint64_t r_top = r->value | r->mask, b_top = b->value | b->mask;
	uint64_t borrow_least = r_top ^ b->value ^ (r_top - b->value);
	uint64_t borrow_most = r->value ^ b_top ^ (r->value - b_top);
	uint64_t umin, umax;
	int64_t smin, smax;
	int32_t wmin, wmax;
	int wraps_min, wraps_max;

	r->mask |= b->mask | (borrow_least ^ borrow_most);
	r->value = (r->value - b->value) & ~r->mask;
	wraps_min = __builtin_sub_overflow(r->umin, b->umax, &umin);
	wraps_max = __builtin_sub_overflow(r->umax, b->umin, &umax);
	r->umin = wraps_min == wraps_max ? umin : 0;
	r->umax = wraps_min == wraps_max ? umax : UINT64_MAX;
	wraps_min = __builtin_sub_overflow(r->smin, b->smax, &smin);
	wraps_max = __builtin_sub_overflow(r->smax, b->smin, &smax);
	r->smin = wraps_min || wraps_max ? INT64_MIN : smin;
	r->smax = wraps_min || wraps_max ? INT64_MAX : smax;
	wraps_min = __builtin_sub_overflow(r->wmin, b->wmax, &wmin);
	wraps_max = __builtin_sub_overflow(r->wmax, b->wmin, &wmax);
	r->wmin = wraps_min || wraps_max ? INT32_MIN : wmin;
	r->wmax = wraps_min || wraps_max ? INT32_MAX : wmax;
	range_settle(r);
}

static unsigned int trailing_zeros(const struct range *r)
{
	uint64_t top = r->value | r->mask;

	return top ? (unsigned int)__builtin_ctzll(top) : 64;
}

static void mul(struct range *r, const struct range *b)
{
	unsigned int zeros = trailing_zeros(r) + trailing_zeros(b);
	uint64_t min, max;

	if (range_is_const(r) && range_is_const(b)) {
		range_const(r, r->value * b->value);
		return;
	}
	if (__builtin_mul_overflow(r->umax, b->umax, &max)) {
		range_unknown(r);
	} else {
		min = r->umin * b->umin;
		set_unsigned(r, min, max);
	}
	if (zeros) {
		r->mask &= ~low_bits(zeros);
		r->value &= ~low_bits(zeros);
		range_settle(r);
	}
}

static void bitwise(struct range *r, const struct range *b, int op)
{
	uint64_t r_top = r->value | r->mask, b_top = b->value | b->mask;
	uint64_t value, mask, min, max;

	if (op == EBPF_AND) {
		value = r->value & b->value;
		mask = r_top & b_top & ~value;
		min = 0;
		max = r->umax < b->umax ? r->umax : b->umax;
	} else if (op == EBPF_OR) {
		value = r->value | b->value;
		mask = (r->mask | b->mask) & ~value;
		min = r->umin > b->umin ? r->umin : b->umin;
		max = UINT64_MAX;
	} else {
		mask = r->mask | b->mask;
		value = (r->value ^ b->value) & ~mask;
		min = 0;
		max = UINT64_MAX;
	}
	range_unknown(r);
	r->value = value;
	r->mask = mask;
	r->umin = min;
	r->umax = max;
	range_settle(r);
}

static void right_shift(struct range *r, unsigned int n)
{
	r->value >>= n;
	r->mask >>= n;
	r->umin >>= n;
	r->umax >>= n;
	low_unknown(r);
	r->smin = INT64_MIN;
	r->smax = INT64_MAX;
	range_settle(r);
}

/* RFC 9669 4.1: the count is masked with width - 1. */
static void shift(struct range *r, const struct range *by, int op, unsigned int width)
{
	uint64_t max;

	if (range_is_const(by)) {
		unsigned int n = by->value & (width - 1);

		if (op == EBPF_LSH)
			left_shift(r, n);
		else if (op == EBPF_RSH)
			right_shift(r, n);
		else
			arithmetic_shift(r, n);
	} else if (op == EBPF_LSH) {
		max = r->umax;
		if (by->umax < width && max <= UINT64_MAX >> by->umax)
			set_unsigned(r, r->umin << by->umin, max << by->umax);
		else
			range_unknown(r);
	} else if (op == EBPF_RSH) {
		if (by->umax < width)
			set_unsigned(r, r->umin >> by->umax, r->umax >> by->umin);
		else
			set_unsigned(r, 0, r->umax);
	} else {
		int64_t smin = r->smin < 0 ? r->smin : 0, smax = r->smax < 0 ? -1 : r->smax;

		range_unknown(r);
		r->smin = smin;
		r->smax = smax;
		range_settle(r);
	}
}

/* RFC 9669 4.1: x / 0 is 0, x % 0 is x. */
static void divide(struct range *r, const struct range *by)
{
	if (!by->umax)
		range_const(r, 0);
	else
		set_unsigned(r, by->umin ? r->umin / by->umax : 0,
			     r->umax / (by->umin ? by->umin : 1));
}

static void modulo(struct range *r, const struct range *by)
{
	if (!by->umax || r->umax < by->umin)
		return;
	if (range_is_const(r) && range_is_const(by))
		range_const(r, r->value % by->value);
	else
		set_unsigned(r, 0, by->umin && by->umax - 1 < r->umax ? by->umax - 1 : r->umax);
}

void range_alu(struct range *r, const struct range *operand, int op, int is64, int off)
{
	struct range by = *operand;

	if (is64 && (op == EBPF_ADD || op == EBPF_SUB || op == EBPF_XOR) && (is_unknown(r) || is_unknown(&by))) {
		range_unknown(r);
		return;
	}
	if (!is64) {
		range_low32(r);
		range_low32(&by);
		if (op == EBPF_ARSH)
			range_sign_extend(r, 32);
	}
	switch (op) {
	case EBPF_ADD:
		add(r, &by);
		break;
	case EBPF_SUB:
		sub(r, &by);
		break;
	case EBPF_MUL:
		mul(r, &by);
		break;
	case EBPF_AND:
	case EBPF_OR:
	case EBPF_XOR:
		bitwise(r, &by, op);
		break;
	case EBPF_LSH:
	case EBPF_RSH:
	case EBPF_ARSH:
		shift(r, &by, op, is64 ? 64 : 32);
		break;
	case EBPF_NEG:
		by = *r;
		range_const(r, 0);
		sub(r, &by);
		break;
	case EBPF_DIV:
	case EBPF_MOD:
		if (off)
			range_unknown(r);
		else if (op == EBPF_DIV)
			divide(r, &by);
		else
			modulo(r, &by);
		break;
	default:
		range_unknown(r);
	}
	if (!is64)
		range_low32(r);
}
