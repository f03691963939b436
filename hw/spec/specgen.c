// SPDX-License-Identifier: Apache-2.0
/*
 * Build tool: checks isa.def and regs.def, and prints the views other languages read.
 *
 *   specgen check             exit 1 and one line "isa.def: NAME: reason" per mistake
 *   specgen isa.vh | isa_decode.vh | regs.vh | nic_spec.py | isa.md | regs.md
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "isa.h"

struct field {
	const char *name;
	int msb, lsb;
	const char *doc;
};

static const struct field fields[] = {
#define FIELD(name, msb, lsb, doc) { #name, msb, lsb, doc },
#include "isa.def"
};

static const struct {
	const char *name;
	unsigned int code;
	const char *text, *doc;
} specials[] = {
#define SPECIAL(NAME, code, text, doc) { #NAME, code, text, doc },
#include "isa.def"
};

static const struct format {
	const char *name, *letters, *doc;
} formats[] = {
#define FORMAT(NAME, letters, doc) { #NAME, letters, doc },
#include "isa.def"
};

static const struct row {
	const char *name;
	unsigned int op;
	const char *format, *slot, *result, *syntax, *doc;
} rows[] = {
#define INSN(NAME, opcode, format, slot, result, syntax, doc) { #NAME, opcode, #format, #slot, #result, syntax, doc },
#include "isa.def"
};

static const struct {
	const char *name;
	long value;
	const char *doc;
} consts[] = {
#define CONST(NAME, value, doc) { #NAME, value, doc },
#include "regs.def"
};

static const struct reg {
	const char *name;
	unsigned int offset;
	const char *access;
	unsigned int reset;
	const char *doc;
} regs[] = {
#define REG(NAME, offset, access, reset, doc) { #NAME, offset, #access, reset, doc },
#include "regs.def"
};

static const struct {
	const char *reg, *name;
	int msb, lsb;
	const char *doc;
} reg_fields[] = {
#define REGFIELD(REG, NAME, msb, lsb, doc) { #REG, #NAME, msb, lsb, doc },
#include "regs.def"
};

static const struct {
	const char *name;
	unsigned int offset, count, stride;
	const char *doc;
} arrays[] = {
#define REGARRAY(NAME, offset, count, stride, doc) { #NAME, offset, count, stride, doc },
#include "regs.def"
};

static const struct {
	const char *name;
	int code;
	const char *doc;
} causes[] = {
#define CAUSE(NAME, code, doc) { #NAME, code, doc },
#include "regs.def"
};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static int mistakes;

static void mistake(const char *file, const char *name, const char *reason)
{
	fprintf(stderr, "%s: %s: %s\n", file, name, reason);
	mistakes++;
}

/* Which field a format letter names; the order is that of isa.def's explanation. */
static const struct field *letter_field(char letter)
{
	static const struct {
		char letter;
		const char *field;
	} names[] = {
		{ 'd', "dst" }, { 'a', "a" }, { 'b', "imm" }, { 'r', "b" }, { 'c', "c" }, { 'g', "g" }, { 'w', "w" },
		{ 't', "target" }, { 'k', "woff" }, { 'n', "width" }, { 'e', "swap" }, { 'x', "wswap" }, { 'o', "off" },
		{ 'O', "loff" }, { 'p', "spec" }, { 's', "shift" }, { 'l', "len" }, { 'm', "map" }, { 'f', "fetch" },
		{ 'h', "half" }, { 'v', "cmp" }, { 'M', "mask" }, { 'C', "imm" }, { 'I', "imm" },
	};

	for (size_t i = 0; i < COUNT(names); i++)
		if (names[i].letter == letter)
			for (size_t f = 0; f < COUNT(fields); f++)
				if (!strcmp(fields[f].name, names[i].field))
					return &fields[f];
	return NULL;
}

static const struct field *field_named(const char *name)
{
	for (size_t f = 0; f < COUNT(fields); f++)
		if (!strcmp(fields[f].name, name))
			return &fields[f];
	return NULL;
}

static unsigned long long bits_of(const struct field *f)
{
	return (f->msb == 63 ? ~0ull : (1ull << (f->msb + 1)) - 1) & ~((1ull << f->lsb) - 1);
}

static void check_formats(void)
{
	for (size_t i = 0; i < COUNT(formats); i++) {
		unsigned long long used = bits_of(field_named("op"));

		for (const char *l = formats[i].letters; *l; l++) {
			const struct field *f = letter_field(*l);
			unsigned long long bits;

			if (!f) {
				mistake("isa.def", formats[i].name, "unknown field letter");
				continue;
			}
			bits = bits_of(f) | (*l == 'b' ? bits_of(field_named("i")) : 0);
			if (used & bits)
				mistake("isa.def", formats[i].name, "fields overlap");
			used |= bits;
		}
	}
}

static const struct format *format_named(const char *name)
{
	for (size_t i = 0; i < COUNT(formats); i++)
		if (!strcmp(formats[i].name, name))
			return &formats[i];
	return NULL;
}

/* Every field but the guard must be readable from the text, and the text must not name a field that is not there. */
static void check_syntax(const struct row *r, const struct format *f)
{
	for (const char *s = r->syntax; *s; s++) {
		char letter;

		if (*s != '%')
			continue;
		letter = *++s;
		if (letter == 'e' && strchr(f->letters, 'x'))
			letter = 'x';
		if (!letter || !strchr(f->letters, letter))
			mistake("isa.def", r->name, "the syntax names a field that the format does not have");
	}
	for (const char *l = f->letters; *l; l++) {
		char escape[3] = { '%', *l == 'x' ? 'e' : *l, 0 };

		if (*l != 'g' && !strstr(r->syntax, escape))
			mistake("isa.def", r->name, "the syntax leaves out a field of the format");
	}
}

static void check_rows(void)
{
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct row *r = &rows[i];
		const struct format *f = format_named(r->format);

		if (!r->op || r->op > 255)
			mistake("isa.def", r->name, "opcode is not in 1..255");
		for (size_t k = 0; k < i; k++) {
			if (rows[k].op == r->op)
				mistake("isa.def", r->name, "opcode used twice");
			if (!strcmp(rows[k].name, r->name))
				mistake("isa.def", r->name, "name used twice");
		}
		if (!strchr("AWBM", r->slot[0]) || r->slot[1])
			mistake("isa.def", r->name, "unknown slot");
		if (!f) {
			mistake("isa.def", r->name, "unknown format");
			continue;
		}
		if (!strcmp(r->result, "NEXT") != !!strchr(f->letters, 'd'))
			mistake("isa.def", r->name, "result NEXT and a destination belong together");
		if (strchr(f->letters, 'f') && strcmp(r->result, "POST"))
			mistake("isa.def", r->name, "only a POST row can fetch");
		if ((strchr(f->letters, 'k') && r->slot[0] != 'W' && r->slot[0] != 'B'))
			mistake("isa.def", r->name, "window accesses need a window lane");
		check_syntax(r, f);
	}
}

static void check_specials(void)
{
	for (size_t i = 0; i < COUNT(specials); i++) {
		if (specials[i].code < 0x40 || specials[i].code > 0x7f)
			mistake("isa.def", specials[i].name, "code is not in 0x40..0x7f");
		for (size_t k = 0; k < i; k++)
			if (specials[k].code == specials[i].code || !strcmp(specials[k].text, specials[i].text))
				mistake("isa.def", specials[i].name, "code or text used twice");
	}
}

static void check_regs(void)
{
	for (size_t i = 0; i < COUNT(regs); i++) {
		if (regs[i].offset % 4)
			mistake("regs.def", regs[i].name, "offset is not a multiple of 4");
		for (size_t k = 0; k < i; k++)
			if (regs[k].offset == regs[i].offset)
				mistake("regs.def", regs[i].name, "offset used twice");
		for (size_t k = 0; k < COUNT(arrays); k++)
			if (regs[i].offset >= arrays[k].offset &&
			    regs[i].offset < arrays[k].offset + arrays[k].count * arrays[k].stride)
				mistake("regs.def", regs[i].name, "lies in a register array");
		if (strcmp(regs[i].access, "RO") && strcmp(regs[i].access, "RW") && strcmp(regs[i].access, "WO") &&
		    strcmp(regs[i].access, "W1C"))
			mistake("regs.def", regs[i].name, "unknown access");
	}
	for (size_t i = 0; i < COUNT(arrays); i++)
		for (size_t k = 0; k < i; k++)
			if (arrays[i].offset < arrays[k].offset + arrays[k].count * arrays[k].stride &&
			    arrays[k].offset < arrays[i].offset + arrays[i].count * arrays[i].stride)
				mistake("regs.def", arrays[i].name, "overlaps another register array");
	for (size_t i = 0; i < COUNT(reg_fields); i++) {
		size_t r = 0;

		while (r < COUNT(regs) && strcmp(regs[r].name, reg_fields[i].reg))
			r++;
		if (r == COUNT(regs) || reg_fields[i].msb > 31 || reg_fields[i].lsb > reg_fields[i].msb)
			mistake("regs.def", reg_fields[i].name, "no such register, or bits out of it");
		for (size_t k = 0; k < i; k++)
			if (!strcmp(reg_fields[k].reg, reg_fields[i].reg) && reg_fields[k].lsb <= reg_fields[i].msb &&
			    reg_fields[i].lsb <= reg_fields[k].msb)
				mistake("regs.def", reg_fields[i].name, "fields overlap");
	}
	for (size_t i = 0; i < COUNT(consts); i++)
		for (size_t k = 0; k < i; k++)
			if (!strcmp(consts[k].name, consts[i].name))
				mistake("regs.def", consts[i].name, "name used twice");
	for (size_t i = 0; i < COUNT(causes); i++)
		for (size_t k = 0; k < i; k++)
			if (causes[k].code == causes[i].code)
				mistake("regs.def", causes[i].name, "code used twice");
}

static int check_all(void)
{
	check_formats();
	check_rows();
	check_specials();
	check_regs();
	return mistakes ? 1 : 0;
}

/* Verilog constants are macros: a module takes what it needs, and the rest is no unused parameter to the tools. */
static void print_isa_vh(void)
{
	puts("// Generated by specgen from isa.def; do not edit.");
	puts("// SPDX-License-Identifier: Apache-2.0");
	puts("`ifndef ISA_VH\n`define ISA_VH\n");
	for (size_t i = 0; i < COUNT(fields); i++)
		printf("`define F_%s %d:%d\n", fields[i].name, fields[i].msb, fields[i].lsb);
	puts("");
	for (size_t i = 0; i < COUNT(specials); i++)
		printf("`define SR_%s 7'h%02x\n", specials[i].name, specials[i].code);
	puts("");
	for (size_t i = 0; i < COUNT(rows); i++)
		printf("`define OP_%s 8'h%02x\n", rows[i].name, rows[i].op);
	puts("\n`define SLOT_A 2'd0\n`define SLOT_W 2'd1\n`define SLOT_B 2'd2\n`define SLOT_M 2'd3");
	puts("`define RESULT_NONE 2'd0\n`define RESULT_NEXT 2'd1\n`define RESULT_WAIT 2'd2\n`define RESULT_POST 2'd3");
	puts("\n`endif");
}

static void print_isa_decode_vh(void)
{
	puts("// Generated by specgen from isa.def; do not edit. To be included inside a module.");
	puts("// SPDX-License-Identifier: Apache-2.0");
	puts("// {legal, slot, result}: SLOT_* and RESULT_* of isa.vh; an opcode that does not exist is not legal");
	puts("function [4:0] isa_decode;");
	puts("\tinput [7:0] op;");
	puts("\tcase (op)");
	for (size_t i = 0; i < COUNT(rows); i++)
		printf("\t\t`OP_%s: isa_decode = {1'b1, `SLOT_%s, `RESULT_%s};\n", rows[i].name, rows[i].slot, rows[i].result);
	puts("\t\tdefault: isa_decode = 5'b0;");
	puts("\tendcase\nendfunction");
}

static void print_regs_vh(void)
{
	puts("// Generated by specgen from regs.def; do not edit.");
	puts("// SPDX-License-Identifier: Apache-2.0");
	puts("`ifndef REGS_VH\n`define REGS_VH\n");
	for (size_t i = 0; i < COUNT(consts); i++)
		printf("`define NIC_%s %ld\n", consts[i].name, consts[i].value);
	puts("");
	for (size_t i = 0; i < COUNT(causes); i++)
		printf("`define CAUSE_%s 8'd%d\n", causes[i].name, causes[i].code);
	puts("");
	for (size_t i = 0; i < COUNT(regs); i++)
		printf("`define REG_%s 24'h%06x\n`define RESET_%s 32'h%08x\n", regs[i].name, regs[i].offset, regs[i].name,
		       regs[i].reset);
	for (size_t i = 0; i < COUNT(arrays); i++)
		printf("`define REG_%s 24'h%06x\n`define REG_%s_COUNT %u\n`define REG_%s_STRIDE %u\n", arrays[i].name,
		       arrays[i].offset, arrays[i].name, arrays[i].count, arrays[i].name, arrays[i].stride);
	for (size_t i = 0; i < COUNT(reg_fields); i++)
		printf("`define %s_%s %d:%d\n", reg_fields[i].reg, reg_fields[i].name, reg_fields[i].msb, reg_fields[i].lsb);
	puts("\n`endif");
}

static void print_python(void)
{
	puts("# Generated by specgen from isa.def and regs.def; do not edit.");
	puts("# SPDX-License-Identifier: Apache-2.0\n");
	puts("FIELDS = {  # name: (msb, lsb)");
	for (size_t i = 0; i < COUNT(fields); i++)
		printf("    \"%s\": (%d, %d),\n", fields[i].name, fields[i].msb, fields[i].lsb);
	puts("}\n\nSPECIALS = {");
	for (size_t i = 0; i < COUNT(specials); i++)
		printf("    \"%s\": 0x%02x,\n", specials[i].text, specials[i].code);
	puts("}\n\nFORMATS = {  # name: field letters");
	for (size_t i = 0; i < COUNT(formats); i++)
		printf("    \"%s\": \"%s\",\n", formats[i].name, formats[i].letters);
	puts("}\n\nINSNS = {  # name: (opcode, format, slot, result, syntax)");
	for (size_t i = 0; i < COUNT(rows); i++)
		printf("    \"%s\": (0x%02x, \"%s\", \"%s\", \"%s\", \"%s\"),\n", rows[i].name, rows[i].op, rows[i].format,
		       rows[i].slot, rows[i].result, rows[i].syntax);
	puts("}\n\nCONSTS = {");
	for (size_t i = 0; i < COUNT(consts); i++)
		printf("    \"%s\": %ld,\n", consts[i].name, consts[i].value);
	puts("}\n\nREGS = {");
	for (size_t i = 0; i < COUNT(regs); i++)
		printf("    \"%s\": 0x%06x,\n", regs[i].name, regs[i].offset);
	for (size_t i = 0; i < COUNT(arrays); i++)
		printf("    \"%s\": 0x%06x,\n", arrays[i].name, arrays[i].offset);
	puts("}\n\nCAUSES = {");
	for (size_t i = 0; i < COUNT(causes); i++)
		printf("    \"%s\": %d,\n", causes[i].name, causes[i].code);
	puts("}");
}

static const char *result_text(const char *result)
{
	if (!strcmp(result, "NEXT"))
		return "next bundle";
	if (!strcmp(result, "WAIT"))
		return "waits, result in x";
	return strcmp(result, "POST") ? "none" : "posted; waits and gives x with .f";
}

static void print_isa_md(void)
{
	puts("<!-- Generated by specgen from isa.def; do not edit. -->\n# Microcode\n");
	puts("A bundle is one 64-bit word per lane. Slots: A any lane, W and B lanes 0 and 1, M the last lane. A leading `?` marks a");
	puts("guarded word: it is cancelled when a lower lane's branch, jump or exit is taken. What a bundle does to the clock is in");
	puts("[machine.md](../spec/machine.md).\n\n## Operations\n");
	puts("| op | syntax | slot | result | meaning |\n|---|---|---|---|---|");
	for (size_t i = 0; i < COUNT(rows); i++) {
		printf("| 0x%02x | `", rows[i].op);
		for (const char *s = rows[i].syntax; *s; s++)
			if (*s == '|')
				printf("\\|");
			else
				putchar(*s);
		printf("` | %s | %s | ", rows[i].slot, result_text(rows[i].result));
		for (const char *s = rows[i].doc; *s; s++)
			if (*s == '|')
				printf("\\|");
			else
				putchar(*s);
		puts(" |");
	}
	puts("\n`%w` is `.w` for the 32-bit form, `%e` `.be` for swapped bytes, `%p` `.s` for a speculative load, `%f` `.f` for an atomic");
	puts("that returns the old value, `%n` and `%h` a width in bytes, `%k` a window offset, `%o` and `%O` a signed offset, `%t` a bundle.\n");
	puts("## Operands that are not registers\n\n| code | name | meaning |\n|---|---|---|");
	for (size_t i = 0; i < COUNT(specials); i++)
		printf("| 0x%02x | `%s` | %s |\n", specials[i].code, specials[i].text, specials[i].doc);
	puts("\n## Formats\n\n| format | fields (bits) | for |\n|---|---|---|");
	for (size_t i = 0; i < COUNT(formats); i++) {
		printf("| %s | op[63:56]", formats[i].name);
		for (const char *l = formats[i].letters; *l; l++) {
			const struct field *f = letter_field(*l);

			if (*l == 'b')
				printf(", i[53], imm[31:0] or b[6:0]");
			else
				printf(", %s[%d:%d]", f->name, f->msb, f->lsb);
		}
		printf(" | %s |\n", formats[i].doc);
	}
	puts("\n## Fields\n\n| field | bits | meaning |\n|---|---|---|");
	for (size_t i = 0; i < COUNT(fields); i++)
		printf("| %s | %d:%d | %s |\n", fields[i].name, fields[i].msb, fields[i].lsb, fields[i].doc);
}

static void print_regs_md(void)
{
	puts("<!-- Generated by specgen from regs.def; do not edit. -->\n# Host registers\n");
	puts("| offset | register | access | reset | meaning |\n|---|---|---|---|---|");
	for (size_t i = 0; i < COUNT(regs); i++) {
		printf("| 0x%03x | %s | %s | 0x%x | %s |\n", regs[i].offset, regs[i].name, regs[i].access, regs[i].reset, regs[i].doc);
		for (size_t k = 0; k < COUNT(reg_fields); k++)
			if (!strcmp(reg_fields[k].reg, regs[i].name))
				printf("| | &nbsp;&nbsp;%s %d:%d | | | %s |\n", reg_fields[k].name, reg_fields[k].msb,
				       reg_fields[k].lsb, reg_fields[k].doc);
	}
	puts("\n## Windows\n\n| offset | window | entries | stride | meaning |\n|---|---|---|---|---|");
	for (size_t i = 0; i < COUNT(arrays); i++)
		printf("| 0x%06x | %s | %u | %u | %s |\n", arrays[i].offset, arrays[i].name, arrays[i].count, arrays[i].stride,
		       arrays[i].doc);
	puts("\n## Causes of a fault\n\n| code | cause | meaning |\n|---|---|---|");
	for (size_t i = 0; i < COUNT(causes); i++)
		printf("| %d | %s | %s |\n", causes[i].code, causes[i].name, causes[i].doc);
	puts("\n## Constants\n\n| name | value | meaning |\n|---|---|---|");
	for (size_t i = 0; i < COUNT(consts); i++)
		printf("| %s | %ld | %s |\n", consts[i].name, consts[i].value, consts[i].doc);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*print)(void);
	} views[] = {
		{ "isa.vh", print_isa_vh }, { "isa_decode.vh", print_isa_decode_vh }, { "regs.vh", print_regs_vh },
		{ "nic_spec.py", print_python }, { "isa.md", print_isa_md }, { "regs.md", print_regs_md },
	};

	if (argc == 2 && !strcmp(argv[1], "check"))
		return check_all();
	for (size_t i = 0; argc == 2 && i < COUNT(views); i++)
		if (!strcmp(argv[1], views[i].name)) {
			if (check_all())
				return 1;
			views[i].print();
			return 0;
		}
	fprintf(stderr, "usage: specgen check|isa.vh|isa_decode.vh|regs.vh|nic_spec.py|isa.md|regs.md\n");
	return 2;
}
