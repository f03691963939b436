// SPDX-License-Identifier: Apache-2.0
#include "map.h"

#include <stdlib.h>
#include <string.h>

/* The answer to a lookup or call goes to the response bus: x is written in the next cycle. */
void map_respond(struct iss *n, const struct iss_command *cmd, bool fault, uint64_t value)
{
	uint64_t at = n->cycle + 1;

	n->map->response[at % 2] = (struct iss_response){
		.cycle = at, .core = cmd->core, .thread = cmd->thread, .fault = fault, .value = value,
	};
	map_busy_until(n->map, at);
	if (cmd->core == CALL_HOST)
		return;
	if (fault)
		fp_core_map_fault(&n->tile[cmd->core], cmd->thread, cmd->pc, cmd->addr, at + 1);
	else
		fp_core_wake(&n->tile[cmd->core], cmd->thread, at + 1);
}

static void value_answers(struct iss *n)
{
	unsigned int place = n->cycle % RING;

	for (unsigned int core = 0; core < n->cores; core++) {
		struct iss_issue *i = &n->map->issue[core];

		if (!(i->x_pending >> place & 1))
			continue;
		i->x_pending &= ~(1u << place);
		fp_core_x(&n->tile[core], i->x[place].thread, i->x[place].value);
	}
}

static void response(struct iss *n)
{
	const struct iss_response *r = &n->map->response[n->cycle % 2];

	if (r->cycle != n->cycle || !n->cycle)
		return;
	if (r->core == CALL_HOST)
		map_host_answer(&n->map->host, r);
	else if (!r->fault)
		fp_core_x(&n->tile[r->core], r->thread, r->value);
}

/* Atomics that have not come to write never will. */
static void drop_atomics(struct iss *n)
{
	struct iss_map *m = n->map;

	for (unsigned int b = 0; b < ISS_BANKS; b++)
		for (unsigned int i = 0; i < RING; i++) {
			struct iss_log *l = &m->bank[b].log[i];

			if (l->mask && l->atomic)
				l->before = map_bank_seen(m, n->cycle, l->word);
		}
	for (unsigned int b = 0; b < ISS_BANKS; b++)
		for (unsigned int i = 0; i < RING; i++) {
			const struct iss_log *l = &m->bank[b].log[i];

			if (l->mask && l->atomic)
				*map_word(m, l->word) = l->before;
		}
}

/* Everything but what memories hold; a host access under way is done in the next cycle. */
static void reset(struct iss *n)
{
	struct iss_map *m = n->map;
	struct iss_host h = m->host;

	memset(m, 0, offsetof(struct iss_map, desc_cycle));
	memset(m->known, 0, sizeof(m->known));
	m->reset_end = n->cycle + 1;
	m->engine.after = m->look_after = ~0u;
	m->host.valid = h.valid;
	m->host.done = n->cycle + 1;
	if (h.done == n->cycle) {
		m->host.done = h.done;
		m->host.result = h.result;
	}
	m->host.low = h.low;
	m->host.high = h.high;
	memcpy(m->host.operands, h.operands, sizeof(h.operands));
	for (unsigned int b = 0; b < ISS_BANKS; b++)
		m->bank[b].after = ~0u;
	for (unsigned int map = 0; map < ISS_MAPS; map++) {
		struct iss_desc *d = &m->desc[map];

		d->typed = d->used = false;
		d->type = 0;
	}
}

/* What comes out of registers is still seen in the first cycle. */
static void in_reset(struct iss *n)
{
	if (n->events.mapwrite)
		map_bank_trace(n);
	value_answers(n);
	response(n);
	drop_atomics(n);
	reset(n);
	if (n->map->host.valid)
		map_host_cycle(n, false);
	map_ext_unit(n, true, false);
}

void map_cycle(struct iss *n)
{
	struct iss_map *m = n->map;
	struct iss_engine *e = &m->engine;
	unsigned int used;
	bool engine_idle, answered, hold;

	if (csr_regs_in_reset(n)) {
		in_reset(n);
		return;
	}
	if (m->desc_cycle == n->cycle)
		map_desc_update(m);
	m->walking -= m->walked[n->cycle % RING];
	m->walked[n->cycle % RING] = 0;
	if (n->events.mapwrite)
		map_bank_trace(n);
	engine_idle = e->state == ENGINE_IDLE;
	hold = e->held || e->state == ENGINE_HOLD;
	used = __builtin_popcountll(m->slots_used);
	answered = e->state == ENGINE_DONE && n->cycle >= e->start && !m->port.valid;
	map_engine_cycle(n);
	if (m->host.valid)
		map_host_cycle(n, engine_idle);
	if (m->host.fill_left)
		map_host_fill(n);
	value_answers(n);
	response(n);
	if (!answered && !(used && map_look_answer(n)))
		map_ext_respond(n);
	for (unsigned int core = 0; core < n->cores; core++) {
		if (n->tile[core].queue_count)
			map_issue_take(n, core);
	}
	map_look_grant(n, used);
	for (unsigned int core = 0; core < n->cores; core++)
		if (m->issue[core].gather_left || m->issue[core].gathered_pending)
			map_issue_gather(n, core);
	if (used)
		map_look_walk(n);
	map_look_touched(n);
	map_bank_cycle(n, hold);
	map_ext_unit(n, false, hold);
}

static bool waits(const struct iss_issue *i)
{
	return i->request_count || i->looks || i->call_count || i->x_pending;
}

bool map_is_idle(const struct iss *n)
{
	const struct iss_map *m = n->map;

	for (unsigned int core = 0; core < n->cores; core++)
		if (n->tile[core].queue_count || waits(&m->issue[core]))
			return false;
	return !m->slots_used && !m->touches.count && !m->far_touches.count && m->engine.state == ENGINE_IDLE && !m->port.valid && !m->host.valid && !m->host.busy &&
	       !m->host.fill_left && map_ext_is_idle(&m->ext) &&
	       n->cycle >= m->until;
}

bool map_active(const struct iss *n)
{
	return !map_is_idle(n) || n->cycle <= n->map->desc_cycle || csr_regs_in_reset(n);
}

int map_open(struct iss *n, const struct device_ext *ext)
{
	n->map = calloc(1, sizeof(*n->map));
	if (!n->map)
		return -1;
	reset(n);
	n->map->reset_end = 0;
	n->map->mem = calloc(ISS_MAP_WORDS, sizeof(*n->map->mem));
	return n->map->mem ? map_ext_open(n, ext) : -1;
}

void map_close(struct iss *n)
{
	if (n->map) {
		ext_memory_close(&n->map->ext_memory);
		free(n->map->mem);
	}
	free(n->map);
}
