// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* Timers: where one is, nobody touches its bytes, and which functions those of a map can have. */
#include "timer.h"

enum { ELEMENTS_MAX = 32768 };  /* that a tick can go through before the watchdog ends it */

int timer_check_map(struct compile *c, const struct prog_map *m)
{
	if (!m->timer)
		return 0;
	if (m->type != MAP_TYPE_HASH && m->type != MAP_TYPE_ARRAY && m->type != MAP_TYPE_LRU_HASH) {
		error(c, -1, "the value of map %s holds a timer, and only those of a HASH, LRU_HASH or ARRAY can", m->name);
		return error_note(c, "use BPF_MAP_TYPE_HASH, BPF_MAP_TYPE_LRU_HASH or BPF_MAP_TYPE_ARRAY");
	}
	if (m->flags & (MAP_RDONLY_PROG | MAP_WRONLY_PROG))
		return error(c, -1, "map %s holds a timer, and programs may not %s it", m->name, m->flags & MAP_RDONLY_PROG ? "write" : "read");
	return 0;
}

void timer_begin(const struct verify *v, struct state *s)
{
	if (!v->c->ticks || source_of(v, v->pc) != NO_INSN || source_of(v, insn_target(&v->insns[v->pc], v->pc)) != 0)
		return;
	s->reg[0].kind = R_NONE;
	s->reg[6].kind = R_NONE;
}

int timer_check_access(struct verify *v, const struct prog_map *m, int64_t lo, int64_t hi)
{
	int64_t timer = (int64_t)m->timer - 1;

	if (!m->timer || hi <= timer || lo >= timer + TIMER_BYTES)
		return 0;
	refuse(v, "the access touches the timer in the value of map %s", m->name);
	return way_out(v, "only bpf_timer_init() and the calls that go with it may");
}

int timer_check_arg(struct verify *v, const struct reg *r, const char *what)
{
	const struct prog_map *m = r->kind == R_MAP_VALUE ? &v->c->prog->maps[r->map] : NULL;

	if (v->c->target->no_timers)
		return refuse(v, "the program has timers, and %s", v->c->target->no_timers);
	if (!m || r->range) {
		refuse(v, "%s must be the timer in a map value, and is %s", what, reg_describe(r));
		return way_out(v, r->kind == R_MAP_VALUE_OR_NULL ? "test the result of bpf_map_lookup_elem() first" :
								   "put a struct bpf_timer into the value of the map");
	}
	if (!m->timer) {
		refuse(v, "the value of map %s holds no timer", m->name);
		return way_out(v, "put a struct bpf_timer into it, and compile with -g");
	}
	if (map_is_template(v->c->prog, r->map)) {
		refuse(v, "%s is in a map that another map holds, and the NIC has no timers there", what);
		return way_out(v, "put the timer into a map of its own");
	}
	precise_reg(v, 1);
	if (range_is_const(&r->var) && r->off + (int64_t)r->var.value == (int64_t)m->timer - 1)
		return 0;
	return refuse(v, "%s does not point to the timer of map %s, which is at offset %u of the value", what, m->name, m->timer - 1);
}

static int check_callback(struct verify *v)
{
	const struct reg *timer = &v->cur->reg[1], *function = &v->cur->reg[2];
	enum timer_noted noted;

	if (function->kind != R_FUNC)
		return refuse(v, "the second argument of bpf_timer_set_callback must be a function, and is %s", reg_describe(function));
	noted = timer_note(v->c, timer->map, (uint32_t)function->off);
	if (noted == TIMER_ALIKE) {
		refuse(v, "two functions of the timers of map %s have names that the NIC can't tell apart", v->c->prog->maps[timer->map].name);
		return way_out(v, "call one of them something else: a timer holds a hash of the name");
	}
	if (noted == TIMER_TOO_MANY)
		return refuse(v, "the program has timers of more than %d kinds, by map and function", (int)TIMERS_MAX);
	if (timer_elements(v->c) > ELEMENTS_MAX) {
		refuse(v, "the maps with timers have %llu elements, and the NIC goes through %d", (unsigned long long)timer_elements(v->c), (int)ELEMENTS_MAX);
		return way_out(v, "make max_entries smaller");
	}
	if (v->c->image && v->c->image->n_ticks == TICKS_MAX)
		return refuse(v, "more than %d programs that tail calls lead to have timers", (int)TICKS_MAX);
	return 0;
}

int timer_check_use(struct verify *v, int helper)
{
	const struct reg *timer = &v->cur->reg[1], *map = &v->cur->reg[2];

	if (helper == HELPER_TIMER_SET_CALLBACK)
		return check_callback(v);
	if (helper != HELPER_TIMER_INIT || timer->map == map->map)
		return 0;
	refuse(v, "the timer is in map %s, and bpf_timer_init is called with map %s", v->c->prog->maps[timer->map].name, v->c->prog->maps[map->map].name);
	return way_out(v, "pass the map that holds the timer");
}

int timer_check_result(struct verify *v)
{
	const struct reg *r = &v->cur->reg[0];

	if (!v->frame->depth || v->frame->is_loop || v->frame->routine || !timer_is_code(v->c, insn_origin(v->c, v->frame->call)) ||
	    timer_is_code(v->c, insn_origin(v->c, v->frame->first)))
		return 0;
	if (r->kind == R_SCALAR)
		precise_reg(v, 0);
	if (r->kind == R_SCALAR && range_is_const(&r->var) && !r->var.value)
		return 0;
	refuse(v, "the function of a timer may return something other than 0");
	return way_out(v, "return 0");
}
