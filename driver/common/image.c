// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
#include "image.h"

#include "hw/spec/image_elf.h"
#include "hw/spec/isa.h"
#include "hw/spec/regs.h"

/* The sections in their order; index 0 is ELF's empty one. */
enum { S_HEADER = 1, S_TEXT, S_MAPS, S_DATA, S_LINES, S_PROGRAMS, S_NAMES, S_SHSTRTAB, SECTIONS };
static const char *const section_names[SECTIONS] = {
	"", ".nicjit", ".text", ".maps", ".data", ".lines", ".programs", ".names", ".shstrtab"
};

struct view {
	const uint8_t *bytes;
	size_t size;
};

/* The one bounds check: NULL when [offset, offset + size) is not inside. */
static const void *inside(const struct view *v, uint64_t offset, uint64_t size)
{
	return offset <= v->size && size <= v->size - offset ? v->bytes + offset : NULL;
}

uint32_t image_crc32(uint32_t crc, const void *bytes, size_t size)
{
	const uint8_t *p = bytes;

	crc = ~crc;
	while (size--) {
		crc ^= *p++;
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
	}
	return ~crc;
}

static int same(const char *a, const char *b)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}
	return *a == *b;
}

static const char *check_elf(const struct elf_header *e)
{
	const uint8_t *id = e->ident;

	if (id[0] != 0x7f || id[1] != 'E' || id[2] != 'L' || id[3] != 'F' ||
	    id[4] != ELF_CLASS_64 || id[5] != ELF_DATA_LITTLE)
		return "not a firmware image: it is not a little-endian ELF64 file";
	if (e->type != ELF_TYPE_EXEC || e->machine != ELF_MACHINE_NONE || e->shnum != SECTIONS ||
	    e->shstrndx != S_SHSTRTAB || e->shentsize != sizeof(struct elf_section) || e->shoff % 8)
		return "not a firmware image: an ELF file of another kind";
	return NULL;
}

static const char *find_sections(const struct view *file, struct view sections[SECTIONS])
{
	const struct elf_header *e = inside(file, 0, sizeof(*e));
	const char *why = e ? check_elf(e) : "the file is too short to be a firmware image";
	const struct elf_section *sh;
	struct view names;

	if (why)
		return why;
	sh = inside(file, e->shoff, SECTIONS * sizeof(*sh));
	if (!sh)
		return "the section table lies outside the file";
	for (int i = 1; i < SECTIONS; i++) {
		sections[i].bytes = inside(file, sh[i].offset, sh[i].size);
		sections[i].size = sh[i].size;
		if (!sections[i].bytes)
			return "a section lies outside the file";
		if (sh[i].offset % 8)
			return "a section is not aligned to 8 bytes";
	}
	names = sections[S_SHSTRTAB];
	if (!names.size || names.bytes[names.size - 1])
		return "the section names are not terminated";
	for (int i = 1; i < SECTIONS; i++) {
		if (sh[i].name >= names.size ||
		    !same((const char *)names.bytes + sh[i].name, section_names[i]))
			return "not a firmware image: its sections are not the ones of an image";
	}
	return NULL;
}

static const char *check_sizes(const struct image_header *h, const struct view *s)
{
	if (!h->n_bundles || s[S_TEXT].size != (uint64_t)h->n_bundles * h->lanes * sizeof(uint64_t))
		return "the size of .text does not fit the header";
	if (h->n_maps > IMAGE_MAPS_MAX ||
	    s[S_MAPS].size != (uint64_t)h->n_maps * sizeof(struct image_map))
		return "the size of .maps does not fit the header";
	if (s[S_LINES].size != (uint64_t)h->n_lines * sizeof(struct image_line))
		return "the size of .lines does not fit the header";
	if (h->n_programs > IMAGE_PROGRAMS_MAX || s[S_PROGRAMS].size != (uint64_t)h->n_programs * sizeof(struct image_program))
		return "the size of .programs does not fit the header";
	if (!s[S_NAMES].size || s[S_NAMES].bytes[0] || s[S_NAMES].bytes[s[S_NAMES].size - 1])
		return "the strings in .names are not terminated";
	return NULL;
}

static const char *check_header(const struct image_header *h, const struct view *s)
{
	const char *why;

	if (h->magic != IMAGE_MAGIC)
		return "not a firmware image: bad magic";
	if (h->version != IMAGE_VERSION)
		return "the image has a version that this software does not know";
	if (!h->lanes || h->lanes > ISA_LANES_MAX)
		return "the number of lanes is not in 1..4";
	why = check_sizes(h, s);
	if (why)
		return why;
	if (h->caps & ~(uint32_t)IMAGE_CAPS)
		return "the image needs something that this software does not know";
	if (h->ext_words > IMAGE_EXT_WORDS_MAX || h->map_words > IMAGE_EXT / 8)
		return "the header asks for more map memory than there can be";
	if (h->name >= s[S_NAMES].size || h->section >= s[S_NAMES].size)
		return "the program's name lies outside .names";
	if (h->entry >= h->n_bundles)
		return "the entry lies outside the code";
	if (h->regs > ISA_REGS_MAX || h->stack > IMAGE_STACK_BYTES)
		return "the header asks for more registers or stack than there can be";
	return NULL;
}

static const char *check_crc(const struct image_header *h, const struct view *s)
{
	struct image_header blank = *h;
	uint32_t crc;

	blank.crc32 = 0;
	crc = image_crc32(0, &blank, sizeof(blank));
	for (int i = S_TEXT; i <= S_NAMES; i++)
		crc = image_crc32(crc, s[i].bytes, s[i].size);
#ifdef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION
	crc = h->crc32; /* or nothing a fuzzer makes up would get past here */
#endif
	return crc == h->crc32 ? NULL : "the checksum is wrong: the image is damaged";
}

static int has_field(const struct isa_info *info, char letter)
{
	const char *l = info->fields;

	while (*l && *l != letter)
		l++;
	return *l == letter;
}

static int registers_exist(const struct image_header *h, const struct isa_word *w)
{
	uint8_t src[3];
	int n = isa_sources(w, src);

	for (int i = 0; i < n; i++) {
		if (src[i] < ISA_LANES_MAX * ISA_REGS_MAX &&
		    (src[i] / ISA_REGS_MAX >= h->lanes || src[i] % ISA_REGS_MAX >= h->regs))
			return 0;
	}
	return !has_field(isa_lookup(w->op), 'd') || w->dst < h->regs;
}

static const char *check_word(const struct image_header *h, uint64_t bits, int lane, int *leaves)
{
	const struct isa_info *info;
	struct isa_word w;

	if (isa_decode(bits, &w))
		return "the code has a word that is no instruction";
	info = isa_lookup(w.op);
	if (!isa_slot_allows(info->slot, lane, h->lanes))
		return "the code has an instruction in a lane that can't run it";
	if (has_field(info, 't') && w.target >= h->n_bundles)
		return "the code has a branch out of the code";
	if (has_field(info, 'm') && w.map >= h->n_maps && w.map != NIC_MAP_SELECTED)
		return "the code uses a map that the image does not have";
	if (!registers_exist(h, &w))
		return "the code uses more registers than the header says";
	*leaves |= w.op == OP_JMP || w.op == OP_JMPR || w.op == OP_EXIT;
	return NULL;
}

static const char *check_code(const struct image *image)
{
	const struct image_header *h = image->header;
	const uint64_t *word = image->text;
	int leaves = 0; /* it has a jump or exit; cancelled or not, control does not go on */

	for (uint32_t bundle = 0; bundle < h->n_bundles; bundle++) {
		leaves = 0;
		for (int lane = 0; lane < h->lanes; lane++) {
			const char *why = check_word(h, *word++, lane, &leaves);

			if (why)
				return why;
		}
	}
	return leaves ? NULL : "the code can run past its end";
}

static uint64_t round8(uint64_t n)
{
	return (n + 7) & ~(uint64_t)7;
}

static int is_outside(const struct image_map *m)
{
	return m->values >= IMAGE_EXT;
}

/* Map memory from start to end is that of the chip, or that outside it. */
static uint64_t start_of(const struct image_map *m)
{
	return is_outside(m) ? IMAGE_EXT : 8;
}

static uint64_t end_of(const struct image *image, const struct image_map *m)
{
	return is_outside(m) ? IMAGE_EXT + (uint64_t)image->header->ext_words * 8 : (uint64_t)image->header->map_words * 8;
}

/* Entries have a head and a key. */
static uint64_t stride_of(const struct image_map *m, int entries)
{
	uint64_t bytes = 8 + round8(m->key_size) + round8(m->value_size);

	if (!entries)
		return image_array_stride(m->type, m->value_size, m->max_entries);
	return is_outside(m) ? (bytes + IMAGE_EXT_ENTRY - 1) / IMAGE_EXT_ENTRY * IMAGE_EXT_ENTRY : bytes;
}

static const char *check_hash(const struct image_map *m, uint64_t end)
{
	if (m->key_size > NIC_KEY_BYTES)
		return "a hash map's key is too long";
	if (m->type == IMAGE_MAP_PREFIXES && m->key_size <= 4)
		return "a map of prefixes has keys without data";
	if (m->n_buckets < m->max_entries || m->n_buckets & (m->n_buckets - 1))
		return "a hash map's number of buckets is wrong";
	if (m->buckets % 8 || m->buckets < start_of(m) || m->buckets + (uint64_t)m->n_buckets * 8 > end)
		return "a hash map's buckets do not fit";
	if (is_outside(m) && m->values % IMAGE_EXT_ENTRY)
		return "a hash map's entries outside the chip are misaligned";
	return NULL;
}

static const char *check_ring(const struct image_map *m, uint64_t end)
{
	if (m->stride < 8 || m->stride & (m->stride - 1) || m->stride > UINT32_MAX / 4)
		return "the size of a ring is no power of two";
	if (m->values % 8 || m->values < 8 || m->limit > end || m->limit < m->values || m->limit - m->values != RING_RECORDS + 2 * m->stride)
		return "a map's place does not fit its entries";
	if (m->cpus != 1 || m->plane || m->buckets || m->n_buckets || m->data_off || m->data_size)
		return "a ring has members of other maps";
	return NULL;
}

static const char *check_bloom(const struct image_map *m, uint64_t end)
{
	uint32_t words;

	if (m->values % 8 || m->values < 8 || m->limit > end || m->limit < m->values || m->limit - m->values <= QUEUE_ELEMENTS)
		return "a map's place does not fit its entries";
	words = image_map_bloom_words(m);
	if ((m->limit - m->values) % 8 || words & (words - 1) || !m->stride || m->stride > 15)
		return "a bloom filter's number of bits or hash functions is wrong";
	return m->cpus != 1 || m->plane || m->buckets || m->n_buckets || m->data_off || m->data_size ? "a bloom filter has members of other maps" : NULL;
}

static const char *check_queue(const struct image_map *m, uint64_t end)
{
	uint64_t elements = (uint64_t)m->max_entries + 1;

	if (m->key_size || !m->value_size || !m->max_entries)
		return "a queue has keys, or no values or entries";
	if (m->type == IMAGE_MAP_BLOOM_FILTER)
		return check_bloom(m, end);
	if (m->stride != round8(m->value_size) || m->values % 8 || m->values < 8 || m->limit > end || m->limit < m->values ||
	    m->limit - m->values != QUEUE_ELEMENTS + m->stride * elements)
		return "a map's place does not fit its entries";
	if (m->cpus != 1 || m->plane || m->buckets || m->n_buckets || m->data_off || m->data_size)
		return "a queue has members of other maps";
	return NULL;
}

static const char *check_trie(const struct image_map *m, uint64_t end)
{
	uint64_t nodes = 2 * (uint64_t)m->max_entries;

	if (m->key_size <= 4 || m->key_size > NIC_LOOK_BYTES || !m->value_size || !m->max_entries)
		return "a trie's keys are too short or too long, or it has no values or entries";
	if (m->seed > 16 || m->n_buckets != 1u << m->seed || m->buckets % 8 || m->buckets < start_of(m) ||
	    m->buckets + 8 * ((uint64_t)m->n_buckets + 1) > m->values)
		return "a trie's root words do not fit";
	if (m->stride != stride_of(m, 1) || m->values % (is_outside(m) ? IMAGE_EXT_ENTRY : 8) || m->limit > end || m->limit < m->values ||
	    m->limit - m->values != m->stride * nodes)
		return "a map's place does not fit its entries";
	if (m->cpus != 1 || m->plane || m->data_off || m->data_size)
		return "a trie has members of other maps";
	return NULL;
}

/* Programs a PROG_ARRAY begins with. */
static const char *check_slots(const struct image *image, const struct image_map *m)
{
	const uint64_t *slot = (const uint64_t *)(const void *)(image->data + m->data_off);

	if (m->data_off % 8 || m->data_size % 8)
		return "a map's initial programs are not whole";
	for (uint32_t i = 0; i < m->data_size / 8; i++)
		if (slot[i] > image->header->n_bundles)
			return "a map's initial program begins outside the code";
	return NULL;
}

static const char *check_inner(const struct image *image, const struct image_map *m)
{
	const uint64_t *slot = (const uint64_t *)(const void *)(image->data + m->data_off);

	if (m->inner > image->header->n_maps || (m->inner && !image_map_has_maps(m->type)))
		return "a map has maps that the image does not have";
	if (!image_map_has_maps(m->type))
		return NULL;
	if (m->data_off % 8 || m->data_size % 8 || (m->data_size && m->type == IMAGE_MAP_HASH_OF_MAPS && m->key_size != 4))
		return "a map's initial maps are not whole";
	for (uint32_t i = 0; i < m->data_size / 8; i++)
		if (slot[i] > image->header->n_maps)
			return "a map's initial map is not in the image";
	return NULL;
}

static int lock_fits(const struct image_map *m)
{
	if (m->type != IMAGE_MAP_HASH && m->type != IMAGE_MAP_ARRAY)
		return !m->lock;
	return !m->lock || ((m->lock - 1) % 4 == 0 && m->value_size >= 4 && m->lock - 1 <= m->value_size - 4);
}

static int timer_fits(const struct image_map *m)
{
	uint32_t at = m->timer - 1;

	if (!m->timer)
		return 1;
	return (m->type == IMAGE_MAP_HASH || m->type == IMAGE_MAP_LRU_HASH || m->type == IMAGE_MAP_ARRAY) && at % 8 == 0 &&
	       m->value_size >= TIMER_BYTES && at <= m->value_size - TIMER_BYTES;
}

static const char *check_map(const struct image *image, const struct image_map *m)
{
	uint64_t end = end_of(image, m), bytes, stride, count, size;
	int hash = image_map_is_hash(m->type), row;
	const char *why;

	if (m->type == IMAGE_MAP_NONE)
		return m->values || m->limit || m->buckets || m->n_buckets || m->data_size ? "a map that is not in use has a place" : NULL;
	if (!hash && !image_map_is_array(m->type) && !image_map_is_ring(m->type) && !image_map_is_queue(m->type) && m->type != IMAGE_MAP_LPM_TRIE)
		return "a map has a type that images can't have";
	if (m->name >= image->names_size)
		return "a map's name lies outside .names";
	if (!lock_fits(m))
		return "a map's spin lock lies outside its values";
	if (!timer_fits(m))
		return "a map's timer lies outside its values";
	if (m->lock && m->timer && m->lock - m->timer < TIMER_BYTES)
		return "a map's spin lock lies in its timer";
	if (image_map_is_ring(m->type))
		return check_ring(m, end);
	if (image_map_is_queue(m->type))
		return check_queue(m, end);
	if (m->type == IMAGE_MAP_LPM_TRIE)
		return check_trie(m, end);
	if (!m->key_size || !m->value_size || !m->max_entries)
		return "a map has no keys, values or entries";
	bytes = stride_of(m, hash);
	row = image_map_is_shared_row(m->type, bytes);
	stride = row ? bytes * m->cpus : bytes;
	count = (uint64_t)m->max_entries + (uint64_t)hash;
	size = bytes * count; /* a stride that equals the member is below 2^32, so the product does not overflow */
	if (!row)
		size = image_map_is_percpu(m->type) ? image_map_plane(size) : size + image_map_tail(m);
	if (m->stride != stride || m->values % 8 || m->values < start_of(m) || m->limit > end ||
	    m->limit < m->values || !m->cpus || (m->limit - m->values) / m->cpus != size || (m->limit - m->values) % m->cpus)
		return "a map's place does not fit its entries";
	if (image_map_is_percpu(m->type) ? m->plane != (row ? bytes : size) : m->plane || m->cpus != 1)
		return "a map's values per hardware thread do not fit its entries";
	if (!hash && (m->key_size != 4 || m->buckets || m->n_buckets))
		return "an array map has hash members";
	if (m->data_off > image->data_size || m->data_size > image->data_size - m->data_off ||
	    m->data_size > m->limit - m->values || (m->data_size && m->type != IMAGE_MAP_ARRAY && m->type != IMAGE_MAP_PROG_ARRAY && !image_map_has_maps(m->type)))
		return "a map's initial contents do not fit";
	why = check_inner(image, m);
	if (why)
		return why;
	if (m->type == IMAGE_MAP_PROG_ARRAY)
		return check_slots(image, m);
	return hash ? check_hash(m, end) : NULL;
}

static int overlap(uint64_t a, uint64_t a_end, uint64_t b, uint64_t b_end)
{
	return a < b_end && b < a_end;
}

static uint64_t buckets_end(const struct image_map *m)
{
	return m->buckets + ((uint64_t)m->n_buckets + (m->type == IMAGE_MAP_LPM_TRIE)) * 8;
}

/* Buckets and entries of a map need not be neighbours. */
static int maps_overlap(const struct image_map *a, const struct image_map *b)
{
	return overlap(a->values, a->limit, b->values, b->limit) ||
	       overlap(a->values, a->limit, b->buckets, buckets_end(b)) ||
	       overlap(a->buckets, buckets_end(a), b->values, b->limit) ||
	       overlap(a->buckets, buckets_end(a), b->buckets, buckets_end(b));
}

static const char *check_maps(const struct image *image)
{
	for (uint32_t i = 0; i < image->header->n_maps; i++) {
		const struct image_map *m = &image->maps[i];
		const char *why = check_map(image, m);

		if (why)
			return why;
		if (overlap(m->buckets, buckets_end(m), m->values, m->limit))
			return "a map overlaps itself";
		for (uint32_t k = 0; k < i; k++) {
			if (maps_overlap(m, &image->maps[k]))
				return "maps overlap";
		}
	}
	return NULL;
}

static const char *check_programs(const struct image *image)
{
	for (uint32_t i = 0; i < image->header->n_programs; i++) {
		const struct image_program *p = &image->programs[i];

		if (p->entry >= image->header->n_bundles)
			return "a program begins outside the code";
		if (p->name >= image->names_size || p->section >= image->names_size)
			return "a program's name lies outside .names";
	}
	return NULL;
}

static const char *check_lines(const struct image *image)
{
	for (uint32_t i = 0; i < image->header->n_lines; i++) {
		const struct image_line *l = &image->lines[i];

		if (l->bundle >= image->header->n_bundles || (i && l->bundle <= l[-1].bundle))
			return "the line table is not sorted";
		if (l->file >= image->names_size || l->text >= image->names_size)
			return "a source line's text lies outside .names";
	}
	return NULL;
}

const char *image_parse(const void *bytes, size_t size, struct image *image)
{
	struct view file = { bytes, size }, s[SECTIONS] = { { NULL, 0 } };
	const char *why;

	if ((uintptr_t)bytes % 8)
		return "the image is not aligned to 8 bytes in memory";
	why = find_sections(&file, s);
	if (why)
		return why;
	if (s[S_HEADER].size != sizeof(struct image_header))
		return "the header has a wrong size";
	image->header = (const void *)s[S_HEADER].bytes;
	why = check_header(image->header, s);
	if (why)
		return why;
	image->text = (const void *)s[S_TEXT].bytes;
	image->maps = (const void *)s[S_MAPS].bytes;
	image->data = s[S_DATA].bytes;
	image->data_size = s[S_DATA].size;
	image->lines = (const void *)s[S_LINES].bytes;
	image->programs = (const void *)s[S_PROGRAMS].bytes;
	image->names = (const char *)s[S_NAMES].bytes;
	image->names_size = s[S_NAMES].size;
	why = check_crc(image->header, s);
	if (!why)
		why = check_code(image);
	if (!why)
		why = check_maps(image);
	if (!why)
		why = check_programs(image);
	return why ? why : check_lines(image);
}

const char *image_string(const struct image *image, uint32_t offset)
{
	return image->names + offset;
}

const struct image_line *image_line(const struct image *image, uint32_t bundle)
{
	const struct image_line *found = NULL;
	uint32_t low = 0, high = image->header->n_lines;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (image->lines[middle].bundle <= bundle) {
			found = &image->lines[middle];
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	return found;
}
