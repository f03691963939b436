// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/*
 * Timers. The NIC gives a port a packet of no bytes from time to time, a tick (hw/spec/nic.md). A program with a map of timers begins by
 * asking whether it has one: then it goes through its maps and calls the functions of the timers that are due. All of that is eBPF around the program:
 *
 *         r6 = r1                                 fire of a map, for each element:
 *         r0 = bytes of the packet                        r0 = state of the timer if it is due, else 0
 *         r1 = r6                                         if it says this function, and the timer could be begun:
 *         if r0 != 0 goto the program                             call it(map, key, value)
 *         for each map: bpf_for_each_map_elem(fire)               the timer's function has ended
 *         tail call of the next program with timers       ...
 *         return XDP_DROP
 *
 * Which functions the timers of a map can have the verifier finds (timer_note()), and begins again with the longer code. Programs that tail calls lead to
 * have this around them, too, where they give timers functions, and get the tick by tail calls (TICKS).
 */
#include "helpers.h"
#include "timer.h"

enum { START_INSNS = 6, PER_MAP = 15, PER_PAIR = 14, TO_LEAVE = 7, END_INSNS = 9, XDP_DROP = 1 };

struct out {
	struct ebpf_insn *insns;
	uint32_t *origin;
	uint32_t n;
};

static void put(struct out *o, unsigned int code, unsigned int dst, unsigned int src, int off, int32_t imm)
{
	o->origin[o->n] = NO_INSN;
	o->insns[o->n++] = (struct ebpf_insn){ (uint8_t)code, (uint8_t)(src << 4 | dst), (int16_t)off, imm };
}

static void move(struct out *o, unsigned int dst, unsigned int src)
{
	put(o, EC_ALU64 | EBPF_MOV | EBPF_X, dst, src, 0, 0);
}

static void set(struct out *o, unsigned int dst, int32_t imm)
{
	put(o, EC_ALU64 | EBPF_MOV, dst, 0, 0, imm);
}

static void call(struct out *o, int helper)
{
	put(o, EC_JMP | EBPF_CALL, 0, EBPF_CALL_HELPER, 0, helper);
}

static void leave(struct out *o, int32_t result)
{
	set(o, 0, result);
	put(o, EC_JMP | EBPF_EXIT, 0, 0, 0, 0);
}

/* r1: the timer of the element in r8. */
static void timer_of(struct out *o, const struct prog_map *m)
{
	move(o, 1, 8);
	put(o, EC_ALU64 | EBPF_ADD, 1, 0, 0, (int32_t)m->timer - 1);
}

static int has_timers(const struct compile *c, uint32_t map)
{
	for (uint32_t n = 0; n < c->n_timers; n++)
		if (c->timers[n].map == map)
			return 1;
	return 0;
}

/* (map, key, value, context) */
static void fire(struct compile *c, struct out *o, uint32_t map)
{
	const struct prog_map *m = &c->source->maps[map];

	move(o, 6, 1);
	move(o, 7, 2);
	move(o, 8, 3);
	timer_of(o, m);
	call(o, HELPER_TIMER_DUE);
	for (uint32_t n = 0; n < c->n_timers; n++) {
		if (c->timers[n].map != map)
			continue;
		put(o, EC_JMP | EBPF_JNE, 0, 0, PER_PAIR - 1, (int32_t)(TIMER_SET + timer_number(c, c->timers[n].function)));
		timer_of(o, m);
		call(o, HELPER_TIMER_BEGIN);
		put(o, EC_JMP | EBPF_JEQ, 0, 0, TO_LEAVE, 0);
		move(o, 1, 6);
		move(o, 2, 7);
		move(o, 3, 8);
		put(o, EC_JMP | EBPF_CALL, 0, EBPF_CALL_LOCAL, 0, (int32_t)(c->timers[n].function - o->n - 1));
		timer_of(o, m);
		call(o, HELPER_TIMER_ENDED);
		leave(o, 0);
	}
	leave(o, 0);
}

/* At pc: bpf_for_each_map_elem(map, fire, 0, 0). */
static uint32_t go_through(struct out *o, uint32_t map)
{
	uint32_t function;

	put(o, EBPF_LDDW, 1, EBPF_PSEUDO_MAP, 0, (int32_t)map);
	put(o, 0, 0, 0, 0, 0);
	function = o->n;
	put(o, EBPF_LDDW, 2, EBPF_PSEUDO_FUNC, 0, 0);
	put(o, 0, 0, 0, 0, 0);
	set(o, 3, 0);
	set(o, 4, 0);
	call(o, HELPER_FOR_EACH_MAP_ELEM);
	return function;
}

/* At pc: bpf_tail_call(ctx, TICKS, slot). */
static void hand_on(struct compile *c, struct out *o)
{
	int ticks = map_named(c->source, TICKS);

	if (ticks < 0 || !has_tail_calls(c))
		return;
	move(o, 1, 6);
	put(o, EBPF_LDDW, 2, EBPF_PSEUDO_MAP, 0, ticks);
	put(o, 0, 0, 0, 0, 0);
	set(o, 3, (int32_t)(c->image->n_ticks + c->follows));
	call(o, HELPER_TAIL_CALL);
}

static void write_tick(struct compile *c, struct out *o)
{
	uint32_t at[IMAGE_MAPS_MAX] = { 0 };

	move(o, 6, 1);
	for (uint32_t map = 0; map < c->source->n_maps && map < IMAGE_MAPS_MAX; map++)
		if (has_timers(c, map))
			at[map] = go_through(o, map);
	hand_on(c, o);
	leave(o, XDP_DROP);
	for (uint32_t map = 0; map < c->source->n_maps && map < IMAGE_MAPS_MAX; map++)
		if (at[map]) {
			o->insns[at[map]].imm = (int32_t)(o->n - at[map] - 1);
			fire(c, o, map);
		}
}

int timer_has_functions(const struct prog *p)
{
	for (uint32_t pc = 0; pc < p->n_insns; pc++) {
		const struct helper *h = helper_called(&p->insns[pc]);

		if (h && p->insns[pc].imm == HELPER_TIMER_SET_CALLBACK)
			return 1;
	}
	return 0;
}

/* The NIC has ticks where a map has timers (driver/common/nic_load.c), whether or not this program gives one a function. */
static int sees_ticks(const struct compile *c, const struct prog *p)
{
	if (p->tc || c->target->no_timers || (c->follows && !timer_has_functions(p)))
		return 0;
	for (uint32_t n = 0; n < p->n_maps; n++)
		if (p->maps[n].timer)
			return 1;
	return 0;
}

int timer_write(struct compile *c)
{
	const struct prog *p = c->source ? c->source : c->prog;
	uint32_t most = START_INSNS + p->n_insns + END_INSNS + c->n_timers * (PER_MAP + PER_PAIR);
	struct prog *wrapped = arena_alloc(c->arena, sizeof(*wrapped));
	struct out o = { 0 };

	if (!sees_ticks(c, p))
		return 0;
	c->source = p;
	c->ticks = 1;
	o.insns = arena_alloc(c->arena, most * sizeof(*o.insns));
	o.origin = arena_alloc(c->arena, most * sizeof(*o.origin));
	if (!wrapped || !o.insns || !o.origin)
		return -1;
	move(&o, 6, 1);
	call(&o, HELPER_XDP_GET_BUFF_LEN);
	move(&o, 1, 6);
	put(&o, EC_JMP | EBPF_JNE, 0, 0, 2, 0);
	put(&o, EC_JMP | EBPF_CALL, 0, EBPF_CALL_LOCAL, 0, (int32_t)(START_INSNS + p->n_insns - o.n - 1));
	put(&o, EC_JMP | EBPF_EXIT, 0, 0, 0, 0);
	for (uint32_t pc = 0; pc < p->n_insns; pc++) {
		o.insns[o.n] = p->insns[pc];
		o.origin[o.n++] = pc;
	}
	c->of_source = o.origin; /* the numbers of functions need it */
	write_tick(c, &o);
	*wrapped = *p;
	wrapped->insns = o.insns;
	wrapped->n_insns = o.n;
	c->prog = wrapped;
	return 0;
}

enum timer_noted timer_note(struct compile *c, uint32_t map, uint32_t function)
{
	for (uint32_t n = 0; n < c->n_timers; n++)
		if (c->timers[n].map == map && timer_number(c, c->timers[n].function) == timer_number(c, function))
			return c->timers[n].function == function ? TIMER_NOTED : TIMER_ALIKE;
	if (c->n_timers == TIMERS_MAX)
		return TIMER_TOO_MANY;
	c->timers[c->n_timers++] = (struct timer_use){ map, function };
	return TIMER_NOTED;
}

static const char *name_of(const struct prog *p, uint32_t insn)
{
	for (uint32_t n = 0; n < p->n_functions; n++)
		if (p->functions[n].insn == insn)
			return p->functions[n].name;
	return NULL;
}

uint32_t timer_number(const struct compile *c, uint32_t function)
{
	uint32_t insn = insn_source(c, function), hash = 2166136261u;
	const char *name = name_of(c->source ? c->source : c->prog, insn);

	for (; name && *name; name++)
		hash = (hash ^ (uint8_t)*name) * 16777619u;
	return name ? hash >> 4 : insn; /* TIMER_SET and it are an immediate */
}

uint64_t timer_elements(const struct compile *c)
{
	uint64_t n = c->image ? c->image->n_timed : 0;

	for (uint32_t map = 0; map < c->prog->n_maps; map++)
		n += has_timers(c, map) ? c->prog->maps[map].max_entries : 0;
	return n;
}

void timer_done(struct compile *c)
{
	if (!c->image)
		return;
	c->image->n_timed = timer_elements(c);
	c->image->n_ticks += c->ticks && c->follows;
}

void timer_slots(const struct compile *c, uint64_t *slot, uint32_t n_slots)
{
	uint32_t n = 0;

	for (uint32_t k = 1; k < c->image->n_programs && n < n_slots; k++)
		if (c[k].ticks)
			slot[n++] = c[k].base + 1;
}

int timer_is_code(const struct compile *c, uint32_t insn)
{
	return c->of_source && !c->source->tc && insn < c->prog->n_insns && c->of_source[insn] == NO_INSN;
}
