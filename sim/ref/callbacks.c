// SPDX-License-Identifier: Apache-2.0
/* Helpers that call a function of the program again and again: the frame of each call says what comes after it. */
#include "interp.h"

#include <errno.h>
#include <string.h>

enum { HELPER_FOR_EACH = 164, HELPER_LOOP = 181 };
enum { LOOPS_MAX = 1 << 23 };

bool callback_is_helper(int32_t helper)
{
	return helper == HELPER_FOR_EACH || helper == HELPER_LOOP;
}

static void give(struct ref_run *run, int64_t result)
{
	run->reg[0] = (uint64_t)result;
}

/* The next element from rounds->at on, its key in the frame of the callback. */
static bool next_element(struct ref_machine *machine, struct rounds *rounds, struct frame *frame)
{
	struct ref_map *map = machine->program->maps[rounds->map];
	uint8_t *value = NULL;

	while (rounds->at < ref_map_slots(map) && !value)
		value = ref_map_element(map, (uint32_t)rounds->at++, frame->key);
	if (!value)
		return false;
	machine->run->reg[3] = ref_value_address(rounds->map, ref_map_offset(map, value));
	return true;
}

/* Calls the function, or ends: r0 is how often it was called. */
static bool next_round(struct ref_machine *machine, struct rounds rounds)
{
	struct ref_run *run = machine->run;
	struct frame *frame;

	if (run->depth + 1 == run->first + REF_MAX_FRAMES)
		return interp_fault(run, "more than %d frames", REF_MAX_FRAMES);
	frame = &run->frames[run->depth + 1];
	if (rounds.is_loop ? rounds.done == rounds.count : !next_element(machine, &rounds, frame)) {
		give(run, (int64_t)rounds.done);
		return true;
	}
	if (rounds.is_loop) {
		run->reg[1] = rounds.done;
		run->reg[2] = rounds.ctx;
	} else {
		run->reg[1] = ref_map_address(rounds.map);
		run->reg[2] = memory_base(REGION_KEY) + (run->depth + 1) * FRAME_STRIDE;
		run->reg[4] = rounds.ctx;
	}
	rounds.done++;
	interp_enter(run, (int32_t)(rounds.callback - run->pc - 1));
	frame->rounds = rounds;
	return true;
}

bool callback_returned(struct ref_machine *machine, struct rounds rounds)
{
	struct ref_run *run = machine->run;

	if (!run->reg[0])
		return next_round(machine, rounds);
	give(run, (int64_t)rounds.done);
	return true;
}

bool callback_call(struct ref_machine *machine, int32_t helper)
{
	const uint64_t *reg = machine->run->reg;
	bool is_loop = helper == HELPER_LOOP;
	struct rounds rounds = { .active = true, .is_loop = is_loop, .count = (uint32_t)reg[1], .ctx = reg[3] };
	uint64_t at = reg[2] - memory_base(REGION_CODE);

	if (at >= machine->program->count)
		return interp_fault(machine->run, "r2 is not a function");
	rounds.callback = (uint32_t)at;
	if (reg[4] || (is_loop && rounds.count > LOOPS_MAX)) {
		give(machine->run, reg[4] ? -EINVAL : (int64_t)(uint32_t)-E2BIG); /* the code that the kernel puts in place of the call moves 32 bits */
		return true;
	}
	if (!is_loop) {
		rounds.map = (uint32_t)((reg[1] >> REGION_SHIFT) - REGION_MAPS);
		if (rounds.map >= machine->program->map_count || reg[1] != ref_map_address(rounds.map) || !machine->program->maps[rounds.map] ||
		    ref_map_spec(machine->program->maps[rounds.map])->key_size > REF_KEY_MAX)
			return interp_fault(machine->run, "r1 is not a map that can be walked over");
	}
	return next_round(machine, rounds);
}
