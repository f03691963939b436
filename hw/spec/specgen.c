// SPDX-License-Identifier: Apache-2.0
/*
 * specgen: checks the tables of the contract; `specgen DIR` also prints the views of them into DIR.
 * Exit code 0, 1 when a table is wrong or a file can't be written, 2 for wrong usage.
 */
#include "specgen.h"

#include <string.h>

/* The tests build specgen over broken tables. */
#ifndef ISA_DEF
#define ISA_DEF "isa.def"
#endif
#ifndef REGS_DEF
#define REGS_DEF "regs.def"
#endif

#define COUNT(table) const int n_##table = sizeof(table) / sizeof(table[0])

const struct spec_field spec_fields[] = {
#define FIELD(name, msb, lsb, doc) { #name, msb, lsb, doc },
#include ISA_DEF
};
COUNT(spec_fields);

const struct spec_special spec_specials[] = {
#define SPECIAL(NAME, code, text, doc) { #NAME, code, text, doc },
#include ISA_DEF
};
COUNT(spec_specials);

const struct spec_letter spec_letters[] = {
#define LETTER(letter, field, doc) { letter, #field, doc },
#include ISA_DEF
};
COUNT(spec_letters);

const struct spec_format spec_formats[] = {
#define FORMAT(NAME, letters, doc) { #NAME, letters, doc },
#include ISA_DEF
};
COUNT(spec_formats);

const struct spec_insn spec_insns[] = {
#define INSN(NAME, opcode, format, slot, result, syntax, doc)                                      \
	{ #NAME, opcode, #format, #slot, #result, syntax, doc },
#include ISA_DEF
};
COUNT(spec_insns);

const struct spec_const spec_consts[] = {
#define CONST(NAME, value, doc) { #NAME, value, #value, doc },
#include REGS_DEF
};
COUNT(spec_consts);

const struct spec_cause spec_causes[] = {
#define CAUSE(NAME, code, doc) { #NAME, code, doc },
#include REGS_DEF
};
COUNT(spec_causes);

const struct spec_reg spec_regs[] = {
#define REG(NAME, offset, access, reset, doc) { #NAME, offset, #access, reset, doc },
#include REGS_DEF
};
COUNT(spec_regs);

const struct spec_regfield spec_regfields[] = {
#define REGFIELD(REG, NAME, msb, lsb, doc) { #REG, #NAME, msb, lsb, doc },
#include REGS_DEF
};
COUNT(spec_regfields);

const struct spec_regarray spec_regarrays[] = {
#define REGARRAY(NAME, offset, count, stride, doc) { #NAME, offset, count, stride, doc },
#include REGS_DEF
};
COUNT(spec_regarrays);

const char *const spec_slots[] = { "A", "W", "B", "M", NULL };
const char *const spec_results[] = { "NONE", "NEXT", "WAIT", "POST", NULL };

const struct spec_field *spec_field_find(const char *name)
{
	for (int i = 0; i < n_spec_fields; i++) {
		if (!strcmp(spec_fields[i].name, name))
			return &spec_fields[i];
	}
	return NULL;
}

const struct spec_letter *spec_letter_find(char letter)
{
	for (int i = 0; i < n_spec_letters; i++) {
		if (spec_letters[i].letter == letter)
			return &spec_letters[i];
	}
	return NULL;
}

const struct spec_format *spec_format_find(const char *name)
{
	for (int i = 0; i < n_spec_formats; i++) {
		if (!strcmp(spec_formats[i].name, name))
			return &spec_formats[i];
	}
	return NULL;
}

int spec_reg_address_bits(void)
{
	long long end = 4;
	int bits = 0;

	for (int i = 0; i < n_spec_regs; i++) {
		if (spec_regs[i].offset + 4 > end)
			end = spec_regs[i].offset + 4;
	}
	for (int i = 0; i < n_spec_regarrays; i++) {
		const struct spec_regarray *a = &spec_regarrays[i];

		if (a->offset + a->count * a->stride > end)
			end = a->offset + a->count * a->stride;
	}
	while (1ll << bits < end)
		bits++;
	return bits;
}

static int write_view(const char *dir, const struct spec_view *view)
{
	char path[4096];
	FILE *f;
	int failed;

	if (snprintf(path, sizeof(path), "%s/%s", dir, view->file) >= (int)sizeof(path)) {
		fprintf(stderr, "specgen: the name %s is too long\n", dir);
		return 1;
	}
	f = fopen(path, "w");
	if (!f) {
		perror(path);
		return 1;
	}
	view->print(f);
	failed = ferror(f);
	if (fclose(f) || failed) {
		perror(path);
		return 1;
	}
	return 0;
}

int main(int argc, char **argv)
{
	if (argc > 2 || (argc == 2 && argv[1][0] == '-')) {
		fprintf(stderr, "usage: specgen [DIR]\n");
		return 2;
	}
	if (specgen_check(stderr))
		return 1;
	for (const struct spec_view *view = spec_views; argc == 2 && view->file; view++) {
		if (write_view(argv[1], view))
			return 1;
	}
	return 0;
}
