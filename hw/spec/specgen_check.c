// SPDX-License-Identifier: Apache-2.0
/* What makes the tables of the contract wrong. */
#include "specgen.h"

#include <stdarg.h>
#include <stdint.h>
#include <string.h>

static FILE *to;
static int mistakes;

static void mistake(const char *table, const char *name, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static void mistake(const char *table, const char *name, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fprintf(to, "%s: %s: ", table, name);
	vfprintf(to, fmt, ap);
	fprintf(to, "\n");
	va_end(ap);
	mistakes++;
}

#define ISA(name, ...) mistake("isa.def", name, __VA_ARGS__)
#define REGS(name, ...) mistake("regs.def", name, __VA_ARGS__)

/* Names are the first member of every row but a letter's. */
static void check_names(const char *table, const void *rows, size_t size, int n)
{
	for (int i = 0; i < n; i++) {
		const char *name = *(const char *const *)((const char *)rows + (size_t)i * size);

		for (int k = 0; k < i; k++) {
			if (!strcmp(name,
				    *(const char *const *)((const char *)rows + (size_t)k * size)))
				mistake(table, name, "the name is used twice");
		}
	}
}

#define CHECK_NAMES(table, rows) check_names(table, rows, sizeof(rows[0]), n_##rows)

static int one_of(const char *s, const char *const *list)
{
	while (*list && strcmp(s, *list))
		list++;
	return *list != NULL;
}

static uint64_t mask_of(const struct spec_field *f)
{
	return ~0ull >> (SPEC_WORD_BITS - 1 - (f->msb - f->lsb)) << f->lsb;
}

static void check_fields(void)
{
	for (int i = 0; i < n_spec_fields; i++) {
		const struct spec_field *f = &spec_fields[i];

		if (f->lsb < 0 || f->msb < f->lsb || f->msb >= SPEC_WORD_BITS)
			ISA(f->name, "bits %d:%d are not a range within 63:0", f->msb, f->lsb);
	}
	if (!spec_field_find("op"))
		ISA("op", "the field is missing");
}

static void check_specials(void)
{
	for (int i = 0; i < n_spec_specials; i++) {
		const struct spec_special *s = &spec_specials[i];

		if (s->code < SPEC_FIRST_SPECIAL || s->code >= 1 << SPEC_OPERAND_BITS)
			ISA(s->name, "code 0x%02x is a register's or does not fit an operand",
			    (unsigned int)s->code);
		if (strchr("abcd", s->text[0]) && s->text[1] >= '0' && s->text[1] <= '9')
			ISA(s->name, "\"%s\" reads like a register", s->text);
		for (int k = 0; k < i; k++) {
			if (spec_specials[k].code == s->code)
				ISA(s->name, "code 0x%02x is %s already", (unsigned int)s->code,
				    spec_specials[k].name);
			if (!strcmp(spec_specials[k].text, s->text))
				ISA(s->name, "\"%s\" is %s already", s->text,
				    spec_specials[k].name);
		}
	}
}

static void check_letters(void)
{
	for (int i = 0; i < n_spec_letters; i++) {
		const char name[] = { spec_letters[i].letter, '\0' };

		if (!spec_field_find(spec_letters[i].field))
			ISA(name, "there is no field %s", spec_letters[i].field);
		if (spec_letter_find(name[0]) != &spec_letters[i])
			ISA(name, "the letter is used twice");
	}
}

/* Adds a letter's field to the bits in use. */
static void claim(const struct spec_format *format, char letter, uint64_t *used)
{
	const struct spec_letter *l = spec_letter_find(letter);
	const struct spec_field *f = l ? spec_field_find(l->field) : NULL;

	if (!f) {
		ISA(format->name, "there is no letter %c", letter);
		return;
	}
	if (*used & mask_of(f))
		ISA(format->name, "field %s overlaps another", f->name);
	*used |= mask_of(f);
}

static void check_formats(void)
{
	for (int i = 0; i < n_spec_formats; i++) {
		const struct spec_format *format = &spec_formats[i];
		uint64_t used = mask_of(spec_field_find("op"));
		int rows = 0;

		for (const char *l = format->letters; *l; l++) {
			if (*l == 'i') {
				ISA(format->name, "the letter i comes with b only");
			} else if (*l == 'b') {
				claim(format, 'i', &used);
				claim(format, 'I', &used);
			} else {
				claim(format, *l, &used);
			}
		}
		for (int k = 0; k < n_spec_insns; k++)
			rows += !strcmp(spec_insns[k].format, format->name);
		if (!rows)
			ISA(format->name, "no instruction has this format");
	}
}

/* How a format's letter stands in the syntax: 0 when it is not written there. */
static char syntax_letter(char letter)
{
	return letter == 'g' ? 0 : letter == 'x' ? 'e' : letter;
}

static int times(const char *syntax, char letter)
{
	int n = 0;

	for (; *syntax; syntax++)
		n += syntax[0] == '%' && syntax[1] == letter;
	return n;
}

static void check_syntax(const struct spec_insn *insn, const struct spec_format *format)
{
	for (const char *l = format->letters; *l; l++) {
		char c = syntax_letter(*l);

		if (c && times(insn->syntax, c) != 1)
			ISA(insn->name, "the syntax has %%%c %d times instead of once", c,
			    times(insn->syntax, c));
	}
	for (const char *s = insn->syntax; (s = strchr(s, '%')); s++) {
		const char *l = format->letters;

		while (*l && syntax_letter(*l) != s[1])
			l++;
		if (!*l || !s[1])
			ISA(insn->name, "the syntax has %%%c, which the format %s has not",
			    s[1] ? s[1] : ' ', format->name);
	}
}

static void check_insn(const struct spec_insn *insn)
{
	const struct spec_format *format = spec_format_find(insn->format);
	int next = !strcmp(insn->result, "NEXT"), post = !strcmp(insn->result, "POST");

	if (insn->opcode <= 0 || insn->opcode >= 1 << SPEC_OP_BITS)
		ISA(insn->name, "opcode 0x%02x is not within 0x01..0xff",
		    (unsigned int)insn->opcode);
	if (!one_of(insn->slot, spec_slots))
		ISA(insn->name, "there is no slot %s", insn->slot);
	if (!one_of(insn->result, spec_results))
		ISA(insn->name, "there is no result %s", insn->result);
	if ((post || !strcmp(insn->result, "WAIT")) && strcmp(insn->slot, "M"))
		ISA(insn->name, "%s needs slot M, which is one word of a bundle", insn->result);
	if (!format) {
		ISA(insn->name, "there is no format %s", insn->format);
		return;
	}
	if (next != (strchr(format->letters, 'd') != NULL))
		ISA(insn->name, next ? "NEXT needs a destination" : "a destination needs NEXT");
	if (strchr(format->letters, 'f') && !post)
		ISA(insn->name, "a fetch flag needs POST");
	check_syntax(insn, format);
}

static void check_insns(void)
{
	for (int i = 0; i < n_spec_insns; i++) {
		check_insn(&spec_insns[i]);
		for (int k = 0; k < i; k++) {
			if (spec_insns[k].opcode == spec_insns[i].opcode)
				ISA(spec_insns[i].name, "opcode 0x%02x is %s already",
				    (unsigned int)spec_insns[i].opcode, spec_insns[k].name);
			if (!strcmp(spec_insns[k].syntax, spec_insns[i].syntax))
				ISA(spec_insns[i].name, "the syntax is that of %s",
				    spec_insns[k].name);
		}
	}
}

/* Bytes a register or array takes; i counts registers first, then arrays. */
struct span {
	const char *name;
	long long at, end;
};

static struct span span_of(int i)
{
	if (i < n_spec_regs)
		return (struct span){ spec_regs[i].name, spec_regs[i].offset,
				      spec_regs[i].offset + 4 };
	i -= n_spec_regs;
	return (struct span){ spec_regarrays[i].name, spec_regarrays[i].offset,
			      spec_regarrays[i].offset +
				      spec_regarrays[i].count * spec_regarrays[i].stride };
}

static void check_spans(void)
{
	for (int i = 0; i < n_spec_regs + n_spec_regarrays; i++) {
		struct span s = span_of(i);

		if (s.at < 0 || s.at % 4 || s.end % 4 || s.end <= s.at)
			REGS(s.name, "it does not stand on multiples of 4");
		for (int k = 0; k < i; k++) {
			struct span other = span_of(k);

			if (!strcmp(s.name, other.name))
				REGS(s.name, "the name is used twice");
			if (s.at < other.end && other.at < s.end)
				REGS(s.name, "it overlaps %s", other.name);
		}
	}
}

static void check_regs(void)
{
	static const char *const accesses[] = { "RO", "RW", "WO", "W1C", NULL };

	for (int i = 0; i < n_spec_regs; i++) {
		const struct spec_reg *r = &spec_regs[i];

		if (!one_of(r->access, accesses))
			REGS(r->name, "there is no access %s", r->access);
		if (r->reset < 0 || r->reset >> SPEC_REG_BITS)
			REGS(r->name, "the reset value does not fit 32 bits");
	}
}

static void check_regfields(void)
{
	for (int i = 0; i < n_spec_regfields; i++) {
		const struct spec_regfield *f = &spec_regfields[i];
		int found = 0;

		for (int k = 0; k < n_spec_regs; k++)
			found |= !strcmp(spec_regs[k].name, f->reg);
		if (!found)
			REGS(f->name, "there is no register %s", f->reg);
		if (f->lsb < 0 || f->msb < f->lsb || f->msb >= SPEC_REG_BITS)
			REGS(f->name, "bits %d:%d are not a range within 31:0", f->msb, f->lsb);
		for (int k = 0; k < i; k++) {
			const struct spec_regfield *other = &spec_regfields[k];

			if (strcmp(f->reg, other->reg))
				continue;
			if (!strcmp(f->name, other->name))
				REGS(f->name, "the name is used twice in %s", f->reg);
			if (f->lsb <= other->msb && other->lsb <= f->msb)
				REGS(f->name, "it overlaps %s of %s", other->name, f->reg);
		}
	}
}

static void check_causes(void)
{
	for (int i = 0; i < n_spec_causes; i++) {
		if (spec_causes[i].code < 0 || spec_causes[i].code > UINT8_MAX)
			REGS(spec_causes[i].name, "code %d does not fit 8 bits",
			     spec_causes[i].code);
		for (int k = 0; k < i; k++) {
			if (spec_causes[k].code == spec_causes[i].code)
				REGS(spec_causes[i].name, "code %d is %s already",
				     spec_causes[i].code, spec_causes[k].name);
		}
	}
}

int specgen_check(FILE *f)
{
	to = f;
	CHECK_NAMES("isa.def", spec_fields);
	CHECK_NAMES("isa.def", spec_specials);
	CHECK_NAMES("isa.def", spec_formats);
	CHECK_NAMES("isa.def", spec_insns);
	CHECK_NAMES("regs.def", spec_consts);
	CHECK_NAMES("regs.def", spec_causes);
	check_fields();
	check_specials();
	check_letters();
	if (mistakes)
		return mistakes; /* the rest leans on sound fields and letters */
	check_formats();
	check_insns();
	check_spans();
	check_regs();
	check_regfields();
	check_causes();
	return mistakes;
}
