// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
#include "nic_hash.h"

#include "hw/spec/isa.h"
#include "hw/spec/regs.h"
#include "nic_wait.h"

enum { FLAG_LOCK = 4 };
enum { NO_ENTRY = -2, IO = -5, BUSY = -16 };
enum { VALUE_MAX = REG_MAPBUF_COUNT * REG_MAPBUF_STRIDE - NIC_KEY_BYTES };
/* A call waits for others and may walk a long chain; this many reads of its register take longer than that. */
enum { CALL_POLLS = 1 << 23 };
enum { STATE_NEXT = 4 }; /* of MAPSTATE: the entries from this one on were never used */

static void put(const struct nic_map *map, uint32_t offset, uint32_t value)
{
	map->regs->write(map->regs->ctx, offset, value);
}

static uint32_t get(const struct nic_map *map, uint32_t offset)
{
	return map->regs->read(map->regs->ctx, offset);
}

static uint32_t round_up(uint32_t bytes)
{
	return (bytes + 7) / 8 * 8;
}

static void put_operand(const struct nic_map *map, uint32_t at, const uint8_t *bytes, uint32_t size)
{
	for (uint32_t i = 0; i < size; i += 4) {
		uint32_t word = 0;

		for (uint32_t n = i; n < size && n < i + 4; n++)
			word |= (uint32_t)bytes[n] << 8 * (n - i);
		put(map, REG_MAPBUF + at + i, word);
	}
}

/* A command of the map engine, done between those of the programs; the key is in its place. */
static int call(const struct nic_map *map, enum isa_op op, uint64_t flags, int64_t *result)
{
	struct nic_wait wait = {.regs = map->regs, .polls = CALL_POLLS};
	uint32_t state;

	put(map, REG_MAPCMD, (uint32_t)op << MAPCMD_OP_LSB | map->index << MAPCMD_MAP_LSB | (uint32_t)flags << MAPCMD_FLAGS_LSB);
	do
		state = get(map, REG_MAPCMD);
	while (state >> MAPCMD_BUSY_LSB & 1 && nic_wait_more(&wait, state));
	if (state >> MAPCMD_BUSY_LSB & 1)
		return BUSY;
	if (state >> MAPCMD_FAULT_LSB & 1)
		return IO;
	*result = (int64_t)((uint64_t)get(map, REG_MAPCMD_HI) << 32 | get(map, REG_MAPCMD_LO));
	return 0;
}

int nic_hash_find(const struct nic_map *map, const void *key, uint32_t *value)
{
	int64_t pointer = 0;
	int result;

	put_operand(map, 0, key, map->layout->key_size);
	result = call(map, OP_MLOOK, 0, &pointer);
	*value = (uint32_t)pointer;
	return result;
}

int nic_hash_lookup(const struct nic_map *map, const void *key, void *value)
{
	uint32_t at;
	int result = nic_hash_find(map, key, &at);

	if (result)
		return result;
	if (!at)
		return NO_ENTRY;
	nic_maps_read_value(map, at, value);
	return 0;
}

/* The value's first bytes, all that there are to the engine. */
static int insert(const struct nic_map *map, const void *key, const void *value, uint32_t bytes, uint64_t flags)
{
	int64_t outcome = 0;
	int result;

	put_operand(map, 0, key, map->layout->key_size);
	put_operand(map, NIC_KEY_BYTES, value, bytes);
	if (map->layout->lock && map->layout->lock <= bytes)
		put(map, REG_MAPBUF + NIC_KEY_BYTES + map->layout->lock - 1, 0);
	for (uint32_t at = map->layout->timer - 1, n = 0; map->layout->timer && n < TIMER_BYTES && at + n < bytes; n += 4)
		put(map, REG_MAPBUF + NIC_KEY_BYTES + at + n, 0);
	result = call(map, OP_MUPD, flags & ~(uint64_t)FLAG_LOCK, &outcome);
	return result ? result : (int)outcome;
}

static int write_found(const struct nic_map *map, const void *key, const void *value)
{
	uint32_t at;
	int result = nic_hash_find(map, key, &at);

	if (!result && at)
		nic_maps_write_value(map, at, value);
	if (!result && at && nic_maps_has_hidden(map))
		nic_maps_clear_hidden(map, at);
	return result;
}

static void put_value_size(const struct nic_map *map, uint32_t bytes)
{
	put(map, REG_MAPDESC + map->index * REG_MAPDESC_STRIDE + 4 * NIC_DESC_VALUE_SIZE, bytes);
}

int nic_hash_is_long(const struct nic_map *map)
{
	return map->layout->value_size > VALUE_MAX;
}

int nic_hash_update(const struct nic_map *map, const void *key, const void *value, uint64_t flags)
{
	uint32_t bytes = map->layout->value_size;
	int result;

	if (!nic_hash_is_long(map)) {
		result = insert(map, key, value, bytes, flags);
		return result || !map->layout->plane ? result : write_found(map, key, value);
	}
	put_value_size(map, VALUE_MAX);
	result = insert(map, key, value, VALUE_MAX, flags);
	put_value_size(map, bytes);
	return result ? result : write_found(map, key, value);
}

int nic_hash_delete(const struct nic_map *map, const void *key)
{
	int64_t outcome = 0;
	int result;

	put_operand(map, 0, key, map->layout->key_size);
	result = call(map, OP_MDEL, 0, &outcome);
	return result ? result : (int)outcome;
}

static uint32_t last_entry(const struct image_map *m)
{
	return image_map_end(m) - m->stride;
}

/* In the order of the entries, of which those behind the ones ever used are passed over; the last one may be used before them. A key is in the map when the
 * map's engine finds it in the entry that has it. */
int nic_hash_next(const struct nic_map *map, const void *key, void *next_key)
{
	const struct image_map *m = map->layout;
	uint32_t value = 0, entry, unused, last = last_entry(m);
	int result = key ? nic_hash_find(map, key, &value) : 0;

	if (result)
		return result;
	unused = get(map, REG_MAPSTATE + map->index * REG_MAPSTATE_STRIDE + STATE_NEXT);
	for (entry = value ? value - round_up(m->key_size) - 8 + m->stride : m->values; entry <= last; entry += m->stride) {
		if (entry >= unused)
			entry = last;
		nic_maps_read_bytes(map->regs, entry + 8, next_key, m->key_size);
		result = nic_hash_find(map, next_key, &value);
		if (result || value == entry + 8 + round_up(m->key_size))
			return result;
	}
	return NO_ENTRY;
}
