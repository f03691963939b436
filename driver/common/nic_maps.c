// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
#include "nic_maps.h"

#include "hw/spec/regs.h"
#include "nic_hash.h"
#include "nic_lpm.h"
#include "nic_ports.h"
#include "nic_prefix.h"
#include "nic_queue.h"
#include "nic_slots.h"
#include "nic_wait.h"

enum { FLAG_NOEXIST = 1, FLAG_EXIST = 2, FLAG_LOCK = 4 };
enum { HOST_READS_ONLY = 8, HOST_WRITES_ONLY = 0x10 }; /* BPF_F_RDONLY, BPF_F_WRONLY */
/* As errno numbers them; there is no errno.h everywhere this runs. */
enum { NOT_PERMITTED = -1, NO_ENTRY = -2, TOO_BIG = -7, BUSY = -16, EXISTS = -17, INVALID = -22 };
/* A call of the engine may be under way; the largest memory takes 2 clocks for each 64 bytes, or, on chip, each 8. */
enum { CLEAR_POLLS = 1 << 26 };
enum { PART = REG_MAPMEM_COUNT * REG_MAPMEM_STRIDE };

/* MAPMEM shows a part of map memory. It is the first one but while more is looked at. */
static void look_at(const struct nic_regs *regs, uint32_t addr, uint32_t *part)
{
	if (addr / PART == *part)
		return;
	*part = addr / PART;
	regs->write(regs->ctx, REG_MAPWIN, *part);
}

static uint64_t read_word(const struct nic_regs *regs, uint32_t addr, uint32_t *part)
{
	uint32_t low;

	look_at(regs, addr, part);
	low = regs->read(regs->ctx, REG_MAPMEM + addr % PART);
	return (uint64_t)regs->read(regs->ctx, REG_MAPMEM + addr % PART + 4) << 32 | low;
}

static void write_word(const struct nic_regs *regs, uint32_t addr, uint64_t value, uint32_t *part)
{
	look_at(regs, addr, part);
	regs->write(regs->ctx, REG_MAPMEM + addr % PART, (uint32_t)value);
	regs->write(regs->ctx, REG_MAPMEM + addr % PART + 4, (uint32_t)(value >> 32));
}

uint64_t nic_maps_read_word(const struct nic_regs *regs, uint32_t addr)
{
	uint32_t part = 0;
	uint64_t value = read_word(regs, addr, &part);

	look_at(regs, 0, &part);
	return value;
}

void nic_maps_write_word(const struct nic_regs *regs, uint32_t addr, uint64_t value)
{
	uint32_t part = 0;

	write_word(regs, addr, value, &part);
	look_at(regs, 0, &part);
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
	uint32_t part = 0;

	for (size_t i = 0; i < size; i += 8)
		write_word(regs, addr + i, word_of_bytes(p + i, size - i), &part);
	look_at(regs, 0, &part);
}

void nic_maps_read_bytes(const struct nic_regs *regs, uint32_t addr, void *bytes, size_t size)
{
	uint8_t *p = bytes;
	uint32_t part = 0;

	for (size_t i = 0; i < size; i += 8) {
		uint64_t v = read_word(regs, addr + i, &part);

		for (size_t j = i; j < size && j < i + 8; j++)
			p[j] = (uint8_t)(v >> 8 * (j - i));
	}
	look_at(regs, 0, &part);
}

int nic_maps_clear(const struct nic_regs *regs, uint32_t addr, uint32_t count)
{
	struct nic_wait wait = {.regs = regs, .polls = CLEAR_POLLS};
	uint32_t left;

	if (!count)
		return 0;
	regs->write(regs->ctx, REG_MAPCMD_ADDR, addr);
	regs->write(regs->ctx, REG_MAPFILL, count);
	do
		left = regs->read(regs->ctx, REG_MAPFILL);
	while (left && nic_wait_more(&wait, left));
	return left ? BUSY : 0;
}

static void put(const struct nic_map *map, uint32_t offset, uint32_t value)
{
	map->regs->write(map->regs->ctx, offset, value);
}

static uint32_t get(const struct nic_map *map, uint32_t offset)
{
	return map->regs->read(map->regs->ctx, offset);
}

/* From the value of one hardware thread to the next one's, where there are several. */
static size_t value_step(const struct nic_map *map)
{
	return ((size_t)map->layout->value_size + 7) / 8 * 8;
}

/* ---- values with a spin lock or a timer in them ---- */

enum { LOCK_BYTES = 4 };

int nic_maps_has_hidden(const struct nic_map *map)
{
	return map->layout->lock || map->layout->timer;
}

/* A packet under way may run until the watchdog ends it. */
enum { REST_POLLS = 1 << 23 };

/* The NIC takes no packets, and has none. *ctrl is for nic_maps_go_on(). */
int nic_maps_rest(const struct nic_map *map, uint32_t *ctrl)
{
	struct nic_wait wait = {.regs = map->regs, .polls = REST_POLLS};
	uint32_t status;

	*ctrl = get(map, REG_CTRL);
	put(map, REG_CTRL, *ctrl & ~(1u << CTRL_RUN_LSB));
	do {
		status = get(map, REG_STATUS);
		if (status != NIC_GONE && status >> STATUS_IDLE_LSB & 1)
			return 0;
	} while (nic_wait_more(&wait, status));
	put(map, REG_CTRL, *ctrl);
	return BUSY;
}

void nic_maps_go_on(const struct nic_map *map, uint32_t ctrl)
{
	put(map, REG_CTRL, ctrl);
}

/* At rest: a lock is free now, held or not: who held it has ended with a fault. A timer is no longer there. */
void nic_maps_clear_hidden(const struct nic_map *map, uint32_t value)
{
	uint32_t at = value + map->layout->lock - 1;

	for (uint32_t n = 0; map->layout->timer && n < TIMER_BYTES; n += 8)
		nic_maps_write_word(map->regs, value + map->layout->timer - 1 + n, 0);
	if (map->layout->lock)
		nic_maps_write_word(map->regs, at & ~7u, nic_maps_read_word(map->regs, at & ~7u) & ~(0xffffffffull << 8 * (at % 8)));
}

static void blank_hidden(const struct nic_map *map, void *value)
{
	uint8_t *byte = value;

	for (uint32_t n = 0; map->layout->lock && n < LOCK_BYTES; n++)
		byte[map->layout->lock - 1 + n] = 0;
	for (uint32_t n = 0; map->layout->timer && n < TIMER_BYTES; n++)
		byte[map->layout->timer - 1 + n] = 0;
}

static uint32_t array_index(const void *key)
{
	return (uint32_t)word_of_bytes(key, 4);
}

static uint32_t element(const struct nic_map *map, const void *key)
{
	return map->layout->values + array_index(key) * map->layout->stride;
}

/* at: in the first plane. */
void nic_maps_read_value(const struct nic_map *map, uint32_t at, void *value)
{
	const struct image_map *m = map->layout;

	for (uint32_t cpu = 0; cpu < m->cpus; cpu++)
		nic_maps_read_bytes(map->regs, at + cpu * m->plane, (uint8_t *)value + cpu * value_step(map), m->value_size);
}

void nic_maps_write_value(const struct nic_map *map, uint32_t at, const void *value)
{
	const struct image_map *m = map->layout;

	for (uint32_t cpu = 0; cpu < m->cpus; cpu++)
		nic_maps_write_bytes(map->regs, at + cpu * m->plane, (const uint8_t *)value + cpu * value_step(map), m->value_size);
}

static int array_lookup(const struct nic_map *map, const void *key, void *value)
{
	if (array_index(key) >= map->layout->max_entries)
		return NO_ENTRY;
	nic_maps_read_value(map, element(map, key), value);
	return 0;
}

static int has_keys(const struct nic_map *map)
{
	return !image_map_is_ring(map->layout->type) && !image_map_is_queue(map->layout->type);
}

static int lookup(const struct nic_map *map, const void *key, void *value)
{
	if (image_map_is_queue(map->layout->type) && !(map->layout->flags & HOST_WRITES_ONLY))
		return nic_queue_take(map, value, 0);
	if (!has_keys(map))
		return INVALID;
	if (map->layout->flags & HOST_WRITES_ONLY)
		return NOT_PERMITTED;
	if (map->layout->type == IMAGE_MAP_LPM_TRIE)
		return nic_lpm_lookup(map, key, value);
	if (map->layout->type == IMAGE_MAP_PREFIXES)
		return nic_prefix_lookup(map, key, value);
	if (image_map_is_slots(map->layout->type))
		return nic_slots_lookup(map, key, value);
	return image_map_is_hash(map->layout->type) ? nic_hash_lookup(map, key, value) : array_lookup(map, key, value);
}

int nic_maps_lookup(const struct nic_map *map, const void *key, void *value)
{
	uint8_t word[8]; /* of a map, of which the host sees a number */
	int result = lookup(map, key, map->layout->type == IMAGE_MAP_HASH_OF_MAPS ? word : value);

	if (!result && map->layout->type == IMAGE_MAP_HASH_OF_MAPS)
		nic_slots_map_number(word_of_bytes(word, sizeof(word)), value);
	if (!result)
		blank_hidden(map, value);
	return result;
}

int nic_maps_lookup_locked(const struct nic_map *map, const void *key, void *value)
{
	uint32_t ctrl;
	int result;

	if (!map->layout->lock)
		return INVALID;
	result = nic_maps_rest(map, &ctrl);
	if (result)
		return result;
	result = nic_maps_lookup(map, key, value);
	nic_maps_go_on(map, ctrl);
	return result;
}

static int array_update(const struct nic_map *map, const void *key, const void *value,
			uint64_t flags)
{
	if (array_index(key) >= map->layout->max_entries)
		return TOO_BIG;
	if (flags & FLAG_NOEXIST)
		return EXISTS;
	nic_maps_write_value(map, element(map, key), value);
	if (nic_maps_has_hidden(map))
		nic_maps_clear_hidden(map, element(map, key));
	return 0;
}

/* A value in the map's memory is the word. */
static int update_word(const struct nic_map *map, const void *key, uint64_t word, uint64_t flags)
{
	uint8_t bytes[8];

	for (int n = 0; n < 8; n++)
		bytes[n] = (uint8_t)(word >> 8 * n);
	return word ? nic_hash_update(map, key, bytes, flags) : INVALID;
}

/* The interface index at a key, 0: none. */
static int device_at(const struct nic_map *map, const void *key, uint32_t *ifindex)
{
	uint32_t at;
	int result = nic_hash_find(map, key, &at);

	*ifindex = result || !at ? 0 : (uint32_t)nic_maps_read_word(map->regs, at);
	return result;
}

static int update_device(const struct nic_map *map, const void *key, const void *value, uint64_t flags)
{
	uint32_t had = 0;
	uint64_t word;
	int result = nic_slots_place(map, value, &word);

	if (!result)
		result = device_at(map, key, &had);
	if (!result)
		result = update_word(map, key, word, flags);
	return result ? result : nic_ports_change(map, had, (uint32_t)word);
}

static int update(const struct nic_map *map, const void *key, const void *value, uint64_t flags)
{
	switch (map->layout->type) {
	case IMAGE_MAP_LPM_TRIE: return nic_lpm_update(map, key, value, flags);
	case IMAGE_MAP_PREFIXES: return nic_prefix_update(map, key, value, flags);
	case IMAGE_MAP_HASH_OF_MAPS: return update_word(map, key, (uint64_t)nic_slots_map_word(map, value), flags);
	case IMAGE_MAP_DEVMAP_HASH: return update_device(map, key, value, flags);
	default: return image_map_is_hash(map->layout->type) ? nic_hash_update(map, key, value, flags) : array_update(map, key, value, flags);
	}
}

/* For what no program may meet half done: a value that is written in pieces, one with a lock in it that a program may hold, or a timer. */
static int needs_rest(const struct nic_map *map, uint64_t flags)
{
	int hash = image_map_is_hash(map->layout->type);

	return (hash && nic_hash_is_long(map)) || (nic_maps_has_hidden(map) && (flags & FLAG_LOCK || !hash));
}

/* An entry of a hash that is there keeps its timer with BPF_F_LOCK, as in Linux. */
static int change_locked(const struct nic_map *map, const void *key, const void *value, uint64_t flags)
{
	uint64_t timer[TIMER_BYTES / 8];
	uint32_t had, has = 0;
	int result = nic_hash_find(map, key, &had);

	for (uint32_t n = 0; !result && had && n < TIMER_BYTES / 8; n++)
		timer[n] = nic_maps_read_word(map->regs, had + map->layout->timer - 1 + 8 * n);
	if (!result)
		result = update(map, key, value, flags);
	if (!result && had)
		result = nic_hash_find(map, key, &has);
	for (uint32_t n = 0; !result && has && n < TIMER_BYTES / 8; n++)
		nic_maps_write_word(map->regs, has + map->layout->timer - 1 + 8 * n, timer[n]);
	return result;
}

static int update_at_rest(const struct nic_map *map, const void *key, const void *value, uint64_t flags)
{
	int keeps = flags & FLAG_LOCK && map->layout->timer && image_map_is_hash(map->layout->type), result;
	uint32_t ctrl;

	result = nic_maps_rest(map, &ctrl);
	if (result)
		return result;
	result = keeps ? change_locked(map, key, value, flags) : update(map, key, value, flags);
	nic_maps_go_on(map, ctrl);
	return result;
}

int nic_maps_update(const struct nic_map *map, const void *key, const void *value, uint64_t flags)
{
	if (map->layout->flags & HOST_READS_ONLY)
		return NOT_PERMITTED;
	if (image_map_is_queue(map->layout->type))
		return nic_queue_push(map, value, flags);
	if (image_map_is_slots(map->layout->type))
		return nic_slots_update(map, key, value, flags);
	if ((flags & ~(uint64_t)FLAG_LOCK) > FLAG_EXIST || !has_keys(map) || (flags & FLAG_LOCK && !map->layout->lock))
		return INVALID;
	return needs_rest(map, flags) ? update_at_rest(map, key, value, flags) : update(map, key, value, flags);
}

static int delete_device(const struct nic_map *map, const void *key)
{
	uint32_t had;
	int result = device_at(map, key, &had);

	if (!result)
		result = nic_hash_delete(map, key);
	return result ? result : nic_ports_change(map, had, 0);
}

int nic_maps_delete(const struct nic_map *map, const void *key)
{
	if (map->layout->flags & HOST_READS_ONLY)
		return NOT_PERMITTED;
	if (map->layout->type == IMAGE_MAP_LPM_TRIE)
		return nic_lpm_delete(map, key);
	if (map->layout->type == IMAGE_MAP_PREFIXES)
		return nic_prefix_delete(map, key);
	if (image_map_is_slots(map->layout->type))
		return nic_slots_delete(map, key);
	if (!image_map_is_hash(map->layout->type))
		return INVALID;
	return map->layout->type == IMAGE_MAP_DEVMAP_HASH ? delete_device(map, key) : nic_hash_delete(map, key);
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
	if (!has_keys(map))
		return INVALID;
	if (map->layout->flags & HOST_WRITES_ONLY)
		return NOT_PERMITTED;
	if (map->layout->type == IMAGE_MAP_LPM_TRIE)
		return nic_lpm_next(map, key, next_key);
	if (map->layout->type == IMAGE_MAP_PREFIXES)
		return nic_prefix_next(map, key, next_key);
	return image_map_is_hash(map->layout->type) ? nic_hash_next(map, key, next_key) : array_next(map, key, next_key);
}

int nic_maps_pop(const struct nic_map *map, void *value)
{
	if (!image_map_is_queue(map->layout->type))
		return INVALID;
	if (map->layout->flags & (HOST_READS_ONLY | HOST_WRITES_ONLY))
		return NOT_PERMITTED;
	return nic_queue_take(map, value, 1);
}
