// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* Arithmetic with a constant, with itself, and between packet addresses. */
#include "fold.h"

static struct value *konst(struct fold *o, uint64_t imm)
{
	return ir_const(o->f, o->v->w ? (uint32_t)imm : imm);
}

struct value *fold_emit(struct fold *o, enum ir_op op, struct value *x, struct value *y)
{
	struct value *v = ir_new(o->f, op, o->v->insn);

	if (!v)
		return NULL;
	v->arg[0] = x;
	v->arg[1] = y;
	v->epoch = v->here = o->here;
	ir_insert_before(o->v, v);
	opt_bits(v);
	return v;
}

struct value *fold_become_field(struct value *v, enum ir_op op, struct value *x, unsigned int shift, unsigned int len)
{
	v->op = (uint8_t)op;
	v->w = 0;
	v->arg[0] = x;
	v->arg[1] = NULL;
	v->shift = (uint8_t)shift;
	v->len = (uint8_t)len;
	return NULL;
}

/* x as the result of v: v truncates it when w. */
static struct value *same(struct value *v, struct value *x)
{
	if (!v->w || x->bits <= 32)
		return x;
	return fold_become_field(v, IR_UBFX, x, 0, 32);
}

static struct value *become(struct value *v, enum ir_op op, struct value *x, struct value *y)
{
	v->op = (uint8_t)op;
	v->arg[0] = x;
	v->arg[1] = y;
	return NULL;
}

/* ---- constants ---- */

static uint64_t divide(const struct value *v, uint64_t x, uint64_t y)
{
	int64_t sx = v->w ? (int32_t)x : (int64_t)x, sy = v->w ? (int32_t)y : (int64_t)y;
	int modulo = v->op == IR_MODU || v->op == IR_MODS;

	if (!y)
		return modulo ? x : 0;
	if (v->op == IR_DIVU || v->op == IR_MODU)
		return modulo ? x % y : x / y;
	if (sy == -1) /* the one quotient that overflows wraps */
		return modulo ? 0 : 0 - x;
	return (uint64_t)(modulo ? sx % sy : sx / sy);
}

static uint64_t compute(const struct value *v, uint64_t x, uint64_t y)
{
	unsigned int mask = width_of(v) - 1;

	switch (v->op) {
	case IR_ADD:
		return x + y;
	case IR_SUB:
		return x - y;
	case IR_AND:
		return x & y;
	case IR_OR:
		return x | y;
	case IR_XOR:
		return x ^ y;
	case IR_LSH:
		return x << (y & mask);
	case IR_RSH:
		return x >> (y & mask);
	case IR_ARSH:
		return (uint64_t)((v->w ? (int32_t)x : (int64_t)x) >> (y & mask));
	case IR_MUL:
		return x * y;
	default:
		return divide(v, x, y);
	}
}

static struct value *fold_constants(struct fold *o)
{
	struct value *v = o->v;
	uint64_t x = imm_u(v->arg[0]), y = imm_u(v->arg[1]);

	if (v->w) {
		x = (uint32_t)x;
		y = (uint32_t)y;
	}
	return konst(o, compute(v, x, y));
}

/* ---- packet and stack addresses ---- */

int fold_is_packet_sum(struct value *v, struct packet_sum *s)
{
	s->off = 0;
	if (v->op == IR_ADD && !v->w && ir_is_const(v->arg[1])) {
		s->off = v->arg[1]->imm;
		v = v->arg[0];
	}
	s->place = v;
	s->stack = ir_is_special(v, SR_FP);
	s->times = ir_is_place(v, SR_DATA_END);
	s->epoch = v->op == IR_NOW ? v->epoch : 0;
	return (s->stack || s->times || ir_is_place(v, SR_DATA)) && s->off > INT32_MIN && s->off < INT32_MAX;
}

int fold_packet_sums(const struct value *v, struct packet_sum *x, struct packet_sum *y)
{
	return fold_is_packet_sum(v->arg[0], x) && fold_is_packet_sum(v->arg[1], y) && x->stack == y->stack && x->epoch == y->epoch;
}

struct value *fold_length(struct fold *o, const struct packet_sum *s)
{
	struct value *len = ir_place(o->f, SR_LEN, s->place);

	if (len && len->op == IR_NOW)
		len->epoch = s->epoch;
	return len;
}

/* data_end - data -> len, of the packet as it was when they were asked for */
static struct value *fold_packet_difference(struct fold *o)
{
	struct value *v = o->v;
	struct packet_sum x, y;

	if (!fold_packet_sums(v, &x, &y))
		return NULL;
	if (x.times == y.times)
		return konst(o, (uint64_t)(x.off - y.off));
	if (x.times)
		return become(v, IR_ADD, fold_length(o, &x), konst(o, (uint64_t)(x.off - y.off)));
	return become(v, IR_SUB, konst(o, (uint64_t)(x.off - y.off)), fold_length(o, &x));
}

/* ---- arithmetic ---- */

/* x + k1 + k2 -> x + (k1 + k2), for any operation that allows it */
static int reassociate(struct fold *o)
{
	struct value *v = o->v, *x = v->arg[0];

	if (x->op != v->op || x->w != v->w || !ir_is_const(x->arg[1]))
		return 0;
	v->arg[1] = konst(o, compute(v, imm_u(x->arg[1]), imm_u(v->arg[1])));
	v->arg[0] = x->arg[0];
	return 1;
}

static struct value *fold_add(struct fold *o)
{
	struct value *v = o->v;

	if (!ir_is_const(v->arg[1]))
		return NULL;
	reassociate(o);
	return v->arg[1]->imm ? NULL : same(v, v->arg[0]);
}

static struct value *fold_sub(struct fold *o)
{
	struct value *v = o->v, *packet;

	if (v->arg[0] == v->arg[1])
		return konst(o, 0);
	packet = fold_packet_difference(o);
	if (packet || v->op != IR_SUB)
		return packet;
	if (!ir_is_const(v->arg[1]))
		return NULL;
	return become(v, IR_ADD, v->arg[0], konst(o, -imm_u(v->arg[1]))); /* x - k -> x + -k */
}

static struct value *fold_and(struct fold *o)
{
	struct value *v = o->v, *x = v->arg[0];
	uint64_t mask;

	if (x == v->arg[1])
		return same(v, x);
	if (!ir_is_const(v->arg[1]))
		return NULL;
	reassociate(o);
	x = v->arg[0];
	mask = imm_u(v->arg[1]);
	if (v->w)
		mask = (uint32_t)mask;
	mask &= ones(x->bits);
	if (!mask)
		return konst(o, 0);
	if (!(mask & (mask + 1))) /* x & 0..01..1 -> a field */
		return fold_become_field(v, IR_UBFX, x, 0, (unsigned int)__builtin_popcountll(mask));
	return NULL;
}

static struct value *fold_or(struct fold *o)
{
	struct value *v = o->v;

	if (v->arg[0] == v->arg[1] && v->op == IR_OR)
		return same(v, v->arg[0]);
	if (v->arg[0] == v->arg[1])
		return konst(o, 0);
	if (!ir_is_const(v->arg[1]))
		return fold_parts(o);
	reassociate(o);
	return v->arg[1]->imm ? NULL : same(v, v->arg[0]);
}

/* x >> k is a field; so is x << j >> k */
static struct value *fold_shift(struct fold *o)
{
	struct value *v = o->v, *x = v->arg[0];
	unsigned int n, width = width_of(v);

	if (!ir_is_const(v->arg[1]))
		return NULL;
	n = (unsigned int)v->arg[1]->imm & (width - 1);
	if (v->arg[1]->imm != n)
		v->arg[1] = konst(o, n);
	if (!n)
		return same(v, x);
	if (v->op == IR_ARSH && x->bits < width) /* no sign */
		v->op = IR_RSH;
	if (v->op == IR_RSH)
		return fold_become_field(v, IR_UBFX, x, n, width - n);
	if (v->op == IR_ARSH && !v->w)
		return fold_become_field(v, IR_SBFX, x, n, width - n);
	if (v->op == IR_LSH && x->op == IR_LSH && x->w == v->w && ir_is_const(x->arg[1]) &&
	    imm_u(x->arg[1]) + n < width) {
		v->arg[1] = konst(o, imm_u(x->arg[1]) + n);
		v->arg[0] = x->arg[0];
	}
	return NULL;
}

static int is_power_of_2(uint64_t n)
{
	return n && !(n & (n - 1));
}

static struct value *fold_mul(struct fold *o)
{
	struct value *v = o->v;
	uint64_t k;

	if (!ir_is_const(v->arg[1]))
		return NULL;
	k = v->w ? (uint32_t)v->arg[1]->imm : imm_u(v->arg[1]);
	if (!k)
		return konst(o, 0);
	if (k == 1)
		return same(v, v->arg[0]);
	if (is_power_of_2(k))
		return become(v, IR_LSH, v->arg[0], konst(o, (uint64_t)__builtin_ctzll(k)));
	return NULL;
}

static struct value *fold_div(struct fold *o)
{
	struct value *v = o->v;
	uint64_t k;

	if (!ir_is_const(v->arg[1]))
		return NULL;
	k = v->w ? (uint32_t)v->arg[1]->imm : imm_u(v->arg[1]);
	if (!k)
		return v->op == IR_DIVU || v->op == IR_DIVS ? konst(o, 0) : same(v, v->arg[0]);
	if (k == 1)
		return v->op == IR_DIVU || v->op == IR_DIVS ? same(v, v->arg[0]) : konst(o, 0);
	if (!is_power_of_2(k) || v->op == IR_DIVS || v->op == IR_MODS)
		return NULL;
	if (v->op == IR_DIVU)
		return become(v, IR_RSH, v->arg[0], konst(o, (uint64_t)__builtin_ctzll(k)));
	return become(v, IR_AND, v->arg[0], konst(o, k - 1));
}

static int commutes(int op)
{
	return op == IR_ADD || op == IR_AND || op == IR_OR || op == IR_XOR || op == IR_MUL;
}

struct value *fold_alu(struct fold *o)
{
	struct value *v = o->v;

	if (ir_is_const(v->arg[0]) && ir_is_const(v->arg[1]))
		return fold_constants(o);
	if (commutes(v->op) && ir_is_const(v->arg[0])) {
		struct value *x = v->arg[0];

		v->arg[0] = v->arg[1];
		v->arg[1] = x;
	}
	switch (v->op) {
	case IR_ADD:
		return fold_add(o);
	case IR_SUB:
		return fold_sub(o);
	case IR_AND:
		return fold_and(o);
	case IR_OR:
	case IR_XOR:
		return fold_or(o);
	case IR_MUL:
		return fold_mul(o);
	case IR_LSH:
	case IR_RSH:
	case IR_ARSH:
		return fold_shift(o);
	default:
		return fold_div(o);
	}
}

