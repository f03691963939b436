// SPDX-License-Identifier: Apache-2.0
/* Timers in map values. They fire in order between packets, each at its own time. */
#include "interp.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { HELPER_INIT = 169, HELPER_SET_CALLBACK, HELPER_START, HELPER_CANCEL };
enum { ABSOLUTE = 1, PINNED = 2 };	/* BPF_F_TIMER_*, which headers may not have yet */
enum { CLOCKS_MAX = 16, FIRED_MAX = 1000000, BYTES = 16 };
enum { NOTHING, INITIALISED, CALLS /* and the first instruction of its function */ };

struct timer {
	uint64_t expires;		/* 0: it is not armed */
	uint32_t state, unused;
};

bool timer_is_helper(int32_t helper)
{
	return helper >= HELPER_INIT && helper <= HELPER_CANCEL;
}

static int64_t init(struct timer *timer, uint64_t flags)
{
	if (flags >= CLOCKS_MAX || (flags != CLOCK_MONOTONIC && flags != CLOCK_REALTIME && flags != CLOCK_BOOTTIME))
		return -EINVAL;
	if (timer->state)
		return -EBUSY;
	*timer = (struct timer){ .state = INITIALISED };
	return 0;
}

static int64_t set_callback(const struct ref_machine *machine, struct timer *timer)
{
	if (!timer->state)
		return -EINVAL;
	timer->state = CALLS + (uint32_t)(machine->run->reg[2] - memory_base(REGION_CODE));
	return 0;
}

static int64_t start(const struct ref_machine *machine, struct timer *timer)
{
	int64_t ns = (int64_t)machine->run->reg[2];
	uint64_t flags = machine->run->reg[3];

	if (flags & ~(uint64_t)(ABSOLUTE | PINNED) || timer->state < CALLS)
		return -EINVAL;
	if (flags & ABSOLUTE)
		timer->expires = ns > 0 ? (uint64_t)ns : 1;
	else
		timer->expires = ns < 0 ? INT64_MAX : helper_clock(machine) + (uint64_t)ns;
	timer->expires += !timer->expires;
	return 0;
}

static int64_t cancel(const struct ref_machine *machine, struct timer *timer)
{
	int64_t was = timer->expires != 0;

	if (!timer->state)
		return -EINVAL;
	if (machine->timer == machine->run->reg[1])
		return -EDEADLK;
	*timer = (struct timer){ .state = INITIALISED };
	return was;
}

bool timer_call(struct ref_machine *machine, int32_t helper)
{
	uint8_t *bytes = memory_bytes(machine, machine->run->reg[1], BYTES, true);
	struct timer timer;
	int64_t result;

	if (!bytes)
		return false;
	memcpy(&timer, bytes, sizeof(timer));
	switch (helper) {
	case HELPER_INIT: result = init(&timer, machine->run->reg[3]); break;
	case HELPER_SET_CALLBACK: result = set_callback(machine, &timer); break;
	case HELPER_START: result = start(machine, &timer); break;
	default: result = cancel(machine, &timer); break;
	}
	memcpy(bytes, &timer, sizeof(timer));
	machine->run->reg[0] = (uint64_t)result;
	return true;
}

struct due {
	uint32_t map, slot;
	uint64_t expires;
};

/* Of those that are due the one that has been so the longest. */
static bool find_due(struct ref_machine *machine, uint64_t now, struct due *due)
{
	uint8_t key[REF_KEY_MAX];

	due->expires = now + 1;
	for (uint32_t map = 0; map < machine->program->map_count; map++) {
		struct ref_map *m = machine->program->maps[map];
		uint32_t at = m ? ref_map_spec(m)->timer : 0;

		for (uint32_t slot = 0; at && slot < ref_map_slots(m); slot++) {
			uint8_t *value = ref_map_element(m, slot, key);
			struct timer timer;

			if (!value)
				continue;
			memcpy(&timer, value + at - 1, sizeof(timer));
			if (timer.expires && timer.expires < due->expires)
				*due = (struct due){ map, slot, timer.expires };
		}
	}
	return due->expires <= now;
}

static void fire(struct ref_machine *machine, const struct due *due, struct ref_outcome *outcome)
{
	struct ref_map *map = machine->program->maps[due->map];
	uint8_t key[REF_KEY_MAX], *value = ref_map_element(map, due->slot, key);
	uint32_t at = ref_map_spec(map)->timer - 1;
	struct ref_run *run = machine->run;
	struct timer timer;
	uint8_t nothing = 0;	/* the packet */

	memcpy(&timer, value + at, sizeof(timer));
	timer.expires = 0;
	memcpy(value + at, &timer, sizeof(timer));
	machine->timer = ref_value_address(due->map, ref_map_offset(map, value) + at);
	interp_prepare(machine, &nothing, 0, outcome);
	run->pc = timer.state - CALLS;
	memcpy(run->frames[0].key, key, ref_map_spec(map)->key_size);
	run->reg[1] = ref_map_address(due->map);
	run->reg[2] = memory_base(REGION_KEY);
	run->reg[3] = ref_value_address(due->map, ref_map_offset(map, value));
	interp_execute(machine);
	machine->timer = 0;
}

void ref_run_timers(struct ref_machine *machine, struct ref_outcome *outcome)
{
	uint64_t now = machine->time_ns;
	struct due due;

	outcome->fault[0] = '\0';
	for (int n = 0; !outcome->fault[0] && find_due(machine, now, &due); n++) {
		if (n == FIRED_MAX) {
			snprintf(outcome->fault, sizeof(outcome->fault), "more than %d timers fire between two packets", FIRED_MAX);
			break;
		}
		machine->time_ns = due.expires;
		fire(machine, &due, outcome);
	}
	machine->time_ns = now;
}
