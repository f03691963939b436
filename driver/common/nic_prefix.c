// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
#include "nic_prefix.h"

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
