// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* The firmware image: the ELF container of hw/spec/image.h. */
#include "hw/spec/image_elf.h"
#include "image_write.h"

enum { N_SECTIONS = 9, ALIGN = 8 };

struct part { const char *name; const void *bytes; size_t size; uint32_t entsize; };

/* ---- strings ---- */

struct names {
	struct arena *arena;
	char *text;
	uint32_t size, cap;
	uint32_t *hash;       /* offset of a string that was added, 0 for none */
	uint32_t mask;
};

static uint32_t hash_text(const char *s)
{
	uint32_t h = 2166136261u;

	for (; *s; s++)
		h = (h ^ (uint8_t)*s) * 16777619u;
	return h;
}

/* The string's offset; equal strings share theirs. Only the last one with a hash is remembered. */
static uint32_t add_name(struct names *n, const char *s)
{
	uint32_t *place, length;

	if (!s || !*s)
		return 0;
	place = &n->hash[hash_text(s) & n->mask];
	if (*place && !strcmp(n->text + *place, s))
		return *place;
	length = (uint32_t)strlen(s) + 1;
	if (n->size + length > n->cap)
		return 0;
	memcpy(n->text + n->size, s, length);
	*place = n->size;
	n->size += length;
	return *place;
}

static size_t names_bound(const struct image_source *i)
{
	size_t size = 1 + strlen(i->name) + 1 + strlen(i->section) + 1;

	for (uint32_t n = 0; n < i->n_maps; n++)
		size += strlen(i->map_names[n]) + 1;
	for (uint32_t n = 0; n < i->n_programs; n++)
		size += strlen(i->programs[n].name) + strlen(i->programs[n].section) + 2;
	for (uint32_t n = 0; n < i->n_lines; n++)
		size += (i->lines[n].file ? strlen(i->lines[n].file) : 0) + (i->lines[n].text ? strlen(i->lines[n].text) : 0) + 2;
	return size;
}

static int start_names(struct names *n, struct arena *a, const struct image_source *i)
{
	n->arena = a;
	n->cap = (uint32_t)names_bound(i);
	n->mask = 255;
	while (n->mask < 4 * i->n_lines)
		n->mask = 2 * n->mask + 1;
	n->text = arena_alloc(a, n->cap);
	n->hash = arena_alloc(a, (n->mask + 1) * sizeof(*n->hash));
	n->size = 1;
	return n->text && n->hash ? 0 : -1;
}

/* ---- checksum ---- */

static uint32_t crc_add(uint32_t crc, const void *bytes, size_t size)
{
	static const uint32_t table[16] = { /* of four bits */
		0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c,
		0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c, 0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c,
	};
	const uint8_t *p = bytes;

	while (size--) {
		crc ^= *p++;
		crc = crc >> 4 ^ table[crc & 15];
		crc = crc >> 4 ^ table[crc & 15];
	}
	return crc;
}

/* ---- parts ---- */

static uint32_t caps_of(const struct image_source *i)
{
	uint32_t caps = 0;

	for (size_t n = 0; n < (size_t)i->n_bundles * i->lanes; n++) {
		unsigned int op = (unsigned int)(i->words[n] >> 56);

		if (op == OP_WUBFX || op == OP_WSBFX || (op >= OP_WJEQ && op <= OP_WJNE4))
			caps |= IMAGE_CAP_WINDOW;
		if (op == OP_MUL)
			caps |= IMAGE_CAP_MUL;
		if (op >= OP_DIVU && op <= OP_MODS)
			caps |= IMAGE_CAP_DIV;
		if (op >= OP_MADD && op <= OP_MCAS)
			caps |= IMAGE_CAP_ATOMIC;
	}
	for (uint32_t n = 0; n < i->n_maps; n++)
		caps |= image_map_is_hash(i->maps[n].type) || i->maps[n].type == MAP_TYPE_LPM_TRIE ? IMAGE_CAP_HASH : IMAGE_CAP_ARRAY;
	return caps;
}

static uint8_t *gather_data(struct arena *a, const struct image_source *i, uint32_t *size)
{
	uint8_t *data;

	*size = 0;
	for (uint32_t n = 0; n < i->n_maps; n++) {
		i->maps[n].data_off = i->map_init[n] ? *size : 0;
		i->maps[n].data_size = i->map_init[n] ? i->map_init_size[n] : 0;
		*size += (i->maps[n].data_size + 7) & ~7U;
	}
	data = arena_alloc(a, *size + 1);
	for (uint32_t n = 0; data && n < i->n_maps; n++)
		if (i->maps[n].data_size)
			memcpy(data + i->maps[n].data_off, i->map_init[n], i->maps[n].data_size);
	return data;
}

static struct image_line *make_lines(struct arena *a, const struct image_source *i, struct names *names)
{
	struct image_line *lines = arena_alloc(a, (i->n_lines + 1) * sizeof(*lines));

	for (uint32_t n = 0; lines && n < i->n_lines; n++) {
		lines[n].bundle = i->lines[n].bundle;
		lines[n].insn = i->lines[n].insn;
		lines[n].line = i->lines[n].line;
		lines[n].col = i->lines[n].col;
		lines[n].file = add_name(names, i->lines[n].file);
		lines[n].text = add_name(names, i->lines[n].text);
	}
	return lines;
}

static struct image_program *make_programs(struct arena *a, const struct image_source *i, struct names *names)
{
	struct image_program *programs = arena_alloc(a, (i->n_programs + 1) * sizeof(*programs));

	for (uint32_t n = 0; programs && n < i->n_programs; n++) {
		programs[n].name = add_name(names, i->programs[n].name);
		programs[n].section = add_name(names, i->programs[n].section);
		programs[n].entry = i->programs[n].entry;
	}
	return programs;
}

static size_t round_up(size_t n)
{
	return (n + ALIGN - 1) & ~(size_t)(ALIGN - 1);
}

/* Lays the parts out behind the ELF header, the section headers last. */
static uint8_t *write_elf(struct arena *a, const struct part *part, size_t *size)
{
	struct elf_header head = {
		.ident = { 0x7f, 'E', 'L', 'F', ELF_CLASS_64, ELF_DATA_LITTLE, ELF_VERSION_1 }, .type = ELF_TYPE_EXEC,
		.version = ELF_VERSION_1, .ehsize = sizeof(head),
		.shentsize = sizeof(struct elf_section), .shnum = N_SECTIONS, .shstrndx = N_SECTIONS - 1,
	};
	struct elf_section sections[N_SECTIONS] = { { 0 } };
	size_t at = sizeof(head);
	uint32_t name = 1;
	uint8_t *bytes;

	for (int n = 1; n < N_SECTIONS; n++) {
		sections[n].name = name;
		sections[n].type = n == N_SECTIONS - 1 ? ELF_SECTION_STRTAB : ELF_SECTION_PROGBITS;
		sections[n].offset = at;
		sections[n].size = part[n].size;
		sections[n].addralign = ALIGN;
		sections[n].entsize = part[n].entsize;
		name += (uint32_t)strlen(part[n].name) + 1;
		at += round_up(part[n].size);
	}
	head.shoff = at;
	*size = at + sizeof(sections);
	bytes = arena_alloc(a, *size);
	if (!bytes)
		return NULL;
	memcpy(bytes, &head, sizeof(head));
	for (int n = 1; n < N_SECTIONS; n++)
		memcpy(bytes + sections[n].offset, part[n].bytes, part[n].size);
	memcpy(bytes + at, sections, sizeof(sections));
	return bytes;
}

int image_write(struct arena *a, const struct image_source *i, struct image_buf *out)
{
	static const char section_names[] = "\0.nicjit\0.text\0.maps\0.data\0.lines\0.programs\0.names\0.shstrtab";
	struct image_header head = {
		.magic = IMAGE_MAGIC, .version = IMAGE_VERSION, .lanes = (uint16_t)i->lanes, .n_bundles = i->n_bundles,
		.entry = i->entry, .n_maps = i->n_maps, .n_lines = i->n_lines, .map_words = i->map_words, .ext_words = i->ext_words,
		.n_insns = i->n_insns, .regs = (uint16_t)i->regs, .stack = (uint16_t)i->stack, .n_programs = i->n_programs,
	};
	struct image_program *programs;
	struct image_line *lines;
	struct names names;
	uint32_t data_size;
	uint8_t *data;

	if (start_names(&names, a, i))
		return -1;
	head.caps = caps_of(i);
	head.name = add_name(&names, i->name);
	head.section = add_name(&names, i->section);
	for (uint32_t n = 0; n < i->n_maps; n++)
		i->maps[n].name = add_name(&names, i->map_names[n]);
	data = gather_data(a, i, &data_size);
	lines = make_lines(a, i, &names);
	programs = make_programs(a, i, &names);
	if (!data || !lines || !programs)
		return -1;
	{
		struct part part[N_SECTIONS] = {
			{ "", NULL, 0, 0 },
			{ ".nicjit", &head, sizeof(head), 0 },
			{ ".text", i->words, (size_t)i->n_bundles * i->lanes * 8, i->lanes * 8 },
			{ ".maps", i->maps, i->n_maps * sizeof(*i->maps), sizeof(*i->maps) },
			{ ".data", data, data_size, 0 },
			{ ".lines", lines, i->n_lines * sizeof(*lines), sizeof(*lines) },
			{ ".programs", programs, i->n_programs * sizeof(*programs), sizeof(*programs) },
			{ ".names", names.text, names.size, 0 },
			{ ".shstrtab", section_names, sizeof(section_names), 0 },
		};
		uint32_t crc = ~0U;

		for (int n = 1; n < N_SECTIONS - 1; n++)
			crc = crc_add(crc, part[n].bytes, part[n].size);
		head.crc32 = ~crc;
		out->bytes = write_elf(a, part, &out->size);
	}
	return out->bytes ? 0 : -1;
}

/* ---- of compiled programs ---- */

static const struct prog_line *line_of(const struct prog *p, uint32_t insn)
{
	uint32_t lo = 0, hi = p->n_lines;

	while (lo < hi) { /* the first row after insn */
		uint32_t mid = (lo + hi) / 2;

		if (p->lines[mid].insn <= insn)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo ? &p->lines[lo - 1] : NULL;
}

static void add_lines(const struct compile *c, struct source_line *lines, uint32_t *n)
{
	const struct mach *m = &c->func->mach;

	for (uint32_t bundle = 0; bundle < m->n_bundles; bundle++) {
		const struct prog_line *line = m->insn[bundle] == NO_INSN ? NULL : line_of(c->source, m->insn[bundle]);

		if (!line)
			continue;
		lines[*n].bundle = c->base + bundle;
		lines[*n].insn = m->insn[bundle];
		lines[*n].file = line->file;
		lines[*n].text = line->text;
		lines[*n].line = line->line;
		lines[(*n)++].col = line->col;
	}
}

/* PROG_ARRAY: where its programs begin, as words. */
static const uint8_t *first_bundles(const struct compile *c, const uint32_t *programs, uint32_t n_slots)
{
	uint64_t *slot = arena_alloc(c->arena, n_slots * sizeof(*slot));

	for (uint32_t n = 0; slot && n < n_slots; n++)
		if (programs[n])
			slot[n] = c[programs[n] - 1].base + 1;
	return (const uint8_t *)slot;
}

static const uint8_t *map_numbers(const struct compile *c, const uint32_t *maps, uint32_t n_slots)
{
	uint64_t *slot = arena_alloc(c->arena, n_slots * sizeof(*slot));

	for (uint32_t n = 0; slot && n < n_slots; n++)
		slot[n] = maps[n];
	return (const uint8_t *)slot;
}

static const uint8_t *tick_slots(const struct compile *c)
{
	uint64_t *slot = arena_alloc(c->arena, TICKS_MAX * sizeof(*slot));

	if (slot)
		timer_slots(c, slot, TICKS_MAX);
	return (const uint8_t *)slot;
}

static int find_maps(struct compile *c, struct image_source *i)
{
	const struct prog *p = c->prog;
	const char **names = arena_alloc(c->arena, (p->n_maps + 1) * sizeof(*names));
	const uint8_t **init = arena_alloc(c->arena, (p->n_maps + 1) * sizeof(*init));
	uint32_t *size = arena_alloc(c->arena, (p->n_maps + 1) * sizeof(*size));

	if (!names || !init || !size)
		return -1;
	for (uint32_t n = 0; n < p->n_maps; n++) {
		const struct prog_map *m = &p->maps[n];
		const uint32_t *programs = p->slots ? p->slots[n] : NULL;

		names[n] = m->name;
		init[n] = !programs ? m->init : m->inner ? map_numbers(c, programs, m->max_entries) : first_bundles(c, programs, m->max_entries);
		size[n] = programs ? 8 * m->max_entries : m->init_size;
		if ((int)n == map_named(p, TICKS)) {
			init[n] = tick_slots(c);
			size[n] = 8 * TICKS_MAX;
		}
	}
	i->maps = c->maps;
	i->n_maps = p->n_maps;
	i->map_names = names;
	i->map_init = init;
	i->map_init_size = size;
	return c->arena->failed ? -1 : 0;
}

static uint32_t count_ops(const uint64_t *words, size_t n)
{
	uint32_t ops = 0;

	while (n--)
		ops += words[n] >> 56 != OP_NOP;
	return ops;
}

/* The first bundle of an image with tail calls: none has been made. */
static void write_head(const struct compile *c, uint64_t *words)
{
	struct isa_word store = { .op = OP_ST, .a = SR_FP, .has_imm = 1, .width = 4, .off = -EBPF_STACK_BYTES }, nop = { .op = OP_NOP };

	for (uint32_t lane = 0; lane < c->target->lanes; lane++)
		words[lane] = isa_encode(lane + 1 == c->target->lanes ? &store : &nop);
}

static void add_program(const struct compile *c, struct image_source *i, uint64_t *words)
{
	const struct mach *m = &c->func->mach;
	uint32_t stack = c->stack_used + m->spill_bytes;

	memcpy(words + (size_t)c->base * i->lanes, m->words, (size_t)m->n_bundles * i->lanes * sizeof(*words));
	i->n_insns += c->source->n_insns;
	i->regs = i->regs < m->regs ? m->regs : i->regs;
	i->stack = i->stack < stack ? stack : i->stack;
}

int image_run(struct compile *c, struct image_buf *out)
{
	uint32_t n = c->image->n_programs, n_bundles = c[n - 1].base + c[n - 1].func->mach.n_bundles;
	uint64_t *words = arena_alloc(c->arena, (size_t)n_bundles * c->target->lanes * sizeof(*words));
	struct source_line *lines = arena_alloc(c->arena, (n_bundles + 1) * sizeof(*lines));
	struct source_program *programs = arena_alloc(c->arena, n * sizeof(*programs));
	struct image_source i = {
		.name = c->prog->name ? c->prog->name : "", .section = c->prog->section ? c->prog->section : "",
		.words = words, .lanes = c->target->lanes, .n_bundles = n_bundles, .map_words = c->map_words, .ext_words = c->ext_words, .lines = lines,
		.programs = programs, .n_programs = has_tail_calls(c) ? n : 0,
	};

	if (!words || !lines || !programs || find_maps(c, &i))
		return -1;
	if (has_tail_calls(c))
		write_head(c, words);
	for (uint32_t k = 0; k < n; k++) {
		add_program(&c[k], &i, words);
		add_lines(&c[k], lines, &i.n_lines);
		programs[k] = (struct source_program){ c[k].prog->name, c[k].prog->section, c[k].base };
	}
	if (has_tail_calls(c))
		i.stack = EBPF_STACK_BYTES;
	out->bundles = n_bundles;
	out->ops = count_ops(words, (size_t)n_bundles * i.lanes);
	out->regs = i.regs;
	out->stack = i.stack;
	return image_write(c->arena, &i, out);
}
