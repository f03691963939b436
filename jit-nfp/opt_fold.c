// SPDX-License-Identifier: Apache-2.0
/* Constant folding, algebraic identities, bit fields. A rule gives the value that replaces v, or NULL after it has changed v in place
 * or left it. New values go right before v. Comments show before -> after. */
#include "ir.h"
#include "opt.h"

struct fold {
	struct func *f;
	struct value *v;
	uint32_t here;        /* state of the packet at v */
};

static uint64_t ones(unsigned int n)
{
	return n < 64 ? (1ULL << n) - 1 : UINT64_MAX;
}

static unsigned int width_of(const struct value *v)
{
	return v->w ? 32 : 64;
}

static uint64_t imm_u(const struct value *v)
{
	return (uint64_t)v->imm;
}

static struct value *konst(struct fold *o, uint64_t imm)
{
	return ir_const(o->f, o->v->w ? (uint32_t)imm : imm);
}

static struct value *emit(struct fold *o, enum ir_op op, int w, struct value *x, struct value *y)
{
	struct value *v = ir_new(o->f, op, o->v->insn);

	if (!v)
		return NULL;
	v->w = (uint8_t)w;
	v->arg[0] = x;
	v->arg[1] = y;
	v->epoch = v->here = o->here;
	ir_insert_before(o->v, v);
	opt_bits(v);
	return v;
}

/* v turns into a field of x. */
static struct value *become_field(struct value *v, enum ir_op op, struct value *x, unsigned int shift, unsigned int len)
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
	return become_field(v, IR_UBFX, x, 0, 32);
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

/* Does the window read still give the same here? */
static int still_reads(const struct fold *o, const struct value *win)
{
	return win->epoch == opt_mem_epoch(o->f, o->here, win->imm, win->width);
}

/* ---- packet addresses ---- */

/* v = data + len * times + off? */
static int is_packet_sum(const struct value *v, int *times, int64_t *off)
{
	*off = 0;
	if (v->op == IR_ADD && !v->w && ir_is_const(v->arg[1])) {
		*off = v->arg[1]->imm;
		v = v->arg[0];
	}
	*times = ir_is_special(v, SR_DATA_END);
	return (*times || ir_is_special(v, SR_DATA)) && *off > INT32_MIN && *off < INT32_MAX;
}

/* data_end - data -> len */
static struct value *fold_packet_difference(struct fold *o)
{
	struct value *v = o->v;
	int tx, ty;
	int64_t x, y;

	if (!is_packet_sum(v->arg[0], &tx, &x) || !is_packet_sum(v->arg[1], &ty, &y))
		return NULL;
	if (tx == ty)
		return konst(o, (uint64_t)(x - y));
	if (tx)
		return become(v, IR_ADD, ir_special(o->f, SR_LEN), konst(o, (uint64_t)(x - y)));
	return become(v, IR_SUB, konst(o, (uint64_t)(x - y)), ir_special(o->f, SR_LEN));
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
		return become_field(v, IR_UBFX, x, 0, (unsigned int)__builtin_popcountll(mask));
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

/* pkt[k + n] << 8 n | pkt[k] -> one window; also big-endian when the parts lie the other way around */
static struct value *fold_parts(struct fold *o)
{
	unsigned int sx, sy;
	const struct value *x = packet_number(o->v->arg[0], &sx), *y = packet_number(o->v->arg[1], &sy), *high, *low;
	struct value *win;
	unsigned int bytes;

	if (!x || !y || x->width != y->width || !still_reads(o, x) || !still_reads(o, y))
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
	win = emit(o, IR_WIN, 0, NULL, NULL);
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
	if (v->op == IR_RSH)
		return become_field(v, IR_UBFX, x, n, width - n);
	if (v->op == IR_ARSH && !v->w)
		return become_field(v, IR_SBFX, x, n, width - n);
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

/* ---- bit fields ---- */

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
	return become_field(v, (enum ir_op)v->op, x->arg[0], v->shift - n, len);
}

static struct value *field_of_field(struct value *v, const struct value *x)
{
	if (v->shift + v->len > x->len)
		return NULL; /* bits above x->len are 0, so v->len was cut to fit before */
	return become_field(v, (enum ir_op)v->op, x->arg[0], x->shift + v->shift, v->len);
}

static struct value *fold_field(struct fold *o)
{
	struct value *v = o->v, *x = v->arg[0];

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
	if (v->op == IR_SBFX && v->len == 64)
		return x;
	switch (x->op) {
	case IR_WIN:
		return field_of_window(o, x);
	case IR_LSH:
		return ir_is_const(x->arg[1]) ? field_of_shift(v, x) : NULL;
	case IR_UBFX:
		return field_of_field(v, x);
	default:
		return NULL;
	}
}

/* Reads no more bytes than the field has. */
static struct value *fold_window(struct value *v)
{
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
	return NULL;
}

static struct value *fold_swap(struct fold *o)
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

/* ---- memory ---- */

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

static struct value *fold_load(struct fold *o)
{
	struct value *v = o->v;

	fold_address(v);
	if (v->op != IR_LD || !ir_is_special(v->arg[0], SR_DATA) || v->imm < 0 || v->imm + v->width > ISA_WINDOW_BYTES)
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

static struct value *fold_store(struct fold *o)
{
	struct value *v = o->v, *x;

	fold_address(v);
	x = v->arg[1] = stored(v->arg[1], v->op == IR_ST || v->op == IR_MST ? 8U * v->width : width_of(v));
	if ((v->op == IR_ST || v->op == IR_MST) && x->op == IR_BSWAP && x->width == v->width) {
		v->swap = !v->swap;
		v->arg[1] = x->arg[0];
	}
	return NULL;
}

/* ---- conditions ---- */

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
static void compare_length(struct fold *o, int cc, int64_t k)
{
	o->v->cc = (uint8_t)cc;
	o->v->arg[0] = ir_const(o->f, k < 0 ? 0 : (uint64_t)k);
	o->v->arg[1] = k < 0 ? ir_const(o->f, 1) : ir_special(o->f, SR_LEN);
}

/* data + k > data_end -> k > len; packet addresses are far from wrapping */
static void fold_bounds_check(struct fold *o)
{
	struct value *v = o->v;
	int tx, ty;
	int64_t x, y;

	if (v->w || is_signed(v->cc) || v->cc == OP_JSET || v->cc == OP_JNSET || !is_packet_sum(v->arg[0], &tx, &x) ||
	    !is_packet_sum(v->arg[1], &ty, &y))
		return;
	if (tx == ty) { /* a distance that makes both positive */
		v->arg[0] = ir_const(o->f, (uint64_t)(x - INT32_MIN));
		v->arg[1] = ir_const(o->f, (uint64_t)(y - INT32_MIN));
	} else if (tx) {
		compare_length(o, mirrored(v->cc), y - x);
	} else {
		compare_length(o, v->cc, x - y);
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

static struct value *fold_branch(struct fold *o)
{
	struct value *v = o->v;
	int known = -1;

	fold_bounds_check(o);
	if (ir_is_const(v->arg[0]) && !ir_is_const(v->arg[1])) {
		swap_args(v);
		v->cc = (uint8_t)mirrored(v->cc);
	}
	fold_signed(v);
	fold_narrow(v);
	fold_bit_test(o);
	if (ir_is_const(v->arg[0]) && ir_is_const(v->arg[1]))
		known = ir_holds(v->cc, v->w, imm_u(v->arg[0]), imm_u(v->arg[1]));
	else if (ir_is_const(v->arg[1]))
		known = outcome_by_bits(v);
	if (known < 0)
		return NULL;
	opt_decide(v, known);
	return v; /* the block's ways have changed */
}

/* ---- the pass ---- */

static int commutes(int op)
{
	return op == IR_ADD || op == IR_AND || op == IR_OR || op == IR_XOR || op == IR_MUL;
}

/* A w operation looks at low halves only. */
static void strip_w_args(struct value *v)
{
	for (int n = 0; v->w && n < 2 && v->arg[n]; n++) {
		struct value *x = v->arg[n];

		if (x->op == IR_UBFX && !x->shift && x->len >= 32)
			v->arg[n] = x->arg[0];
	}
}

static struct value *fold_arithmetic(struct fold *o)
{
	struct value *v = o->v;

	strip_w_args(v);
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

static struct value *fold_phi(struct value *v)
{
	struct value *one = NULL;

	for (uint32_t n = 0; n < v->block->n_pred; n++) {
		struct value *x = v->phi[n] = ir_resolve(v->phi[n]);

		if (x == v)
			continue;
		if (one && one != x)
			return NULL;
		one = x;
	}
	return one;
}

static struct value *fold_value(struct fold *o)
{
	struct value *v = o->v;

	switch (v->op) {
	case IR_PHI:
		return fold_phi(v);
	case IR_UBFX:
	case IR_SBFX:
		return fold_field(o);
	case IR_BSWAP:
		return fold_swap(o);
	case IR_WIN:
		return fold_window(v);
	case IR_LD:
	case IR_MLD:
		return fold_load(o);
	case IR_ST: case IR_MST:
	case IR_MADD: case IR_MAND: case IR_MOR: case IR_MXOR: case IR_MXCHG: case IR_MCAS:
		return fold_store(o);
	case IR_BR:
		strip_w_args(v);
		return fold_branch(o);
	default:
		return v->op >= IR_ADD && v->op <= IR_MODS ? fold_arithmetic(o) : NULL;
	}
}

enum { ROUNDS_MAX = 4 };      /* of rules on one value; of passes over the program */

/* Returns 1 when the ways between blocks have changed. */
static int fold_one(struct fold *o)
{
	struct value *v = o->v;

	for (int n = 0; n < 3; n++)
		v->arg[n] = ir_resolve(v->arg[n]);
	for (int round = 0; round < ROUNDS_MAX; round++) {
		struct value before = *v, *with = fold_value(o);

		if (o->f->c->arena->failed)
			return 0;
		if (with == v)
			return 1;
		if (with) {
			ir_replace(v, with);
			return 0;
		}
		if (!memcmp(&before, v, sizeof(before)))
			break;
	}
	opt_bits(v);
	return 0;
}

static int fold_block(struct func *f, struct block *b)
{
	struct fold o = { f, NULL, b->epoch_in };
	struct value *next;
	int changed = 0;

	for (struct value *v = b->first; v; v = next) {
		next = v->next;
		o.v = v;
		changed |= fold_one(&o);
		if (v->op == IR_ST && v->region[0] == R_PKT)
			o.here = v->epoch;
	}
	return changed;
}

int opt_fold_run(struct compile *c)
{
	struct func *f = c->func;
	int changed = 1;

	for (int round = 0; changed && round < ROUNDS_MAX; round++) {
		if (opt_mem_number(f))
			return -1;
		changed = 0;
		for (uint32_t n = 0; n < f->n_rpo; n++)
			changed |= fold_block(f, f->rpo[n]);
		if (c->arena->failed || (changed && cfg_order(f)))
			return -1;
	}
	return 0;
}
