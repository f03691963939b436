// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* Maps of slots that hold a program or a place to send packets to: a word each, 0 when empty. */
#include "nic_slots.h"

#include "nic_ports.h"

enum { NO_ENTRY = -2, EXISTS = -17, INVALID = -22, TOO_BIG = -7 };
enum { FLAG_NOEXIST = 1, FLAG_EXIST = 2 };

static uint64_t number(const void *bytes, uint32_t size)
{
	const uint8_t *p = bytes;
	uint64_t v = 0;

	for (uint32_t n = 0; n < size; n++)
		v |= (uint64_t)p[n] << 8 * n;
	return v;
}

static void put_number(void *bytes, uint32_t size, uint64_t v)
{
	uint8_t *p = bytes;

	for (uint32_t n = 0; n < size; n++)
		p[n] = (uint8_t)(v >> 8 * n);
}

static uint32_t index_of(const void *key)
{
	return (uint32_t)number(key, 4);
}

static uint32_t slot(const struct nic_map *map, const void *key)
{
	return map->layout->values + index_of(key) * map->layout->stride;
}

/* -1: the image has no such program. */
static int64_t program_at(const struct nic_map *map, uint64_t word)
{
	for (uint32_t n = 0; n < map->image->header->n_programs; n++)
		if (map->base + map->image->programs[n].entry == word)
			return n;
	return -1;
}

/* ---- maps of maps ---- */

enum { MAP_SHIFT = 48, MAP_REGION = 3, REGION_SHIFT = 60 };

/* Linux wants what it may put in to be as the template; a table's size may differ where nothing depends on it. */
static int is_like(const struct image_map *a, const struct image_map *b)
{
	int any_size = (image_map_is_hash(a->type) && !image_map_is_percpu(a->type)) || a->type == IMAGE_MAP_LPM_TRIE;

	return a->type == b->type && a->key_size == b->key_size && a->value_size == b->value_size && a->flags == b->flags && a->lock == b->lock && a->timer == b->timer &&
	       (any_size || a->max_entries == b->max_entries);
}

int64_t nic_slots_map_word(const struct nic_map *map, const void *value)
{
	uint64_t index = number(value, 4);
	const struct image_map *maps = map->image ? map->image->maps : NULL;

	if (!maps || !map->layout->inner || index >= map->image->header->n_maps || !is_like(&maps[index], &maps[map->layout->inner - 1]))
		return 0;
	return (int64_t)((uint64_t)MAP_REGION << REGION_SHIFT | index << MAP_SHIFT | image_map_stands_at(&maps[index]));
}

void nic_slots_map_number(uint64_t word, void *value)
{
	put_number(value, 4, word >> MAP_SHIFT & 0xff);
}

static int lookup_map(const struct nic_map *map, const void *key, void *value)
{
	uint64_t word = index_of(key) < map->layout->max_entries ? nic_maps_read_word(map->regs, slot(map, key)) : 0;

	if (!word)
		return NO_ENTRY;
	nic_slots_map_number(word, value);
	return 0;
}

static int update_map(const struct nic_map *map, const void *key, const void *value, uint64_t flags)
{
	uint64_t word = (uint64_t)nic_slots_map_word(map, value);

	if (flags || !word)
		return INVALID;
	if (index_of(key) >= map->layout->max_entries)
		return TOO_BIG;
	nic_maps_write_word(map->regs, slot(map, key), word);
	return 0;
}

int nic_slots_lookup(const struct nic_map *map, const void *key, void *value)
{
	uint64_t word;

	if (map->layout->type == IMAGE_MAP_ARRAY_OF_MAPS)
		return lookup_map(map, key, value);
	word = index_of(key) < map->layout->max_entries ? nic_maps_read_word(map->regs, slot(map, key)) : 0;
	if (!word)
		return NO_ENTRY;
	if (map->layout->type == IMAGE_MAP_PROG_ARRAY) {
		int64_t n = program_at(map, word);

		if (n < 0)
			return NO_ENTRY;
		word = (uint64_t)n;
	}
	put_number(value, map->layout->value_size, map->layout->type == IMAGE_MAP_XSKMAP ? word - 1 : word);
	return 0;
}

int nic_slots_place(const struct nic_map *map, const void *value, uint64_t *word)
{
	*word = number(value, 4);
	if (image_map_is_ports(map->layout->type) && *word >> 31)
		return INVALID;
	if (map->layout->type == IMAGE_MAP_XSKMAP && *word >> 30) /* a queue's number is in a target below two bits */
		return INVALID;
	return map->layout->value_size >= 8 && (int32_t)number((const uint8_t *)value + 4, 4) > 0 ? INVALID : 0;
}

/* A write that the set of ports follows. */
static int put_word(const struct nic_map *map, const void *key, uint64_t word)
{
	int ports = image_map_is_ports(map->layout->type);
	uint64_t had = ports ? nic_maps_read_word(map->regs, slot(map, key)) : 0;

	nic_maps_write_word(map->regs, slot(map, key), word);
	return ports ? nic_ports_change(map, (uint32_t)had, (uint32_t)word) : 0;
}

int nic_slots_update(const struct nic_map *map, const void *key, const void *value, uint64_t flags)
{
	uint64_t word;
	int programs = map->layout->type == IMAGE_MAP_PROG_ARRAY;

	if (map->layout->type == IMAGE_MAP_ARRAY_OF_MAPS)
		return update_map(map, key, value, flags);
	if (flags > (programs ? 0 : FLAG_EXIST))
		return INVALID;
	if (index_of(key) >= map->layout->max_entries)
		return TOO_BIG;
	if (flags == FLAG_NOEXIST)
		return EXISTS;
	if (nic_slots_place(map, value, &word))
		return INVALID;
	if (programs && word >= map->image->header->n_programs)
		return INVALID;
	if (programs)
		word = map->base + map->image->programs[word].entry;
	if (map->layout->type == IMAGE_MAP_XSKMAP)
		word++;
	return put_word(map, key, word);
}

int nic_slots_delete(const struct nic_map *map, const void *key)
{
	int files = map->layout->type == IMAGE_MAP_PROG_ARRAY || map->layout->type == IMAGE_MAP_ARRAY_OF_MAPS;

	if (index_of(key) >= map->layout->max_entries)
		return files ? TOO_BIG : INVALID;
	if (files && !nic_maps_read_word(map->regs, slot(map, key)))
		return NO_ENTRY;
	return put_word(map, key, 0);
}
