// SPDX-License-Identifier: Apache-2.0
#include "assemble.h"
#include "driver/common/image.h"
#include "image_write.h"

enum { BUNDLE_TEXT_MIN = 2 }; /* "{}" */

struct assemble {
	struct arena arena;
	struct asm_error *e;
	int line;
	uint32_t lanes, entry, stack;
	const char *name, *section;
	struct prog_map *maps;
	struct image_map *places; /* of the first n_places maps; all or none */
	uint32_t n_places;
	uint8_t **data;       /* per map, room for one value or all the text can say */
	size_t length;        /* of the text */
	uint32_t n_maps;
	struct source_program *programs;
	uint32_t n_programs;
};

static int fail(struct assemble *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static int fail(struct assemble *s, const char *fmt, ...)
{
	va_list ap;

	s->e->line = s->line;
	va_start(ap, fmt);
	text_vformat(s->e->text, sizeof(s->e->text), fmt, ap);
	va_end(ap);
	return -1;
}

/* ---- words of a line ---- */

static int is_space(char ch)
{
	return ch == ' ' || ch == '\t' || ch == '\r';
}

/* The next word of the line, cut off with a NUL; NULL at its end or at a comment. */
static char *next_word(char **at)
{
	char *word;

	while (is_space(**at))
		++*at;
	if (!**at || **at == ';')
		return NULL;
	word = *at;
	while (**at && !is_space(**at))
		++*at;
	if (**at)
		*(*at)++ = 0;
	return word;
}

static int read_number(struct assemble *s, char **at, const char *what, uint32_t max, uint32_t *value)
{
	const char *word = next_word(at);
	uint64_t n = 0;

	if (!word)
		return fail(s, "%s is missing", what);
	for (const char *p = word; *p; p++) {
		if (*p < '0' || *p > '9' || n > max)
			return fail(s, "%s must be a number up to %u, not %s", what, max, word);
		n = 10 * n + (uint64_t)(*p - '0');
	}
	if (n > max)
		return fail(s, "%s must be a number up to %u, not %s", what, max, word);
	*value = (uint32_t)n;
	return 0;
}

static int read_name(struct assemble *s, char **at, const char *what, const char **name)
{
	*name = next_word(at);
	return *name ? 0 : fail(s, "%s is missing", what);
}

/* ---- directives ---- */

/* Map types by the name they have here; 0 behind the last. */
static const struct { const char *name; uint32_t type; } map_types[] = {
	{ "array", MAP_TYPE_ARRAY }, { "hash", MAP_TYPE_HASH }, { "percpu_array", MAP_TYPE_PERCPU_ARRAY },
	{ "percpu_hash", MAP_TYPE_PERCPU_HASH }, { "perf_event_array", MAP_TYPE_PERF_EVENT_ARRAY }, { "ringbuf", MAP_TYPE_RINGBUF },
	{ "log", MAP_TYPE_LOG }, { "lru_hash", MAP_TYPE_LRU_HASH }, { "lru_percpu_hash", MAP_TYPE_LRU_PERCPU_HASH },
	{ "lpm_trie", MAP_TYPE_LPM_TRIE }, { "prefixes", MAP_TYPE_PREFIXES }, { "queue", MAP_TYPE_QUEUE }, { "stack", MAP_TYPE_STACK }, { "bloom_filter", MAP_TYPE_BLOOM_FILTER },
	{ "prog_array", MAP_TYPE_PROG_ARRAY }, { "devmap", MAP_TYPE_DEVMAP }, { "devmap_hash", MAP_TYPE_DEVMAP_HASH },
	{ "cpumap", MAP_TYPE_CPUMAP }, { "xskmap", MAP_TYPE_XSKMAP }, { "array_of_maps", MAP_TYPE_ARRAY_OF_MAPS }, { "hash_of_maps", MAP_TYPE_HASH_OF_MAPS },
};
enum { N_MAP_TYPES = sizeof(map_types) / sizeof(*map_types) };

static uint32_t map_type_of(const char *name)
{
	for (unsigned int n = 0; n < N_MAP_TYPES; n++)
		if (!strcmp(map_types[n].name, name))
			return map_types[n].type;
	return 0;
}

static const char *map_type_text(uint32_t type)
{
	for (unsigned int n = 0; n < N_MAP_TYPES; n++)
		if (map_types[n].type == type)
			return map_types[n].name;
	return "?";
}

static int read_map(struct assemble *s, char **at)
{
	struct prog_map *m = &s->maps[s->n_maps];
	const char *type;

	if (s->n_maps == IMAGE_MAPS_MAX)
		return fail(s, "there are more than %d maps", (int)IMAGE_MAPS_MAX);
	if (read_name(s, at, "the map's name", &m->name) || read_name(s, at, "the map's type", &type))
		return -1;
	m->type = map_type_of(type);
	if (!m->type)
		return fail(s, "%s is no type of map", type);
	if (read_number(s, at, "the key's size", 1024, &m->key_size) ||
	    read_number(s, at, "the value's size", 1 << 20, &m->value_size) ||
	    read_number(s, at, "the number of entries", 1 << 24, &m->max_entries) ||
	    read_number(s, at, "the flags", UINT32_MAX, &m->flags))
		return -1;
	if (!image_map_is_ring(m->type) && ((!m->key_size && !image_map_is_queue(m->type)) || !m->value_size || !m->max_entries))
		return fail(s, "a map's sizes are at least 1");
	s->n_maps++;
	return 0;
}

/* Members of struct image_map that the sizes alone do not tell, in the order of .place. */
static const struct { const char *name; size_t at; } place_members[] = {
	{ "buckets", offsetof(struct image_map, buckets) }, { "n_buckets", offsetof(struct image_map, n_buckets) },
	{ "values", offsetof(struct image_map, values) }, { "limit", offsetof(struct image_map, limit) },
	{ "stride", offsetof(struct image_map, stride) }, { "seed", offsetof(struct image_map, seed) },
	{ "plane", offsetof(struct image_map, plane) }, { "cpus", offsetof(struct image_map, cpus) },
	{ "lock", offsetof(struct image_map, lock) }, { "timer", offsetof(struct image_map, timer) },
	{ "inner", offsetof(struct image_map, inner) },
};
enum { N_PLACE_MEMBERS = sizeof(place_members) / sizeof(*place_members) };

static uint32_t *place_member(struct image_map *m, unsigned int n)
{
	return (uint32_t *)(void *)((uint8_t *)m + place_members[n].at);
}

static int read_place(struct assemble *s, char **at)
{
	struct image_map *place = &s->places[s->n_places];
	const struct prog_map *m = s->maps + s->n_places;

	if (s->n_places + 1 != s->n_maps)
		return fail(s, "there is no map above for the place, or one without");
	*place = (struct image_map){ .type = m->type, .key_size = m->key_size, .value_size = m->value_size, .max_entries = m->max_entries, .flags = m->flags };
	for (unsigned int n = 0; n < N_PLACE_MEMBERS; n++)
		if (read_number(s, at, place_members[n].name, UINT32_MAX, place_member(place, n)))
			return -1;
	s->n_places++;
	return 0;
}

static int hex_digit(char ch)
{
	return ch >= '0' && ch <= '9' ? ch - '0' : ch >= 'a' && ch <= 'f' ? ch - 'a' + 10 : -1;
}

/* Bytes of initial data that a map may have. */
static uint64_t data_room(const struct prog_map *m)
{
	return m->type == MAP_TYPE_PROG_ARRAY ? 8ULL * m->max_entries : m->type == MAP_TYPE_ARRAY ? m->value_size : 0;
}

static int read_data(struct assemble *s, char **at)
{
	struct prog_map *m = s->n_maps ? &s->maps[s->n_maps - 1] : NULL;
	const char *word = next_word(at);

	if (!m || !data_room(m))
		return fail(s, "there is no array map above for the data");
	if (!s->data[s->n_maps - 1])
		s->data[s->n_maps - 1] = arena_alloc(&s->arena, data_room(m) < s->length ? (size_t)data_room(m) : s->length);
	m->init = s->data[s->n_maps - 1];
	if (!m->init)
		return fail(s, "out of memory");
	for (; word && *word; word += 2) {
		int high = hex_digit(word[0]), low = high < 0 ? -1 : hex_digit(word[1]);

		if (low < 0)
			return fail(s, "data must be pairs of hexadecimal digits");
		if (m->init_size == data_room(m))
			return fail(s, "there is more data than the %u bytes of the map's value", (unsigned int)data_room(m));
		s->data[s->n_maps - 1][m->init_size++] = (uint8_t)(high << 4 | low);
	}
	return 0;
}

/* A program that tail calls lead to. */
static int read_tail(struct assemble *s, char **at)
{
	struct source_program *p;

	if (!s->programs)
		s->programs = arena_alloc(&s->arena, IMAGE_PROGRAMS_MAX * sizeof(*s->programs));
	if (!s->programs)
		return fail(s, "out of memory");
	if (s->n_programs == IMAGE_PROGRAMS_MAX)
		return fail(s, "there are more than %d programs", (int)IMAGE_PROGRAMS_MAX);
	p = &s->programs[s->n_programs];
	if (read_name(s, at, "the program's name", &p->name) || read_name(s, at, "the program's section", &p->section) ||
	    read_number(s, at, "the program's entry", 8191, &p->entry))
		return -1;
	s->n_programs++;
	return 0;
}

static int read_directive(struct assemble *s, char *at)
{
	const char *word = next_word(&at);
	int result;

	if (!strcmp(word, ".lanes"))
		result = read_number(s, &at, "the number of lanes", ISA_LANES_MAX, &s->lanes);
	else if (!strcmp(word, ".entry"))
		result = read_number(s, &at, "the entry", 8191, &s->entry);
	else if (!strcmp(word, ".stack"))
		result = read_number(s, &at, "the stack", IMAGE_STACK_BYTES, &s->stack);
	else if (!strcmp(word, ".program"))
		result = read_name(s, &at, "the program's name", &s->name) ||
			 read_name(s, &at, "the program's section", &s->section) ? -1 : 0;
	else if (!strcmp(word, ".tail"))
		result = read_tail(s, &at);
	else if (!strcmp(word, ".map"))
		result = read_map(s, &at);
	else if (!strcmp(word, ".place"))
		result = read_place(s, &at);
	else if (!strcmp(word, ".data"))
		result = read_data(s, &at);
	else
		return fail(s, "there is no directive %s", word);
	word = result ? NULL : next_word(&at);
	if (word)
		return fail(s, "%s is too much", word);
	if (!result && !s->lanes)
		return fail(s, "the number of lanes must be 1 to %d", (int)ISA_LANES_MAX);
	return result;
}

/* Reads the directives out of the text, and blanks them so that lines keep their numbers. */
static int read_directives(struct assemble *s, char *text)
{
	char *next;

	for (s->line = 1; *text; text = next, s->line++) {
		char *first = text, *line;
		size_t length = 0;

		while (text[length] && text[length] != '\n')
			length++;
		next = text + length + (text[length] == '\n');
		while (is_space(*first))
			first++;
		if (*first != '.')
			continue;
		line = arena_alloc(&s->arena, length + 1);
		if (!line)
			return fail(s, "out of memory");
		memcpy(line, text, length);
		memset(text, ' ', length);
		if (read_directive(s, line))
			return -1;
	}
	s->line = 0;
	return 0;
}

/* ---- the image ---- */

static uint32_t registers_of(const uint64_t *words, size_t n)
{
	uint32_t regs = 0;

	for (size_t k = 0; k < n; k++) {
		struct isa_word w;
		uint8_t src[3];
		int n_src;

		if (isa_decode(words[k], &w))
			continue;
		if (isa_lookup(w.op)->result == RESULT_NEXT && regs <= w.dst)
			regs = w.dst + 1U;
		n_src = isa_sources(&w, src);
		for (int j = 0; j < n_src; j++)
			if (src[j] < ISA_LANES_MAX * ISA_REGS_MAX && regs <= (src[j] & 15U))
				regs = (src[j] & 15U) + 1;
	}
	return regs;
}

/* Words up to the end of the last map of the part of map memory from there on. */
static uint32_t words_from(const struct assemble *s, uint32_t start)
{
	uint32_t words = start ? 0 : 1;

	for (uint32_t n = 0; n < s->n_maps; n++) {
		const struct image_map *m = &s->places[n];

		if ((m->limit >= IMAGE_EXT) == (start >= IMAGE_EXT) && (m->limit - start) / 8 > words)
			words = (m->limit - start) / 8;
	}
	return words;
}

/* Where the text says, or where a compile would put them. */
static int place_maps(struct assemble *s, struct image_source *i)
{
	struct prog prog = { .maps = s->maps, .n_maps = s->n_maps };
	struct diag diag = { .insn = -1 };
	struct compile c = { .arena = &s->arena, .prog = &prog, .target = &target_default, .diag = &diag, .maps = s->places };

	if (s->n_places && s->n_places != s->n_maps)
		return fail(s, "some maps have a place and others have none");
	if (s->n_places) {
		c.map_words = words_from(s, 0);
		c.ext_words = words_from(s, IMAGE_EXT);
	} else if (layout_run(&c)) {
		return fail(s, "%s", diag.text[0] ? diag.text : "out of memory");
	}
	i->maps = c.maps;
	i->map_words = c.map_words;
	i->ext_words = c.ext_words;
	return 0;
}

static int make_image(struct assemble *s, const uint64_t *words, uint32_t n_bundles, struct image_buf *out)
{
	const char **names = arena_alloc(&s->arena, IMAGE_MAPS_MAX * sizeof(*names));
	const uint8_t **init = arena_alloc(&s->arena, IMAGE_MAPS_MAX * sizeof(*init));
	uint32_t *init_size = arena_alloc(&s->arena, IMAGE_MAPS_MAX * sizeof(*init_size));
	struct image_source i = {
		.name = s->name, .section = s->section, .words = words, .lanes = s->lanes, .n_bundles = n_bundles,
		.entry = s->entry, .regs = registers_of(words, (size_t)n_bundles * s->lanes), .stack = s->stack,
		.n_maps = s->n_maps, .map_names = names, .map_init = init, .map_init_size = init_size,
		.programs = s->programs, .n_programs = s->n_programs,
	};
	struct image image;
	const char *wrong;

	if (s->arena.failed)
		return fail(s, "out of memory");
	if (place_maps(s, &i))
		return -1;
	for (uint32_t n = 0; n < s->n_maps; n++) {
		names[n] = s->maps[n].name;
		init[n] = s->maps[n].init;
		init_size[n] = s->maps[n].init_size;
	}
	out->bundles = n_bundles;
	out->regs = i.regs;
	out->stack = i.stack;
	for (size_t n = 0; n < (size_t)n_bundles * s->lanes; n++)
		out->ops += words[n] >> 56 != OP_NOP;
	if (image_write(&s->arena, &i, out))
		return fail(s, "out of memory");
	wrong = image_parse(out->bytes, out->size, &image);
	return wrong ? fail(s, "%s", wrong) : 0;
}

int assemble_image(char *text, void *mem, size_t mem_size, struct image_buf *out, struct asm_error *e)
{
	struct assemble s = { .e = e, .lanes = target_default.lanes, .name = "", .section = "", .length = strlen(text) };
	size_t max_bundles = s.length / BUNDLE_TEXT_MIN + 1;
	uint64_t *words;
	int n_bundles;

	memset(e, 0, sizeof(*e));
	memset(out, 0, sizeof(*out));
	arena_init(&s.arena, mem, mem_size);
	s.maps = arena_alloc(&s.arena, (IMAGE_MAPS_MAX + 1) * sizeof(*s.maps));
	s.places = arena_alloc(&s.arena, (IMAGE_MAPS_MAX + 1) * sizeof(*s.places));
	s.data = arena_alloc(&s.arena, (IMAGE_MAPS_MAX + 1) * sizeof(*s.data));
	if (!s.maps || !s.places || !s.data)
		return fail(&s, "out of memory");
	if (read_directives(&s, text))
		return -1;
	words = arena_alloc(&s.arena, max_bundles * s.lanes * sizeof(*words));
	if (!words)
		return fail(&s, "out of memory");
	n_bundles = asm_read(text, (int)s.lanes, words, max_bundles, e);
	if (n_bundles < 0)
		return -1;
	if (!n_bundles)
		return fail(&s, "there is no bundle in the text");
	return make_image(&s, words, (uint32_t)n_bundles, out);
}

size_t assemble_mem_size(size_t length)
{
	/* words and their copy in the image, four lanes of a bundle to two characters; initial data of all maps, also twice */
	return (1 << 20) + 2 * (16 + IMAGE_MAPS_MAX) * length;
}

/* ---- printing ---- */

struct printer { void (*write)(void *arg, const char *text, size_t n); void *arg; };

static void print(const struct printer *p, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void print(const struct printer *p, const char *fmt, ...)
{
	char text[ASM_BUNDLE_TEXT];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = text_vformat(text, sizeof(text), fmt, ap);
	va_end(ap);
	p->write(p->arg, text, (size_t)n < sizeof(text) ? (size_t)n : sizeof(text) - 1);
}

static void print_maps(const struct printer *p, const struct image *i)
{
	enum { PER_LINE = 32 };

	for (uint32_t n = 0; n < i->header->n_maps; n++) {
		const struct image_map *m = &i->maps[n];
		struct image_map place = *m;

		print(p, ".map %s %s %u %u %u %u\n.place", image_string(i, m->name), map_type_text(m->type),
		      m->key_size, m->value_size, m->max_entries, m->flags);
		for (unsigned int k = 0; k < N_PLACE_MEMBERS; k++)
			print(p, " %u", *place_member(&place, k));
		print(p, "\n");
		for (uint32_t k = 0; k < m->data_size; k++)
			print(p, "%s%02x%s", k % PER_LINE ? "" : ".data ", i->data[m->data_off + k],
			      k % PER_LINE == PER_LINE - 1 || k + 1 == m->data_size ? "\n" : "");
	}
}

void assemble_print(const struct image *i, void (*write)(void *arg, const char *text, size_t n), void *arg)
{
	const struct printer p = { write, arg };
	const struct image_line *before = NULL;
	char text[ASM_BUNDLE_TEXT];

	print(&p, ".lanes %u\n.entry %u\n.stack %u\n", i->header->lanes, i->header->entry, i->header->stack);
	if (i->header->name && i->header->section)
		print(&p, ".program %s %s\n", image_string(i, i->header->name), image_string(i, i->header->section));
	for (uint32_t n = 0; n < i->header->n_programs; n++)
		print(&p, ".tail %s %s %u\n", image_string(i, i->programs[n].name), image_string(i, i->programs[n].section), i->programs[n].entry);
	print_maps(&p, i);
	for (uint32_t n = 0; n < i->header->n_bundles; n++) {
		const struct image_line *line = image_line(i, n);

		if (line && (!before || line->line != before->line || line->file != before->file))
			print(&p, "; %s:%u: %s\n", image_string(i, line->file), line->line, image_string(i, line->text));
		before = line;
		disasm_bundle(text, sizeof(text), n, i->text + (size_t)n * i->header->lanes, i->header->lanes);
		print(&p, "%s\n", text);
	}
}
