// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
#include "nic_events.h"

/* As errno numbers them. */
enum { NO_ENTRY = -2, IO = -5 };
enum { HEADER = 8 };
#define LENGTH (RING_DISCARD - 1)

static uint64_t word(const struct nic_map *map, uint32_t at)
{
	return nic_maps_read_word(map->regs, map->layout->values + at);
}

static void set_word(const struct nic_map *map, uint32_t at, uint64_t value)
{
	nic_maps_write_word(map->regs, map->layout->values + at, value);
}

int nic_events_holds(const struct nic_map *map)
{
	return image_map_is_ring(map->layout->type);
}

void nic_events_open(const struct nic_map *map, int open)
{
	set_word(map, RING_OPEN, open != 0);
}

size_t nic_events_room(const struct nic_map *map)
{
	return map->layout->stride;
}

uint64_t nic_events_lost(const struct nic_map *map)
{
	return word(map, RING_LOST);
}

static void copy(const struct nic_map *map, uint32_t at, uint8_t *bytes, uint32_t size)
{
	for (uint32_t i = 0; i < size; i += 8) {
		uint64_t v = word(map, at + i);

		for (uint32_t j = i; j < size && j < i + 8; j++)
			bytes[j] = (uint8_t)(v >> 8 * (j - i));
	}
}

/* One record, discarded or not: its bytes when bytes is not NULL. */
static int take(const struct nic_map *map, uint8_t *bytes, size_t *size, int *discarded)
{
	uint32_t mask = map->layout->stride - 1;
	uint64_t consumer = word(map, RING_CONSUMER), producer = word(map, RING_PRODUCER), header;
	uint32_t at = RING_RECORDS + ((uint32_t)consumer & mask), length, room;

	if (consumer == producer)
		return NO_ENTRY;
	header = word(map, at);
	if (!header || header & RING_BUSY)
		return NO_ENTRY;
	length = (uint32_t)header & LENGTH;
	room = (length + HEADER + 7) & ~7u;
	if (consumer & 7 || room > map->layout->stride || room > producer - consumer)
		return IO;
	*discarded = (header & RING_DISCARD) != 0;
	*size = length;
	if (!*discarded)
		copy(map, at + HEADER, bytes, length);
	for (uint32_t i = 0; i < room; i += 8)
		set_word(map, at + i, 0);
	set_word(map, RING_CONSUMER, consumer + room);
	return 0;
}

int nic_events_take(const struct nic_map *map, void *bytes, size_t *size)
{
	int discarded, result;

	do
		result = take(map, bytes, size, &discarded);
	while (!result && discarded);
	return result;
}
