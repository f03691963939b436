// SPDX-License-Identifier: Apache-2.0
#include "interp.h"
#include "tc.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <time.h>

enum {
	HELPER_MAP_LOOKUP = 1,
	HELPER_MAP_UPDATE = 2,
	HELPER_MAP_DELETE = 3,
	HELPER_KTIME = 5,
	HELPER_PRANDOM = 7,
	HELPER_CPU = 8,
	HELPER_TAIL_CALL = 12,
	HELPER_REDIRECT = 23,
	HELPER_CSUM_DIFF = 28,
	HELPER_REDIRECT_MAP = 51,
	HELPER_FIB_LOOKUP = 69,
	HELPER_CHECK_MTU = 163,
	HELPER_STRNCMP = 182,
	HELPER_KTIME_TAI = 208,
	HELPER_SPIN_LOCK = 93,
	HELPER_SPIN_UNLOCK = 94,
	HELPER_PROBE_READ = 113,
	HELPER_JIFFIES = 118,
	HELPER_KTIME_BOOT = 125,
	HELPER_KTIME_COARSE = 160
};

static struct ref_map *map_argument(struct ref_machine *machine)
{
	uint64_t region = machine->run->reg[1] >> REGION_SHIFT;
	uint64_t index = region - REGION_MAPS;

	if (region < REGION_MAPS || index >= machine->program->map_count ||
	    machine->run->reg[1] != ref_map_address((uint32_t)index)) {
		interp_fault(machine->run, "r1 is not a map");
		return NULL;
	}
	return machine->program->maps[index];
}

static bool call_map_helper(struct ref_machine *machine, int32_t helper)
{
	struct ref_run *run = machine->run;
	struct ref_map *map = map_argument(machine);
	const uint8_t *key, *value;
	uint32_t inner;
	uint64_t *r0 = &run->reg[0];

	if (!map)
		return false;
	key = memory_bytes(machine, run->reg[2], ref_map_spec(map)->key_size, false);
	if (!key)
		return false;
	switch (helper) {
	case HELPER_MAP_LOOKUP:
		value = ref_map_lookup(map, key);
		*r0 = 0;
		if (value && ref_map_has_maps(map)) {
			memcpy(&inner, value, sizeof(inner));
			*r0 = ref_map_address(inner);
		} else if (value)
			*r0 = ref_value_address((uint32_t)((run->reg[1] >> REGION_SHIFT) -
							   REGION_MAPS),
						ref_map_offset(map, value));
		return true;
	case HELPER_MAP_UPDATE:
		value = memory_bytes(machine, run->reg[3], ref_map_spec(map)->value_size, false);
		if (!value)
			return false;
		*r0 = (uint64_t)(int64_t)ref_map_update(map, key, value, run->reg[4]);
		return true;
	default:
		*r0 = (uint64_t)(int64_t)ref_map_delete(map, key);
		return true;
	}
}

/* The program goes on where there is nothing to call. */
static bool tail_call(struct ref_machine *machine)
{
	struct ref_run *run = machine->run;
	uint64_t index = (run->reg[2] >> REGION_SHIFT) - REGION_MAPS;
	int64_t to;

	if (index >= machine->program->map_count || run->reg[2] != ref_map_address((uint32_t)index) ||
	    ref_map_spec(machine->program->maps[index])->type != BPF_MAP_TYPE_PROG_ARRAY)
		return interp_fault(run, "r2 is not a map of programs");
	if (run->reg[1] != memory_base(REGION_CTX))
		return interp_fault(run, "r1 is not the context");
	to = ref_map_program(machine->program->maps[index], (uint32_t)run->reg[3]);
	if (to < 0 || run->tail_calls == REF_TAIL_CALLS)
		return true;
	run->tail_calls++;
	run->first = run->depth;
	run->pc = machine->program->entries[to].insn - 1; /* it is about to step */
	return true;
}

/* Where the map has nothing, the low bits of the flags are the result; a packet for all devices of a map goes there even when it has none. */
static bool redirect_map(struct ref_machine *machine)
{
	struct ref_run *run = machine->run;
	struct ref_map *map = map_argument(machine);
	uint64_t flags = run->reg[3], verdicts = XDP_DROP | XDP_PASS;
	uint32_t key = (uint32_t)run->reg[2];
	const void *device;

	if (!map)
		return false;
	device = ref_map_lookup(map, &key);
	run->reg[0] = XDP_REDIRECT;
	if (flags & ~(verdicts | (ref_map_has_devices(map) ? BPF_F_BROADCAST | BPF_F_EXCLUDE_INGRESS : 0)))
		run->reg[0] = XDP_ABORTED;
	else if (flags & BPF_F_BROADCAST)
		run->target = REF_TO_ALL | (flags & BPF_F_EXCLUDE_INGRESS ? REF_BUT_ITS_OWN : 0);
	else if (device && !ref_map_has_devices(map))
		run->target = REF_TO_QUEUE;
	else if (device)
		memcpy(&run->target, device, sizeof(run->target));
	else
		run->reg[0] = flags & verdicts;
	return true;
}

/* The second string is known to have an end; its bytes are looked at one by one, as what lies behind it need not be there. */
static bool compare_strings(struct ref_machine *machine)
{
	struct ref_run *run = machine->run;
	uint64_t *r0 = &run->reg[0];

	*r0 = 0;
	for (uint32_t n = 0; n < (uint32_t)run->reg[2] && !*r0; n++) {
		const uint8_t *a = memory_bytes(machine, run->reg[1] + n, 1, false), *b = memory_bytes(machine, run->reg[3] + n, 1, false);

		if (!a || !b)
			return false;
		if (*a != *b)
			*r0 = *a < *b ? (uint64_t)-1 : 1;
		else if (!*a)
			break;
	}
	return true;
}

/* As Linux copies, which shows where the two overlap: eight bytes at once, and what is left by four, two and one. */
static void copy_in_order(uint8_t *to, const uint8_t *from, uint32_t size)
{
	uint8_t word[8];

	for (uint32_t n = 8; n; n /= 2)
		for (; size >= n; size -= n, to += n, from += n) {
			memcpy(word, from, n);
			memcpy(to, word, n);
		}
}

/* Of the packet nothing is read where it does not have all of it. */
static bool probe_read(struct ref_machine *machine)
{
	struct ref_run *run = machine->run;
	uint32_t size = (uint32_t)run->reg[2];
	int64_t at = (int64_t)(run->reg[3] - memory_base(REGION_PACKET));
	uint8_t *to = memory_bytes(machine, run->reg[1], size, true);
	const uint8_t *from;

	if (!to)
		return false;
	run->reg[0] = 0;
	if (run->reg[3] >> REGION_SHIFT == REGION_PACKET && (at < run->start || at + size > run->end)) {
		memset(to, 0, size);
		run->reg[0] = (uint64_t)-EFAULT;
		return true;
	}
	from = memory_bytes(machine, run->reg[3], size, false);
	if (from)
		copy_in_order(to, from, size);
	return from;
}

static uint32_t next_prandom(struct ref_machine *machine)
{
	uint32_t x = machine->prandom;

	x ^= x << 13;
	x ^= x >> 17;
	x ^= x << 5;
	return machine->prandom = x;
}

uint64_t helper_clock(const struct ref_machine *machine)
{
	struct timespec now;

	if (!machine->real_clock)
		return machine->time_ns;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

uint64_t helper_jiffies(const struct ref_machine *machine)
{
	return helper_clock(machine) / (1000000000 / JIFFIES_HZ) + (uint32_t)(-300 * JIFFIES_HZ);
}

bool helper_call(struct ref_machine *machine, int32_t helper)
{
	uint64_t *r0 = &machine->run->reg[0];
	bool known, ok = ring_call(machine, helper, &known);

	if (!known)
		ok = queue_call(machine, helper, &known);
	if (known)
		return ok;
	if (timer_is_helper(helper))
		return timer_call(machine, helper);
	if (callback_is_helper(helper))
		return callback_call(machine, helper);
	if (kfunc_is_helper(helper))
		return kfunc_helper(machine, helper);
	if (cookie_is_helper(helper))
		return cookie_call(machine, helper);
	if (text_is_helper(helper))
		return text_call(machine);
	if (number_is_helper(helper))
		return number_call(machine, helper);
	if (machine->run->tc && tc_is_helper(helper))
		return tc_call(machine, helper);
	if (!machine->run->tc && packet_is_helper(helper))
		return packet_call(machine, helper);
	switch (helper) {
	case HELPER_MAP_LOOKUP:
	case HELPER_MAP_UPDATE:
	case HELPER_MAP_DELETE:
		return call_map_helper(machine, helper);
	case HELPER_KTIME:
	case HELPER_KTIME_BOOT:
	case HELPER_KTIME_COARSE:
	case HELPER_KTIME_TAI:
		*r0 = helper_clock(machine);
		return true;
	case HELPER_JIFFIES:
		*r0 = helper_jiffies(machine);
		return true;
	case HELPER_SPIN_LOCK:
	case HELPER_SPIN_UNLOCK:
		return memory_bytes(machine, machine->run->reg[1], sizeof(uint32_t), true); /* nobody else runs */
	case HELPER_TAIL_CALL:
		return tail_call(machine);
	case HELPER_CSUM_DIFF:
		return csum_diff(machine);
	case HELPER_REDIRECT_MAP:
		return redirect_map(machine);
	case HELPER_CHECK_MTU:
		return fib_check_mtu(machine);
	case HELPER_PROBE_READ:
		return probe_read(machine);
	case HELPER_STRNCMP:
		return compare_strings(machine);
	case HELPER_FIB_LOOKUP:
		return fib_lookup(machine);
	case HELPER_REDIRECT:
		*r0 = interp_redirect(machine->run) ? XDP_REDIRECT : XDP_ABORTED;
		return true;
	case HELPER_PRANDOM:
		*r0 = next_prandom(machine);
		return true;
	case HELPER_CPU:
		*r0 = 0;
		return true;
	default:
		return interp_fault(machine->run, "helper %" PRId32 " is not interpreted", helper);
	}
}
