// SPDX-License-Identifier: Apache-2.0
/* The unit of the map memory outside the chip in the map subsystem: its requesters, its memory, and where its words go. */
#include "fabric.h"
#include "map.h"

enum { ENGINE_READS, HOST_READS }; /* who waits at the shared request register */

int map_ext_open(struct iss *n, const struct device_ext *config)
{
	map_ext_reset(&n->map->ext, n->cores, n->map->units, config->mib);
	return ext_memory_open(&n->map->ext_memory, config, &n->events);
}

void map_ext_respond(struct iss *n, const struct iss_unit *u)
{
	struct iss_map *m = n->map;
	const struct ext_answer *a = m->ext_answered ? NULL : map_ext_answer(&m->ext);
	struct iss_command cmd;

	if (!a || map_unit(m, a->tile) != u)
		return;
	m->ext_answered = true;
	cmd = (struct iss_command){
		.core = a->tile, .thread = a->thread, .pc = m->ext_at[a->tile][a->thread].pc, .addr = m->ext_at[a->tile][a->thread].addr,
	};
	map_respond(n, &cmd, a->fault, a->value);
}

static bool outside(const struct iss *n, uint64_t from, uint32_t word)
{
	return n->cycle >= from && word & EXT_BIT;
}

/* The requests that wait; head[] points to those in all[]. */
static void offer(const struct iss *n, bool hold, struct ext_in *in, struct ext_request *all)
{
	const struct iss_port *p = &n->map->port;
	unsigned int port = n->cores + n->map->units;

	for (uint32_t rest = n->map->requests; rest; rest &= rest - 1) {
		unsigned int core = (unsigned int)__builtin_ctz(rest);
		const struct iss_issue *i = &n->map->issue[core];
		const struct iss_request *r = &i->request[i->request_head];

		if (r->refused || !outside(n, r->from, r->word))
			continue;
		all[core] = map_issue_outside(r);
		in->head[core] = &all[core];
	}
	for (unsigned int u = 0; u < n->map->units; u++)
		if (map_look_far(n, &n->map->unit[u], hold, &all[n->cores + u]))
			in->head[n->cores + u] = &all[n->cores + u];
	if (!p->valid || !outside(n, p->from, p->word))
		return;
	all[port] = (struct ext_request){
		.word = p->word, .mask = p->we ? 0xff : 0, .whole = p->whole, .b = p->value, .thread = p->host ? HOST_READS : ENGINE_READS,
	};
	in->head[port] = &all[port];
}

static void granted(struct iss *n, unsigned int requester, const struct ext_request *r)
{
	struct iss_map *m = n->map;
	const struct iss_command *cmd;

	if (requester == n->cores + m->units) {
		m->port.valid = false;
		return;
	}
	if (requester >= n->cores) {
		map_look_far_granted(&m->unit[requester - n->cores], r);
		return;
	}
	cmd = &m->issue[requester].request[m->issue[requester].request_head].cmd;
	if (cmd->word.wait) {
		m->ext_at[requester][cmd->thread].pc = cmd->pc;
		m->ext_at[requester][cmd->thread].addr = cmd->addr;
	}
	map_issue_sent(n, requester);
}

static bool waits(const struct ext_in *in, unsigned int requesters)
{
	for (unsigned int i = 0; i < requesters; i++)
		if (in->head[i])
			return true;
	return false;
}

static void unit_cycle(struct iss *n, bool stop, bool hold)
{
	struct iss_map *m = n->map;
	struct ext_in in = {.stop = stop, .pop = m->ext_answered};
	struct ext_request all[EXT_REQUESTERS];
	struct host_bus_in pins;
	struct ext_out out;

	m->ext_answered = false;
	if (!stop)
		offer(n, hold, &in, all);
	if (map_ext_is_idle(&m->ext) && !waits(&in, n->cores + m->units + 1)) {
		if (stop)
			m->ext.after = ~0u;
		return;
	}
	map_ext_pins(&m->ext, &in, &pins);
	map_ext_cycle(&m->ext, &in, ext_memory_show(&m->ext_memory, n->cycle), &out);
	ext_memory_tick(&m->ext_memory, &pins);
	n->fabric->counter[NIC_CNT_EXT_READ] += out.read_error;
	n->fabric->counter[NIC_CNT_EXT_WRITE] += out.write_error;
	if (out.granted >= 0)
		granted(n, out.granted, &all[out.granted]);
	if (out.look_done)
		map_look_far_word(n, &m->unit[out.look_unit], &out);
	if (out.port_done && out.port_thread == HOST_READS)
		map_host_read(n, out.port_word, n->cycle + 2);
	else if (out.port_done)
		map_engine_read(n, out.port_word, out.port_error, n->cycle + 1);
}

void map_ext_unit(struct iss *n, bool stop, bool hold)
{
	if (stop || !map_ext_is_idle(&n->map->ext) || map_ext_has_requests(n->map))
		unit_cycle(n, stop, hold);
}
