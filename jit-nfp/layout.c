// SPDX-License-Identifier: Apache-2.0
/* Places the maps in map memory (hw/spec/image.h). */
#include "ir.h"

static uint64_t round_up(uint64_t n)
{
	return (n + 7) & ~7ULL;
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
	m->n_buckets = (uint32_t)n_buckets;
	m->buckets = (uint32_t)*at;
	*at += 8 * n_buckets;
	place_planes(m, (uint64_t)m->max_entries + 1, at);
	m->seed = m->flags & MAP_ZERO_SEED ? 0 : m->buckets * 0x9e3779b1u; /* maps with equal keys should not collide alike */
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

int layout_run(struct compile *c)
{
	const struct prog *p = c->prog;
	const uint8_t *order = order_of(c);
	uint64_t at = 8;

	c->maps = arena_alloc(c->arena, p->n_maps * sizeof(*c->maps));
	if (!c->maps || !order)
		return error(c, -1, "out of memory for %u maps", p->n_maps);
	for (uint32_t k = 0; k < p->n_maps; k++) {
		uint32_t n = order[k];
		struct image_map *m = &c->maps[n];

		m->type = p->maps[n].type;
		m->key_size = p->maps[n].key_size;
		m->value_size = p->maps[n].value_size;
		m->max_entries = p->maps[n].max_entries;
		m->flags = p->maps[n].flags;
		m->cpus = image_map_is_percpu(m->type) ? c->target->cpus : 1;
		if (m->type == MAP_TYPE_PERF_EVENT_ARRAY && !m->max_entries)
			m->max_entries = c->target->cpus;
		if (image_map_is_ring(m->type))
			place_ring(m, &at);
		else if (image_map_is_queue(m->type))
			place_queue(m, &at);
		else if (image_map_is_hash(m->type))
			place_hash(m, &at);
		else
			place_array(m, &at);
		if (at / 8 <= c->target->map_words)
			continue;
		error(c, -1, "map %s does not fit: the maps need %llu bytes, and the NIC has %llu", p->maps[n].name,
		      (unsigned long long)at, 8ULL * c->target->map_words);
		return error_note(c, "lower max_entries");
	}
	c->map_words = (uint32_t)(at / 8);
	return 0;
}
