/* SPDX-License-Identifier: Apache-2.0
 *
 * Between bench-host and programs compiled as plain C (native/bpf/bpf_helpers.h).
 */
#ifndef BENCH_HOST_NATIVE_H
#define BENCH_HOST_NATIVE_H

#include <stdint.h>

#include "driver/host/hash.h"

enum { NATIVE_HEADROOM = 256, NATIVE_TAILROOM = 64 };

struct host_prog;

/* A map of driver/host. */
struct native_map {
	uint8_t *memory;
	const struct image_map *layout;
	uint8_t *used;
	struct host_prog *prog;
	uint32_t index;
	uint64_t (*look)(struct host_prog *p, uint32_t map, const void *key);
	uint64_t (*update)(struct host_prog *p, uint32_t map, const void *key, const void *value, uint64_t flags, uint64_t cpu);
	uint64_t (*delete)(struct host_prog *p, uint32_t map, const void *key);
};

static uint64_t native_time __attribute__((unused)) = 1;

static inline void *native_look(const struct native_map *m, const void *key, uint32_t key_size)
{
	uint32_t link, entry;

	if (!image_map_is_hash(m->layout->type)) {
		entry = (uint32_t)m->look(m->prog, m->index, key);
		return entry ? m->memory + entry : (void *)0;
	}
	entry = host_hash_find(m->memory, m->layout, key, key_size, host_hash_of(key, key_size, m->layout->seed), &link);
	if (!entry)
		return (void *)0;
	if (m->used)
		m->used[(entry - m->layout->values) / m->layout->stride] = 1;
	return m->memory + entry + 8 + ((key_size + 7) & ~7u);
}

static inline long native_update(const struct native_map *m, const void *key, const void *value, uint64_t flags)
{
	return (long)m->update(m->prog, m->index, key, value, flags, 0);
}

static inline long native_delete(const struct native_map *m, const void *key)
{
	return (long)m->delete(m->prog, m->index, key);
}

/* XDP_REDIRECT where the slot has something. */
static inline int native_redirect_map(const struct native_map *m, uint32_t key, uint64_t flags)
{
	return key < m->layout->max_entries && *(uint32_t *)(void *)(m->memory + m->layout->values + 8 * key) ? 4 : (int)(flags & 3);
}

#endif
