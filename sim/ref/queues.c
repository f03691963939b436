// SPDX-License-Identifier: Apache-2.0
/* Queues and stacks, and values of a named CPU: the helpers as Linux has them. */
#include "interp.h"

#include <errno.h>
#include <string.h>

enum { HELPER_PUSH = 87, HELPER_POP = 88, HELPER_PEEK = 89, HELPER_LOOKUP_PERCPU = 195 };

static struct ref_map *map_of(struct ref_machine *machine)
{
	uint64_t index = (machine->run->reg[1] >> REGION_SHIFT) - REGION_MAPS;

	if (index < machine->program->map_count && machine->run->reg[1] == ref_map_address((uint32_t)index) &&
	    machine->program->maps[index])
		return machine->program->maps[index];
	interp_fault(machine->run, "r1 is not a map");
	return NULL;
}

static uint32_t behind(const struct ref_map *map, uint32_t at)
{
	return at == ref_map_spec(map)->max_entries ? 0 : at + 1;
}

static int push(struct ref_map *map, const uint8_t *value, uint64_t flags)
{
	struct ref_queue *q = ref_map_queue(map);

	if (flags == BPF_NOEXIST || flags > BPF_EXIST)
		return -EINVAL;
	if (behind(map, q->head) == q->tail) {
		if (flags != BPF_EXIST)
			return -E2BIG;
		q->tail = behind(map, q->tail);
	}
	memcpy(ref_map_slot(map, q->head), value, ref_map_spec(map)->value_size);
	q->head = behind(map, q->head);
	return 0;
}

static int take(struct ref_map *map, uint8_t *value, bool removes)
{
	struct ref_queue *q = ref_map_queue(map);
	uint32_t at = q->tail, size = ref_map_spec(map)->value_size;

	memset(value, 0, size);
	if (q->head == q->tail)
		return -ENOENT;
	if (ref_map_spec(map)->type == BPF_MAP_TYPE_STACK)
		at = q->head ? q->head - 1 : ref_map_spec(map)->max_entries;
	memcpy(value, ref_map_slot(map, at), size);
	if (!removes)
		return 0;
	if (ref_map_spec(map)->type == BPF_MAP_TYPE_STACK)
		q->head = at;
	else
		q->tail = behind(map, at);
	return 0;
}

static bool queue_helper(struct ref_machine *machine, struct ref_map *map, int32_t helper)
{
	uint64_t *reg = machine->run->reg;
	uint8_t *value = memory_bytes(machine, reg[2], ref_map_spec(map)->value_size, helper != HELPER_PUSH);
	int result;

	if (!value)
		return false;
	if (!ref_map_queue(map))
		return interp_fault(machine->run, "r1 is not a queue");
	result = helper == HELPER_PUSH ? push(map, value, reg[3]) : take(map, value, helper == HELPER_POP);
	reg[0] = (uint64_t)(int64_t)result;
	return true;
}

static bool lookup_percpu(struct ref_machine *machine, struct ref_map *map)
{
	uint64_t *reg = machine->run->reg, index = (reg[1] >> REGION_SHIFT) - REGION_MAPS;
	const uint8_t *key = memory_bytes(machine, reg[2], ref_map_spec(map)->key_size, false), *value;

	if (!key)
		return false;
	value = (uint32_t)reg[3] ? NULL : ref_map_lookup(map, key);
	reg[0] = value ? ref_value_address((uint32_t)index, ref_map_offset(map, value)) : 0;
	return true;
}

bool queue_call(struct ref_machine *machine, int32_t helper, bool *known)
{
	struct ref_map *map;

	*known = helper == HELPER_PUSH || helper == HELPER_POP || helper == HELPER_PEEK || helper == HELPER_LOOKUP_PERCPU;
	if (!*known)
		return true;
	map = map_of(machine);
	if (!map)
		return false;
	return helper == HELPER_LOOKUP_PERCPU ? lookup_percpu(machine, map) : queue_helper(machine, map, helper);
}
