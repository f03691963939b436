// SPDX-License-Identifier: Apache-2.0
/* Diagnostics: `file:line:col: error: sentence`, the source line, and the way out. */
#include <string.h>
#include "cli.h"

void json_string(FILE *f, const char *s)
{
	fputc('"', f);
	for (; *s; s++) {
		if ((unsigned char)*s < 0x20)
			fprintf(f, "\\u%04x", *s);
		else
			fprintf(f, *s == '"' || *s == '\\' ? "\\%c" : "%c", *s);
	}
	fputc('"', f);
}

const struct prog_line *line_of(const struct prog *p, int insn)
{
	const struct prog_line *line = NULL;

	for (uint32_t n = 0; insn >= 0 && n < p->n_lines && p->lines[n].insn <= (uint32_t)insn; n++)
		line = &p->lines[n];
	return line;
}

static uint32_t count(const struct diag *d)
{
	return d->text[0] ? 1 + d->n_more : 0;
}

static const struct diag *nth(const struct diag *d, uint32_t n)
{
	return n ? &d->more[n - 1] : d;
}

static const struct prog_line *place_of(const struct prog *p, const struct diag *d)
{
	return p ? line_of(p, d->insn) : NULL;
}

/* One statement can be many instructions, and a function many copies: the same sentence about one line is one problem. */
static int is_said(const struct prog *p, const struct diag *d, uint32_t n)
{
	const struct prog_line *line = place_of(p, nth(d, n));

	for (uint32_t k = 0; k < n; k++) {
		const struct prog_line *other = place_of(p, nth(d, k));

		if (line && other && line->line == other->line && !strcmp(line->file, other->file) && !strcmp(nth(d, k)->text, nth(d, n)->text))
			return 1;
	}
	return 0;
}

static void print_one(const struct options *o, const struct prog *p, const struct diag *d)
{
	const struct prog_line *line = place_of(p, d);

	if (line)
		fprintf(stderr, "%s:%u:%u: error: %s\n", line->file, line->line, line->col, d->text);
	else if (d->insn >= 0)
		fprintf(stderr, "%s: error: instruction %d: %s\n", o->input, d->insn, d->text);
	else
		fprintf(stderr, "%s: error: %s\n", o->input, d->text);
	if (line && line->text[0])
		fprintf(stderr, "%5u | %s\n", line->line, line->text);
}

static void print_one_json(FILE *f, const struct options *o, const struct prog *p, const struct diag *d)
{
	const struct prog_line *line = place_of(p, d);

	fprintf(f, "{\"severity\":\"error\",\"file\":");
	json_string(f, line ? line->file : o->input);
	if (line)
		fprintf(f, ",\"line\":%u,\"column\":%u,\"source\":", line->line, line->col);
	if (line)
		json_string(f, line->text);
	if (d->insn >= 0)
		fprintf(f, ",\"insn\":%d", d->insn);
	fprintf(f, ",\"message\":");
	json_string(f, d->text);
	if (d->note[0]) {
		fprintf(f, ",\"note\":");
		json_string(f, d->note);
	}
	fputc('}', f);
}

void diag_print_json(FILE *f, const struct options *o, const struct prog *p, const struct diag *d)
{
	int first = 1;

	fputc('[', f);
	for (uint32_t n = 0; n < count(d); n++) {
		if (is_said(p, d, n))
			continue;
		if (!first)
			fputc(',', f);
		first = 0;
		print_one_json(f, o, p, nth(d, n));
	}
	fputc(']', f);
}

static void print_text(const struct options *o, const struct prog *p, const struct diag *d)
{
	const char *note = "";
	uint32_t said = 0;

	for (uint32_t n = 0; n < count(d); n++) {
		const struct diag *one = nth(d, n);

		if (is_said(p, d, n))
			continue;
		if (note[0] && strcmp(note, one->note)) /* the same way out of all, behind the last one */
			fprintf(stderr, "note: %s\n", note);
		print_one(o, p, one);
		note = one->note;
		said++;
	}
	if (note[0])
		fprintf(stderr, "note: %s\n", note);
	if (said > 1)
		fprintf(stderr, "%u errors\n", said);
}

void diag_print(const struct options *o, const struct prog *p, const struct diag *d)
{
	if (!o->json_diagnostics) {
		print_text(o, p, d);
		return;
	}
	fprintf(stderr, "{\"accepted\":false,\"diagnostics\":");
	diag_print_json(stderr, o, p, d);
	fprintf(stderr, "}\n");
}
