// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* Reads microcode programs: bundles, words and labels; what a word says is isa_parse_lane's. */
#include "asm.h"

#include "hw/spec/isa.h"
#include "util.h"

enum { NAME_TEXT = 64, NUMBER_TEXT = 12 };

struct reader {
	const char *text, *at;
	int line, lanes;
	struct asm_error *error;
};

static int fail(struct reader *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static int fail(struct reader *r, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	text_vformat(r->error->text, sizeof(r->error->text), fmt, ap);
	va_end(ap);
	r->error->line = r->line;
	return -1;
}

static int is_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/* Goes over blanks, line ends and comments. */
static void skip_space(struct reader *r)
{
	for (;; r->at++) {
		if (*r->at == ';') {
			while (*r->at && *r->at != '\n')
				r->at++;
		}
		if (*r->at == '\n')
			r->line++;
		else if (*r->at != ' ' && *r->at != '\t' && *r->at != '\r')
			return;
	}
}

/* A name or number at the reader, or nothing: an empty text. -1 when it does not fit. */
static int read_name(struct reader *r, char name[NAME_TEXT])
{
	int n = 0;

	for (; is_name(*r->at); r->at++) {
		if (n == NAME_TEXT - 1)
			return fail(r, "the name is longer than %d characters", NAME_TEXT - 1);
		name[n++] = *r->at;
	}
	name[n] = '\0';
	return 0;
}

static int starts_with_digit(const char *s)
{
	return *s >= '0' && *s <= '9';
}

/* Bundle that a label names: the bundles in front of its first definition from the top of the text;
 * -1 when there is none. *at is the place of the definition. */
static int find_label(const struct reader *r, const char *label, const char **at)
{
	struct asm_error ignored;
	struct reader look = { r->text, r->text, 1, r->lanes, &ignored };
	int bundles = 0;

	for (skip_space(&look); *look.at; skip_space(&look)) {
		char name[NAME_TEXT];

		*at = look.at;
		if (*look.at == '{') {
			while (*look.at && *look.at != '}') {
				look.at++;
				skip_space(&look);
			}
			bundles++;
		} else if (!read_name(&look, name) && *look.at == ':' && !strcmp(name, label)) {
			return bundles;
		}
		if (*look.at)
			look.at++;
	}
	return -1;
}

/* "12:" or "label:" in front of bundle number n. */
static int read_label(struct reader *r, int n)
{
	const char *here = r->at, *first = NULL;
	char name[NAME_TEXT], number[NUMBER_TEXT];

	if (read_name(r, name))
		return -1;
	if (!*name)
		return fail(r, "a label or { is expected, not '%c'", *here);
	if (*r->at != ':')
		return fail(r, "a colon is expected behind %s", name);
	r->at++;
	if (starts_with_digit(name)) {
		text_format(number, sizeof(number), "%d", n);
		if (strcmp(name, number))
			return fail(r, "this is bundle %d, not %s", n, name);
		return 0;
	}
	find_label(r, name, &first);
	if (first != here)
		return fail(r, "the label %s is used twice", name);
	return 0;
}

/* The text of one word up to | } ; or the end of the line, with numbers for labels. */
static int copy_word(struct reader *r, char text[ASM_WORD_TEXT])
{
	size_t n = 0;

	while (*r->at && *r->at != '|' && *r->at != '}' && *r->at != ';' && *r->at != '\n') {
		char name[NAME_TEXT];
		const char *at;
		int bundle;

		if (n + NUMBER_TEXT >= ASM_WORD_TEXT)
			return fail(r, "the word is too long");
		text[n++] = *r->at++;
		if (text[n - 1] != '@' || !is_name(*r->at) || starts_with_digit(r->at))
			continue;
		if (read_name(r, name))
			return -1;
		bundle = find_label(r, name, &at);
		if (bundle < 0)
			return fail(r, "there is no label %s", name);
		n += (size_t)text_format(text + n, ASM_WORD_TEXT - n, "%d", bundle);
	}
	while (n && (text[n - 1] == ' ' || text[n - 1] == '\t' || text[n - 1] == '\r'))
		n--;
	text[n] = '\0';
	return 0;
}

/* ".word 0x..." */
static int read_raw(struct reader *r, const char *text, uint64_t *bits)
{
	static const char keyword[] = ".word 0x", hex[] = "0123456789abcdef";
	const char *s = text + sizeof(keyword) - 1;
	int digits = 0;

	if (memcmp(text, keyword, sizeof(keyword) - 1))
		return fail(r, ".word and a number in hexadecimal are expected");
	for (*bits = 0; *s; s++, digits++) {
		int value = 0;

		while (value < 16 && hex[value] != *s)
			value++;
		if (value == 16 || digits == 16)
			return fail(r, "'%s' is not a number of up to 16 hexadecimal digits", text + 6);
		*bits = *bits << 4 | (uint64_t)value;
	}
	return digits ? 0 : fail(r, ".word and a number in hexadecimal are expected");
}

static int read_word(struct reader *r, int lane, uint64_t *bits)
{
	char text[ASM_WORD_TEXT] = { 0 };
	const char *why, *at;
	struct isa_word w;

	if (copy_word(r, text))
		return -1;
	if (text[0] == '.')
		return read_raw(r, text, bits);
	why = isa_parse_lane(text, lane, &w, &at);
	if (!why && *at)
		why = "the end of the word is expected";
	if (why)
		return fail(r, "lane %d: %s at '%s'", lane, why, at);
	if (!isa_slot_allows(isa_lookup(w.op)->slot, lane, r->lanes))
		return fail(r, "'%s' can't stand in lane %d of %d", text, lane, r->lanes);
	*bits = isa_encode(&w);
	return 0;
}

/* From { to }. */
static int read_bundle(struct reader *r, uint64_t *words)
{
	const struct isa_word nop = { .op = OP_NOP };
	int lane = 0;

	do {
		r->at++;
		skip_space(r);
		if (lane == r->lanes)
			return fail(r, "the bundle has more than %d words", r->lanes);
		if (read_word(r, lane, &words[lane]))
			return -1;
		lane++;
		skip_space(r);
	} while (*r->at == '|');
	if (*r->at != '}')
		return fail(r, "| or } is expected");
	r->at++;
	for (; lane < r->lanes; lane++)
		words[lane] = isa_encode(&nop);
	return 0;
}

int asm_read(const char *text, int lanes, uint64_t *words, size_t max_bundles, struct asm_error *e)
{
	struct reader r = { text, text, 1, lanes, NULL };
	size_t n = 0;

	e->line = 0;
	e->text[0] = '\0';
	r.error = e;
	for (skip_space(&r); *r.at; skip_space(&r)) {
		if (*r.at != '{') {
			if (read_label(&r, (int)n))
				return -1;
			continue;
		}
		if (n == max_bundles)
			return fail(&r, "the program has more than %zu bundles", max_bundles);
		if (read_bundle(&r, words + n * (size_t)lanes))
			return -1;
		n++;
	}
	return (int)n;
}
