// SPDX-License-Identifier: Apache-2.0
#include "map.h"

enum { DESC_WORDS = REG_MAPDESC_STRIDE / 4 };

static bool in_array(uint32_t addr, uint32_t offset, uint32_t count, uint32_t stride)
{
	return addr >= offset && addr < offset + count * stride;
}

#define IN(addr, NAME) in_array(addr, REG_##NAME, REG_##NAME##_COUNT, REG_##NAME##_STRIDE)

static uint32_t *mapstate(struct iss *n, uint32_t addr)
{
	struct iss_desc *d = &n->map->desc[(addr - REG_MAPSTATE) / REG_MAPSTATE_STRIDE % ISS_MAPS];

	switch (addr / 4 % 4) {
	case 0: return &d->free;
	case 1: return &d->next;
	case 2: return &d->spare;
	default: return NULL;
	}
}

static uint64_t *mapmem(struct iss *n, uint32_t addr)
{
	return &n->map->mem[(addr - REG_MAPMEM) / REG_MAPMEM_STRIDE % ISS_MAP_WORDS];
}

bool map_host_is(uint32_t addr)
{
	return IN(addr, MAPMEM) || IN(addr, MAPDESC) || IN(addr, MAPSTATE);
}

static void read_word(struct iss *n, uint32_t addr, uint32_t *value)
{
	*value = 0;
	if (IN(addr, MAPDESC)) {
		*value = n->map->desc[(addr - REG_MAPDESC) / REG_MAPDESC_STRIDE % ISS_MAPS].word[addr / 4 % DESC_WORDS];
	} else if (IN(addr, MAPSTATE)) {
		*value = mapstate(n, addr) ? *mapstate(n, addr) : 0;
	} else if (addr & 4) {
		*value = n->map->latch_r;
	} else {
		n->map->latch_r = *mapmem(n, addr) >> 32;
		*value = (uint32_t)*mapmem(n, addr);
	}
}

static void write_desc(struct iss *n, uint32_t addr, uint32_t value)
{
	struct iss_desc *d = &n->map->desc[(addr - REG_MAPDESC) / REG_MAPDESC_STRIDE % ISS_MAPS];

	d->word[addr / 4 % DESC_WORDS] = value;
	if (addr / 4 % DESC_WORDS == NIC_DESC_TYPE)
		d->type = 0; /* until the last word is written */
	d->key_size = d->word[NIC_DESC_TYPE] >> 16;
	d->value_size = d->word[NIC_DESC_VALUE_SIZE];
	d->values = d->word[NIC_DESC_VALUES];
	d->limit = d->word[NIC_DESC_LIMIT];
	d->buckets = d->word[NIC_DESC_BUCKETS];
	d->mask = d->word[NIC_DESC_MASK];
	d->stride = d->word[NIC_DESC_STRIDE];
	d->seed = d->word[NIC_DESC_SEED];
	if (addr / 4 % DESC_WORDS != NIC_DESC_SEED)
		return;
	d->type = (uint8_t)d->word[NIC_DESC_TYPE];
	d->free = 0;
	d->next = d->values;
	d->spare = d->limit - d->stride;
}

static void write_word(struct iss *n, uint32_t addr, uint32_t value)
{
	if (IN(addr, MAPDESC)) {
		write_desc(n, addr, value);
	} else if (IN(addr, MAPSTATE)) {
		if (mapstate(n, addr))
			*mapstate(n, addr) = value;
	} else if (addr & 4) {
		*mapmem(n, addr) = (uint64_t)value << 32 | n->map->latch_w;
	} else {
		n->map->latch_w = value;
	}
}

void map_host_start(struct iss *n, bool we, uint32_t addr, uint32_t value)
{
	if (we)
		write_word(n, addr, value);
	else
		read_word(n, addr, &n->host_rdata);
	n->host_done = true;
}
