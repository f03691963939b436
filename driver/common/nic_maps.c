// SPDX-License-Identifier: Apache-2.0
#include "nic_maps.h"

#include "hw/spec/regs.h"

enum { FLAG_NOEXIST = 1, FLAG_EXIST = 2 };
/* As errno numbers them; there is no errno.h everywhere this runs. */
enum { NO_ENTRY = -2, IO = -5, TOO_BIG = -7, BUSY = -16, EXISTS = -17, INVALID = -22 };
enum { STATE_FREE, STATE_NEXT, STATE_SPARE }; /* words of MAPSTATE */

/* Where a key was found, or would be put. */
struct place {
	uint32_t hash;
	uint32_t bucket;      /* address of its bucket's word */
	uint32_t link;        /* address of the word that points to the entry */
	uint32_t entry;       /* 0: not in the map */
	uint32_t next;        /* the entry after it */
};

static uint32_t words(uint32_t bytes)
{
	return (bytes + 7) / 8;
}

uint64_t nic_maps_read_word(const struct nic_regs *regs, uint32_t addr)
{
	uint32_t low = regs->read(regs->ctx, REG_MAPMEM + addr);

	return (uint64_t)regs->read(regs->ctx, REG_MAPMEM + addr + 4) << 32 | low;
}

void nic_maps_write_word(const struct nic_regs *regs, uint32_t addr, uint64_t value)
{
	regs->write(regs->ctx, REG_MAPMEM + addr, (uint32_t)value);
	regs->write(regs->ctx, REG_MAPMEM + addr + 4, (uint32_t)(value >> 32));
}

static uint64_t word_of_bytes(const uint8_t *bytes, size_t size)
{
	uint64_t v = 0;

	for (size_t i = 0; i < size && i < 8; i++)
		v |= (uint64_t)bytes[i] << 8 * i;
	return v;
}

void nic_maps_write_bytes(const struct nic_regs *regs, uint32_t addr, const void *bytes,
			  size_t size)
{
	const uint8_t *p = bytes;

	for (size_t i = 0; i < size; i += 8)
		nic_maps_write_word(regs, addr + i, word_of_bytes(p + i, size - i));
}

static void read_bytes(const struct nic_regs *regs, uint32_t addr, void *bytes, size_t size)
{
	uint8_t *p = bytes;

	for (size_t i = 0; i < size; i += 8) {
		uint64_t v = nic_maps_read_word(regs, addr + i);

		for (size_t j = i; j < size && j < i + 8; j++)
			p[j] = (uint8_t)(v >> 8 * (j - i));
	}
}

static uint32_t status(const struct nic_regs *regs)
{
	return regs->read(regs->ctx, REG_STATUS);
}

/* Reading STATUS also forgets refusals of accesses before ours. */
static int begin(const struct nic_map *map)
{
	return status(map->regs) >> STATUS_IDLE_LSB & 1 ? 0 : BUSY;
}

static int end(const struct nic_map *map, int result)
{
	return status(map->regs) >> STATUS_HOST_ERR_LSB & 1 ? BUSY : result;
}

static uint32_t read_state(const struct nic_map *map, int word)
{
	return map->regs->read(map->regs->ctx,
			       REG_MAPSTATE + map->index * REG_MAPSTATE_STRIDE + 4 * word);
}

static void write_state(const struct nic_map *map, int word, uint32_t value)
{
	map->regs->write(map->regs->ctx, REG_MAPSTATE + map->index * REG_MAPSTATE_STRIDE + 4 * word,
			 value);
}

static uint32_t hash(const struct nic_map *map, const uint8_t *key)
{
	uint32_t size = map->layout->key_size, h = map->layout->seed;

	for (uint32_t i = 0; i < 2 * words(size); i++) {
		h ^= 4 * i < size ? (uint32_t)word_of_bytes(key + 4 * i, size - 4 * i) : 0;
		h += h << 12;
		h = h << 15 | h >> 17;
	}
	h = (h + 0x7ed55d16) + (h << 12);
	h = (h ^ 0xc761c23c) ^ (h >> 19);
	h = (h + 0x165667b1) + (h << 5);
	h = (h + 0xd3a2646c) ^ (h << 9);
	h = (h + 0xfd7046c5) + (h << 3);
	return (h ^ 0xb55a4f09) ^ (h >> 16);
}

/* An entry's address read from map memory. */
static int is_entry(const struct nic_map *map, uint32_t entry)
{
	return entry >= map->layout->values && entry < map->layout->limit &&
	       (entry - map->layout->values) % map->layout->stride == 0;
}

static int key_equals(const struct nic_map *map, uint32_t entry, const uint8_t *key)
{
	uint32_t size = map->layout->key_size;

	for (uint32_t i = 0; i < size; i += 8)
		if (nic_maps_read_word(map->regs, entry + 8 + i) !=
		    word_of_bytes(key + i, size - i))
			return 0;
	return 1;
}

/* A chain can't be longer than the table has entries. */
static int find(const struct nic_map *map, const uint8_t *key, struct place *at)
{
	uint32_t left = map->layout->max_entries + 1;

	at->hash = hash(map, key);
	at->bucket = map->layout->buckets + 8 * (at->hash & (map->layout->n_buckets - 1));
	at->link = at->bucket;
	at->entry = (uint32_t)nic_maps_read_word(map->regs, at->bucket);
	for (; at->entry; left--) {
		uint64_t head;

		if (!left || !is_entry(map, at->entry))
			return IO;
		head = nic_maps_read_word(map->regs, at->entry);
		at->next = (uint32_t)head;
		if (head >> 32 == at->hash && key_equals(map, at->entry, key))
			break;
		at->link = at->entry;
		at->entry = at->next;
	}
	return 0;
}

static uint32_t value_of(const struct nic_map *map, uint32_t entry)
{
	return entry + 8 + 8 * words(map->layout->key_size);
}

static uint32_t array_index(const void *key)
{
	return (uint32_t)word_of_bytes(key, 4);
}

static uint32_t element(const struct nic_map *map, const void *key)
{
	return map->layout->values + array_index(key) * map->layout->stride;
}

static int hash_lookup(const struct nic_map *map, const void *key, void *value)
{
	struct place at;
	int result = find(map, key, &at);

	if (result)
		return result;
	if (!at.entry)
		return NO_ENTRY;
	read_bytes(map->regs, value_of(map, at.entry), value, map->layout->value_size);
	return 0;
}

static int array_lookup(const struct nic_map *map, const void *key, void *value)
{
	if (array_index(key) >= map->layout->max_entries)
		return NO_ENTRY;
	read_bytes(map->regs, element(map, key), value, map->layout->value_size);
	return 0;
}

int nic_maps_lookup(const struct nic_map *map, const void *key, void *value)
{
	int result = begin(map);

	if (result)
		return result;
	return end(map, map->layout->type == IMAGE_MAP_HASH ? hash_lookup(map, key, value)
						       : array_lookup(map, key, value));
}

static int allocate(const struct nic_map *map, uint32_t *entry)
{
	uint32_t next = read_state(map, STATE_NEXT);

	*entry = read_state(map, STATE_FREE);
	if (*entry) {
		if (!is_entry(map, *entry))
			return IO;
		write_state(map, STATE_FREE, (uint32_t)nic_maps_read_word(map->regs, *entry));
		return 0;
	}
	if (!is_entry(map, next))
		return IO;
	if (next == map->layout->limit - map->layout->stride)
		return TOO_BIG;
	*entry = next;
	write_state(map, STATE_NEXT, next + map->layout->stride);
	return 0;
}

static int hash_update(const struct nic_map *map, const void *key, const void *value,
		       uint64_t flags)
{
	struct place at;
	uint32_t entry;
	int result = find(map, key, &at);

	if (result)
		return result;
	if (at.entry && flags == FLAG_NOEXIST)
		return EXISTS;
	if (at.entry) {
		nic_maps_write_bytes(map->regs, value_of(map, at.entry), value,
				     map->layout->value_size);
		return 0;
	}
	if (flags == FLAG_EXIST)
		return NO_ENTRY;
	result = allocate(map, &entry);
	if (result)
		return result;
	nic_maps_write_bytes(map->regs, value_of(map, entry), value, map->layout->value_size);
	nic_maps_write_bytes(map->regs, entry + 8, key, map->layout->key_size);
	nic_maps_write_word(map->regs, entry,
			    (uint64_t)at.hash << 32 |
				    (uint32_t)nic_maps_read_word(map->regs, at.bucket));
	nic_maps_write_word(map->regs, at.bucket, entry);
	return 0;
}

static int array_update(const struct nic_map *map, const void *key, const void *value,
			uint64_t flags)
{
	if (array_index(key) >= map->layout->max_entries)
		return TOO_BIG;
	if (flags == FLAG_NOEXIST)
		return EXISTS;
	nic_maps_write_bytes(map->regs, element(map, key), value, map->layout->value_size);
	return 0;
}

int nic_maps_update(const struct nic_map *map, const void *key, const void *value, uint64_t flags)
{
	int result = begin(map);

	if (result)
		return result;
	if (flags > FLAG_EXIST)
		return INVALID;
	return end(map, map->layout->type == IMAGE_MAP_HASH ? hash_update(map, key, value, flags)
						       : array_update(map, key, value, flags));
}

static int hash_delete(const struct nic_map *map, const void *key)
{
	uint64_t link;
	struct place at;
	int result = find(map, key, &at);

	if (result)
		return result;
	if (!at.entry)
		return NO_ENTRY;
	link = nic_maps_read_word(map->regs, at.link);
	nic_maps_write_word(map->regs, at.link, (link >> 32 << 32) | at.next);
	nic_maps_write_word(map->regs, at.entry,
			    (uint64_t)at.hash << 32 | read_state(map, STATE_FREE));
	write_state(map, STATE_FREE, at.entry);
	return 0;
}

int nic_maps_delete(const struct nic_map *map, const void *key)
{
	int result = begin(map);

	if (result)
		return result;
	return map->layout->type == IMAGE_MAP_HASH ? end(map, hash_delete(map, key)) : INVALID;
}

/* The key of the entry behind link. One that is not found there, as the chain has a cycle or the key
 * belongs to another bucket, would let a walk over the map go round for ever. */
static int key_behind(const struct nic_map *map, uint32_t link, uint32_t entry, void *next_key)
{
	struct place at;
	int result;

	if (!is_entry(map, entry))
		return IO;
	read_bytes(map->regs, entry + 8, next_key, map->layout->key_size);
	result = find(map, next_key, &at);
	if (result)
		return result;
	return at.link == link ? 0 : IO;
}

static int first_from_bucket(const struct nic_map *map, uint32_t bucket, void *next_key)
{
	for (; bucket < map->layout->n_buckets; bucket++) {
		uint32_t link = map->layout->buckets + 8 * bucket;
		uint32_t entry = (uint32_t)nic_maps_read_word(map->regs, link);

		if (entry)
			return key_behind(map, link, entry, next_key);
	}
	return NO_ENTRY;
}

static int hash_next(const struct nic_map *map, const void *key, void *next_key)
{
	struct place at;
	int result;

	if (!key)
		return first_from_bucket(map, 0, next_key);
	result = find(map, key, &at);
	if (result)
		return result;
	if (!at.entry)
		return first_from_bucket(map, 0, next_key);
	if (!at.next)
		return first_from_bucket(map, (at.bucket - map->layout->buckets) / 8 + 1, next_key);
	return key_behind(map, at.entry, at.next, next_key);
}

static int array_next(const struct nic_map *map, const void *key, void *next_key)
{
	uint32_t index = key && array_index(key) < map->layout->max_entries ? array_index(key) + 1
									    : 0;
	uint8_t *out = next_key;

	if (index >= map->layout->max_entries)
		return NO_ENTRY;
	for (int i = 0; i < 4; i++)
		out[i] = (uint8_t)(index >> 8 * i);
	return 0;
}

int nic_maps_next(const struct nic_map *map, const void *key, void *next_key)
{
	int result = begin(map);

	if (result)
		return result;
	return end(map, map->layout->type == IMAGE_MAP_HASH ? hash_next(map, key, next_key)
						       : array_next(map, key, next_key));
}
