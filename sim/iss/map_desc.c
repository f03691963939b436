// SPDX-License-Identifier: Apache-2.0
#include "map.h"

static void settle(struct iss_desc *d)
{
	uint32_t first = d->word[NIC_DESC_TYPE];

	d->type = d->typed && d->used ? (uint8_t)first : 0;
	d->hashes = d->type == NIC_TYPE_HASH || map_desc_has_planes(d) || map_desc_evicts(d);
	d->programs = first >> 8 & 0xff ? (uint8_t)(first >> 8) : 0xff;
	d->key_size = first >> 16;
	d->value_size = d->word[NIC_DESC_VALUE_SIZE];
	d->values = d->word[NIC_DESC_VALUES];
	d->limit = d->word[NIC_DESC_LIMIT];
	d->end = d->word[NIC_DESC_END];
	d->plane = d->word[NIC_DESC_PLANE];
	d->buckets = d->word[NIC_DESC_BUCKETS];
	d->mask = d->word[NIC_DESC_MASK];
	d->stride = d->word[NIC_DESC_STRIDE];
	d->seed = d->word[NIC_DESC_SEED];
}

/* Tiles and lookup unit see it two cycles later. */
void map_desc_write(struct iss_map *m, uint64_t cycle, unsigned int map, unsigned int word, uint32_t value)
{
	struct iss_desc *d = &m->desc[map];

	if (word > NIC_DESC_PLANE)
		return;
	d->word[word] = value;
	if (word == NIC_DESC_TYPE) {
		d->typed = value & 0xff;
		d->used = false;
	}
	if (word == NIC_DESC_LIMIT)
		d->word[NIC_DESC_END] = value;
	if (word == NIC_DESC_SEED)
		d->used = true;
	settle(d);
	if (word == NIC_DESC_SEED) {
		d->free = 0;
		d->next = d->values;
		d->spare = d->end - d->stride;
		d->hand = d->values;
	}
	m->desc_cycle = cycle + 2;
	m->desc_map = map;
}

void map_desc_update(struct iss_map *m)
{
	m->known[m->desc_map] = m->desc[m->desc_map];
}

bool map_desc_range(const struct iss_desc *descs, uint64_t pointer, uint32_t bytes, unsigned int program, bool host)
{
	unsigned int map = pointer >> 48 & 0xff;
	uint32_t addr = (uint32_t)pointer;

	if (pointer & 0x0f00ffff00000000 || map >= ISS_MAPS || !descs[map].type)
		return false;
	if (!host && !(descs[map].programs >> program & 1))
		return false;
	return addr >= descs[map].values && (uint64_t)addr + bytes <= descs[map].limit;
}

bool map_desc_entry(const struct iss_desc *d, uint32_t entry)
{
	return entry % 8 == 0 && entry >= d->values && entry <= d->end - d->stride;
}

static uint32_t mix(uint32_t h, uint32_t half)
{
	h ^= half;
	h += h << 12;
	return h << 15 | h >> 17;
}

uint32_t map_desc_hash(const struct iss_desc *d, const uint64_t *key)
{
	uint32_t h = d->seed;

	for (const uint64_t *end = key + (d->key_size + 7) / 8; key != end; key++)
		h = mix(mix(h, (uint32_t)*key), (uint32_t)(*key >> 32));
	h = (h + 0x7ed55d16) + (h << 12);
	h = (h ^ 0xc761c23c) ^ (h >> 19);
	h = (h + 0x165667b1) + (h << 5);
	h = (h + 0xd3a2646c) ^ (h << 9);
	h = (h + 0xfd7046c5) + (h << 3);
	return (h ^ 0xb55a4f09) ^ (h >> 16);
}
