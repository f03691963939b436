// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* bpf_snprintf(): the format is constant data, so that each conversion becomes code of its own. Characters behind the end of the buffer are counted, not stored. */
#include "build_bytes.h"
#include "build_text.h"

enum { E_INVAL = 22, WORD = 8 };

struct text {
	struct buffer to;
	struct value *size;   /* bytes of the buffer */
	struct value *at;     /* characters so far */
};

/* There is room for a character, and a 0 behind it. */
static struct value *behind(struct build *b, struct value *at)
{
	return emit(b, IR_ADD, at, konst(b, 1));
}

static void store_at(struct build *b, const struct text *t, struct value *at, struct value *ch)
{
	struct buffer here = buffer_moved(b, &t->to, at);

	write_bytes(b, &here, 0, 1, ch);
}

static void put(struct build *b, struct text *t, struct value *ch)
{
	struct value *next = behind(b, t->at);
	struct block *after = when(b, OP_JLT, next, t->size);

	store_at(b, t, t->at, ch);
	end_when(b, after);
	t->at = next;
}

/* The same character so many times. */
static void fill(struct build *b, struct text *t, struct value *ch, struct value *count)
{
	struct block *done = ir_block(b->f, place(b));
	struct value *end = emit(b, IR_ADD, t->at, count), *at = loop_open(b, t->at);

	if (!done || !at)
		return;
	check(b, OP_JGE, at, end, done);
	check(b, OP_JGE, behind(b, at), t->size, done);
	store_at(b, t, at, ch);
	loop_close(b, at, behind(b, at));
	b->at = done;
	t->at = end;
}

/* From the last digit on. */
static void digits(struct build *b, struct text *t, struct value *x, struct value *count, const struct conversion *c)
{
	enum { LOWER = 'a' - '9' - 1, UPPER = 'A' - '9' - 1 };
	struct block *done = ir_block(b->f, place(b)), *after;
	struct value *end = emit(b, IR_ADD, t->at, count), *at = loop_open(b, end), *left = at ? loop_value(b, x) : NULL, *digit, *ch, *first;
	int hex = c->kind == CONV_HEX;

	if (!done || !left)
		return;
	check(b, OP_JEQ, at, t->at, done);
	digit = emit(b, hex ? IR_AND : IR_MODU, left, konst(b, hex ? 15 : 10));
	ch = emit(b, IR_ADD, digit, konst(b, '0'));
	if (hex)
		ch = emit(b, IR_ADD, ch, emit(b, IR_AND, emit(b, IR_SUB, konst(b, 0), at_least(b, digit, 10)), konst(b, c->upper ? UPPER : LOWER)));
	loop_next(left, emit(b, hex ? IR_RSH : IR_DIVU, left, konst(b, hex ? 4 : 10)));
	first = emit(b, IR_SUB, at, konst(b, 1));
	after = when(b, OP_JLT, at, t->size);
	store_at(b, t, first, ch);
	end_when(b, after);
	loop_close(b, at, first);
	loop_end(left);
	b->at = done;
	t->at = end;
}

static void pad(struct build *b, struct text *t, char ch, struct value *missing)
{
	if (missing)
		fill(b, t, konst(b, (uint8_t)ch), missing);
}

static void number(struct build *b, struct text *t, struct value *x, const struct conversion *c)
{
	struct value *minus = NULL, *sign, *count, *length, *missing = NULL;

	if (!c->wide)
		x = emit_field(b, c->is_signed ? IR_SBFX : IR_UBFX, x, 0, 32);
	if (c->is_signed) {
		struct value *all = emit(b, IR_ARSH, x, konst(b, 63));

		minus = emit(b, IR_RSH, x, konst(b, 63));
		x = emit(b, IR_SUB, emit(b, IR_XOR, x, all), all);
	}
	count = length = c->kind == CONV_HEX ? hex_digits(b, x, c->wide) : decimal_digits(b, x, c->wide);
	if (minus)
		length = emit(b, IR_ADD, count, c->sign ? konst(b, 1) : minus);
	if (c->width)
		missing = pick(b, at_least(b, length, c->width), konst(b, 0), emit(b, IR_SUB, konst(b, c->width), length));
	if (!c->left && !c->zeroes)
		pad(b, t, ' ', missing);
	if (minus && c->sign) {
		sign = pick(b, minus, konst(b, '-'), konst(b, c->sign));
		put(b, t, sign);
	} else if (minus) {
		fill(b, t, konst(b, '-'), minus);
	}
	if (!c->left && c->zeroes)
		pad(b, t, '0', missing);
	digits(b, t, x, count, c);
	if (c->left)
		pad(b, t, ' ', missing);
}

static void character(struct build *b, struct text *t, struct value *ch, const struct conversion *c)
{
	struct value *missing = c->width > 1 ? konst(b, c->width - 1) : NULL;

	if (!c->left)
		pad(b, t, ' ', missing);
	put(b, t, ch);
	if (c->left)
		pad(b, t, ' ', missing);
}

static void end_text(struct build *b, const struct text *t)
{
	struct value *last = emit(b, IR_SUB, t->size, konst(b, 1)), *fits = emit(b, IR_RSH, emit(b, IR_SUB, t->at, t->size), konst(b, 63));
	struct block *after = when(b, OP_JNE, t->size, konst(b, 0));

	store_at(b, t, pick(b, fits, t->at, last), konst(b, 0));
	end_when(b, after);
}

/* Other paths may have more, which nobody asks for. */
static uint32_t values_of(const uint8_t *format)
{
	uint32_t n = 0;

	for (; *format; format++)
		if (*format == '%' && *++format != '%')
			n++;
	return n;
}

/* r1 buffer, r2 its size, r3 format, r4 numbers, r5 their size. What verify_text() has let through. */
int build_text(struct build *b)
{
	const struct fact *fact = fact_at(b);
	const struct arg_fact *format = &fact->arg[2], *values = &fact->arg[3];
	const uint8_t *at = b->c->prog->maps[format->map].init + format->off;
	struct text t = { .to = buffer_of(b, 0), .at = konst(b, 0) };
	struct buffer numbers = buffer_of(b, 3);
	struct value *value[PRINT_VALUES_MAX];
	struct conversion c;

	if (values->size > WORD * PRINT_VALUES_MAX && !values->size_known)
		return error(b->c, (int)place(b), "bpf_snprintf gets more than %d numbers on some paths, and fewer on others", (int)PRINT_VALUES_MAX);
	if (values->size > WORD * PRINT_VALUES_MAX) {
		b->var[0] = konst(b, (uint64_t)-E_INVAL);
		return 0;
	}
	t.size = fact->arg[0].size_known ? konst(b, fact->arg[0].size) : emit_field(b, IR_UBFX, b->var[2], 0, 32);
	for (uint32_t n = 0; n < values_of(at); n++)
		value[n] = read_bytes(b, &numbers, WORD * n, WORD);
	for (uint32_t n = 0; *at; at++) {
		if (*at != '%' || at[1] == '%') {
			at += *at == '%';
			put(b, &t, konst(b, *at));
			continue;
		}
		at += format_conversion(at + 1, &c);
		if (c.kind == CONV_CHAR)
			character(b, &t, value[n++], &c);
		else
			number(b, &t, value[n++], &c);
	}
	end_text(b, &t);
	b->var[0] = behind(b, t.at);
	return b->c->arena->failed ? -1 : 0;
}
