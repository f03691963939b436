// SPDX-License-Identifier: Apache-2.0
/* --annotate: each source line with the eBPF that clang made of it and, beside, the bundles that nicjit made of that. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "asm.h"
#include "cli.h"
#include "driver/common/image.h"

enum { LEFT = 44 };

struct count {
	uint64_t hits, cycles;
};

struct sheet {
	const struct prog *p;
	struct image image;
	uint32_t bundles;
	struct count *count;  /* per bundle; NULL: no profile */
	uint32_t *line;       /* per bundle: row of p->lines plus one; 0: none */
};

/* What nicsim --profile wrote. */
static int read_profile(struct sheet *s, const char *path)
{
	FILE *f = fopen(path, "r");
	char text[1024];

	if (!f) {
		fprintf(stderr, "%s: error: %s\n", path, strerror(errno));
		return -1;
	}
	s->count = calloc(s->bundles + 1, sizeof(*s->count));
	while (s->count && fgets(text, sizeof(text), f)) {
		struct count c;
		uint32_t bundle;

		if (sscanf(text, "%" SCNu32 " %" SCNu64 " %" SCNu64, &bundle, &c.hits, &c.cycles) != 3)
			continue;
		if (bundle >= s->bundles) {
			fprintf(stderr, "%s: error: the profile is of another program: it has a bundle %u\n", path, bundle);
			fclose(f);
			return -1;
		}
		s->count[bundle] = c;
	}
	fclose(f);
	return s->count ? 0 : -1;
}

static uint32_t row_of(const struct prog *p, int insn)
{
	const struct prog_line *line = line_of(p, insn);

	return line ? (uint32_t)(line - p->lines) + 1 : 0;
}

static int same_line(const struct prog_line *a, const struct prog_line *b)
{
	return a->line == b->line && !strcmp(a->file, b->file);
}

/* Rows of the same source line are one section, printed where the first one is. */
static uint32_t section_of(const struct prog *p, uint32_t row)
{
	for (uint32_t n = 0; row && n + 1 < row; n++)
		if (same_line(&p->lines[n], &p->lines[row - 1]))
			return n + 1;
	return row;
}

static void print_head(const struct sheet *s, uint32_t section)
{
	const struct prog_line *line = section ? &s->p->lines[section - 1] : NULL;
	struct count all = { 0, 0 };

	for (uint32_t n = 0; s->count && n < s->bundles; n++)
		if (s->line[n] == section) {
			all.hits += s->count[n].hits;
			all.cycles += s->count[n].cycles;
		}
	if (s->count && all.hits)
		printf("%10" PRIu64 " bundles %10" PRIu64 " clocks ", all.hits, all.cycles);
	else if (s->count)
		printf("%37s", "");
	if (line)
		printf("%s:%u: %s\n", line->file, line->line, line->text);
	else
		printf("(no source line)\n");
}

/* The next instruction from *pc on, or bundle from *n on, that belongs to the section. 0 when there is none. */
static int next_insn(const struct sheet *s, const uint32_t *section, uint32_t which, uint32_t *pc)
{
	for (; *pc < s->p->n_insns; *pc += 1 + (s->p->insns[*pc].code == EBPF_LDDW))
		if (section[*pc] == which)
			return 1;
	return 0;
}

static int next_bundle(const struct sheet *s, uint32_t which, uint32_t *n)
{
	for (; *n < s->bundles; (*n)++)
		if (s->line[*n] == which)
			return 1;
	return 0;
}

static void print_section(const struct sheet *s, const uint32_t *section, uint32_t which)
{
	uint32_t pc = 0, bundle = 0, lanes = s->image.header->lanes;
	int left = next_insn(s, section, which, &pc), right = next_bundle(s, which, &bundle);

	if (!left && !right)
		return;
	print_head(s, which);
	while (left || right) {
		char insn[96] = "", text[ASM_BUNDLE_TEXT] = "", all[128] = "";

		if (left) {
			ebpf_text(insn, sizeof(insn), s->p, pc);
			snprintf(all, sizeof(all), "%6u: %s", pc, insn);
			pc += 1 + (s->p->insns[pc].code == EBPF_LDDW);
		}
		if (right)
			disasm_bundle(text, sizeof(text), bundle, s->image.text + (size_t)bundle * lanes, (int)lanes);
		if (s->count && right)
			printf("%10" PRIu64 " x     %10" PRIu64 "        ", s->count[bundle].hits, s->count[bundle].cycles);
		else if (s->count)
			printf("%37s", "");
		printf(right ? "%-*s | %s\n" : "%-*s |\n", LEFT, all, text);
		bundle += right != 0;
		left = left && next_insn(s, section, which, &pc);
		right = right && next_bundle(s, which, &bundle);
	}
}

static int print_sheet(struct sheet *s)
{
	uint32_t *section = calloc(s->p->n_insns + 1, sizeof(*section));

	s->line = calloc(s->bundles + 1, sizeof(*s->line));
	if (!section || !s->line)
		return -1;
	for (uint32_t pc = 0; pc < s->p->n_insns; pc++)
		section[pc] = section_of(s->p, row_of(s->p, (int)pc));
	for (uint32_t n = 0; n < s->bundles; n++) {
		const struct image_line *line = image_line(&s->image, n);

		s->line[n] = line ? section_of(s->p, row_of(s->p, (int)line->insn)) : 0;
	}
	for (uint32_t which = 0; which <= s->p->n_lines; which++)
		print_section(s, section, which);
	free(section);
	free(s->line);
	return 0;
}

int annotate(const struct options *o, const struct prog *p, const struct image_buf *b)
{
	struct sheet s = { .p = p };
	int bad = image_parse(b->bytes, b->size, &s.image) != NULL;

	s.bundles = bad ? 0 : s.image.header->n_bundles;
	bad = bad || (o->profile && read_profile(&s, o->profile)) || print_sheet(&s);
	free(s.count);
	return bad ? EXIT_IO : 0;
}
