// SPDX-License-Identifier: Apache-2.0
#include "nic_maps.h"

#include "hw/spec/isa.h"
#include "hw/spec/regs.h"

enum { TYPE_HASH = 1, FLAG_NOEXIST = 1, FLAG_EXIST = 2 };
/* As errno numbers them; there is no errno.h everywhere this runs. */
enum { NO_ENTRY = -2, IO = -5, TOO_BIG = -7, BUSY = -16, EXISTS = -17, INVALID = -22 };
enum { VALUE_MAX = REG_MAPBUF_COUNT * REG_MAPBUF_STRIDE - NIC_KEY_BYTES };
/* A call waits for others and may walk a long chain; this many reads of its register take longer than that. */
enum { CALL_POLLS = 1 << 23 };
enum { NEXT_TRIES = 16 };

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

static void put(const struct nic_map *map, uint32_t offset, uint32_t value)
{
	map->regs->write(map->regs->ctx, offset, value);
}

static uint32_t get(const struct nic_map *map, uint32_t offset)
{
	return map->regs->read(map->regs->ctx, offset);
}

static void put_operand(const struct nic_map *map, uint32_t at, const uint8_t *bytes, uint32_t size)
{
	for (uint32_t i = 0; i < size; i += 4)
		put(map, REG_MAPBUF + at + i, (uint32_t)word_of_bytes(bytes + i, size - i < 4 ? size - i : 4));
}

/* A command of the map engine, done between those of the programs; the key is in its place. */
static int call(const struct nic_map *map, enum isa_op op, uint64_t flags, int64_t *result)
{
	uint32_t polls = CALL_POLLS, state;

	put(map, REG_MAPCMD, (uint32_t)op << MAPCMD_OP_LSB | map->index << MAPCMD_MAP_LSB | (uint32_t)flags << MAPCMD_FLAGS_LSB);
	do
		state = get(map, REG_MAPCMD);
	while (state >> MAPCMD_BUSY_LSB & 1 && --polls);
	if (state >> MAPCMD_BUSY_LSB & 1)
		return BUSY;
	if (state >> MAPCMD_FAULT_LSB & 1)
		return IO;
	*result = (int64_t)((uint64_t)get(map, REG_MAPCMD_HI) << 32 | get(map, REG_MAPCMD_LO));
	return 0;
}

/* An entry's address read from map memory. */
static int is_entry(const struct nic_map *map, uint32_t entry)
{
	return entry >= map->layout->values && entry < map->layout->limit && entry % 8 == 0;
}

static uint32_t key_words(const struct nic_map *map)
{
	return 8 * words(map->layout->key_size);
}

/* Address of the key's value, 0 when it is not in the map. */
static int find(const struct nic_map *map, const void *key, uint32_t *value)
{
	int64_t pointer = 0;
	int result;

	put_operand(map, 0, key, map->layout->key_size);
	result = call(map, OP_MLOOK, 0, &pointer);
	*value = (uint32_t)pointer;
	return result;
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
	uint32_t at;
	int result = find(map, key, &at);

	if (result)
		return result;
	if (!at)
		return NO_ENTRY;
	read_bytes(map->regs, at, value, map->layout->value_size);
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
	return map->layout->type == TYPE_HASH ? hash_lookup(map, key, value) : array_lookup(map, key, value);
}

static int hash_update(const struct nic_map *map, const void *key, const void *value, uint64_t flags)
{
	int64_t outcome = 0;
	int result;

	if (map->layout->value_size > VALUE_MAX)
		return INVALID;
	put_operand(map, 0, key, map->layout->key_size);
	put_operand(map, NIC_KEY_BYTES, value, map->layout->value_size);
	result = call(map, OP_MUPD, flags, &outcome);
	return result ? result : (int)outcome;
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
	if (flags > FLAG_EXIST)
		return INVALID;
	return map->layout->type == TYPE_HASH ? hash_update(map, key, value, flags) : array_update(map, key, value, flags);
}

int nic_maps_delete(const struct nic_map *map, const void *key)
{
	int64_t outcome = 0;
	int result;

	if (map->layout->type != TYPE_HASH)
		return INVALID;
	put_operand(map, 0, key, map->layout->key_size);
	result = call(map, OP_MDEL, 0, &outcome);
	return result ? result : (int)outcome;
}

static uint32_t bucket_of(const struct nic_map *map, uint64_t entry_word)
{
	return (uint32_t)(entry_word >> 32) & (map->layout->n_buckets - 1);
}

/* The entry's key, if it is in that bucket before and after the key is read: programs may have moved it meanwhile. */
static int key_of(const struct nic_map *map, uint32_t entry, uint32_t bucket, void *key)
{
	uint64_t before = nic_maps_read_word(map->regs, entry), after;

	read_bytes(map->regs, entry + 8, key, map->layout->key_size);
	after = nic_maps_read_word(map->regs, entry);
	return before >> 32 == after >> 32 && bucket_of(map, after) == bucket ? 0 : BUSY;
}

static int first_from_bucket(const struct nic_map *map, uint32_t bucket, void *next_key)
{
	int tries = NEXT_TRIES;

	while (bucket < map->layout->n_buckets) {
		uint32_t entry = (uint32_t)nic_maps_read_word(map->regs, map->layout->buckets + 8 * bucket);

		if (!entry) {
			bucket++;
			continue;
		}
		if (!is_entry(map, entry))
			return IO;
		if (!key_of(map, entry, bucket, next_key))
			return 0;
		if (!--tries)
			return BUSY;
	}
	return NO_ENTRY;
}

static int hash_next(const struct nic_map *map, const void *key, void *next_key)
{
	uint32_t value = 0, next, bucket;
	uint64_t word;
	int result = key ? find(map, key, &value) : 0;

	if (result)
		return result;
	if (!value)
		return first_from_bucket(map, 0, next_key);
	word = nic_maps_read_word(map->regs, value - key_words(map) - 8);
	next = (uint32_t)word;
	bucket = bucket_of(map, word);
	if (!next)
		return first_from_bucket(map, bucket + 1, next_key);
	if (!is_entry(map, next))
		return IO;
	return key_of(map, next, bucket, next_key) ? first_from_bucket(map, bucket, next_key) : 0;
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
	return map->layout->type == TYPE_HASH ? hash_next(map, key, next_key) : array_next(map, key, next_key);
}
