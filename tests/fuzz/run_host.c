// SPDX-License-Identifier: Apache-2.0
/* A case as native code of the host. */
#include <stdio.h>
#include <string.h>
#include "driver/common/nic_events.h"
#include "driver/common/nic_fib.h"
#include "driver/host/host.h"
#include "fuzz.h"
#include "sim/device_regs.h"

static void run_packet(struct host_prog *p, const struct fuzz_case *c, uint32_t i, struct fuzz_outcome *o)
{
	static uint8_t buffer[HOST_HEADROOM + HOST_LEN_MAX + HOST_TAILROOM];
	struct host_packet packet = { .data = buffer + HOST_HEADROOM, .len = c->packet_len[i], .ifindex = 1 };

	memcpy(packet.data, c->packets[i], CASE_FRAME);
	o->ret[i] = host_run(p, &packet);
	o->target[i] = outcome_target(packet.target);
	o->len[i] = packet.len;
	memcpy(o->data[i], packet.data, packet.len < CASE_FRAME ? packet.len : CASE_FRAME);
}

static void dump_map(struct host_prog *p, const struct fuzz_case *c, uint32_t i, struct fuzz_outcome *o)
{
	struct host_map_info m = host_map_info(p, i);
	uint8_t key[512], *at = o->map[i];
	int more;

	if (!outcome_shows(&c->maps[i]))
		return;
	more = host_map_next(p, i, NULL, key);

	while (!more) {
		memcpy(at, key, m.key_size);
		if (host_map_lookup(p, i, key, at + m.key_size))
			snprintf(o->text, sizeof(o->text), "map %s: a key that is listed is not there", m.name);
		at += m.key_size + m.value_size;
		more = host_map_next(p, i, key, key);
	}
	o->map_bytes[i] = (uint32_t)(at - o->map[i]);
	outcome_sort_map(o, i, m.key_size, m.value_size);
}

static void listen(struct host_prog *p, const struct fuzz_case *c)
{
	struct nic_map map;

	for (uint32_t i = 0; i < c->n_maps; i++) {
		host_nic_map(p, i, &map);
		if (map.layout->type == MAP_TYPE_PERF_EVENT_ARRAY)
			nic_events_open(&map, 1);
	}
}

/* Ring buffers keep their records to the end, and may be full before. */
static void take_records(struct host_prog *p, const struct fuzz_case *c, bool at_end, struct fuzz_outcome *o)
{
	struct nic_map map;

	for (uint32_t i = 0; i < c->n_maps; i++) {
		host_nic_map(p, i, &map);
		if (at_end || map.layout->type == MAP_TYPE_PERF_EVENT_ARRAY)
			outcome_take_records(o, i, &map);
	}
}

static void take_step(struct host_prog *p, const struct fuzz_case *c, const struct case_step *s)
{
	if (s->deletes)
		host_map_delete(p, s->map, s->key);
	else
		host_map_update(p, s->map, s->key, outcome_value(c, s, 1), 0);
}

void run_host(const struct fuzz_case *c, struct fuzz_outcome *o)
{
	struct case_progs progs;
	char why[HOST_WHY];
	struct nic_fib_refusal no_room;
	struct host_prog *p;
	bool asked;

	case_progs(c, &progs);
	p = host_compile(progs.prog, 1, 2, why);
	memset(o, 0, sizeof(*o));
	o->has_targets = true;
	if (!p) {
		o->refused = true;
		snprintf(o->text, sizeof(o->text), "%.500s", why);
		return;
	}
	listen(p, c);
	host_cookie_keys(p, device_cookie_keys);
	if (nic_fib_wanted(host_image(p)) && nic_fib_fill(host_regs(p), host_image(p), routes_open(&asked), &no_room))
		snprintf(o->text, sizeof(o->text), "the host refuses the routes: %s", no_room.text);
	for (uint32_t i = 0, step = 0; i < c->n_packets; i++) {
		for (; step < c->n_steps && c->steps[step].before <= i; step++)
			take_step(p, c, &c->steps[step]);
		run_packet(p, c, i, o);
		take_records(p, c, false, o);
	}
	take_records(p, c, true, o);
	for (uint32_t i = 0; i < c->n_maps; i++)
		dump_map(p, c, i, o);
	host_free(p);
}
