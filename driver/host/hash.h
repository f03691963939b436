/* SPDX-License-Identifier: Apache-2.0
 *
 * How the host finds an entry of a hash map (hw/spec/image.h). inline.c has the same as LLVM's operations, for a key size that is known.
 */
#ifndef DRIVER_HOST_HASH_H
#define DRIVER_HOST_HASH_H

#include <stdint.h>
#include <string.h>

#include "hw/spec/image.h"

#define HOST_HASH_FACTOR 0x9e3779b97f4a7c15ull

/* Any hash will do, it is seen by nobody: 8 bytes at a time, and what is left. */
static inline uint32_t host_hash_of(const void *key, uint32_t size, uint32_t seed)
{
	const uint8_t *at = key;
	uint64_t h = seed;

	for (uint32_t i = 0; i < size; i += 8) {
		uint64_t word = 0;

		memcpy(&word, at + i, size - i < 8 ? size - i : 8);
		h = (h ^ word) * HOST_HASH_FACTOR;
		h ^= h >> 32;
	}
	return (uint32_t)h;
}

/* The entry with that key, or 0; *link is the word that leads to it, or the bucket. */
static inline uint32_t host_hash_find(const uint8_t *memory, const struct image_map *m, const void *key, uint32_t key_size, uint32_t h, uint32_t *link)
{
	uint32_t bucket = m->buckets + 8 * (h & (m->n_buckets - 1)), entry;

	*link = bucket;
	while ((entry = (uint32_t)__atomic_load_n((const uint64_t *)(const void *)(memory + *link), __ATOMIC_ACQUIRE))) {
		if (*(const uint64_t *)(const void *)(memory + entry) >> 32 == h && memcmp(memory + entry + 8, key, key_size) == 0)
			return entry;
		*link = entry;
	}
	*link = bucket;
	return 0;
}

#endif
