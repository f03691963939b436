// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* Bit fields, of registers and of packet bytes. */
#include "fold.h"

enum { TAG_SHIFT = 60 };

/* Does the window read still give the same here? */
static int still_reads(const struct fold *o, const struct value *win)
{
	return win->epoch == opt_mem_epoch(o->f, o->here, win->imm, win->width);
}

/* A field of packet bytes is read as one, from the packet as it is here. */
static struct value *field_of_window(struct fold *o, struct value *x)
{
	struct value *v = o->v;
	unsigned int shift = v->shift, len = v->len;

	if (!still_reads(o, x) || x->sign || shift >= x->len)
		return NULL;
	if (shift + len > x->len) {
		if (v->op == IR_SBFX && shift + len > x->len)
			v->op = IR_UBFX; /* the sign bit is 0 */
		len = x->len - shift;
	}
	v->sign = v->op == IR_SBFX;
	v->op = IR_WIN;
	v->imm = x->imm;
	v->width = x->width;
	v->swap = x->swap;
	v->shift = (uint8_t)(x->shift + shift);
	v->len = (uint8_t)len;
	v->arg[0] = NULL;
	v->epoch = x->epoch;
	v->region[0] = R_PKT;
	return NULL;
}

static struct value *field_of_shift(struct value *v, const struct value *x)
{
	unsigned int n = (unsigned int)x->arg[1]->imm, width = width_of(x), len = v->len;

	if (v->shift < n || v->shift >= width)
		return NULL;
	if (v->shift + len > width) {
		if (v->op == IR_SBFX && x->w)
			v->op = IR_UBFX;
		len = width - v->shift;
	}
	return fold_become_field(v, (enum ir_op)v->op, x->arg[0], v->shift - n, len);
}

static struct value *field_of_field(struct value *v, const struct value *x)
{
	if (v->shift + v->len > x->len)
		return NULL; /* bits above x->len are 0, so v->len was cut to fit before */
	return fold_become_field(v, (enum ir_op)v->op, x->arg[0], x->shift + v->shift, v->len);
}

/* x & k, where k keeps the whole field */
static struct value *field_of_mask(struct value *v, const struct value *x)
{
	uint64_t mask = x->w ? (uint32_t)imm_u(x->arg[1]) : imm_u(x->arg[1]);

	if (~(mask >> v->shift) & ones(v->len))
		return NULL;
	return fold_become_field(v, (enum ir_op)v->op, x->arg[0], v->shift, v->len);
}

int fold_is_tag(const struct value *v)
{
	return v->op == IR_UBFX && v->shift == TAG_SHIFT && v->len == 64 - TAG_SHIFT;
}

/* Is it the sum or difference of a small constant and a number that is not large? Then it is the same in 32 bits with a sign. */
static int is_small(const struct value *x)
{
	enum { SMALL_BITS = 30 };

	for (int n = 0; (x->op == IR_ADD || x->op == IR_SUB) && !x->w && n < 2; n++) {
		const struct value *k = x->arg[n];

		if (ir_is_const(k) && k->imm >= -(1 << SMALL_BITS) && k->imm <= 1 << SMALL_BITS && x->arg[1 - n]->bits <= SMALL_BITS)
			return 1;
	}
	return 0;
}

struct value *fold_field(struct fold *o)
{
	struct value *v = o->v, *x = v->arg[0];
	struct packet_sum place;

	if (ir_is_const(x)) {
		uint64_t bits = imm_u(x) >> v->shift & ones(v->len);

		if (v->op == IR_SBFX)
			bits = (uint64_t)((int64_t)(bits << (64 - v->len)) >> (64 - v->len));
		return ir_const(o->f, bits);
	}
	if (v->shift >= x->bits)
		return ir_const(o->f, 0);
	if (v->shift + v->len > 64)
		v->len = (uint8_t)(64 - v->shift);
	if (v->op == IR_SBFX && x->bits < v->shift + v->len)
		v->op = IR_UBFX; /* the sign bit is 0 */
	if (v->op == IR_UBFX && v->shift + v->len > x->bits)
		v->len = (uint8_t)(x->bits - v->shift);
	if (v->op == IR_UBFX && !v->shift && v->len >= x->bits)
		return x;
	if (v->op == IR_SBFX && (v->len == 64 || (!v->shift && v->len >= 32 && is_small(x))))
		return x;
	if (fold_is_tag(v) && fold_is_packet_sum(x, &place)) /* and far from changing it */
		return ir_const(o->f, place.stack ? NIC_TAG_STACK : NIC_TAG_PKT);
	if (v->op == IR_UBFX && !v->shift && v->len == 16 && fold_twice(x))
		return fold_emit(o, IR_FOLD, fold_twice(x), NULL);
	switch (x->op) {
	case IR_WIN:
		return field_of_window(o, x);
	case IR_AND:
		return ir_is_const(x->arg[1]) ? field_of_mask(v, x) : NULL;
	case IR_LSH:
		return ir_is_const(x->arg[1]) ? field_of_shift(v, x) : NULL;
	case IR_UBFX:
		return field_of_field(v, x);
	default:
		return NULL;
	}
}

/* Where the program has stored constants: st [data + 18], 0, 2; x = win u2 pkt[18] -> x = 0 */
static struct value *stored_number(struct fold *o)
{
	const struct value *v = o->v, *store;
	uint64_t x = 0;

	for (unsigned int n = 0, k; n < v->width; n++) {
		store = opt_mem_written(o->f, v->epoch, v->imm + n);
		if (!store || !ir_is_const(ir_resolve(store->arg[1])))
			return NULL;
		k = (unsigned int)(v->imm + n - store->imm);
		k = store->swap ? store->width - 1 - k : k;
		x |= ((uint64_t)ir_resolve(store->arg[1])->imm >> 8 * k & 0xff) << 8 * (v->swap ? v->width - 1 - n : n);
	}
	x = x >> v->shift << (64 - v->len);
	return ir_const(o->f, v->sign ? (uint64_t)((int64_t)x >> (64 - v->len)) : x >> (64 - v->len));
}

/* Reads no more bytes than the field has. */
struct value *fold_window(struct fold *o)
{
	struct value *v = o->v;
	unsigned int first = v->shift / 8, last = (v->shift + v->len - 1U) / 8, bytes = 1;

	while (bytes < last - first + 1)
		bytes *= 2;
	if (first + bytes > v->width)
		first = v->width - bytes;
	v->imm += v->swap ? v->width - bytes - first : first;
	v->shift = (uint8_t)(v->shift - 8 * first);
	v->width = (uint8_t)bytes;
	if (bytes == 1)
		v->swap = 0;
	return stored_number(o);
}

struct value *fold_swap(struct fold *o)
{
	struct value *v = o->v, *x = v->arg[0];

	if (ir_is_const(x))
		return ir_const(o->f, __builtin_bswap64(imm_u(x)) >> (64 - 8 * v->width));
	if (x->op == IR_UBFX && !x->shift && x->len >= 8 * v->width) {
		v->arg[0] = x->arg[0];
		return NULL;
	}
	if (x->op != IR_WIN || x->sign || x->shift || x->width != v->width || x->len != 8 * v->width ||
	    !still_reads(o, x))
		return NULL;
	v->op = IR_WIN;
	v->arg[0] = NULL;
	v->imm = x->imm;
	v->swap = !x->swap;
	v->shift = 0;
	v->len = x->len;
	v->epoch = x->epoch;
	v->region[0] = R_PKT;
	return NULL;
}

/* The place in the packet of a whole little-endian number, shifted left by *shift. */
static const struct value *packet_number(const struct value *v, unsigned int *shift)
{
	*shift = 0;
	if (v->op == IR_LSH && ir_is_const(v->arg[1])) {
		*shift = (unsigned int)v->arg[1]->imm;
		if (v->w && *shift + v->arg[0]->bits > 32)
			return NULL;
		v = v->arg[0];
	}
	return v->op == IR_WIN && !v->sign && !v->swap && !v->shift && v->len == 8 * v->width ? v : NULL;
}

/* Fields of one value side by side. */
static struct value *fold_fields(struct fold *o)
{
	struct value *v = o->v;

	for (int n = 0; n < 2; n++) {
		const struct value *low = v->arg[n], *up = v->arg[1 - n], *high = up->arg[0];
		unsigned int len = low->len;

		if (low->op != IR_UBFX || up->op != IR_LSH || !ir_is_const(up->arg[1]) || high->op != IR_UBFX || high->arg[0] != low->arg[0])
			continue;
		if (up->arg[1]->imm == (int64_t)len && high->shift == low->shift + len && len + high->len <= width_of(v) && len + high->len <= width_of(up))
			return fold_become_field(v, IR_UBFX, low->arg[0], low->shift, len + high->len);
	}
	return NULL;
}

struct value *fold_parts(struct fold *o)
{
	unsigned int sx, sy;
	const struct value *x = packet_number(o->v->arg[0], &sx), *y = packet_number(o->v->arg[1], &sy), *high, *low;
	struct value *win;
	unsigned int bytes;

	if (!x || !y)
		return fold_fields(o);
	if (x->width != y->width || !still_reads(o, x) || !still_reads(o, y))
		return NULL;
	bytes = x->width;
	if (16 * bytes > width_of(o->v))
		return NULL;
	if ((sx && sy) || sx + sy != 8 * bytes)
		return NULL;
	high = sx ? x : y;
	low = sx ? y : x;
	if (high->imm != low->imm + bytes && (bytes != 1 || high->imm != low->imm - 1))
		return NULL;
	win = fold_emit(o, IR_WIN, NULL, NULL);
	if (!win)
		return NULL;
	win->imm = low->imm < high->imm ? low->imm : high->imm;
	win->swap = low->imm > high->imm;
	win->width = (uint8_t)(2 * bytes);
	win->len = (uint8_t)(16 * bytes);
	win->region[0] = R_PKT;
	win->epoch = opt_mem_epoch(o->f, o->here, win->imm, win->width);
	opt_bits(win);
	return win;
}
