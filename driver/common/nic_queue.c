// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* Queues and stacks (hw/spec/image.h) from the host's side. Programs change them under a lock that a host can't take through registers, so the NIC rests
 * meanwhile. */
#include "nic_bloom.h"
#include "nic_queue.h"

enum { NO_ENTRY = -2, TOO_BIG = -7, INVALID = -22, NOT_SUPPORTED = -95, FLAG_NOEXIST = 1, FLAG_EXIST = 2 };

static uint32_t word(const struct nic_map *map, uint32_t at)
{
	return (uint32_t)nic_maps_read_word(map->regs, map->layout->values + at);
}

static void set_word(const struct nic_map *map, uint32_t at, uint32_t value)
{
	nic_maps_write_word(map->regs, map->layout->values + at, value);
}

static uint32_t element(const struct nic_map *map, uint32_t n)
{
	return map->layout->values + QUEUE_ELEMENTS + n * map->layout->stride;
}

/* Elements are one more than entries. */
static uint32_t behind(const struct nic_map *map, uint32_t n)
{
	return n == map->layout->max_entries ? 0 : n + 1;
}

static uint32_t before(const struct nic_map *map, uint32_t n)
{
	return n ? n - 1 : map->layout->max_entries;
}

static int put(const struct nic_map *map, const void *value, uint64_t flags)
{
	uint32_t head = word(map, QUEUE_HEAD), next = behind(map, head);

	if (map->layout->type == IMAGE_MAP_BLOOM_FILTER) {
		nic_bloom_add(map, value);
		return 0;
	}
	if (next == word(map, QUEUE_TAIL)) {
		if (!flags)
			return TOO_BIG;
		set_word(map, QUEUE_TAIL, behind(map, next));
	}
	nic_maps_write_bytes(map->regs, element(map, head), value, map->layout->value_size);
	set_word(map, QUEUE_HEAD, next);
	return 0;
}

static int get(const struct nic_map *map, void *value, int removes)
{
	uint32_t head = word(map, QUEUE_HEAD), tail = word(map, QUEUE_TAIL);
	int stack = map->layout->type == IMAGE_MAP_STACK;

	if (map->layout->type == IMAGE_MAP_BLOOM_FILTER)
		return removes ? NOT_SUPPORTED : nic_bloom_has(map, value) ? 0 : NO_ENTRY;
	if (head == tail)
		return NO_ENTRY;
	nic_maps_read_bytes(map->regs, element(map, stack ? before(map, head) : tail), value, map->layout->value_size);
	if (removes)
		set_word(map, stack ? QUEUE_HEAD : QUEUE_TAIL, stack ? before(map, head) : behind(map, tail));
	return 0;
}

int nic_queue_push(const struct nic_map *map, const void *value, uint64_t flags)
{
	uint32_t ctrl;
	int result;

	if (flags == FLAG_NOEXIST || flags > (map->layout->type == IMAGE_MAP_BLOOM_FILTER ? 0 : FLAG_EXIST))
		return INVALID;
	result = nic_maps_rest(map, &ctrl);
	if (result)
		return result;
	result = put(map, value, flags);
	nic_maps_go_on(map, ctrl);
	return result;
}

int nic_queue_take(const struct nic_map *map, void *value, int removes)
{
	uint32_t ctrl;
	int result = nic_maps_rest(map, &ctrl);

	if (result)
		return result;
	result = get(map, value, removes);
	nic_maps_go_on(map, ctrl);
	return result;
}
