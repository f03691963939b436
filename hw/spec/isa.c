// SPDX-License-Identifier: Apache-2.0
/*
 * Encoding, decoding and text of lane words, all driven by the rows of isa.def: a format's field letters say which bits are in use,
 * a row's syntax string says how they read. Freestanding.
 */
#include "isa.h"

/* One letter of a format: the bits it stands for, and the member of struct isa_word that holds them. */
struct field {
	char letter;
	uint8_t msb, lsb;
};

enum {
#define FIELD(name, msb, lsb, doc) MSB_##name = msb, LSB_##name = lsb,
#include "isa.def"
};

#define BITS(letter, name) { letter, MSB_##name, LSB_##name }

static const struct field fields[] = {
	BITS('g', g), BITS('w', w), BITS('d', dst), BITS('a', a), BITS('b', imm), BITS('r', b), BITS('c', c), BITS('t', target),
	BITS('k', woff), BITS('n', width), BITS('e', swap), BITS('x', wswap), BITS('o', off), BITS('O', loff), BITS('p', spec),
	BITS('s', shift), BITS('l', len), BITS('m', map), BITS('f', fetch), BITS('h', half), BITS('v', cmp), BITS('M', mask),
	BITS('C', imm), BITS('I', imm),
};

enum format {
#define FORMAT(NAME, letters, doc) FMT_##NAME,
#include "isa.def"
	FMT_COUNT
};

#define FORMAT(NAME, letters, doc) static const char letters_##NAME[] = letters;
#include "isa.def"

static const struct isa_info rows[] = {
#define INSN(NAME, opcode, format, slot, result, syntax, doc) \
	{ opcode, #NAME, letters_##format, SLOT_##slot, RESULT_##result, syntax, doc },
#include "isa.def"
};

enum { ROWS = sizeof(rows) / sizeof(rows[0]), NAME_MAX = 16 };

static const struct {
	uint8_t code;
	const char *text;
} specials[] = {
#define SPECIAL(NAME, code, text, doc) { code, text },
#include "isa.def"
};

enum { SPECIALS = sizeof(specials) / sizeof(specials[0]) };

/* Row number + 1 by opcode; 0 where there is none. */
static const uint8_t row_of[256] = {
#define INSN(NAME, opcode, ...) [opcode] = __COUNTER__ + 1,
#include "isa.def"
};

const struct isa_info *isa_rows(size_t *n)
{
	*n = ROWS;
	return rows;
}

const struct isa_info *isa_lookup(unsigned int op)
{
	return op < 256 && row_of[op] ? &rows[row_of[op] - 1] : NULL;
}

static int has(const struct isa_info *info, char letter)
{
	for (const char *l = info->fields; *l; l++)
		if (*l == letter)
			return 1;
	return 0;
}

enum isa_result isa_result_of(const struct isa_word *w)
{
	const struct isa_info *info = isa_lookup(w->op);

	if (!info)
		return RESULT_NONE;
	return info->result == RESULT_POST && w->fetch ? RESULT_WAIT : info->result;
}

int isa_sources(const struct isa_word *w, uint8_t src[3])
{
	const struct isa_info *info = isa_lookup(w->op);
	int n = 0;

	if (!info)
		return 0;
	if (has(info, 'a'))
		src[n++] = w->a;
	if ((has(info, 'b') && !w->has_imm) || has(info, 'r'))
		src[n++] = w->b;
	if (has(info, 'c'))
		src[n++] = w->c;
	return n;
}

int isa_slot_allows(enum isa_slot slot, int lane, int lanes)
{
	if (lane < 0 || lane >= lanes)
		return 0;
	switch (slot) {
	case SLOT_A:
		return 1;
	case SLOT_W:
		return lane < ISA_WINDOW_LANES;
	case SLOT_B:
		return lane < ISA_BRANCH_LANES;
	case SLOT_M:
		return lane == lanes - 1;
	}
	return 0;
}

static int operand_exists(unsigned int code)
{
	if (code < 0x40)
		return 1;
	for (int i = 0; i < SPECIALS; i++)
		if (specials[i].code == code)
			return 1;
	return 0;
}

static uint64_t mask_of(const struct field *f)
{
	return (f->msb - f->lsb == 63 ? 0 : (uint64_t)1 << (f->msb - f->lsb + 1)) - 1;
}

static const struct field *field_of(char letter)
{
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if (fields[i].letter == letter)
			return &fields[i];
	return NULL;
}

static unsigned int log2_width(unsigned int bytes)
{
	return bytes == 8 ? 3 : bytes == 4 ? 2 : bytes == 2 ? 1 : 0;
}

/* The bits that a letter of the format takes from the word. */
static uint64_t get(const struct isa_word *w, char letter)
{
	switch (letter) {
	case 'g':
		return w->guard;
	case 'w':
		return w->w32;
	case 'd':
		return w->dst;
	case 'a':
		return w->a;
	case 'b':
		return w->has_imm ? w->imm : w->b;
	case 'r':
		return w->b;
	case 'c':
		return w->c;
	case 't':
		return w->target;
	case 'k':
		return w->woff;
	case 'n':
		return log2_width(w->width);
	case 'e':
	case 'x':
		return w->swap;
	case 'o':
	case 'O':
		return (uint64_t)(int64_t)w->off;
	case 'p':
		return w->spec;
	case 's':
		return w->shift;
	case 'l':
		return w->len & 63;
	case 'm':
		return w->map;
	case 'f':
		return w->fetch;
	case 'h':
		return w->width == 2;
	case 'M':
		return w->mask;
	default: /* v C I */
		return w->imm;
	}
}

static void set(struct isa_word *w, char letter, uint64_t v)
{
	switch (letter) {
	case 'g':
		w->guard = (uint8_t)v;
		break;
	case 'w':
		w->w32 = (uint8_t)v;
		break;
	case 'd':
		w->dst = (uint8_t)v;
		break;
	case 'a':
		w->a = (uint8_t)v;
		break;
	case 'b':
		if (w->has_imm)
			w->imm = (uint32_t)v;
		else
			w->b = (uint8_t)v;
		break;
	case 'r':
		w->b = (uint8_t)v;
		break;
	case 'c':
		w->c = (uint8_t)v;
		break;
	case 't':
		w->target = (uint16_t)v;
		break;
	case 'k':
		w->woff = (uint8_t)v;
		break;
	case 'n':
		w->width = (uint8_t)(1u << v);
		break;
	case 'e':
	case 'x':
		w->swap = (uint8_t)v;
		break;
	case 'o':
	case 'O':
		w->off = (int16_t)((int64_t)(v << 53) >> 53); /* 11 bits, signed */
		break;
	case 'p':
		w->spec = (uint8_t)v;
		break;
	case 's':
		w->shift = (uint8_t)v;
		break;
	case 'l':
		w->len = (uint8_t)(v ? v : 64);
		break;
	case 'm':
		w->map = (uint8_t)v;
		break;
	case 'f':
		w->fetch = (uint8_t)v;
		break;
	case 'h':
		w->width = v ? 2 : 1;
		break;
	case 'M':
		w->mask = (uint16_t)v;
		break;
	default: /* v C I */
		w->imm = (uint32_t)v;
	}
}

uint64_t isa_encode(const struct isa_word *w)
{
	const struct isa_info *info = isa_lookup(w->op);
	uint64_t bits = (uint64_t)w->op << LSB_op;

	for (const char *l = info ? info->fields : ""; *l; l++) {
		const struct field *f = field_of(*l);

		bits |= (get(w, *l) & mask_of(f)) << f->lsb;
		if (*l == 'b')
			bits |= (uint64_t)w->has_imm << LSB_i;
	}
	return bits;
}

int isa_decode(uint64_t bits, struct isa_word *w)
{
	const struct isa_info *info = isa_lookup((unsigned int)(bits >> LSB_op));

	*w = (struct isa_word){ 0 };
	if (!info)
		return -1;
	w->op = info->op;
	if (has(info, 'b'))
		w->has_imm = bits >> LSB_i & 1;
	for (const char *l = info->fields; *l; l++) {
		const struct field *f = field_of(*l);

		set(w, *l, bits >> f->lsb & mask_of(f));
	}
	if (isa_encode(w) != bits || isa_check(w))
		return -1;
	return 0;
}

/* NULL, or what is wrong with the member that the letter stands for. */
static const char *check_letter(const struct isa_word *w, char letter)
{
	switch (letter) {
	case 'd':
		return w->dst < ISA_REGS_MAX ? NULL : "destination register out of range";
	case 'a':
		return operand_exists(w->a) ? NULL : "first source is not an operand";
	case 'b':
		return w->has_imm || operand_exists(w->b) ? NULL : "second source is not an operand";
	case 'r':
		return operand_exists(w->b) ? NULL : "second source is not an operand";
	case 'c':
		return operand_exists(w->c) ? NULL : "third source is not an operand";
	case 't':
		return w->target < 8192 ? NULL : "branch target out of range";
	case 'k':
		return w->woff < ISA_WINDOW_BYTES ? NULL : "window offset out of range";
	case 'n':
		return w->width == 1 || w->width == 2 || w->width == 4 || w->width == 8 ? NULL : "width is not 1, 2, 4 or 8";
	case 'h':
		return w->width == 1 || w->width == 2 ? NULL : "window compare width is not 1 or 2";
	case 'o':
	case 'O':
		return w->off >= -1024 && w->off <= 1023 ? NULL : "offset out of range";
	case 's':
		return w->shift < 64 ? NULL : "shift out of range";
	case 'l':
		return w->len >= 1 && w->len <= 64 ? NULL : "length out of range";
	case 'v':
		return w->imm < 0x10000 ? NULL : "compare value out of range";
	default:
		return NULL;
	}
}

const char *isa_check(const struct isa_word *w)
{
	const struct isa_info *info = isa_lookup(w->op);

	if (!info)
		return "no such operation";
	for (const char *l = info->fields; *l; l++) {
		const char *why = check_letter(w, *l);

		if (why)
			return why;
	}
	return NULL;
}

/* Text grows here; what does not fit is counted but not stored. */
struct text {
	char *buf;
	size_t size, len;
};

static void put(struct text *t, char c)
{
	if (t->len + 1 < t->size)
		t->buf[t->len] = c;
	t->len++;
}

static void put_string(struct text *t, const char *s)
{
	while (*s)
		put(t, *s++);
}

static void put_number(struct text *t, uint64_t v, unsigned int base)
{
	char digits[20];
	int n = 0;

	do
		digits[n++] = "0123456789abcdef"[v % base];
	while (v /= base);
	while (n)
		put(t, digits[--n]);
}

static void put_signed(struct text *t, int64_t v)
{
	if (v < 0)
		put(t, '-');
	put_number(t, v < 0 ? -(uint64_t)v : (uint64_t)v, 10);
}

static void put_hex(struct text *t, uint64_t v)
{
	put_string(t, "0x");
	put_number(t, v, 16);
}

static void put_operand(struct text *t, unsigned int code)
{
	if (code < 0x40) {
		put(t, (char)('a' + (code >> 4)));
		put_number(t, code & 15, 10);
		return;
	}
	for (int i = 0; i < SPECIALS; i++)
		if (specials[i].code == code)
			put_string(t, specials[i].text);
}

static void put_escape(struct text *t, const struct isa_word *w, char letter)
{
	switch (letter) {
	case 'd': /* the lane, and so the bank, is not part of the word: rN */
		put(t, 'r');
		put_number(t, w->dst, 10);
		break;
	case 'a':
		put_operand(t, w->a);
		break;
	case 'b':
		if (w->has_imm)
			put_signed(t, (int32_t)w->imm);
		else
			put_operand(t, w->b);
		break;
	case 'r':
		put_operand(t, w->b);
		break;
	case 'c':
		put_operand(t, w->c);
		break;
	case 't':
		put(t, '@');
		put_number(t, w->target, 10);
		break;
	case 'k':
		put_number(t, w->woff, 10);
		break;
	case 'o':
	case 'O':
		if (w->off > 0)
			put(t, '+');
		if (w->off)
			put_signed(t, w->off);
		break;
	case 's':
		put_number(t, w->shift, 10);
		break;
	case 'l':
		put_number(t, w->len, 10);
		break;
	case 'm':
		put_number(t, w->map, 10);
		break;
	case 'v':
	case 'C':
	case 'I':
		put_hex(t, w->imm);
		break;
	case 'M':
		put_hex(t, w->mask);
		break;
	case 'n':
	case 'h':
		put_number(t, w->width, 10);
		break;
	case 'w':
		put_string(t, w->w32 ? ".w" : "");
		break;
	case 'e':
		put_string(t, w->swap ? ".be" : "");
		break;
	case 'p':
		put_string(t, w->spec ? ".s" : "");
		break;
	case 'f':
		put_string(t, w->fetch ? ".f" : "");
		break;
	}
}

int isa_print(char *buf, size_t size, const struct isa_word *w)
{
	const struct isa_info *info = isa_lookup(w->op);
	struct text t = { buf, size, 0 };

	if (w->guard)
		put(&t, '?');
	for (const char *s = info ? info->syntax : "?"; *s; s++) {
		if (*s == '%')
			put_escape(&t, w, *++s);
		else
			put(&t, *s);
	}
	if (size)
		buf[t.len < size ? t.len : size - 1] = 0;
	return (int)t.len;
}

/* Reading: every row's syntax is tried; the row that matches furthest says what is wrong. */
struct scan {
	const char *at;
	const char *why;
};

static int fail(struct scan *s, const char *why)
{
	s->why = why;
	return 0;
}

static int scan_char(struct scan *s, char c)
{
	if (*s->at != c)
		return fail(s, "unexpected text");
	s->at++;
	return 1;
}

/* Takes the text if it stands here, and says whether it did. */
static int scan_optional(struct scan *s, const char *text)
{
	const char *p = s->at;

	while (*text)
		if (*p++ != *text++)
			return 0;
	s->at = p;
	return 1;
}

static int digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : 99;
}

static int scan_number(struct scan *s, uint64_t max, uint64_t *v)
{
	int base = scan_optional(s, "0x") ? 16 : 10;

	if (digit_of(*s->at) >= base)
		return fail(s, "a number is expected");
	for (*v = 0; digit_of(*s->at) < base; s->at++) {
		*v = *v * (unsigned int)base + (unsigned int)digit_of(*s->at);
		if (*v > max)
			return fail(s, "number out of range");
	}
	return 1;
}

static int scan_signed(struct scan *s, int64_t min, uint64_t max, int64_t *v)
{
	int negative = scan_optional(s, "-");
	uint64_t magnitude;

	if (!scan_number(s, negative ? (uint64_t)-min : max, &magnitude))
		return 0;
	*v = negative ? -(int64_t)magnitude : (int64_t)magnitude;
	return 1;
}

static int is_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

static int scan_operand(struct scan *s, uint8_t *code)
{
	uint64_t reg;

	for (int i = 0; i < SPECIALS; i++) {
		struct scan look = *s;

		if (scan_optional(&look, specials[i].text) && !is_name(*look.at)) {
			*code = specials[i].code;
			s->at = look.at;
			return 1;
		}
	}
	if (*s->at < 'a' || *s->at > 'd' || digit_of(s->at[1]) > 9)
		return fail(s, "a register or special operand is expected");
	*code = (uint8_t)((*s->at++ - 'a') << 4);
	if (!scan_number(s, ISA_REGS_MAX - 1, &reg))
		return 0;
	*code |= (uint8_t)reg;
	return 1;
}

static int scan_second(struct scan *s, struct isa_word *w)
{
	int64_t v;

	if (*s->at != '-' && digit_of(*s->at) > 9)
		return scan_operand(s, &w->b);
	w->has_imm = 1;
	if (!scan_signed(s, INT32_MIN, UINT32_MAX, &v))
		return 0;
	w->imm = (uint32_t)v;
	return 1;
}

static int scan_offset(struct scan *s, struct isa_word *w)
{
	int64_t v = 0;

	if (*s->at != '-' && !scan_optional(s, "+"))
		return 1;
	if (!scan_signed(s, -1024, 1023, &v))
		return 0;
	w->off = (int16_t)v;
	return 1;
}

static int scan_escape(struct scan *s, struct isa_word *w, char letter)
{
	uint64_t v = 0, max;
	int ok;

	switch (letter) {
	case 'a':
		return scan_operand(s, &w->a);
	case 'b':
		return scan_second(s, w);
	case 'r':
		return scan_operand(s, &w->b);
	case 'c':
		return scan_operand(s, &w->c);
	case 'o':
	case 'O':
		return scan_offset(s, w);
	case 'w':
		w->w32 = (uint8_t)scan_optional(s, ".w");
		return 1;
	case 'e':
		w->swap = (uint8_t)scan_optional(s, ".be");
		return 1;
	case 'p':
		w->spec = (uint8_t)scan_optional(s, ".s");
		return 1;
	case 'f':
		w->fetch = (uint8_t)scan_optional(s, ".f");
		return 1;
	case 'd':
		if (!scan_char(s, 'r'))
			return 0;
		break;
	case 't':
		if (!scan_char(s, '@'))
			return 0;
		break;
	}
	if (letter == 'n' || letter == 'h') {
		/* one digit: a bundle's text may go on with another */
		w->width = digit_of(*s->at) <= 8 ? (uint8_t)digit_of(*s->at) : 0;
		if (check_letter(w, letter))
			return fail(s, check_letter(w, letter));
		s->at++;
		return 1;
	}
	max = letter == 'l' ? 64 : letter == 'I' || letter == 'C' ? UINT32_MAX : mask_of(field_of(letter));
	ok = scan_number(s, max, &v);
	set(w, letter, v);
	return ok;
}

static int scan_row(struct scan *s, const struct isa_info *info, struct isa_word *w)
{
	w->op = info->op;
	w->guard = (uint8_t)scan_optional(s, "?");
	for (const char *p = info->syntax; *p; p++) {
		if (*p == '%') {
			if (!scan_escape(s, w, *++p))
				return 0;
		} else if (*p == ' ') {
			if (*s->at != ' ')
				return fail(s, "unexpected text");
			while (*s->at == ' ')
				s->at++;
		} else if (!scan_char(s, *p)) {
			return 0;
		}
	}
	while (*s->at == ' ')
		s->at++;
	return *s->at ? fail(s, "unexpected text after the operation") : 1;
}

/* The mnemonic of a row ends at the first escape or blank. */
static int starts_with_mnemonic(const char *text, const struct isa_info *info)
{
	const char *s = info->syntax;

	if (*text == '?')
		text++;
	while (*s && *s != '%' && *s != ' ')
		if (*text++ != *s++)
			return 0;
	return 1;
}

const char *isa_parse(const char *text, struct isa_word *w, const char **at)
{
	const char *why = "no such operation";

	*at = text;
	for (size_t i = 0; i < ROWS; i++) {
		struct scan s = { text, NULL };

		if (!starts_with_mnemonic(text, &rows[i]))
			continue;
		*w = (struct isa_word){ 0 };
		if (scan_row(&s, &rows[i], w)) {
			why = w->guard && !has(&rows[i], 'g') ? "this operation takes no guard" : isa_check(w);
			*at = why ? text : s.at;
			return why;
		}
		if (s.at > *at) {
			*at = s.at;
			why = s.why;
		}
	}
	return why;
}
