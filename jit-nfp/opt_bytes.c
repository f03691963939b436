// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* Numbers put together from bytes of other numbers: constants, fields of a value, neighbouring bytes of the packet, one above the other. */
#include "opt.h"

enum { DEPTH_MAX = 8, BYTES = 8 };

static int is_shift(const struct value *v)
{
	return v->op == IR_LSH && ir_is_const(ir_resolve(v->arg[1]));
}

static unsigned int shift_of(const struct value *v)
{
	return (unsigned int)ir_resolve(v->arg[1])->imm & (v->w ? 31 : 63);
}

/* Is byte n of v certainly 0? */
static int is_zero(const struct value *v, unsigned int n)
{
	if (ir_is_const(v))
		return !((uint64_t)v->imm >> 8 * n & 0xff);
	return v->bits <= 8 * n || (is_shift(v) && shift_of(v) >= 8 * n + 8);
}

struct opt_byte opt_byte_of(struct func *f, struct value *v, unsigned int n)
{
	for (int depth = 0; depth < DEPTH_MAX; depth++) {
		v = ir_resolve(v);
		if (is_zero(v, n))
			return (struct opt_byte){ ir_const(f, 0), 0 };
		if (ir_is_const(v))
			return (struct opt_byte){ ir_const(f, (uint64_t)v->imm >> 8 * n & 0xff), 0 };
		if (v->op == IR_UBFX && !(v->shift % 8) && 8 * n + 8 <= v->len) {
			n += v->shift / 8;
			v = v->arg[0];
		} else if (is_shift(v) && !(shift_of(v) % 8)) {
			n -= shift_of(v) / 8; /* what is below is 0 */
			v = v->arg[0];
		} else if (v->op == IR_OR && is_zero(ir_resolve(v->arg[1]), n)) {
			v = v->arg[0];
		} else if (v->op == IR_OR && is_zero(ir_resolve(v->arg[0]), n)) {
			v = v->arg[1];
		} else {
			break;
		}
	}
	return (struct opt_byte){ v, n };
}

/* ---- pieces ---- */

int opt_bytes_is_packet(const struct opt_byte *b)
{
	const struct value *v = b->v;

	return v->op == IR_WIN && !v->sign && !v->swap && !(v->shift % 8) && !(v->len % 8);
}

int64_t opt_bytes_offset(const struct opt_byte *b)
{
	return b->v->imm + b->v->shift / 8 + b->n;
}

static int same_value(const struct opt_byte *b, unsigned int n)
{
	for (unsigned int k = 1; k < n; k++)
		if (b[k].v != b->v || b[k].n != b->n + k)
			return 0;
	return 1;
}

static int see_the_same(const struct func *f, const struct opt_byte *b, unsigned int n, uint32_t here)
{
	for (unsigned int k = 0; k < n; k++)
		if (b[k].v->epoch != opt_mem_epoch(f, here, b[k].v->imm, b[k].v->width))
			return 0;
	return 1;
}

/* One of the reads of these packet bytes, in the place of which all of them see the same as in their own. */
static struct value *common_place(const struct func *f, const struct opt_byte *b, unsigned int n)
{
	for (unsigned int k = 0; k < n; k++)
		if (see_the_same(f, b, n, b[k].v->here))
			return b[k].v;
	return NULL;
}

static unsigned int read_width(unsigned int n)
{
	unsigned int width = 1;

	while (width < n)
		width *= 2;
	return width;
}

/* May a read of these bytes begin with them? It must not end behind the packet, which has f->least bytes where they are needed. */
static int begins(const struct func *f, const struct opt_byte *b, unsigned int n)
{
	return n == read_width(n) || opt_bytes_offset(b) + read_width(n) <= f->least;
}

/* Are these n bytes one read of the packet? It begins earlier where there is no such width and it must not end later. */
static int is_packet(const struct func *f, const struct opt_byte *b, unsigned int n)
{
	for (unsigned int k = 0; k < n; k++)
		if (!opt_bytes_is_packet(&b[k]) || opt_bytes_offset(&b[k]) != opt_bytes_offset(b) + k)
			return 0;
	return (begins(f, b, n) || opt_bytes_offset(b) + n >= read_width(n)) && common_place(f, b, n);
}

/* How many bytes from the first on are one piece. */
static unsigned int piece(const struct func *f, const struct opt_byte *b, unsigned int n)
{
	unsigned int size = n;

	while (size > 1 && !same_value(b, size) && !is_packet(f, b, size))
		size--;
	return size;
}

/* Bytes n of a piece at the end of a number are the lowest of a value, and what is above them does not matter. */
static int is_whole(const struct opt_byte *b, unsigned int n, int last)
{
	return same_value(b, n) && !b->n && (last || b->v->bits <= 8 * n);
}

/* ---- the number ---- */

static uint64_t constant_part(const struct opt_byte *b, unsigned int n)
{
	uint64_t k = 0;

	for (unsigned int at = 0; at < n; at++)
		if (ir_is_const(b[at].v))
			k |= (uint64_t)b[at].v->imm << 8 * at;
	return k;
}

static int is_imm(uint64_t k, unsigned int n)
{
	return n <= 4 || (int64_t)k == (int32_t)k;
}

/* Is the upper half a constant that one operation puts above the lower half? */
static int is_upper(const struct opt_byte *b, unsigned int n, uint64_t k)
{
	if (n != BYTES || is_imm(k, n))
		return 0;
	for (unsigned int at = n / 2; at < n; at++)
		if (!ir_is_const(b[at].v))
			return 0;
	return 1;
}

/* Operations that put the constant part to the pieces. */
static unsigned int constant_cost(const struct opt_byte *b, unsigned int n, uint64_t k)
{
	if (is_upper(b, n, k))
		return 1 + ((uint32_t)k != 0);
	return (k != 0) + (is_imm(k, n) ? 0 : 2);
}

unsigned int opt_bytes_cost(const struct func *f, const struct opt_byte *b, unsigned int n)
{
	unsigned int cost = 0, pieces = 0;
	uint64_t k = constant_part(b, n);

	for (unsigned int at = 0, size; at < n; at += size) {
		size = 1;
		if (ir_is_const(b[at].v))
			continue;
		size = piece(f, b + at, n - at);
		if (!is_whole(b + at, size, at + size == n) && !is_packet(f, b + at, size))
			cost++;
		cost += (at != 0) + (pieces++ != 0);
	}
	return cost + (pieces ? constant_cost(b, n, k) : is_imm(k, n) ? 0 : 2);
}

unsigned int opt_bytes_ready(const struct func *f, const struct opt_byte *b, unsigned int n)
{
	unsigned int ready = 0, pieces = 0;
	uint64_t k = constant_part(b, n);

	for (unsigned int at = 0, size; at < n; at += size) {
		unsigned int then;

		size = 1;
		if (ir_is_const(b[at].v))
			continue;
		size = piece(f, b + at, n - at);
		then = (ir_kinds[b[at].v->op] == KIND_LEAF ? 0 : b[at].v->uses) + (at != 0) + (!is_whole(b + at, size, at + size == n) && !is_packet(f, b + at, size));
		ready = (then > ready ? then : ready) + (pieces++ != 0);
	}
	return pieces ? ready + (k != 0) + (is_upper(b, n, k) && (uint32_t)k) : ready;
}

struct value *opt_emit(struct func *f, struct value *at, enum ir_op op, struct value *x, struct value *y)
{
	struct value *v = ir_new(f, op, at->insn);

	if (!v)
		return NULL;
	v->arg[0] = x;
	v->arg[1] = y;
	v->here = at->here;
	v->order = at->order;
	ir_insert_before(at, v);
	opt_bits(v);
	return v;
}

int opt_bytes_again(const struct func *f, const struct value *at, const struct opt_byte *b, unsigned int n)
{
	return is_packet(f, b, n) && see_the_same(f, b, n, at->here);
}

/* As late as it can be. */
static struct value *read_packet(struct func *f, struct value *at, const struct opt_byte *b, unsigned int n)
{
	struct value *v = opt_emit(f, see_the_same(f, b, n, at->here) ? at : common_place(f, b, n), IR_WIN, NULL, NULL);

	if (!v)
		return NULL;
	v->width = (uint8_t)read_width(n);
	v->imm = opt_bytes_offset(b) + (begins(f, b, n) ? 0 : (int64_t)n - v->width);
	v->shift = (uint8_t)(begins(f, b, n) ? 0 : 8 * (v->width - n));
	v->len = (uint8_t)(8 * n);
	v->region[0] = R_PKT;
	v->epoch = opt_mem_epoch(f, v->here, v->imm, v->width);
	opt_bits(v);
	return v;
}

static struct value *take(struct func *f, struct value *at, const struct opt_byte *b, unsigned int n, int last)
{
	struct value *v;

	/* what was read in another block is read again rather than kept */
	if (is_whole(b, n, last) && (b->v->block == at->block || !opt_bytes_again(f, at, b, n)))
		return b->v;
	if (is_packet(f, b, n))
		return read_packet(f, at, b, n);
	v = opt_emit(f, at, IR_UBFX, b->v, NULL);
	if (!v)
		return NULL;
	v->shift = (uint8_t)(8 * b->n);
	v->len = (uint8_t)(8 * n);
	opt_bits(v);
	return v;
}

/* The lowest piece with the constant part, whose upper half is not 0. Other pieces can be shifted meanwhile. */
static struct value *put_constant(struct func *f, struct value *at, struct value *low, uint64_t k)
{
	struct value *v = (uint32_t)k ? opt_emit(f, at, IR_OR, low, ir_const(f, (uint64_t)(int32_t)k)) : low;

	v = v ? opt_emit(f, at, IR_MOVH, v, NULL) : NULL;
	if (v)
		v->imm = (int64_t)(k >> 32);
	return v;
}

struct value *opt_bytes_value(struct func *f, struct value *at, const struct opt_byte *b, unsigned int n, int exact)
{
	struct value *sum = NULL;
	uint64_t k = constant_part(b, n);
	int upper = is_upper(b, n, k);

	for (unsigned int from = 0, size; from < n; from += size) {
		struct value *v;

		size = 1;
		if (ir_is_const(b[from].v))
			continue;
		size = piece(f, b + from, n - from);
		v = take(f, at, b + from, size, from + size == n && (!exact || n == BYTES));
		if (v && from)
			v = opt_emit(f, at, IR_LSH, v, ir_const(f, 8 * from));
		if (!v)
			return NULL;
		if (upper && !sum)
			v = put_constant(f, at, v, k);
		sum = sum ? opt_emit(f, at, IR_OR, sum, v) : v;
	}
	if (!sum)
		return ir_const(f, k);
	return k && !upper ? opt_emit(f, at, IR_OR, sum, ir_const(f, k)) : sum;
}
