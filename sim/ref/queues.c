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

static uint32_t turned(uint32_t x, int by)
{
	return x << by | x >> (32 - by);
}

/* Bob Jenkins' lookup3, from a number on. */
static uint32_t lookup3(const uint8_t *bytes, uint32_t size, uint32_t from)
{
	uint32_t a = 0xdeadbeef + size + from, b = a, c = a, w[3];

	for (;;) {
		uint32_t n = size < sizeof(w) ? size : sizeof(w);

		memset(w, 0, sizeof(w));
		memcpy(w, bytes, n);
		a += w[0];
		b += w[1];
		c += w[2];
		if (size <= sizeof(w))
			break;
		bytes += n;
		size -= n;
		a -= c, a ^= turned(c, 4), c += b;
		b -= a, b ^= turned(a, 6), a += c;
		c -= b, c ^= turned(b, 8), b += a;
		a -= c, a ^= turned(c, 16), c += b;
		b -= a, b ^= turned(a, 19), a += c;
		c -= b, c ^= turned(b, 4), b += a;
	}
	c ^= b, c -= turned(b, 14);
	a ^= c, a -= turned(c, 11);
	b ^= a, b -= turned(a, 25);
	c ^= b, c -= turned(b, 16);
	a ^= c, a -= turned(c, 4);
	b ^= a, b -= turned(a, 14);
	return (c ^ b) - turned(b, 24);
}

static int bloom(struct ref_map *map, const uint8_t *value, bool adds)
{
	const struct ref_map_spec *spec = ref_map_spec(map);
	uint64_t number;
	uint8_t *bits = ref_map_bits(map, &number);

	for (uint32_t n = 0; n < (spec->extra ? spec->extra : 5); n++) {
		uint8_t *bit = &bits[lookup3(value, spec->value_size, n) & (number - 1)];

		if (!adds && !*bit)
			return -ENOENT;
		*bit |= adds;
	}
	return 0;
}

static bool queue_helper(struct ref_machine *machine, struct ref_map *map, int32_t helper)
{
	uint64_t *reg = machine->run->reg;
	uint8_t *value = memory_bytes(machine, reg[2], ref_map_spec(map)->value_size, helper != HELPER_PUSH && ref_map_queue(map));
	int result;

	if (!value)
		return false;
	if (ref_map_bits(map, &(uint64_t){ 0 }) && helper != HELPER_POP) {
		reg[0] = (uint64_t)(int64_t)(helper == HELPER_PUSH && reg[3] ? -EINVAL : bloom(map, value, helper == HELPER_PUSH));
		return true;
	}
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
