// SPDX-License-Identifier: Apache-2.0
#include "map.h"

#include <stdlib.h>
#include <string.h>

/* The answer to a lookup or call goes to the response bus: the thread is ready two cycles later, in the one in which x is written. */
void map_respond(struct iss *n, const struct iss_command *cmd, bool fault, uint64_t value)
{
	uint64_t at = n->cycle + 2;
	struct iss_unit *u = map_unit(n->map, cmd->core);

	n->map->responds[at % RING] |= 1u << u->number;
	u->response[at % RING] = (struct iss_response){
		.core = cmd->core, .thread = cmd->thread, .fault = fault, .value = value,
	};
	map_busy_until(n->map, at);
	if (cmd->core == CALL_HOST)
		return;
	if (fault)
		fp_core_map_fault(&n->tile[cmd->core], cmd->thread, cmd->pc, cmd->addr, at);
	else
		fp_core_wake(&n->tile[cmd->core], cmd->thread, at);
}

static void value_answers(struct iss *n)
{
	unsigned int place = n->cycle % RING;
	uint32_t *tiles = &n->map->x[place];

	for (; *tiles; *tiles &= *tiles - 1) {
		unsigned int core = (unsigned int)__builtin_ctz(*tiles);
		const struct iss_x *x = &n->map->issue[core].x[place];

		fp_core_x(&n->tile[core], x->thread, x->value);
	}
}

static void response(struct iss *n, const struct iss_unit *u)
{
	const struct iss_response *r = &u->response[n->cycle % RING];

	if (r->core == CALL_HOST)
		map_host_answer(&n->map->host, r);
	else if (!r->fault)
		fp_core_x(&n->tile[r->core], r->thread, r->value);
}

static void responses(struct iss *n)
{
	uint8_t *units = &n->map->responds[n->cycle % RING];

	for (; *units; *units &= *units - 1)
		response(n, &n->map->unit[__builtin_ctz(*units)]);
}

/* Everything but what memories hold; a host access under way is done in the next cycle. */
static void reset(struct iss *n)
{
	struct iss_map *m = n->map;
	struct iss_host h = m->host;

	memset(m, 0, offsetof(struct iss_map, bank));
	memset(m->known, 0, sizeof(m->known));
	m->reset_end = n->cycle + 1;
	m->engine.after = ~0u;
	for (unsigned int u = 0; u < m->units; u++) {
		m->unit[u].number = (uint8_t)u;
		m->unit[u].tiles = m->units == 1 ? ~0u : 0x55555555u << u;
		m->unit[u].after = ~0u;
	}
	m->host.valid = h.valid;
	m->host.done = n->cycle + 1;
	if (h.done == n->cycle) {
		m->host.done = h.done;
		m->host.result = h.result;
	}
	m->host.low = h.low;
	m->host.high = h.high;
	memcpy(m->host.operands, h.operands, sizeof(h.operands));
	for (unsigned int b = 0; b < m->banks; b++)
		m->bank[b].after = ~0u;
	for (unsigned int map = 0; map < ISS_MAPS; map++) {
		struct iss_desc *d = &m->desc[map];

		d->typed = d->used = d->hashes = false;
		d->type = 0;
	}
}

/* What comes out of registers is still seen in the first cycle. */
static void in_reset(struct iss *n)
{
	map_bank_write(n);
	value_answers(n);
	responses(n);
	reset(n);
	if (n->map->host.valid)
		map_host_cycle(n, false);
	map_ext_unit(n, true, false);
}

static void finish_walks(struct iss *n, struct iss_unit *u)
{
	uint8_t *walked = &u->walked[n->cycle % RING];

	u->walking -= *walked;
	*walked = 0;
}

/* `engine`: unit on whose bus the engine answers in this cycle unless a lookup does, or none. */
static void answers(struct iss *n, struct iss_unit *u, const struct iss_unit *engine)
{
	if (u->used && u->results.count && map_look_answer(n, u))
		return;
	if (u != engine && !(u->used && u->far_results.count && map_look_far_answer(n, u)) && n->map->ext.answer_count)
		map_ext_respond(n, u);
}

/* Engine and host; the unit on whose bus the engine answers, or NULL. */
static const struct iss_unit *engine_and_host(struct iss *n)
{
	struct iss_map *m = n->map;
	struct iss_engine *e = &m->engine;
	const struct iss_unit *u = NULL;
	bool idle = e->state == ENGINE_IDLE;

	if (e->state == ENGINE_DONE && n->cycle >= e->start && !m->port.valid)
		u = map_unit(m, e->source);
	e->waits = u && map_look_decided(n, u);
	map_engine_cycle(n);
	if (m->host.valid)
		map_host_cycle(n, idle);
	if (m->host.fill_left)
		map_host_fill(n);
	return u;
}

static bool looks_up(struct iss_map *m)
{
	MAP_UNITS(m, u)
		if (u->slots_used || u->touches.count || u->far_touches.count)
			return true;
	return false;
}

/* Are engine, host or the memory outside the chip at work, as far as it is not in queues of tiles? */
static bool works(const struct iss_map *m)
{
	return m->engine.state != ENGINE_IDLE || m->port.valid || m->host.valid || m->host.busy || m->host.fill_left || !map_ext_is_idle(&m->ext);
}

/* The end of a cycle: what waits besides what is in the queues of tiles. */
static void look_ahead(const struct iss *n)
{
	struct iss_map *m = n->map;

	if (m->works)
		m->works = m->calls || works(m) || map_ext_has_requests(m) || m->engine.lm_cycle > n->cycle;
	m->busy = m->works || looks_up(m);
}

/* It may ask for a word on the chip. */
static bool asks(const struct iss *n, const struct iss_unit *u)
{
	return u->touches.count || map_look_has(n, u, &u->buckets);
}

/* Most of its parts have nothing to do in most cycles, and are not called then. */
void map_cycle(struct iss *n)
{
	struct iss_map *m = n->map;
	const struct iss_unit *engine = NULL;
	bool hold, asked;

	if (csr_regs_in_reset(n)) {
		in_reset(n);
		m->works = true;
		look_ahead(n);
		return;
	}
	if (m->desc_cycle == n->cycle)
		map_desc_update(m);
	if (m->stores[(n->cycle - 1) % RING] | m->atomics[(n->cycle - LATENCY - 2) % RING])
		map_bank_write(n);
	MAP_UNITS(m, u) {
		u->used = u->slots_used;
		if (u->walking)
			finish_walks(n, u);
	}
	hold = m->works && (m->engine.held || m->engine.state == ENGINE_HOLD);
	if (m->works)
		engine = engine_and_host(n);
	if (m->x[n->cycle % RING])
		value_answers(n);
	if (m->responds[n->cycle % RING])
		responses(n);
	MAP_UNITS(m, u)
		if (u->used | m->ext.answer_count)
			answers(n, u, engine);
	for (uint32_t rest = n->commands; rest; rest &= rest - 1)
		map_issue_take(n, (unsigned int)__builtin_ctz(rest));
	if (m->looks)
		MAP_UNITS(m, u)
			map_look_grant(n, u);
	for (uint32_t rest = m->gathers; rest; rest &= rest - 1)
		map_issue_gather(n, (unsigned int)__builtin_ctz(rest));
	asked = m->requests | m->port.valid;
	MAP_UNITS(m, u) {
		if (!(u->used | u->touches.count))
			continue;
		u->reads = 0;
		if (u->fresh.count | u->again.count)
			map_look_walk(n, u, engine == u);
		if (map_look_touches(n, u))
			map_look_touched(n, u);
		asked |= asks(n, u);
	}
	if (asked)
		map_bank_cycle(n, hold);
	if (m->works)
		map_ext_unit(n, false, hold);
	look_ahead(n);
}

bool map_is_idle(const struct iss *n)
{
	struct iss_map *m = n->map;

	return n->cycle >= m->until && !(n->commands | m->requests | m->looks | m->calls | m->gathers) && !works(m) && !looks_up(m);
}

/* NICs of more than 4 cores have more of what cores share, as nic_top has. */
static void choose_sizes(struct iss_map *m, unsigned int cores)
{
	m->banks = cores > 8 ? 16 : cores > 4 ? 8 : 4;
	m->units = cores > 4 ? 2 : 1;
	m->units_end = m->unit + m->units;
	m->words = cores > 4 ? 1 << 17 : 1 << 16;
}

int map_open(struct iss *n, const struct device_ext *ext)
{
	struct iss_map *m = n->map = calloc(1, sizeof(*n->map));

	if (!m)
		return -1;
	choose_sizes(m, n->cores);
	reset(n);
	m->reset_end = 0;
	m->mem = calloc(m->words, sizeof(*m->mem));
	m->written = calloc(m->words, sizeof(*m->written));
	return m->mem && m->written ? map_ext_open(n, ext) : -1;
}

void map_close(struct iss *n)
{
	if (n->map) {
		ext_memory_close(&n->map->ext_memory);
		free(n->map->mem);
		free(n->map->written);
	}
	free(n->map);
}
