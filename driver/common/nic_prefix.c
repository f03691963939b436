// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
#include "nic_prefix.h"

#include "hw/spec/regs.h"
#include "nic_hash.h"

enum { NO_ENTRY = -2, TOO_BIG = -7, INVALID = -22, NO_SPACE = -28 };
enum { DATA = 4 };

uint32_t nic_prefix_length(const void *key)
{
	const uint8_t *byte = key;

	return byte[0] | (uint32_t)byte[1] << 8 | (uint32_t)byte[2] << 16 | (uint32_t)byte[3] << 24;
}

uint32_t nic_prefix_longest(const struct image_map *m)
{
	return 8 * (m->key_size - DATA);
}

void nic_prefix_cut(const struct image_map *m, const void *key, uint32_t length, void *cut)
{
	const uint8_t *from = key;
	uint8_t *to = cut;

	for (uint32_t n = 0; n < DATA; n++)
		to[n] = (uint8_t)(length >> 8 * n);
	for (uint32_t n = 0; n < m->key_size - DATA; n++) {
		uint32_t bits = length > 8 * n ? length - 8 * n : 0;

		to[DATA + n] = bits < 8 ? from[DATA + n] & (uint8_t)(0xff00u >> bits) : from[DATA + n];
	}
}

uint32_t nic_prefix_word(const struct image_map *m, uint32_t length, int of_host)
{
	return m->limit - image_map_tail(m) + 8 * (length / 64 + (of_host ? image_map_length_words(m) : 0));
}

int nic_prefix_lookup(const struct nic_map *map, const void *key, void *value)
{
	uint32_t length = nic_prefix_length(key);
	uint8_t cut[NIC_KEY_BYTES];
	int result = NO_ENTRY;

	if (length > nic_prefix_longest(map->layout))
		return NO_ENTRY;
	for (uint32_t n = length + 1; n-- > 0 && result == NO_ENTRY;) {
		uint64_t set = nic_maps_read_word(map->regs, nic_prefix_word(map->layout, n, 0)) |
			       nic_maps_read_word(map->regs, nic_prefix_word(map->layout, n, 1));

		if (!(set >> n % 64 & 1))
			continue;
		nic_prefix_cut(map->layout, key, n, cut);
		result = nic_hash_lookup(map, cut, value);
	}
	return result;
}

/* Its length is known before it is there. */
int nic_prefix_update(const struct nic_map *map, const void *key, const void *value, uint64_t flags)
{
	uint32_t length = nic_prefix_length(key), at = nic_prefix_word(map->layout, length, 1);
	uint8_t cut[NIC_KEY_BYTES];
	int result;

	if (length > nic_prefix_longest(map->layout))
		return INVALID;
	nic_maps_write_word(map->regs, at, nic_maps_read_word(map->regs, at) | 1ull << length % 64);
	nic_prefix_cut(map->layout, key, length, cut);
	result = nic_hash_update(map, cut, value, flags);
	return result == TOO_BIG ? NO_SPACE : result;
}

int nic_prefix_delete(const struct nic_map *map, const void *key)
{
	uint32_t length = nic_prefix_length(key);
	uint8_t cut[NIC_KEY_BYTES];

	if (length > nic_prefix_longest(map->layout))
		return INVALID;
	nic_prefix_cut(map->layout, key, length, cut);
	return nic_hash_delete(map, cut);
}

int nic_prefix_next(const struct nic_map *map, const void *key, void *next_key)
{
	uint8_t cut[NIC_KEY_BYTES];

	if (!key || nic_prefix_length(key) > nic_prefix_longest(map->layout))
		return nic_hash_next(map, NULL, next_key);
	nic_prefix_cut(map->layout, key, nic_prefix_length(key), cut);
	return nic_hash_next(map, cut, next_key);
}
