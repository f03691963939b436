// SPDX-License-Identifier: Apache-2.0
/* Ring buffers, perf event arrays and printing, as Linux has them. */
#include "interp.h"

#include <errno.h>
#include <linux/bpf.h>
#include <string.h>

#include "../io/events.h"

enum {
	HELPER_TRACE_PRINTK = 6,
	HELPER_PERF_EVENT_OUTPUT = 25,
	HELPER_RINGBUF_OUTPUT = 130,
	HELPER_RINGBUF_RESERVE = 131,
	HELPER_RINGBUF_SUBMIT = 132,
	HELPER_RINGBUF_DISCARD = 133,
	HELPER_RINGBUF_QUERY = 134,
	HELPER_TRACE_VPRINTK = 177
};
enum { NUMBERS_MAX = 12, PRINTK_NUMBERS = 3, CPUS = 32, HEADER = BPF_RINGBUF_HDR_SZ, RECORD_MAX = 1 << 18 };

/* Record headers lie in the ring's memory, so a pointer that left its record is noticed where it is given back. */
struct header {
	uint32_t length, number;
};

static uint64_t room(uint32_t size)
{
	return ((uint64_t)size + HEADER + 7) & ~(uint64_t)7;
}

static uint8_t *reserve(struct ref_map *map, uint64_t size)
{
	struct ref_ring *ring = ref_map_ring(map);
	uint8_t *at = ring->bytes + (ring->producer & ring->mask);
	struct header header = { (uint32_t)size | BPF_RINGBUF_BUSY_BIT, 1 };

	if (size > ring->mask || ring->producer + room((uint32_t)size) - ring->consumer > ring->mask)
		return NULL;
	ring->producer += room((uint32_t)size);
	memcpy(at, &header, sizeof(header));
	return at + HEADER;
}

static bool commit(struct ref_map *map, uint8_t *record, uint32_t flip)
{
	struct header header;

	memcpy(&header, record - HEADER, sizeof(header));
	header.length ^= flip;
	memcpy(record - HEADER, &header, sizeof(header));
	(void)map;
	return true;
}

void ref_events_take(struct ref_machine *machine)
{
	for (uint32_t i = 0; machine->events && i < machine->program->map_count; i++) {
		struct ref_map *map = machine->program->maps[i];
		struct ref_ring *ring = map ? ref_map_ring(map) : NULL;

		while (ring && ring->consumer != ring->producer) {
			uint8_t *at = ring->bytes + (ring->consumer & ring->mask);
			struct header header;
			uint32_t size;

			memcpy(&header, at, sizeof(header));
			size = header.length & ~(BPF_RINGBUF_BUSY_BIT | BPF_RINGBUF_DISCARD_BIT);
			if (header.length & BPF_RINGBUF_BUSY_BIT)
				break;
			if (!(header.length & BPF_RINGBUF_DISCARD_BIT))
				events_add(machine->events, ref_map_spec(map)->name, EVENTS_NO_CPU, at + HEADER, size);
			ring->consumer += room(size);
		}
	}
}

static struct ref_map *map_of_type(struct ref_machine *machine, unsigned int reg, uint32_t type)
{
	uint64_t index = (machine->run->reg[reg] >> REGION_SHIFT) - REGION_MAPS;
	struct ref_map *map = NULL;

	if (index < machine->program->map_count && machine->run->reg[reg] == ref_map_address((uint32_t)index))
		map = machine->program->maps[index];
	if (map && ref_map_spec(map)->type == type)
		return map;
	interp_fault(machine->run, "r%u is not a map of type %u", reg, type);
	return NULL;
}

static bool output(struct ref_machine *machine)
{
	uint64_t *reg = machine->run->reg;
	struct ref_map *map = map_of_type(machine, 1, BPF_MAP_TYPE_RINGBUF);
	const uint8_t *data = map && reg[3] ? memory_bytes(machine, reg[2], (uint32_t)reg[3], false) : NULL;
	uint8_t *record;

	if (!map || (reg[3] && !data))
		return false;
	if (reg[4] & ~(uint64_t)(BPF_RB_NO_WAKEUP | BPF_RB_FORCE_WAKEUP)) {
		reg[0] = (uint64_t)-EINVAL;
		return true;
	}
	record = reserve(map, reg[3]);
	reg[0] = record ? 0 : (uint64_t)-EAGAIN;
	if (!record)
		return true;
	if (data)
		memcpy(record, data, reg[3]);
	return commit(map, record, BPF_RINGBUF_BUSY_BIT);
}

static bool reserve_call(struct ref_machine *machine)
{
	uint64_t *reg = machine->run->reg;
	struct ref_map *map = map_of_type(machine, 1, BPF_MAP_TYPE_RINGBUF);
	uint8_t *record;

	if (!map)
		return false;
	record = reg[3] ? NULL : reserve(map, reg[2]);
	reg[0] = record ? ref_value_address((uint32_t)((reg[1] >> REGION_SHIFT) - REGION_MAPS), ref_map_offset(map, record)) : 0;
	return true;
}

static bool commit_call(struct ref_machine *machine, uint32_t flip)
{
	uint64_t address = machine->run->reg[1], index = (address >> REGION_SHIFT) - REGION_VALUES;
	uint8_t *record = memory_bytes(machine, address - HEADER, HEADER, true);

	return record && commit(machine->program->maps[index], record + HEADER, flip);
}

static bool query(struct ref_machine *machine)
{
	uint64_t *reg = machine->run->reg;
	struct ref_map *map = map_of_type(machine, 1, BPF_MAP_TYPE_RINGBUF);
	const struct ref_ring *ring = map ? ref_map_ring(map) : NULL;

	if (!ring)
		return false;
	reg[0] = reg[2] == BPF_RB_AVAIL_DATA ? ring->producer - ring->consumer :
		 reg[2] == BPF_RB_RING_SIZE ? ring->mask + 1 :
		 reg[2] == BPF_RB_CONS_POS ? ring->consumer :
		 reg[2] == BPF_RB_PROD_POS ? ring->producer : 0;
	return true;
}

static int64_t perf_checks(struct ref_machine *machine, const struct ref_map *map)
{
	uint64_t flags = machine->run->reg[3], index = flags & BPF_F_INDEX_MASK;

	if (flags & ~(BPF_F_INDEX_MASK | BPF_F_CTXLEN_MASK))
		return -EINVAL;
	if ((flags & BPF_F_CTXLEN_MASK) >> 32 > (uint64_t)(machine->run->end - machine->run->start))
		return -EFAULT;
	if (index == BPF_F_CURRENT_CPU)
		index = 0;
	if (index >= ref_map_spec(map)->max_entries)
		return -E2BIG;
	if (index >= CPUS || !machine->events)
		return -ENOENT;
	return index ? -EOPNOTSUPP : 0;
}

static bool perf_output(struct ref_machine *machine)
{
	static uint8_t raw[RECORD_MAX];
	struct ref_run *run = machine->run;
	struct ref_map *map = map_of_type(machine, 2, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	uint64_t size = run->reg[5], packet = (run->reg[3] & BPF_F_CTXLEN_MASK) >> 32;
	const uint8_t *data = map && size ? memory_bytes(machine, run->reg[4], (uint32_t)size, false) : NULL;

	if (!map || (size && !data))
		return false;
	run->reg[0] = (uint64_t)perf_checks(machine, map);
	if (run->reg[0])
		return true;
	if (size + packet + 8 > sizeof(raw))
		return interp_fault(run, "the event has %llu bytes", (unsigned long long)(size + packet));
	memset(raw, 0, events_raw_size(size + packet));
	if (size)
		memcpy(raw, data, size);
	memcpy(raw + size, run->packet + run->start, packet);
	events_add(machine->events, ref_map_spec(map)->name, 0, raw, events_raw_size(size + packet));
	return true;
}

/* What the format's conversions of memory point to goes behind their numbers: as far as there is something. */
static void follow(struct ref_machine *machine, const char *format, size_t size, const uint64_t *values, uint64_t *numbers, uint32_t *count)
{
	uint32_t used = 0;

	*count = 0;
	for (size_t n = 0; n + 1 < size && format[n] && used < PRINTK_NUMBERS; n++) {
		uint8_t *bytes = (uint8_t *)&numbers[*count + 1];
		size_t memory;

		if (format[n] != '%' || format[++n] == '%')
			continue;
		memory = events_memory(&format[n]);
		numbers[*count] = memory ? (memory + 7) / 8 * 8 : values[used];
		memset(bytes, 0, memory ? (size_t)numbers[*count] : 0);
		for (size_t at = 0; at < memory; at++) {
			const uint8_t *byte = memory_peek(machine, values[used] + at);

			if (!byte || (!*byte && memory == EVENTS_STRING))
				break;
			bytes[at] = *byte;
		}
		*count += 1 + (memory ? (uint32_t)numbers[*count] / 8 : 0);
		used++;
	}
}

static bool print(struct ref_machine *machine, bool vector)
{
	uint64_t *reg = machine->run->reg, numbers[EVENTS_NUMBERS] = { 0 }, values[PRINTK_NUMBERS] = { reg[3], reg[4], reg[5] };
	uint32_t count = vector ? (uint32_t)reg[4] / 8 : PRINTK_NUMBERS;
	const char *format = (const char *)memory_bytes(machine, reg[1], (uint32_t)reg[2], false);
	const uint8_t *from = vector && count ? memory_bytes(machine, reg[3], (uint32_t)reg[4], false) : NULL;
	char text[EVENTS_TEXT];
	size_t length;

	if (!format || count > NUMBERS_MAX || (vector && count && !from))
		return interp_fault(machine->run, "the arguments of a print are not readable");
	if (from)
		memcpy(numbers, from, 8 * (size_t)count);
	else if (!vector)
		follow(machine, format, (size_t)reg[2], values, numbers, &count);
	reg[0] = (uint64_t)-EINVAL;
	if (!events_format_length(text, &length, format, (size_t)reg[2], numbers, count))
		return true;
	reg[0] = length;
	if (machine->events)
		events_print(machine->events, text);
	return true;
}

bool ring_call(struct ref_machine *machine, int32_t helper, bool *known)
{
	*known = true;
	switch (helper) {
	case HELPER_TRACE_PRINTK:
		return print(machine, false);
	case HELPER_TRACE_VPRINTK:
		return print(machine, true);
	case HELPER_PERF_EVENT_OUTPUT:
		return perf_output(machine);
	case HELPER_RINGBUF_OUTPUT:
		return output(machine);
	case HELPER_RINGBUF_RESERVE:
		return reserve_call(machine);
	case HELPER_RINGBUF_SUBMIT:
		return commit_call(machine, BPF_RINGBUF_BUSY_BIT);
	case HELPER_RINGBUF_DISCARD:
		return commit_call(machine, BPF_RINGBUF_BUSY_BIT | BPF_RINGBUF_DISCARD_BIT);
	case HELPER_RINGBUF_QUERY:
		return query(machine);
	default:
		*known = false;
		return true;
	}
}
