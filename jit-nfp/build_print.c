// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* bpf_trace_printk() and bpf_trace_vprintk(): a record for the host, who makes text of it. Their result, the length of that text, is computed here where the
 * program looks at it; that takes a format which is constant data. */
#include "build_bytes.h"
#include "build_ring.h"
#include "build_text.h"

enum { E_INVAL = 22 };

/* ---- the record ---- */

/* Bytes that a print's value takes in the record: a number, or how many bytes the format asks for, and these. */
static uint32_t printed_bytes(const struct arg_fact *a)
{
	return 8 + (a->region == R_NONE ? 0 : (a->size + 7) / 8 * 8);
}

static struct value *number_at(struct build *b, int n)
{
	return b->var[3 + n] ? b->var[3 + n] : konst(b, 0);
}

static void print_values(struct build *b, unsigned int map, struct value *record)
{
	const struct fact *fact = fact_at(b);
	uint32_t at = 8;

	for (int n = 0; n < PRINT_NUMBERS; n++) {
		const struct arg_fact *a = &fact->arg[2 + n];
		struct copy bytes = { .from = a, .source = b->var[3 + n], .to = record, .map = map, .off = (int)at + 8 };

		map_access(b, IR_MST, map, record, (int)at, 8, a->region == R_NONE ? number_at(b, n) : konst(b, printed_bytes(a) - 8));
		if (a->region == R_SCALAR)
			for (uint32_t off = 8; off < printed_bytes(a); off += 8)
				map_access(b, IR_MST, map, record, (int)(at + off), 8, konst(b, 0));
		else if (a->region != R_NONE)
			copy_bytes(b, &bytes, NULL);
		at += printed_bytes(a);
	}
}

/* What does not fit is lost, and counted. */
static int tell(struct build *b, int vector)
{
	const struct fact *fact = fact_at(b);
	unsigned int map = (unsigned int)log_map(b->c->prog);
	struct copy format = { .from = &fact->arg[0], .source = b->var[1], .map = map, .off = 8 };
	struct copy numbers = { .from = &fact->arg[2], .source = b->var[3], .map = map, .off = 8 };
	struct block *full = ir_block(b->f, place(b)), *after = ir_block(b->f, place(b));
	struct value *size = b->var[2], *bytes, *whole, *record, *lost;

	if (!full || !after)
		return -1;
	bytes = vector ? b->var[4] : konst(b, printed_bytes(&fact->arg[2]) + printed_bytes(&fact->arg[3]) + printed_bytes(&fact->arg[4]));
	whole = emit(b, IR_ADD, emit(b, IR_ADD, size, bytes), konst(b, 8));
	record = ring_reserve(b, map, whole, ring_room(b, whole), full);
	map_access(b, IR_MST, map, record, 0, 8,
		   emit(b, IR_OR, emit(b, IR_LSH, emit(b, IR_RSH, bytes, konst(b, 3)), konst(b, 32)), size));
	format.to = numbers.to = record;
	if (!vector)
		print_values(b, map, record);
	if (vector && fact->arg[2].size)
		copy_bytes(b, &numbers, bytes);
	format.to = emit(b, IR_ADD, record, bytes);
	copy_bytes(b, &format, size);
	ring_commit(b, map, record, RING_BUSY);
	jump(b, after);
	b->at = full;
	lost = map_access(b, IR_MADD, map, map_base(b, map), RING_LOST, 8, konst(b, 1));
	if (!lost)
		return -1;
	jump(b, after);
	b->at = after;
	return b->c->arena->failed ? -1 : 0;
}

/* ---- the length ---- */

struct value *decimal_digits(struct build *b, struct value *x, int wide)
{
	struct value *half = emit(b, IR_RSH, x, konst(b, 1)), *n = konst(b, 1);
	uint64_t limit = 5; /* half of what takes a digit more */

	for (int more = 1; more < (wide ? 20 : 10); more++, limit *= 10)
		n = emit(b, IR_ADD, n, at_least(b, half, limit));
	return n;
}

struct value *hex_digits(struct build *b, struct value *x, int wide)
{
	struct value *n = konst(b, 1);

	for (uint64_t shift = 4; shift < (wide ? 64 : 32); shift += 4)
		n = emit(b, IR_ADD, n, at_least(b, emit(b, IR_RSH, x, konst(b, shift)), 1));
	return n;
}

static struct value *signed_digits(struct build *b, struct value *x, const struct conversion *c)
{
	struct value *minus = emit(b, IR_RSH, x, konst(b, 63)), *all = emit(b, IR_ARSH, x, konst(b, 63));
	struct value *magnitude = emit(b, IR_SUB, emit(b, IR_XOR, x, all), all);

	return emit(b, IR_ADD, decimal_digits(b, magnitude, c->wide), c->sign ? konst(b, 1) : minus);
}

static struct value *number_length(struct build *b, struct value *x, const struct conversion *c)
{
	if (!c->wide)
		x = emit_field(b, c->is_signed ? IR_SBFX : IR_UBFX, x, 0, 32);
	if (c->is_signed)
		return signed_digits(b, x, c);
	return c->kind == CONV_HEX ? hex_digits(b, x, c->wide) : decimal_digits(b, x, c->wide);
}

/* Of text that is constant data, the characters up to its 0; -1: it is none. */
static int64_t constant_length(const struct build *b, const struct arg_fact *a)
{
	const struct prog_map *m = &b->c->prog->maps[a->map];

	if (a->region != R_MAP_VALUE || !a->off_known || !map_is_constant(m) || a->off < 0)
		return -1;
	for (int64_t at = a->off; at < m->init_size; at++)
		if (!m->init[at])
			return at - a->off;
	return -1;
}

static struct value *string_length(struct build *b, int n)
{
	struct buffer m = buffer_of(b, 2 + (unsigned int)n), here;
	int64_t known = constant_length(b, &m.fact);
	struct block *done;
	struct value *at;

	if (m.fact.region == R_SCALAR) /* as in Linux nothing is there */
		return konst(b, 0);
	if (known >= 0)
		return konst(b, (uint64_t)known);
	done = ir_block(b->f, place(b));
	at = loop_open(b, konst(b, 0));
	if (!done || !at)
		return NULL;
	check(b, OP_JGE, at, konst(b, m.fact.size), done);
	here = buffer_moved(b, &m, at);
	check(b, OP_JEQ, read_bytes(b, &here, 0, 1), konst(b, 0), done);
	loop_close(b, at, emit(b, IR_ADD, at, konst(b, 1)));
	b->at = done;
	return at;
}

static struct value *address_length(struct build *b, int n, const struct conversion *c)
{
	enum { BYTES = 4, LEAST = 7 };
	struct buffer m = buffer_of(b, 2 + (unsigned int)n);
	struct value *length = konst(b, LEAST);

	if (c->fixed)
		return konst(b, c->fixed);
	for (int k = 0; k < BYTES && m.fact.region != R_SCALAR; k++) {
		struct value *byte = read_bytes(b, &m, k, 1);

		length = emit(b, IR_ADD, length, emit(b, IR_ADD, at_least(b, byte, 10), at_least(b, byte, 100)));
	}
	return length;
}

/* Of value n: a register, or a word of the vector. NULL: that is not known. */
static struct value *value_length(struct build *b, int vector, int n, const struct conversion *c)
{
	enum { POINTER_CHARS = 16 };
	struct buffer numbers = buffer_of(b, 2);
	struct value *length;

	switch (c->kind) {
	case CONV_STRING:
		length = string_length(b, n);
		break;
	case CONV_ADDRESS: /* whose width Linux does not look at */
		return address_length(b, n, c);
	case CONV_CHAR:
		length = konst(b, 1);
		break;
	case CONV_POINTER:
		return c->width ? NULL : konst(b, POINTER_CHARS);
	case CONV_SYMBOL:
		return NULL;
	default:
		length = number_length(b, vector ? read_bytes(b, &numbers, 8 * n, 8) : number_at(b, n), c);
	}
	return c->width && length ? pick(b, at_least(b, length, c->width), length, konst(b, c->width)) : length;
}

/* The format when it is constant data with an end, else NULL. */
static const uint8_t *format_text(const struct build *b)
{
	const struct arg_fact *a = &fact_at(b)->arg[0];
	int64_t length = a->size_known ? constant_length(b, a) : -1;

	return length < 0 ? NULL : length < a->size ? b->c->prog->maps[a->map].init + a->off : (const uint8_t *)"\1"; /* without an end Linux prints none */
}

static int refuse_length(struct build *b, const char *what)
{
	error(b->c, (int)place(b), "the program looks at the result of printing, and %s", what);
	return error_note(b->c, "print constant text with numbers, strings and IP addresses, or leave the result");
}

/* Up to the next conversion, or what Linux does not print, or the end. */
static const uint8_t *plain_text(const uint8_t *text, uint64_t *chars)
{
	for (; *text && (*text != '%' || text[1] == '%') && format_takes(*text); *chars += 1)
		text += 1 + (*text == '%');
	return text;
}

static int give_length(struct build *b, int vector)
{
	int used = 0, values = vector ? (int)fact_at(b)->arg[2].size / 8 : PRINT_NUMBERS;
	const uint8_t *text = format_text(b);
	struct value *length = konst(b, 0), *more;
	struct conversion c;
	uint64_t plain = 0;

	if (!text)
		return refuse_length(b, "how long the text becomes is not known: its format is no constant string");
	for (text = plain_text(text, &plain); *text == '%'; text = plain_text(text, &plain)) {
		uint32_t n = format_conversion(text + 1, &c);

		if (!n || used == values)
			break; /* Linux prints nothing */
		more = value_length(b, vector, used++, &c);
		if (!more)
			return b->c->arena->failed ? -1 : refuse_length(b, "one of its conversions depends on the kernel's memory");
		length = emit(b, IR_ADD, length, more);
		text += 1 + n;
	}
	b->var[0] = *text ? konst(b, (uint64_t)-E_INVAL) : emit(b, IR_ADD, length, konst(b, plain));
	return 0;
}

/* bpf_trace_printk: r1 format, r2 its size, r3 to r5 values. bpf_trace_vprintk: r3 numbers, r4 their size. */
int build_print(struct build *b)
{
	int vector = insn_at(b)->imm == HELPER_TRACE_VPRINTK;

	if (tell(b, vector))
		return -1;
	if (result_is_read(b))
		return give_length(b, vector);
	b->var[0] = konst(b, 0);
	return 0;
}
