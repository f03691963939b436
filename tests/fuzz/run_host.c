// SPDX-License-Identifier: Apache-2.0
/* A case as native code of the host. */
#include <stdio.h>
#include <string.h>
#include "driver/common/nic_events.h"
#include "driver/host/host.h"
#include "fuzz.h"

static void run_packet(struct host_prog *p, const struct fuzz_case *c, uint32_t i, struct fuzz_outcome *o)
{
	static uint8_t buffer[HOST_HEADROOM + HOST_LEN_MAX + HOST_TAILROOM];
	struct host_packet packet = { .data = buffer + HOST_HEADROOM, .len = c->packet_len[i], .ifindex = 1 };

	memcpy(packet.data, c->packets[i], CASE_FRAME);
	o->ret[i] = host_run(p, &packet);
	o->len[i] = packet.len;
	memcpy(o->data[i], packet.data, packet.len < CASE_FRAME ? packet.len : CASE_FRAME);
}

static void dump_map(struct host_prog *p, const struct fuzz_case *c, uint32_t i, struct fuzz_outcome *o)
{
	static uint8_t record[CASE_MAP_BYTES];
	struct host_map_info m = host_map_info(p, i);
	uint8_t key[512], *at = o->map[i];
	struct nic_map map;
	size_t size;
	int more;

	host_nic_map(p, i, &map);
	while (nic_events_holds(&map) && !nic_events_take(&map, record, &size))
		outcome_record(o, i, record, (uint32_t)size);
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

static void take_step(struct host_prog *p, const struct fuzz_case *c, const struct case_step *s)
{
	if (s->deletes)
		host_map_delete(p, s->map, s->key);
	else
		host_map_update(p, s->map, s->key, outcome_value(c, s, 1), 0);
}

void run_host(const struct fuzz_case *c, struct fuzz_outcome *o)
{
	struct prog prog = { .name = "fuzz", .section = "xdp", .insns = c->insns, .n_insns = c->n_insns, .maps = c->maps, .n_maps = c->n_maps };
	char why[HOST_WHY];
	struct host_prog *p = host_compile(&prog, 1, why);

	memset(o, 0, sizeof(*o));
	if (!p) {
		o->refused = true;
		snprintf(o->text, sizeof(o->text), "%.500s", why);
		return;
	}
	for (uint32_t i = 0, step = 0; i < c->n_packets; i++) {
		for (; step < c->n_steps && c->steps[step].before <= i; step++)
			take_step(p, c, &c->steps[step]);
		run_packet(p, c, i, o);
	}
	for (uint32_t i = 0; i < c->n_maps; i++)
		dump_map(p, c, i, o);
	host_free(p);
}
