// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/*
 * Encoding, decoding and text of lane words, driven by the rows of isa.def: a format's letters say
 * which fields a word has, the syntax string says how it reads. No instruction is known by name.
 */
#include "isa.h"

enum { ANY_LANE = -1, NAME_MAX_CHARS = 16 };

enum field_name {
#define FIELD(name, ...) F_##name,
#include "isa.def"
};

static const struct field {
	uint8_t msb, lsb;
} fields[] = {
#define FIELD(name, msb, lsb, doc) [F_##name] = { msb, lsb },
#include "isa.def"
};

static const uint8_t letter_field[128] = {
#define LETTER(letter, field, doc) [letter] = F_##field,
#include "isa.def"
};

#define FORMAT(NAME, letters, doc) static const char format_##NAME[] = letters;
#include "isa.def"

static const struct isa_info rows[] = {
#define INSN(NAME, opcode, format, slot, result, syntax, doc) \
	{ opcode, #NAME, format_##format, SLOT_##slot, RESULT_##result, syntax, doc },
#include "isa.def"
};

enum row_name {
#define INSN(NAME, ...) ROW_##NAME,
#include "isa.def"
	ROWS
};

/* Row number plus one; 0 is no such opcode. */
static const uint8_t row_of[256] = {
#define INSN(NAME, opcode, ...) [opcode] = ROW_##NAME + 1,
#include "isa.def"
};

static const struct special {
	uint8_t code;
	const char *text;
} specials[] = {
#define SPECIAL(NAME, code, text, doc) { code, text },
#include "isa.def"
};

enum { SPECIALS = sizeof(specials) / sizeof(specials[0]) };

/* How a member of struct isa_word stands in its field. */
enum kind { PLAIN, SIGNED, OPERAND, LOG2, TWO, LENGTH };

static const struct member {
	char letter;
	enum kind kind;
	uint8_t offset, size;
	const char *name;
} members[] = {
#define M(letter, kind, member, name) \
	{ letter, kind, offsetof(struct isa_word, member), \
	  sizeof(((struct isa_word *)0)->member), name }
	M('d', PLAIN, dst, "destination"),
	M('a', OPERAND, a, "first source"),
	M('i', PLAIN, has_imm, "immediate flag"),
	M('r', OPERAND, b, "second source"),
	M('c', OPERAND, c, "third source"),
	M('g', PLAIN, guard, "guard"),
	M('w', PLAIN, w32, "32-bit flag"),
	M('t', PLAIN, target, "branch target"),
	M('k', PLAIN, woff, "window offset"),
	M('n', LOG2, width, "width"),
	M('h', TWO, width, "width"),
	M('e', PLAIN, swap, "byte swap"),
	M('x', PLAIN, swap, "byte swap"),
	M('o', SIGNED, off, "offset"),
	M('O', SIGNED, off, "offset"),
	M('p', PLAIN, spec, "speculative flag"),
	M('s', PLAIN, shift, "shift"),
	M('l', LENGTH, len, "length"),
	M('m', PLAIN, map, "map index"),
	M('f', PLAIN, fetch, "fetch flag"),
	M('v', PLAIN, imm, "immediate"),
	M('M', PLAIN, mask, "mask"),
	M('C', PLAIN, imm, "immediate"),
	M('I', PLAIN, imm, "immediate"),
#undef M
};

enum { MEMBERS = sizeof(members) / sizeof(members[0]) };

static const struct member *member_of(char letter)
{
	const struct member *m = members;

	while (m->letter != letter)
		m++;
	return m;
}

static int64_t member_get(const struct member *m, const struct isa_word *w)
{
	const void *p = (const uint8_t *)w + m->offset;

	if (m->size == 1)
		return *(const uint8_t *)p;
	if (m->size == 2)
		return m->kind == SIGNED ? *(const int16_t *)p : *(const uint16_t *)p;
	return *(const uint32_t *)p;
}

static void member_set(const struct member *m, struct isa_word *w, int64_t value)
{
	void *p = (uint8_t *)w + m->offset;

	if (m->size == 1)
		*(uint8_t *)p = (uint8_t)value;
	else if (m->size == 2)
		*(uint16_t *)p = (uint16_t)value;
	else
		*(uint32_t *)p = (uint32_t)value;
}

static const struct field *field_of(const struct member *m)
{
	return &fields[letter_field[(int)m->letter]];
}

static uint64_t field_mask(const struct field *f)
{
	return ~0ull >> (63 - (f->msb - f->lsb));
}

static uint64_t put(const struct member *m, const struct isa_word *w)
{
	int64_t value = member_get(m, w);
	int log2 = 0;

	switch (m->kind) {
	case LOG2:
		while (value > 1) {
			value >>= 1;
			log2++;
		}
		value = log2;
		break;
	case TWO:
		value = value == 2;
		break;
	default:
		break;
	}
	return ((uint64_t)value & field_mask(field_of(m))) << field_of(m)->lsb;
}

static void take(const struct member *m, struct isa_word *w, uint64_t bits)
{
	const struct field *f = field_of(m);
	uint64_t mask = field_mask(f);
	int64_t value = (int64_t)(bits >> f->lsb & mask);

	switch (m->kind) {
	case SIGNED:
		if ((uint64_t)value > mask >> 1)
			value -= (int64_t)mask + 1;
		break;
	case LOG2:
		value = 1 << value;
		break;
	case TWO:
		value++;
		break;
	case LENGTH:
		if (!value)
			value = (int64_t)mask + 1;
		break;
	default:
		break;
	}
	member_set(m, w, value);
}

/* The member of a format's letter in this word: b is a register or an immediate. */
static const struct member *member_in(char letter, const struct isa_word *w)
{
	if (letter == 'b')
		letter = w->has_imm ? 'I' : 'r';
	return member_of(letter);
}

static int operand_exists(uint8_t code)
{
	if (code < ISA_LANES_MAX * ISA_REGS_MAX)
		return 1;
	for (int i = 0; i < SPECIALS; i++) {
		if (specials[i].code == code)
			return 1;
	}
	return 0;
}

const struct isa_info *isa_rows(size_t *n)
{
	*n = ROWS;
	return rows;
}

const struct isa_info *isa_lookup(unsigned int op)
{
	return op < sizeof(row_of) && row_of[op] ? &rows[row_of[op] - 1] : NULL;
}

enum isa_result isa_result_of(const struct isa_word *w)
{
	enum isa_result result = isa_lookup(w->op)->result;

	return result == RESULT_POST && w->fetch ? RESULT_WAIT : result;
}

int isa_sources(const struct isa_word *w, uint8_t src[3])
{
	int n = 0;

	for (const char *f = isa_lookup(w->op)->fields; *f; f++) {
		if (*f == 'a')
			src[n++] = w->a;
		else if (*f == 'r' || (*f == 'b' && !w->has_imm))
			src[n++] = w->b;
		else if (*f == 'c')
			src[n++] = w->c;
	}
	return n;
}

int isa_slot_allows(enum isa_slot slot, int lane, int lanes)
{
	if (lane < 0 || lane >= lanes)
		return 0;
	if (slot == SLOT_A || lanes == 1)
		return 1;
	if (slot == SLOT_M)
		return lane == lanes - 1;
	return lane < (slot == SLOT_W ? ISA_WINDOW_LANES : ISA_BRANCH_LANES);
}

uint64_t isa_encode(const struct isa_word *w)
{
	const struct isa_info *info = isa_lookup(w->op);
	uint64_t bits = (uint64_t)w->op << fields[F_op].lsb;

	for (const char *f = info ? info->fields : ""; *f; f++) {
		if (*f == 'b')
			bits |= put(member_of('i'), w);
		bits |= put(member_in(*f, w), w);
	}
	return bits;
}

/* The members of the format alone, without looking at what they hold. */
static void decode_members(uint64_t bits, const struct isa_info *info, struct isa_word *w)
{
	*w = (struct isa_word){ .op = info->op };
	for (const char *f = info->fields; *f; f++) {
		if (*f == 'b')
			take(member_of('i'), w, bits);
		take(member_in(*f, w), w, bits);
	}
}

const char *isa_check(const struct isa_word *w)
{
	const struct isa_info *info = isa_lookup(w->op);
	struct isa_word seen;

	if (!info)
		return "operation";
	decode_members(isa_encode(w), info, &seen);
	for (const struct member *m = members; m < members + MEMBERS; m++) {
		int64_t value = member_get(m, w);

		if (value != member_get(m, &seen) ||
		    (m->kind == OPERAND && !operand_exists((uint8_t)value)))
			return m->name;
	}
	return NULL;
}

int isa_decode(uint64_t bits, struct isa_word *w)
{
	const struct isa_info *info = isa_lookup((unsigned int)(bits >> fields[F_op].lsb));

	*w = (struct isa_word){ 0 };
	if (!info)
		return -1;
	decode_members(bits, info, w);
	return isa_check(w) || isa_encode(w) != bits ? -1 : 0;
}

struct out {
	char *buf;
	size_t size, n; /* n counts what did not fit, too */
};

static void out_char(struct out *o, char c)
{
	if (o->n + 1 < o->size)
		o->buf[o->n] = c;
	o->n++;
}

static void out_text(struct out *o, const char *s)
{
	while (*s)
		out_char(o, *s++);
}

static void out_number(struct out *o, uint64_t value, unsigned int base)
{
	char digits[20];
	int n = 0;

	if (base == 16)
		out_text(o, "0x");
	do {
		digits[n++] = "0123456789abcdef"[value % base];
		value /= base;
	} while (value);
	while (n)
		out_char(o, digits[--n]);
}

static void out_register(struct out *o, char bank, int reg)
{
	out_char(o, bank);
	out_number(o, (uint64_t)reg, 10);
}

static void out_operand(struct out *o, uint8_t code)
{
	for (int i = 0; i < SPECIALS; i++) {
		if (specials[i].code == code) {
			out_text(o, specials[i].text);
			return;
		}
	}
	out_register(o, (char)('a' + code / ISA_REGS_MAX), code % ISA_REGS_MAX);
}

static void out_offset(struct out *o, int off)
{
	if (!off)
		return;
	out_char(o, off < 0 ? '-' : '+');
	out_number(o, (uint64_t)(off < 0 ? -off : off), 10);
}

/* Small numbers in decimal; a 32-bit operation's large ones as the pattern they are. */
static void out_immediate(struct out *o, const struct isa_word *w)
{
	enum { DECIMAL_MAX = 4096 };
	int64_t value = (int32_t)w->imm;

	if (w->w32 && value < -DECIMAL_MAX)
		value = w->imm;
	if (value < 0) {
		out_char(o, '-');
		value = -value;
	}
	out_number(o, (uint64_t)value, value > DECIMAL_MAX ? 16 : 10);
}

static void out_field(struct out *o, char letter, const struct isa_word *w, int lane)
{
	switch (letter) {
	case 'd': out_register(o, lane == ANY_LANE ? 'r' : (char)('a' + lane), w->dst); break;
	case 'a': out_operand(o, w->a); break;
	case 'b':
		if (w->has_imm)
			out_immediate(o, w);
		else
			out_operand(o, w->b);
		break;
	case 'r': out_operand(o, w->b); break;
	case 'c': out_operand(o, w->c); break;
	case 't': out_char(o, '@'); out_number(o, w->target, 10); break;
	case 'm': out_char(o, 'm'); out_number(o, w->map, 10); break;
	case 'k': out_number(o, w->woff, 10); break;
	case 's': out_number(o, w->shift, 10); break;
	case 'l': out_number(o, w->len, 10); break;
	case 'n': out_number(o, w->width, 10); break;
	case 'h': out_number(o, w->width, 10); break;
	case 'o': case 'O': out_offset(o, w->off); break;
	case 'M': out_number(o, w->mask, 16); break;
	case 'v': case 'C': case 'I': out_number(o, w->imm, 16); break;
	case 'w': out_text(o, w->w32 ? ".w" : ""); break;
	case 'e': out_text(o, w->swap ? ".be" : ""); break;
	case 'p': out_text(o, w->spec ? ".s" : ""); break;
	case 'f': out_text(o, w->fetch ? ".f" : ""); break;
	}
}

int isa_print_lane(char *buf, size_t size, const struct isa_word *w, int lane)
{
	struct out o = { buf, size, 0 };
	const struct isa_info *info = isa_lookup(w->op);

	if (w->guard)
		out_char(&o, '?');
	for (const char *s = info ? info->syntax : "illegal"; *s; s++) {
		if (*s == '%')
			out_field(&o, *++s, w, lane);
		else
			out_char(&o, *s);
	}
	if (size)
		buf[o.n < size ? o.n : size - 1] = '\0';
	return (int)o.n;
}

int isa_print(char *buf, size_t size, const struct isa_word *w)
{
	return isa_print_lane(buf, size, w, ANY_LANE);
}

static int is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static int is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Part of a mnemonic, a name or a number. */
static int is_word(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '.';
}

static const char *skip_blanks(const char *s)
{
	while (is_blank(*s))
		s++;
	return s;
}

/* Takes text from *at when it stands there. */
static int accept(const char **at, const char *text)
{
	const char *s = *at;

	while (*text && *s == *text) {
		s++;
		text++;
	}
	if (*text)
		return 0;
	*at = s;
	return 1;
}

static int digit_value(char c)
{
	if (is_digit(c))
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return 16;
}

/* A decimal or 0x number, with a minus when negative numbers are allowed. */
static const char *read_number(const char **at, int64_t min, int64_t max, int64_t *value)
{
	const char *s = *at;
	int negative = min < 0 && accept(&s, "-");
	int base = accept(&s, "0x") ? 16 : 10;
	int64_t v = 0;

	if (digit_value(*s) >= base)
		return "a number is expected";
	for (; digit_value(*s) < base; s++) {
		v = v * base + digit_value(*s);
		if (v > INT64_C(1) << 40)
			return "the number is out of range";
	}
	if (is_word(*s))
		return "a number is expected";
	v = negative ? -v : v;
	if (v < min || v > max)
		return "the number is out of range";
	*value = v;
	*at = s;
	return NULL;
}

static const char *read_register(const char **at, char bank, uint8_t *reg)
{
	const char *s = *at;
	int64_t n;

	if (*s++ != bank || !is_digit(*s) || read_number(&s, 0, ISA_REGS_MAX - 1, &n))
		return "a register is expected";
	*reg = (uint8_t)n;
	*at = s;
	return NULL;
}

static const char *read_dst(const char **at, int lane, uint8_t *dst)
{
	if (!read_register(at, 'r', dst))
		return NULL;
	for (int bank = 0; bank < ISA_LANES_MAX; bank++) {
		const char *s = *at;

		if (read_register(&s, (char)('a' + bank), dst))
			continue;
		if (lane != ANY_LANE && lane != bank)
			return "a lane writes its own bank only";
		*at = s;
		return NULL;
	}
	return "a destination register is expected";
}

static const char *read_operand(const char **at, uint8_t *code)
{
	const char *s = *at;

	for (int bank = 0; bank < ISA_LANES_MAX; bank++) {
		if (!read_register(at, (char)('a' + bank), code)) {
			*code = ISA_REG(bank, *code);
			return NULL;
		}
	}
	for (int i = 0; i < SPECIALS; i++) {
		s = *at;
		if (accept(&s, specials[i].text) && !is_word(*s)) {
			*code = specials[i].code;
			*at = s;
			return NULL;
		}
	}
	return "a register or the name of an operand is expected";
}

static const char *read_source(const char **at, struct isa_word *w)
{
	const char *why;
	int64_t value;

	if (!is_digit(**at) && **at != '-')
		return read_operand(at, &w->b);
	why = read_number(at, INT32_MIN, w->w32 ? UINT32_MAX : INT32_MAX, &value);
	if (!why) {
		w->has_imm = 1;
		w->imm = (uint32_t)value;
	}
	return why;
}

static const char *read_plain(const char **at, char letter, struct isa_word *w)
{
	const struct member *m = member_of(letter);
	int64_t count = (int64_t)field_mask(field_of(m)) + 1, value;
	int64_t min = m->kind == LENGTH;
	const char *why = read_number(at, min, min + count - 1, &value);

	if (!why)
		member_set(m, w, value);
	return why;
}

/* "+ 4", "-8", or nothing. */
static const char *read_offset(const char **at, char letter, struct isa_word *w)
{
	int64_t max = (int64_t)(field_mask(field_of(member_of(letter))) >> 1), value;
	int negative = accept(at, "-");
	const char *why;

	if (!negative && !accept(at, "+"))
		return NULL;
	*at = skip_blanks(*at);
	why = read_number(at, 0, max + negative, &value);
	if (!why)
		w->off = (int16_t)(negative ? -value : value);
	return why;
}

static const char *read_width(const char **at, char letter, struct isa_word *w)
{
	int width = is_digit(**at) ? **at - '0' : 0;

	if (width != 1 && width != 2 && (letter == 'h' || (width != 4 && width != 8)))
		return "the width is missing";
	w->width = (uint8_t)width;
	++*at;
	return NULL;
}

static const char *read_field(const char **at, char letter, int lane, struct isa_word *w)
{
	switch (letter) {
	case 'd': return read_dst(at, lane, &w->dst);
	case 'a': return read_operand(at, &w->a);
	case 'b': return read_source(at, w);
	case 'r': return read_operand(at, &w->b);
	case 'c': return read_operand(at, &w->c);
	case 'n': case 'h': return read_width(at, letter, w);
	case 'o': case 'O': return read_offset(at, letter, w);
	case 'w': w->w32 = (uint8_t)accept(at, ".w"); return NULL;
	case 'e': w->swap = (uint8_t)accept(at, ".be"); return NULL;
	case 'p': w->spec = (uint8_t)accept(at, ".s"); return NULL;
	case 'f': w->fetch = (uint8_t)accept(at, ".f"); return NULL;
	case 't':
		if (!accept(at, "@"))
			return "a branch target such as @12 is expected";
		return read_plain(at, letter, w);
	case 'm':
		if (!accept(at, "m"))
			return "a map such as m0 is expected";
		return read_plain(at, letter, w);
	default: return read_plain(at, letter, w);
	}
}

/* The row whose mnemonic stands at *at; its width and suffixes go to w. Returns the rest of its
 * syntax, or NULL. */
static const char *read_mnemonic(const char **at, struct isa_word *w)
{
	for (const struct isa_info *row = rows; row < rows + ROWS; row++) {
		const char *s = *at, *syntax = row->syntax, *why = NULL;

		*w = (struct isa_word){ .op = row->op };
		for (; *syntax && *syntax != ' ' && !why; syntax++) {
			if (*syntax == '%')
				why = read_field(&s, *++syntax, ANY_LANE, w);
			else if (*s++ != *syntax)
				why = row->syntax;
		}
		if (!why && !is_word(*s)) {
			*at = s;
			return syntax;
		}
	}
	return NULL;
}

/* The text of the syntax up to its next operand or blank. */
static const char *read_literal(const char **at, const char **syntax)
{
	for (; **syntax && **syntax != '%' && **syntax != ' '; ++*syntax, ++*at) {
		if (**at == **syntax)
			continue;
		switch (**syntax) {
		case ',': return "a comma is expected";
		case '[': return "[ is expected";
		case ']': return "] is expected";
		case '&': return "& is expected";
		default: return "pkt[ is expected";
		}
	}
	return NULL;
}

static int has_guard(const struct isa_info *info)
{
	const char *f = info->fields;

	while (*f && *f != 'g')
		f++;
	return *f == 'g';
}

const char *isa_parse_lane(const char *text, int lane, struct isa_word *w, const char **at)
{
	const char *why = NULL, *start, *syntax, *s = skip_blanks(text);
	int guard = accept(&s, "?");

	*at = start = s = skip_blanks(s);
	syntax = read_mnemonic(at, w);
	if (!syntax)
		return "there is no such instruction";
	if (guard && !has_guard(isa_lookup(w->op))) {
		*at = start;
		return "this instruction has no guard";
	}
	w->guard = (uint8_t)guard;
	while (*syntax && !why) {
		*at = skip_blanks(*at);
		if (*syntax == ' ') {
			syntax++;
		} else if (*syntax == '%') {
			why = read_field(at, syntax[1], lane, w);
			syntax += 2;
		} else {
			why = read_literal(at, &syntax);
		}
	}
	return why;
}

const char *isa_parse(const char *text, struct isa_word *w, const char **at)
{
	const char *why = isa_parse_lane(text, ANY_LANE, w, at);

	if (why)
		return why;
	*at = skip_blanks(*at);
	return **at ? "the end of the line is expected" : NULL;
}
