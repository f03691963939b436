// SPDX-License-Identifier: Apache-2.0
/* What is printed from the tables: Verilog, Python and the manuals. */
#include "specgen.h"

#include <string.h>

#define GENERATED                                                                                  \
	"Generated from hw/spec/%s by specgen, do not edit. SPDX-License-Identifier: Apache-2.0"

static int is_hex(const char *number)
{
	return number[0] == '0' && (number[1] == 'x' || number[1] == 'X');
}

static void isa_vh(FILE *f)
{
	fprintf(f, "// " GENERATED "\n", "isa.def");
	fprintf(f, "// F_x is a field's bit range, SR_x an operand code, OP_x an opcode.\n"
		   "`ifndef ISA_VH\n`define ISA_VH\n\n");
	for (int i = 0; i < n_spec_fields; i++)
		fprintf(f, "`define F_%s %d:%d // %s\n", spec_fields[i].name, spec_fields[i].msb,
			spec_fields[i].lsb, spec_fields[i].doc);
	fprintf(f, "\n");
	for (int i = 0; i < n_spec_specials; i++)
		fprintf(f, "`define SR_%s %d'h%02x // %s\n", spec_specials[i].name,
			SPEC_OPERAND_BITS, (unsigned int)spec_specials[i].code,
			spec_specials[i].doc);
	fprintf(f, "\n");
	for (int i = 0; i < n_spec_insns; i++)
		fprintf(f, "`define OP_%s %d'h%02x // %s\n", spec_insns[i].name, SPEC_OP_BITS,
			(unsigned int)spec_insns[i].opcode, spec_insns[i].doc);
	fprintf(f, "\n");
	for (int i = 0; spec_slots[i]; i++)
		fprintf(f, "`define SLOT_%s 2'd%d\n", spec_slots[i], i);
	for (int i = 0; spec_results[i]; i++)
		fprintf(f, "`define RESULT_%s 2'd%d\n", spec_results[i], i);
	fprintf(f, "\n`endif\n");
}

static void isa_decode_vh(FILE *f)
{
	fprintf(f, "// " GENERATED "\n", "isa.def");
	fprintf(f,
		"// To be included inside a module, isa.vh before and outside of it.\n"
		"// isa_decode: {legal, slot, result} of an opcode; legal is 0 when there is no such opcode.\n"
		"function [4:0] isa_decode;\n\tinput [7:0] op;\n\tcase (op)\n");
	for (int i = 0; i < n_spec_insns; i++)
		fprintf(f, "\t\t`OP_%s: isa_decode = {1'b1, `SLOT_%s, `RESULT_%s};\n",
			spec_insns[i].name, spec_insns[i].slot, spec_insns[i].result);
	fprintf(f, "\t\tdefault: isa_decode = {1'b0, `SLOT_A, `RESULT_NONE};\n\tendcase\n"
		   "endfunction\n");
}

static int has_field(const struct spec_insn *insn, const char *field)
{
	for (const char *l = spec_format_find(insn->format)->letters; *l; l++) {
		if (!strcmp(spec_letter_find(*l)->field, field) ||
		    (*l == 'b' && !strcmp(field, "i")))
			return 1;
	}
	return 0;
}

static void regs_vh(FILE *f)
{
	int bits = spec_reg_address_bits();

	fprintf(f, "// " GENERATED "\n", "regs.def");
	fprintf(f, "// NIC_x is a constant, CAUSE_x a cause of fault, REG_x a register's byte "
		   "offset,\n"
		   "// REG_x_RESET its reset value, <REG>_<FIELD> the bits of a field.\n"
		   "`ifndef REGS_VH\n`define REGS_VH\n\n");
	for (int i = 0; i < n_spec_consts; i++) {
		const struct spec_const *c = &spec_consts[i];

		if (is_hex(c->text))
			fprintf(f, "`define NIC_%s 32'h%llx // %s\n", c->name, c->value, c->doc);
		else
			fprintf(f, "`define NIC_%s %lld // %s\n", c->name, c->value, c->doc);
	}
	fprintf(f, "\n");
	for (int i = 0; i < n_spec_causes; i++)
		fprintf(f, "`define CAUSE_%s 8'd%d // %s\n", spec_causes[i].name,
			spec_causes[i].code, spec_causes[i].doc);
	fprintf(f, "\n`define REG_ADDRESS_BITS %d\n", bits);
	for (int i = 0; i < n_spec_regs; i++) {
		fprintf(f, "`define REG_%s %d'h%0*llx // %s\n", spec_regs[i].name, bits, bits / 4,
			spec_regs[i].offset, spec_regs[i].doc);
		fprintf(f, "`define REG_%s_RESET %d'h%08llx\n", spec_regs[i].name, SPEC_REG_BITS,
			spec_regs[i].reset);
	}
	for (int i = 0; i < n_spec_regarrays; i++) {
		const struct spec_regarray *a = &spec_regarrays[i];

		fprintf(f, "`define REG_%s %d'h%0*llx // %s\n", a->name, bits, bits / 4, a->offset,
			a->doc);
		fprintf(f, "`define REG_%s_COUNT %lld\n", a->name, a->count);
		fprintf(f, "`define REG_%s_STRIDE %lld\n", a->name, a->stride);
	}
	fprintf(f, "\n");
	for (int i = 0; i < n_spec_regfields; i++) {
		const struct spec_regfield *r = &spec_regfields[i];

		fprintf(f, "`define %s_%s %d:%d // %s\n", r->reg, r->name, r->msb, r->lsb, r->doc);
	}
	fprintf(f, "\n`endif\n");
}

/* A Python string literal. */
static void quoted(FILE *f, const char *s)
{
	fputc('"', f);
	for (; *s; s++) {
		if (*s == '"' || *s == '\\')
			fputc('\\', f);
		fputc(*s, f);
	}
	fputc('"', f);
}

static void nic_spec_py_isa(FILE *f)
{
	fprintf(f, "# field: (msb, lsb)\nFIELDS = {\n");
	for (int i = 0; i < n_spec_fields; i++)
		fprintf(f, "    \"%s\": (%d, %d),\n", spec_fields[i].name, spec_fields[i].msb,
			spec_fields[i].lsb);
	fprintf(f, "}\n\n# operand: (code, text)\nSPECIALS = {\n");
	for (int i = 0; i < n_spec_specials; i++)
		fprintf(f, "    \"%s\": (0x%02x, \"%s\"),\n", spec_specials[i].name,
			(unsigned int)spec_specials[i].code, spec_specials[i].text);
	fprintf(f, "}\n\n# letter of a format: field\nLETTERS = {\n");
	for (int i = 0; i < n_spec_letters; i++)
		fprintf(f, "    \"%c\": \"%s\",\n", spec_letters[i].letter, spec_letters[i].field);
	fprintf(f, "}\n\nFORMATS = {\n");
	for (int i = 0; i < n_spec_formats; i++)
		fprintf(f, "    \"%s\": \"%s\",\n", spec_formats[i].name, spec_formats[i].letters);
	fprintf(f, "}\n\n"
		   "Insn = namedtuple(\"Insn\", \"opcode format slot result syntax doc\")\n\n"
		   "INSNS = {\n");
	for (int i = 0; i < n_spec_insns; i++) {
		const struct spec_insn *insn = &spec_insns[i];

		fprintf(f, "    \"%s\": Insn(0x%02x, \"%s\", \"%s\", \"%s\", ", insn->name,
			(unsigned int)insn->opcode, insn->format, insn->slot, insn->result);
		quoted(f, insn->syntax);
		fprintf(f, ", ");
		quoted(f, insn->doc);
		fprintf(f, "),\n");
	}
	fprintf(f, "}\n");
}

static void nic_spec_py(FILE *f)
{
	fprintf(f, "# " GENERATED "\n", "isa.def and regs.def");
	fprintf(f, "\"\"\"The contract of the NIC as Python data.\"\"\"\n"
		   "from collections import namedtuple\n\n");
	nic_spec_py_isa(f);
	fprintf(f, "\nCONSTS = {\n");
	for (int i = 0; i < n_spec_consts; i++)
		fprintf(f, "    \"%s\": %s,\n", spec_consts[i].name, spec_consts[i].text);
	fprintf(f, "}\n\nCAUSES = {\n");
	for (int i = 0; i < n_spec_causes; i++)
		fprintf(f, "    \"%s\": %d,\n", spec_causes[i].name, spec_causes[i].code);
	fprintf(f, "}\n\n# register: (offset, access, reset)\nREGS = {\n");
	for (int i = 0; i < n_spec_regs; i++)
		fprintf(f, "    \"%s\": (0x%llx, \"%s\", 0x%llx),\n", spec_regs[i].name,
			spec_regs[i].offset, spec_regs[i].access, spec_regs[i].reset);
	fprintf(f, "}\n\n# (register, field): (msb, lsb)\nREGFIELDS = {\n");
	for (int i = 0; i < n_spec_regfields; i++)
		fprintf(f, "    (\"%s\", \"%s\"): (%d, %d),\n", spec_regfields[i].reg,
			spec_regfields[i].name, spec_regfields[i].msb, spec_regfields[i].lsb);
	fprintf(f, "}\n\n# window of registers: (offset, count, stride)\nREGARRAYS = {\n");
	for (int i = 0; i < n_spec_regarrays; i++)
		fprintf(f, "    \"%s\": (0x%llx, %lld, %lld),\n", spec_regarrays[i].name,
			spec_regarrays[i].offset, spec_regarrays[i].count,
			spec_regarrays[i].stride);
	fprintf(f, "}\n");
}

/* "7:0", or "7" for a single bit. */
static void bit_range(FILE *f, int msb, int lsb)
{
	fprintf(f, msb == lsb ? "%d" : "%d:%d", msb, lsb);
}

/* A cell of a Markdown table. */
static void cell(FILE *f, const char *s)
{
	for (; *s; s++) {
		if (*s == '|')
			fputc('\\', f);
		fputc(*s, f);
	}
}

/* The syntax as a reader of the manual wants it. */
static void readable_syntax(FILE *f, const char *s)
{
	static const struct {
		char letter;
		const char *text;
	} words[] = {
		{ 'd', "d" },         { 'a', "a" },       { 'b', "b" },     { 'r', "b" },
		{ 'c', "c" },         { 't', "@target" }, { 'k', "k" },     { 'o', "+off" },
		{ 'O', "+off" },      { 's', "s" },       { 'l', "l" },     { 'm', "m" },
		{ 'v', "value" },     { 'M', "mask" },    { 'C', "value" }, { 'I', "imm32" },
		{ 'n', "{1,2,4,8}" }, { 'h', "{1,2}" },   { 'w', "[.w]" },  { 'e', "[.be]" },
		{ 'p', "[.s]" },      { 'f', "[.f]" },
	};

	for (; *s; s++) {
		if (*s != '%') {
			fputc(*s, f);
			continue;
		}
		s++;
		for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
			if (words[i].letter == *s)
				fputs(words[i].text, f);
		}
	}
}

/* One row: the fields of a word from bit 63 down, with the bits that must be 0 between them. */
static void encoding_table(FILE *f, const struct spec_insn *insn)
{
	const char *names[SPEC_WORD_BITS];
	int msb = SPEC_WORD_BITS - 1, columns = 0, lsbs[SPEC_WORD_BITS];

	while (msb >= 0) {
		const struct spec_field *field = NULL;
		int lsb = 0;

		for (int i = 0; i < n_spec_fields; i++) {
			const struct spec_field *other = &spec_fields[i];

			if (strcmp(other->name, "op") && !has_field(insn, other->name))
				continue;
			if (other->msb == msb)
				field = other;
			else if (other->msb < msb && other->msb + 1 > lsb)
				lsb = other->msb + 1;
		}
		names[columns] = field ? field->name : "0";
		lsbs[columns] = field ? field->lsb : lsb;
		fprintf(f, "| ");
		bit_range(f, msb, lsbs[columns]);
		fprintf(f, " ");
		msb = lsbs[columns++] - 1;
	}
	fprintf(f, "|\n");
	for (int i = 0; i < columns; i++)
		fprintf(f, "|---");
	fprintf(f, "|\n");
	for (int i = 0; i < columns; i++) {
		if (!strcmp(names[i], "op"))
			fprintf(f, "| 0x%02x ", (unsigned int)insn->opcode);
		else
			fprintf(f, "| %s ", names[i]);
	}
	fprintf(f, "|\n");
	if (strchr(spec_format_find(insn->format)->letters, 'b'))
		fprintf(f, "\nWith i set, bits 31:0 are imm.\n");
}

static const char *slot_text(const char *slot)
{
	switch (slot[0]) {
	case 'W': return "lanes 0 and 1";
	case 'B': return "lanes 0 and 1";
	case 'M': return "the last lane";
	default: return "any lane";
	}
}

static const char *result_text(const struct spec_insn *insn)
{
	if (!strcmp(insn->result, "NEXT"))
		return "written to d, readable in the thread's next bundle";
	if (!strcmp(insn->result, "WAIT"))
		return "in x; the thread waits for it";
	if (strcmp(insn->result, "POST"))
		return "none";
	if (!strchr(spec_format_find(insn->format)->letters, 'f'))
		return "none; the thread does not wait";
	return "none, the thread does not wait; with .f the old value in x, and the thread waits";
}

static void isa_md(FILE *f)
{
	fprintf(f, "<!-- " GENERATED " -->\n", "isa.def");
	fprintf(f,
		"# The instructions\n\n"
		"A bundle holds one 64-bit word per lane. What a bundle does, and when, is in\n"
		"`hw/spec/machine.md`. A leading `?` in the text of a word is its guard bit g.\n\n"
		"## Fields\n\n| field | bits | meaning |\n|---|---|---|\n");
	for (int i = 0; i < n_spec_fields; i++) {
		fprintf(f, "| %s | ", spec_fields[i].name);
		bit_range(f, spec_fields[i].msb, spec_fields[i].lsb);
		fprintf(f, " | ");
		cell(f, spec_fields[i].doc);
		fprintf(f, " |\n");
	}
	fprintf(f, "\n## Operands\n\nCodes 0x00..0x3f are registers, bank times 16 plus number:\n"
		   "`a0`..`a15`, `b0`.., `c0`.., `d0`..`d15`.\n\n"
		   "| operand | code | value |\n|---|---|---|\n");
	for (int i = 0; i < n_spec_specials; i++) {
		fprintf(f, "| `%s` | 0x%02x | ", spec_specials[i].text,
			(unsigned int)spec_specials[i].code);
		cell(f, spec_specials[i].doc);
		fprintf(f, " |\n");
	}
	for (int i = 0; i < n_spec_insns; i++) {
		const struct spec_insn *insn = &spec_insns[i];

		fprintf(f, "\n## %s\n\n`", insn->name);
		readable_syntax(f, insn->syntax);
		fprintf(f, "`\n\n%s\n\nLanes: %s. Result: %s.\n\n", insn->doc,
			slot_text(insn->slot), result_text(insn));
		encoding_table(f, insn);
	}
}

static void regs_md_fields(FILE *f, const char *reg)
{
	int found = 0;

	for (int i = 0; i < n_spec_regfields; i++) {
		const struct spec_regfield *r = &spec_regfields[i];

		if (strcmp(r->reg, reg))
			continue;
		if (!found++)
			fprintf(f, "\n| field | bits | meaning |\n|---|---|---|\n");
		fprintf(f, "| %s | ", r->name);
		bit_range(f, r->msb, r->lsb);
		fprintf(f, " | ");
		cell(f, r->doc);
		fprintf(f, " |\n");
	}
}

static void regs_md(FILE *f)
{
	fprintf(f, "<!-- " GENERATED " -->\n", "regs.def");
	fprintf(f,
		"# Registers and constants\n\n"
		"Registers are 32 bits wide; offsets are bytes in a window of %d address bits.\n\n"
		"| register | offset | access | reset | |\n|---|---|---|---|---|\n",
		spec_reg_address_bits());
	for (int i = 0; i < n_spec_regs; i++) {
		const struct spec_reg *r = &spec_regs[i];

		fprintf(f, "| %s | 0x%03llx | %s | 0x%llx | ", r->name, r->offset, r->access,
			r->reset);
		cell(f, r->doc);
		fprintf(f, " |\n");
	}
	fprintf(f, "\n| window | offset | count | stride | |\n|---|---|---|---|---|\n");
	for (int i = 0; i < n_spec_regarrays; i++) {
		const struct spec_regarray *a = &spec_regarrays[i];

		fprintf(f, "| %s | 0x%03llx | %lld | %lld | ", a->name, a->offset, a->count,
			a->stride);
		cell(f, a->doc);
		fprintf(f, " |\n");
	}
	for (int i = 0; i < n_spec_regs; i++) {
		fprintf(f, "\n## %s\n\nOffset 0x%03llx, %s, reset 0x%llx. %s.\n", spec_regs[i].name,
			spec_regs[i].offset, spec_regs[i].access, spec_regs[i].reset,
			spec_regs[i].doc);
		regs_md_fields(f, spec_regs[i].name);
	}
	for (int i = 0; i < n_spec_regarrays; i++)
		fprintf(f, "\n## %s\n\nOffset 0x%03llx, %lld of %lld bytes each. %s.\n",
			spec_regarrays[i].name, spec_regarrays[i].offset, spec_regarrays[i].count,
			spec_regarrays[i].stride, spec_regarrays[i].doc);
	fprintf(f, "\n## Causes of a fault\n\n| cause | code | |\n|---|---|---|\n");
	for (int i = 0; i < n_spec_causes; i++) {
		fprintf(f, "| %s | %d | ", spec_causes[i].name, spec_causes[i].code);
		cell(f, spec_causes[i].doc);
		fprintf(f, " |\n");
	}
	fprintf(f, "\n## Constants\n\n| constant | value | |\n|---|---|---|\n");
	for (int i = 0; i < n_spec_consts; i++) {
		fprintf(f, "| %s | %s | ", spec_consts[i].name, spec_consts[i].text);
		cell(f, spec_consts[i].doc);
		fprintf(f, " |\n");
	}
}

const struct spec_view spec_views[] = {
	{ "isa.vh", isa_vh },
	{ "isa_decode.vh", isa_decode_vh },
	{ "regs.vh", regs_vh },
	{ "nic_spec.py", nic_spec_py },
	{ "isa.md", isa_md },
	{ "regs.md", regs_md },
	{ NULL, NULL },
};
