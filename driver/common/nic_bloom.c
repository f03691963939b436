// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* The hash is Bob Jenkins' lookup3, which Linux takes, too: with the same seed the same bits are set. */
#include "nic_bloom.h"

enum { BLOCK = 12 };

static uint32_t turn(uint32_t x, unsigned int by)
{
	return x << by | x >> (32 - by);
}

static uint32_t word_at(const uint8_t *bytes, uint32_t at, uint32_t size)
{
	uint32_t word = 0;

	for (uint32_t n = 0; n < 4 && at + n < size; n++)
		word |= (uint32_t)bytes[at + n] << 8 * n;
	return word;
}

static uint32_t hash(const uint8_t *bytes, uint32_t size, uint32_t seed)
{
	static const uint8_t mix[6] = { 4, 6, 8, 16, 19, 4 }, last[7] = { 14, 11, 25, 16, 4, 14, 24 };
	uint32_t x[3], at = 0;

	x[0] = x[1] = x[2] = 0xdeadbeef + size + seed;
	for (;; at += BLOCK) {
		for (uint32_t n = 0; n < 3; n++)
			x[n] += word_at(bytes, at + 4 * n, size);
		if (size - at <= BLOCK)
			break;
		for (uint32_t n = 0; n < 6; n++) {
			uint32_t *a = &x[n % 3], *b = &x[(n + 1) % 3], *c = &x[(n + 2) % 3];

			*a = (*a - *c) ^ turn(*c, mix[n]);
			*c += *b;
		}
	}
	for (uint32_t n = 0; n < 7; n++) {
		uint32_t *to = &x[(n + 2) % 3], from = x[(n + 1) % 3];

		*to = (*to ^ from) - turn(from, last[n]);
	}
	return x[2];
}

/* The address of the word that has the n-th bit of a value. */
static uint32_t place(const struct nic_map *map, const void *value, uint32_t n, uint64_t *bit)
{
	const struct image_map *m = map->layout;
	uint32_t h = hash(value, m->value_size, m->seed + n) & (64 * image_map_bloom_words(m) - 1);

	*bit = 1ull << h % 64;
	return m->values + QUEUE_ELEMENTS + 8 * (h / 64);
}

void nic_bloom_add(const struct nic_map *map, const void *value)
{
	for (uint32_t n = 0; n < map->layout->stride; n++) {
		uint64_t bit;
		uint32_t at = place(map, value, n, &bit);

		nic_maps_write_word(map->regs, at, nic_maps_read_word(map->regs, at) | bit);
	}
}

int nic_bloom_has(const struct nic_map *map, const void *value)
{
	for (uint32_t n = 0; n < map->layout->stride; n++) {
		uint64_t bit;
		uint32_t at = place(map, value, n, &bit);

		if (!(nic_maps_read_word(map->regs, at) & bit))
			return 0;
	}
	return 1;
}
