// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* Places the maps in map memory (hw/spec/image.h). */
#include "layout.h"
#include "helpers.h"

#define FAR_TOO_MUCH (1ULL << 40)
enum { LINE = 64 }; /* bytes of the memory outside the chip that come at once; its maps begin with one */

static uint64_t round_up(uint64_t n)
{
	return (n + 7) & ~7ULL;
}

static uint64_t round_to(uint64_t n, uint64_t step)
{
	return (n + step - 1) / step * step;
}

/* Entries or elements: one plane, or one for each hardware thread. */
static void place_planes(struct image_map *m, uint64_t count, uint64_t *at)
{
	uint64_t bytes = m->stride * count, plane = image_map_is_percpu(m->type) ? image_map_plane(bytes) : 0;

	m->values = (uint32_t)*at;
	m->plane = (uint32_t)plane;
	*at += plane ? plane * m->cpus : bytes;
	*at += image_map_tail(m);
	m->limit = (uint32_t)*at;
}

static void place_array(struct image_map *m, uint64_t *at)
{
	uint64_t bytes = image_array_stride(m->type, m->value_size, m->max_entries);

	m->stride = (uint32_t)bytes;
	if (!image_map_is_shared_row(m->type, bytes)) {
		place_planes(m, m->max_entries, at);
		return;
	}
	m->plane = m->stride;
	m->stride *= m->cpus;
	m->values = (uint32_t)*at;
	*at += (uint64_t)m->stride * m->max_entries;
	m->limit = (uint32_t)*at;
	*at += bytes - 8;
}

/* Buckets or root words; entries behind them, which the NIC reads whole outside the chip. */
static void place_buckets(struct image_map *m, uint64_t number, uint64_t words, uint64_t *at)
{
	uint64_t step = *at >= IMAGE_EXT ? IMAGE_EXT_ENTRY : 8;

	m->n_buckets = (uint32_t)number;
	m->buckets = (uint32_t)*at;
	*at = round_to(*at + 8 * words, step);
	m->stride = (uint32_t)round_to(8 + round_up(m->key_size) + round_up(m->value_size), step);
}

static void place_hash(struct image_map *m, uint64_t *at)
{
	uint64_t n_buckets = 1;

	while (n_buckets < m->max_entries)
		n_buckets *= 2;
	place_buckets(m, n_buckets, n_buckets, at);
	place_planes(m, (uint64_t)m->max_entries + 1, at);
	m->seed = m->flags & MAP_ZERO_SEED ? 0 : m->buckets * 0x9e3779b1u; /* maps with equal keys should not collide alike */
}

enum { ROOT_BITS = 8 }; /* of a trie's keys, which save lookups the first nodes */

static void place_trie(struct image_map *m, uint64_t *at)
{
	m->seed = ROOT_BITS;
	place_buckets(m, 1U << ROOT_BITS, (1U << ROOT_BITS) + 1, at);
	place_planes(m, 2 * (uint64_t)m->max_entries, at);
}

static void place_queue(struct image_map *m, uint64_t *at)
{
	m->stride = (uint32_t)round_up(m->value_size);
	m->values = (uint32_t)*at;
	*at += QUEUE_ELEMENTS + m->stride * ((uint64_t)m->max_entries + 1);
	m->limit = (uint32_t)*at;
}

/* As many bits as Linux takes: entries times functions by the logarithm of 2, up to a power of two. */
static void place_bloom(struct image_map *m, uint64_t functions, uint64_t *at)
{
	enum { FUNCTIONS = 5, BITS_LEAST = 64 };
	uint64_t bits = BITS_LEAST, want;

	m->stride = functions ? (uint32_t)functions : FUNCTIONS;
	want = (uint64_t)m->max_entries * m->stride / 5 * 7;
	while (bits < want)
		bits *= 2;
	m->values = (uint32_t)*at;
	*at += QUEUE_ELEMENTS + bits / 8;
	m->limit = (uint32_t)*at;
	m->seed = m->flags & MAP_ZERO_SEED ? 0 : m->values * 0x9e3779b1u;
}

enum { PAGE_BYTES = 4096, EVENT_BYTES = 1 << 16, LOG_BYTES = 1 << 14 };

/* The sizes that Linux takes; libbpf rounds others up likewise. */
static uint64_t ring_bytes(const struct image_map *m)
{
	uint64_t bytes = PAGE_BYTES;

	if (m->type != MAP_TYPE_RINGBUF)
		return m->type == MAP_TYPE_LOG ? LOG_BYTES : EVENT_BYTES;
	while (bytes < m->max_entries)
		bytes *= 2;
	return bytes;
}

static void place_ring(struct image_map *m, uint64_t *at)
{
	uint64_t bytes = ring_bytes(m);

	m->stride = (uint32_t)bytes;
	m->values = (uint32_t)*at;
	*at += RING_RECORDS + 2 * bytes;
	m->limit = (uint32_t)*at;
}

/* Arrays come first, the small ones before the large ones: code reaches the start of map memory with fewer operations (opt_address.c). */
static int comes_before(const struct prog_map *x, const struct prog_map *y)
{
	uint64_t size_x = (uint64_t)x->value_size * x->max_entries, size_y = (uint64_t)y->value_size * y->max_entries;

	if (image_map_is_array(x->type) != image_map_is_array(y->type))
		return image_map_is_array(x->type);
	return size_x < size_y;
}

/* By insertion: there are few, and equal ones keep their order. */
static uint8_t *order_of(struct compile *c)
{
	const struct prog *p = c->prog;
	uint8_t *order = arena_alloc(c->arena, p->n_maps + 1);

	for (uint32_t n = 0; order && n < p->n_maps; n++) {
		uint32_t k = n;

		for (; k && comes_before(&p->maps[n], &p->maps[order[k - 1]]); k--)
			order[k] = order[k - 1];
		order[k] = (uint8_t)n;
	}
	return order;
}

static void place(const struct target *t, const struct prog_map *from, struct image_map *m, uint64_t *at)
{
	m->type = from->type;
	m->key_size = from->key_size;
	m->value_size = from->value_size;
	m->max_entries = map_entries(t, from);
	m->flags = from->flags;
	m->lock = from->lock;
	m->timer = from->timer;
	m->inner = from->model;
	if (m->type == MAP_TYPE_HASH_OF_MAPS)
		m->value_size = 8;
	m->cpus = image_map_is_percpu(m->type) ? t->cpus : 1;
	if (image_map_is_ring(m->type))
		place_ring(m, at);
	else if (m->type == MAP_TYPE_BLOOM_FILTER)
		place_bloom(m, from->extra, at);
	else if (image_map_is_queue(m->type))
		place_queue(m, at);
	else if (m->type == MAP_TYPE_LPM_TRIE)
		place_trie(m, at);
	else if (image_map_is_hash(m->type))
		place_hash(m, at);
	else
		place_array(m, at);
}

uint64_t layout_size(const struct compile *c, const struct prog_map *p, uint64_t at)
{
	struct image_map m;
	uint64_t end = at;

	place(c->target, p, &m, &end);
	return end - at < FAR_TOO_MUCH ? end - at : FAR_TOO_MUCH;
}

/* The most entries of it that take so many bytes. */
static uint32_t entries_in(const struct compile *c, const struct prog_map *map, uint64_t from, uint64_t bytes)
{
	uint32_t low = 0, high = map->max_entries;
	struct prog_map m = *map;

	while (low < high) {
		m.max_entries = high - (high - low) / 2;
		if (layout_size(c, &m, from) <= bytes)
			low = m.max_entries;
		else
			high = m.max_entries - 1;
	}
	return low;
}

/* There is no room: the largest of those maps is where the author can do most. */
static int no_room(struct compile *c, uint64_t maps, uint64_t need, uint64_t have, int outside)
{
	const struct prog_map *map = c->prog->maps, *largest = map;
	uint64_t from = outside ? IMAGE_EXT : 8, size = 0, left;
	int max = outside && have / 8 >= IMAGE_EXT_WORDS_MAX;
	char fit[64] = "";
	uint32_t entries;

	for (uint32_t n = 0; n < c->prog->n_maps; n++)
		if ((maps >> n & 1) && layout_size(c, &map[n], from) > size) {
			largest = &map[n];
			size = layout_size(c, largest, from);
		}
	error(c, -1, "map %s does not fit: the maps%s need %llu bytes, %s alone %llu, and the NIC has %llu", largest->name,
	      outside ? " outside the chip" : "", (unsigned long long)need, largest->name, (unsigned long long)size,
	      (unsigned long long)have);
	left = need - size < have ? have - (need - size) : 0;
	if (outside)
		left -= left % LINE; /* where the map behind it begins */
	entries = entries_in(c, largest, from, left);
	if (entries)
		text_format(fit, sizeof(fit), " (there is room for %u; --entries sets them)", entries);
	return error_note(c, "lower its max_entries%s%s%s", fit,
			  image_map_is_percpu(largest->type) ? ", or compile for a NIC with fewer hardware threads (--cpus)" : "",
			  max ? "" : outside ? ", or compile for a NIC with more (--ext-mem)" : ", or compile for a NIC with more (--map-mem, --ext-mem)");
}

static int place_all(struct compile *c, const uint8_t *order, uint64_t outside)
{
	const struct target *t = c->target;
	uint64_t at[2] = {8, IMAGE_EXT}, have[2] = {8ULL * t->map_words, 8ULL * t->ext_words};

	for (uint32_t k = 0; k < c->prog->n_maps; k++) {
		uint32_t n = order[k], out = outside >> n & 1;

		if (out)
			at[1] = round_to(at[1], LINE);
		place(t, &c->prog->maps[n], &c->maps[n], &at[out]);
		if (c->prog->tc || c->target->no_timers)
			c->maps[n].timer = 0; /* nobody uses it, and there are no ticks */
	}
	for (uint32_t n = c->prog->n_maps; n < c->prog->n_maps + c->prog->n_templates; n++) { /* their shape */
		uint64_t nowhere = 8;

		place(t, &c->prog->maps[n], &c->maps[n], &nowhere);
	}
	at[1] -= IMAGE_EXT;
	if (at[0] > have[0])
		return no_room(c, ~outside, at[0], have[0], 0);
	if (at[1] > have[1])
		return no_room(c, outside, at[1], have[1], 1);
	c->map_words = (uint32_t)(at[0] / 8);
	c->ext_words = (uint32_t)(at[1] / 8);
	return 0;
}

/* The programs of an image have their maps in the same places, whichever uses them. */
static int as_first(struct compile *c, const struct compile *first)
{
	c->maps = first->maps;
	c->map_words = first->map_words;
	c->ext_words = first->ext_words;
	return 0;
}

uint64_t nicjit_place_map(const struct prog_map *m, const struct target *t, uint64_t at, struct image_map *to)
{
	uint64_t end = at;

	memset(to, 0, sizeof(*to));
	place(t, m, to, &end);
	return end - at < FAR_TOO_MUCH ? end : 0;
}

/* The driver has placed them. */
static int take_places(struct compile *c)
{
	for (uint32_t n = 0; n < c->prog->n_maps; n++)
		c->maps[n] = *c->prog->maps[n].place;
	c->map_words = c->target->map_words;
	c->ext_words = c->target->ext_words;
	return 0;
}

int layout_run(struct compile *c)
{
	const uint8_t *order;
	uint32_t *uses;

	if (c->image && c->image->placed)
		return as_first(c, c->image->placed);
	order = order_of(c);
	uses = layout_uses(c);
	c->maps = arena_alloc(c->arena, (c->prog->n_maps + c->prog->n_templates) * sizeof(*c->maps));
	if (!c->maps || !order || !uses)
		return error(c, -1, "out of memory for %u maps", c->prog->n_maps);
	if (c->prog->n_maps && c->prog->maps[0].place ? take_places(c) : place_all(c, order, layout_outside(c, uses)))
		return -1;
	c->map_uses = uses;
	if (c->image)
		c->image->placed = c;
	return 0;
}
