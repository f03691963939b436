/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
 *
 * The rows of isa.def and regs.def as data, names kept as text so that a wrong one is found by a
 * check and not by the C compiler.
 */
#ifndef HW_SPEC_SPECGEN_H
#define HW_SPEC_SPECGEN_H

#include <stdio.h>

struct spec_field {
	const char *name;
	int msb, lsb;
	const char *doc;
};
struct spec_special {
	const char *name;
	int code;
	const char *text, *doc;
};
struct spec_letter {
	char letter;
	const char *field, *doc;
};
struct spec_format {
	const char *name, *letters, *doc;
};
struct spec_insn {
	const char *name;
	int opcode;
	const char *format, *slot, *result, *syntax, *doc;
};

struct spec_const {
	const char *name;
	long long value;
	const char *text, *doc;
};
struct spec_cause {
	const char *name;
	int code;
	const char *doc;
};
struct spec_reg {
	const char *name;
	long long offset;
	const char *access;
	long long reset;
	const char *doc;
};
struct spec_regfield {
	const char *reg, *name;
	int msb, lsb;
	const char *doc;
};
struct spec_regarray {
	const char *name;
	long long offset, count, stride;
	const char *doc;
};

/* A table of rows and how many there are. */
#define SPEC_TABLE(type, name)                                                                     \
	extern const struct type name[];                                                           \
	extern const int n_##name
SPEC_TABLE(spec_field, spec_fields);
SPEC_TABLE(spec_special, spec_specials);
SPEC_TABLE(spec_letter, spec_letters);
SPEC_TABLE(spec_format, spec_formats);
SPEC_TABLE(spec_insn, spec_insns);
SPEC_TABLE(spec_const, spec_consts);
SPEC_TABLE(spec_cause, spec_causes);
SPEC_TABLE(spec_reg, spec_regs);
SPEC_TABLE(spec_regfield, spec_regfields);
SPEC_TABLE(spec_regarray, spec_regarrays);

enum {
	SPEC_WORD_BITS = 64,
	SPEC_REG_BITS = 32,
	SPEC_OPERAND_BITS = 7,
	SPEC_OP_BITS = 8,
	SPEC_FIRST_SPECIAL = 0x40
};

/* The slots and results a row may name, in the order of their Verilog codes; NULL ends each. */
extern const char *const spec_slots[];
extern const char *const spec_results[];

/* NULL when there is none of that name. */
const struct spec_field *spec_field_find(const char *name);
const struct spec_letter *spec_letter_find(char letter);
const struct spec_format *spec_format_find(const char *name);
/* Address bits of the register window. */
int spec_reg_address_bits(void);

/* specgen_check.c: prints every mistake to f as "isa.def: NAME: reason"; returns how many. */
int specgen_check(FILE *f);

/* specgen_views.c: the generated files of hw/gen; a NULL name ends the table. */
struct spec_view {
	const char *file;
	void (*print)(FILE *f);
};
extern const struct spec_view spec_views[];

#endif
