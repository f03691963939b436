// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* bpf_strtol() and bpf_strtoul(): spaces, a sign, a prefix that tells the base, digits. Of what stands behind the sign, 63 characters are looked at. */
#include "build_bytes.h"
#include "build_ring.h"

enum { E_INVAL = 22, E_RANGE = 34, BASE_MASK = 0x1f, LOOKED_AT = 63 };

struct text {
	struct buffer m;
	struct value *end;    /* how many characters there are */
};

static struct value *char_at(struct build *b, const struct text *t, struct value *at)
{
	struct buffer here = buffer_moved(b, &t->m, at);

	return read_bytes(b, &here, 0, 1);
}

/* 1 where x < n; both below 2^63. */
static struct value *below(struct build *b, struct value *x, struct value *n)
{
	return emit(b, IR_RSH, emit(b, IR_SUB, x, n), konst(b, 63));
}

/* The character at an offset that is below the end or not: then 0. */
static struct value *char_or_0(struct build *b, const struct text *t, struct value *at)
{
	struct value *there = below(b, at, t->end), *last = emit(b, IR_SUB, t->end, konst(b, 1));

	return emit(b, IR_AND, char_at(b, t, pick(b, there, at, last)), emit(b, IR_SUB, konst(b, 0), there));
}

static struct value *is_space(struct build *b, struct value *ch)
{
	enum { TAB = 9, RETURN = 13, HARD_SPACE = 0xa0 };
	struct value *control = emit(b, IR_AND, at_least(b, ch, TAB), emit(b, IR_XOR, at_least(b, ch, RETURN + 1), konst(b, 1)));

	return emit(b, IR_OR, control, emit(b, IR_OR, equals(b, ch, ' '), equals(b, ch, HARD_SPACE)));
}

/* Of 0-9, a-f, A-F; else NO_DIGIT. */
static struct value *digit(struct build *b, struct value *ch)
{
	enum { NO_DIGIT = 255 };
	struct value *figure = emit(b, IR_AND, emit(b, IR_SUB, ch, konst(b, '0')), konst(b, 0xff));
	struct value *letter = emit(b, IR_AND, emit(b, IR_SUB, emit(b, IR_OR, ch, konst(b, 0x20)), konst(b, 'a')), konst(b, 0xff));

	letter = pick(b, at_least(b, letter, 6), konst(b, NO_DIGIT), emit(b, IR_ADD, letter, konst(b, 10)));
	return pick(b, at_least(b, figure, 10), letter, figure);
}

/* The offset of the first character that is no space; none: to `none`. */
static struct value *skip_spaces(struct build *b, const struct text *t, struct block *none)
{
	struct block *more = ir_block(b->f, place(b)), *done = ir_block(b->f, place(b));
	struct value *at = loop_open(b, konst(b, 0));

	if (!more || !done || !at)
		return NULL;
	check(b, OP_JGE, at, t->end, none);
	branch(b, OP_JNE, is_space(b, char_at(b, t, at)), konst(b, 0), ODDS_ONE / 4, more, done);
	b->at = more;
	loop_close(b, at, emit(b, IR_ADD, at, konst(b, 1)));
	b->at = done;
	return at;
}

/* Base 0 becomes the one that the text says; *at goes behind its 0x. */
static struct value *base_of(struct build *b, const struct text *t, struct value *base, struct value **at)
{
	struct value *first = char_or_0(b, t, *at), *second = char_or_0(b, t, emit(b, IR_ADD, *at, konst(b, 1)));
	struct value *third = char_or_0(b, t, emit(b, IR_ADD, *at, konst(b, 2))), *zero = equals(b, first, '0');
	struct value *x = emit(b, IR_AND, zero, equals(b, emit(b, IR_OR, second, konst(b, 0x20)), 'x'));
	struct value *hex = emit(b, IR_AND, x, emit(b, IR_XOR, at_least(b, digit(b, third), 16), konst(b, 1)));
	struct value *told = pick(b, zero, pick(b, hex, konst(b, 16), konst(b, 8)), konst(b, 10));

	base = pick(b, equals(b, base, 0), told, base);
	*at = emit(b, IR_ADD, *at, emit(b, IR_LSH, emit(b, IR_AND, x, equals(b, base, 16)), konst(b, 1)));
	return base;
}

struct number {
	struct value *value, *over; /* over: not 0 when it has more than 64 bits */
	struct value *at;     /* behind its last digit */
};

/* What does not fit into 64 bits of number * base + figure, and is then not 0. */
static struct value *overflow(struct build *b, struct value *number, struct value *base, struct value *figure)
{
	struct value *low = emit(b, IR_ADD, emit(b, IR_MUL, emit_field(b, IR_UBFX, number, 0, 32), base), figure);
	struct value *high = emit(b, IR_MUL, emit_field(b, IR_UBFX, number, 32, 32), base);

	return emit(b, IR_RSH, emit(b, IR_ADD, high, emit(b, IR_RSH, low, konst(b, 32))), konst(b, 32));
}

static struct number read_digits(struct build *b, const struct text *t, struct value *from, struct value *base)
{
	struct block *done = ir_block(b->f, place(b));
	struct number n = { .at = loop_open(b, from) };
	struct value *figure, *value;

	n.value = n.at ? loop_value(b, konst(b, 0)) : NULL;
	n.over = n.value ? loop_value(b, konst(b, 0)) : NULL;
	if (!done || !n.over)
		return n;
	check(b, OP_JGE, n.at, t->end, done);
	figure = digit(b, char_at(b, t, n.at));
	check(b, OP_JGE, figure, base, done);
	value = emit(b, IR_ADD, emit(b, IR_MUL, n.value, base), figure);
	loop_next(n.over, emit(b, IR_OR, n.over, overflow(b, n.value, base, figure)));
	loop_next(n.value, value);
	loop_close(b, n.at, emit(b, IR_ADD, n.at, konst(b, 1)));
	loop_end(n.over);
	loop_end(n.value);
	b->at = done;
	return n;
}

/* 1 where the number, negated where minus is 1, is none of 64 bits with a sign. */
static struct value *outside(struct build *b, struct value *minus, struct value *x, struct value *negated)
{
	struct value *positive = emit(b, IR_AND, x, emit(b, IR_XOR, negated, konst(b, ~0ULL))); /* of negated > 0 only its top bit counts */

	return emit(b, IR_RSH, pick(b, minus, positive, x), konst(b, 63));
}

/* r1 text, r2 its size, r3 the base, r4 where the number goes */
int build_number(struct build *b)
{
	const struct arg_fact *size = &fact_at(b)->arg[0];
	struct text t = { buffer_of(b, 0), size->size_known ? konst(b, size->size) : emit_field(b, IR_UBFX, b->var[2], 0, 32) };
	struct buffer to = buffer_of(b, 3);
	struct value *flags = b->var[3], *minus, *at, *base, *most, *negated;
	int is_signed = insn_at(b)->imm == HELPER_STRTOL;
	struct number n;
	struct fails f;

	if (fail_start(b, &f))
		return -1;
	write_bytes(b, &to, 0, 8, konst(b, 0));
	check(b, OP_JSET, flags, konst(b, ~(uint64_t)BASE_MASK), fail(b, &f, E_INVAL));
	check(b, OP_JNSET, emit(b, IR_RSH, konst(b, 1 | 1 << 8 | 1 << 10 | 1 << 16), flags), konst(b, 1), fail(b, &f, E_INVAL));
	at = skip_spaces(b, &t, fail(b, &f, E_INVAL));
	if (!at)
		return -1;
	minus = equals(b, char_at(b, &t, at), '-');
	at = emit(b, IR_ADD, at, minus);
	check(b, OP_JGE, at, t.end, fail(b, &f, E_INVAL));
	most = emit(b, IR_ADD, at, konst(b, LOOKED_AT));
	t.end = pick(b, below(b, most, t.end), most, t.end);
	base = base_of(b, &t, flags, &at);
	n = read_digits(b, &t, at, base);
	if (!n.over)
		return -1;
	check(b, OP_JNE, n.over, konst(b, 0), fail(b, &f, E_RANGE));
	check(b, OP_JEQ, n.at, at, fail(b, &f, E_INVAL));
	negated = emit(b, IR_SUB, konst(b, 0), n.value);
	if (is_signed)
		check(b, OP_JNE, outside(b, minus, n.value, negated), konst(b, 0), fail(b, &f, E_RANGE));
	else
		check(b, OP_JNE, minus, konst(b, 0), fail(b, &f, E_INVAL));
	write_bytes(b, &to, 0, 8, is_signed ? pick(b, minus, negated, n.value) : n.value);
	return fail_end(b, &f, n.at);
}
