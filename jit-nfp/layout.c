// SPDX-License-Identifier: Apache-2.0
/* Places the maps in map memory (hw/spec/image.h). */
#include "ir.h"

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
	m->values = (uint32_t)*at;
	m->plane = image_map_is_percpu(m->type) ? (uint32_t)(m->stride * count) : 0;
	*at += m->stride * count * m->cpus;
	m->limit = (uint32_t)*at;
}

static void place_array(struct image_map *m, uint64_t *at)
{
	m->stride = (uint32_t)round_up(m->value_size);
	place_planes(m, m->max_entries, at);
}

static void place_hash(struct image_map *m, uint64_t *at)
{
	uint64_t n_buckets = 1;

	while (n_buckets < m->max_entries)
		n_buckets *= 2;
	m->stride = (uint32_t)(8 + round_up(m->key_size) + round_up(m->value_size));
	if (*at >= IMAGE_EXT)
		m->stride = (uint32_t)round_to(m->stride, IMAGE_EXT_ENTRY);
	m->n_buckets = (uint32_t)n_buckets;
	m->buckets = (uint32_t)*at;
	*at += 8 * n_buckets;
	if (*at >= IMAGE_EXT)
		*at = round_to(*at, IMAGE_EXT_ENTRY);
	place_planes(m, (uint64_t)m->max_entries + 1, at);
	m->seed = m->flags & MAP_ZERO_SEED ? 0 : m->buckets * 0x9e3779b1u; /* maps with equal keys should not collide alike */
}

enum { ROOT_BITS = 8 }; /* of a trie's keys, which save lookups the first nodes */

static void place_trie(struct image_map *m, uint64_t *at)
{
	m->seed = ROOT_BITS;
	m->n_buckets = 1U << ROOT_BITS;
	m->buckets = (uint32_t)*at;
	*at += 8 * (m->n_buckets + 1);
	m->stride = (uint32_t)(8 + round_up(m->key_size) + round_up(m->value_size));
	place_planes(m, 2 * (uint64_t)m->max_entries, at);
}

static void place_queue(struct image_map *m, uint64_t *at)
{
	m->stride = (uint32_t)round_up(m->value_size);
	m->values = (uint32_t)*at;
	*at += QUEUE_ELEMENTS + m->stride * ((uint64_t)m->max_entries + 1);
	m->limit = (uint32_t)*at;
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

static void place(const struct compile *c, const struct prog_map *from, struct image_map *m, uint64_t *at)
{
	m->type = from->type;
	m->key_size = from->key_size;
	m->value_size = from->value_size;
	m->max_entries = from->max_entries;
	m->flags = from->flags;
	m->lock = from->lock;
	m->cpus = image_map_is_percpu(m->type) ? c->target->cpus : 1;
	if (m->type == MAP_TYPE_PERF_EVENT_ARRAY && !m->max_entries)
		m->max_entries = c->target->cpus;
	if (image_map_is_ring(m->type))
		place_ring(m, at);
	else if (image_map_is_queue(m->type))
		place_queue(m, at);
	else if (m->type == MAP_TYPE_LPM_TRIE)
		place_trie(m, at);
	else if (image_map_is_hash(m->type))
		place_hash(m, at);
	else
		place_array(m, at);
}

/* Bytes that it takes from an address on; much more than there can be counts as such. */
static uint64_t size_from(const struct compile *c, const struct prog_map *p, uint64_t at)
{
	struct image_map m;
	uint64_t end = at;

	place(c, p, &m, &end);
	return end - at < FAR_TOO_MUCH ? end - at : FAR_TOO_MUCH;
}

static int may_lie_outside(const struct prog_map *p)
{
	return p->type == MAP_TYPE_HASH || p->type == MAP_TYPE_ARRAY;
}

/* The maps, by bit, that lie in the memory outside the chip: the largest ones, as few as must be. */
static uint64_t choose_outside(const struct compile *c)
{
	const struct prog *p = c->prog;
	uint64_t outside = 0, inside = 8;

	for (uint32_t n = 0; n < p->n_maps; n++)
		inside += size_from(c, &p->maps[n], 8);
	while (c->target->ext_words && inside > 8ULL * c->target->map_words) {
		uint32_t largest = p->n_maps;

		for (uint32_t n = 0; n < p->n_maps; n++)
			if (may_lie_outside(&p->maps[n]) && !(outside >> n & 1) &&
			    (largest == p->n_maps || size_from(c, &p->maps[n], 8) > size_from(c, &p->maps[largest], 8)))
				largest = n;
		if (largest == p->n_maps)
			break;
		outside |= 1ULL << largest;
		inside -= size_from(c, &p->maps[largest], 8);
	}
	return outside;
}

static int no_room(struct compile *c, const struct prog_map *p, uint64_t need, uint64_t have, int outside)
{
	error(c, -1, "map %s does not fit: the maps%s need %llu bytes, and the NIC has %llu", p->name, outside ? " outside the chip" : "",
	      (unsigned long long)need, (unsigned long long)have);
	return error_note(c, outside ? "lower max_entries" : "lower max_entries, or compile for a NIC with more (--map-mem, --ext-mem)");
}

int layout_run(struct compile *c)
{
	const struct prog *p = c->prog;
	const struct target *t = c->target;
	const uint8_t *order = order_of(c);
	uint64_t at[2] = {8, IMAGE_EXT}, outside = choose_outside(c);

	c->maps = arena_alloc(c->arena, p->n_maps * sizeof(*c->maps));
	if (!c->maps || !order)
		return error(c, -1, "out of memory for %u maps", p->n_maps);
	for (uint32_t k = 0; k < p->n_maps; k++) {
		uint32_t n = order[k], out = outside >> n & 1;

		if (out)
			at[1] = round_to(at[1], LINE);
		place(c, &p->maps[n], &c->maps[n], &at[out]);
		if (at[0] / 8 > t->map_words)
			return no_room(c, &p->maps[n], at[0], 8ULL * t->map_words, 0);
		if ((at[1] - IMAGE_EXT) / 8 > t->ext_words)
			return no_room(c, &p->maps[n], at[1] - IMAGE_EXT, 8ULL * t->ext_words, 1);
	}
	c->map_words = (uint32_t)(at[0] / 8);
	c->ext_words = (uint32_t)((at[1] - IMAGE_EXT) / 8);
	return 0;
}
