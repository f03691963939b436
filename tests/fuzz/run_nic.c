// SPDX-License-Identifier: Apache-2.0
/*
 * A case through nicjit and the NIC: compiled once per case, run on one of the two devices, packets one after the other on one
 * hardware thread so that maps see them in order. The devices live as long as the process.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "driver/common/image.h"
#include "driver/common/nic_events.h"
#include "driver/common/nic_fib.h"
#include "driver/common/nic_load.h"
#include "driver/common/nic_maps.h"
#include "fuzz.h"
#include "hw/spec/regs.h"
#include "sim/device_regs.h"

enum { CYCLES_MAX = 4000000, REST_CYCLES = 400 };

static struct target target;
static struct device_ext ext = { .mib = 64 };

struct nic {
	struct device *device;
	struct nic_regs regs;
	struct fuzz_outcome *out;
	uint32_t base;       /* number of the case's first packet */
	uint32_t next;       /* number that the next packet gets */
	uint32_t done;       /* packets completed */
};

static void on_completion(void *arg, const struct device_completion *c)
{
	struct nic *n = arg;
	uint32_t i = c->number - n->base;

	if (i < CASE_PACKETS) {
		n->out->ret[i] = c->ret;
		n->out->target[i] = outcome_target(c->target);
		n->out->len[i] = c->len;
		if (c->cause && !n->out->text[0])
			snprintf(n->out->text, sizeof(n->out->text), "packet %u: fault %u at bundle %u, address 0x%llx", i, c->cause,
				 c->fault_pc, (unsigned long long)c->fault_addr);
	}
	n->done++;
}

static void on_take(void *arg, const struct device_take *t)
{
	struct nic *n = arg;

	n->next = t->number + 1;
}

static void on_tx(void *arg, const struct device_tx *t, const uint8_t *frame, size_t len)
{
	struct nic *n = arg;
	uint32_t i = t->number - n->base;

	if (i < CASE_PACKETS)
		memcpy(n->out->data[i], frame, len < CASE_FRAME ? len : CASE_FRAME);
}

static void open_nic(struct nic *n, bool rtl)
{
	struct device_config config = { .ext = ext, .events = { .take = on_take, .completion = on_completion, .tx = on_tx, .arg = n } };
	const char *why = NULL;

	n->device = (rtl ? device_rtl_open : device_iss_open)(&config, &why);
	if (!n->device) {
		fprintf(stderr, "fuzz: %s\n", why);
		exit(2);
	}
	n->regs = device_regs(n->device);
}

static void dump_map(const struct nic *n, const struct image *image, const struct fuzz_case *c, uint32_t i)
{
	struct nic_map map = { .regs = &n->regs, .layout = &image->maps[i], .index = i };
	const struct prog_map *m = &c->maps[i];
	static uint8_t all[CASE_CPUS * CASE_VALUE];
	uint8_t key[512], *at = n->out->map[i];
	int more;

	if (nic_events_holds(&map)) {
		outcome_take_records(n->out, i, &map);
		return;
	}
	if (!outcome_shows(m))
		return;
	more = nic_maps_next(&map, NULL, key);
	while (!more) {
		memcpy(at, key, m->key_size);
		if (nic_maps_lookup(&map, key, all))
			snprintf(n->out->text, sizeof(n->out->text), "map %s: a key that is listed is not there", m->name);
		memcpy(at + m->key_size, all, m->value_size);
		at += m->key_size + m->value_size;
		more = nic_maps_next(&map, key, key);
	}
	n->out->map_bytes[i] = (uint32_t)(at - n->out->map[i]);
	outcome_sort_map(n->out, i, m->key_size, m->value_size);
}

/* Until so many packets are through, the last frame has left and posted stores have arrived. */
static void settle(struct nic *n, uint32_t packets)
{
	struct device *d = n->device;
	uint64_t limit = d->ops->cycle(d) + CYCLES_MAX;

	while (n->done < packets && d->ops->cycle(d) < limit)
		d->ops->tick(d);
	for (int i = 0; i < REST_CYCLES || (ext.mib && !(device_regs_read(d, REG_STATUS) >> STATUS_IDLE_LSB & 1)); i++)
		d->ops->tick(d);
	if (n->done < packets && !n->out->text[0])
		snprintf(n->out->text, sizeof(n->out->text), "only %u of %u packets were completed", n->done, packets);
}

static void take_step(struct nic *n, const struct image *image, const struct fuzz_case *c, const struct case_step *s)
{
	struct nic_map map = { .regs = &n->regs, .layout = &image->maps[s->map], .index = s->map, .image = image };

	if (s->deletes)
		nic_maps_delete(&map, s->key);
	else
		nic_maps_update(&map, s->key, outcome_value(c, s, target_default.cpus), 0);
}

/* Events are taken all the time, records of ring buffers in the end. */
static void take_events(struct nic *n, const struct image *image, const struct fuzz_case *c)
{
	for (uint32_t i = 0; i < c->n_maps; i++)
		if (c->maps[i].type == MAP_TYPE_PERF_EVENT_ARRAY)
			dump_map(n, image, c, i);
}

/* Time leaps, and ticks come quickly meanwhile; else there are none, so that timers do not fire while packets are under way. */
static void let_timers_fire(struct nic *n, uint32_t packets, uint64_t in_all)
{
	enum { LEAPS = 8, TICK_CLOCKS = 256 };
	struct device *d = n->device;

	settle(n, packets);
	for (int leap = 0; leap < LEAPS; leap++) {
		uint64_t ns = device_regs_read(d, REG_TIME_LO);

		ns |= (uint64_t)device_regs_read(d, REG_TIME_HI) << 32;
		ns += in_all / LEAPS;
		device_regs_write(d, REG_TIME_LO, (uint32_t)ns);
		device_regs_write(d, REG_TIME_HI, (uint32_t)(ns >> 32));
		device_regs_write(d, REG_PORT + 4 * NIC_PORT_TICK, TICK_CLOCKS);
		for (int i = 0; i < 2 * TICK_CLOCKS; i++)
			d->ops->tick(d);
		device_regs_write(d, REG_PORT + 4 * NIC_PORT_TICK, 0);
		settle(n, packets);
		while (!(device_regs_read(d, REG_STATUS) >> STATUS_IDLE_LSB & 1))
			d->ops->tick(d);
	}
}

static void run_packets(struct nic *n, const struct image *image, const struct fuzz_case *c)
{
	bool events = case_has(c, MAP_TYPE_PERF_EVENT_ARRAY);
	uint32_t step = 0;

	for (uint32_t i = 0; i < c->n_packets; i++) {
		if (i && (events || (step < c->n_steps && c->steps[step].before <= i)))
			settle(n, i);
		if (events)
			take_events(n, image, c);
		for (; step < c->n_steps && c->steps[step].before <= i; step++)
			take_step(n, image, c, &c->steps[step]);
		n->device->ops->rx(n->device, &(struct device_offer){ .frame = c->packets[i], .len = c->packet_len[i] });
		if (case_has_timers(c))
			let_timers_fire(n, i + 1, CASE_SOON_NS);
	}
	settle(n, c->n_packets);
}

static int compile(const struct fuzz_case *c, struct fuzz_outcome *o, struct image_buf *buf)
{
	static uint64_t memory[(64u << 20) / 8];
	struct case_progs p;
	struct diag diag = { .insn = -1 };

	case_progs(c, &p);
	if (!nicjit_compile(p.prog, target.lanes ? &target : &target_default, memory, sizeof(memory), NULL, buf, &diag))
		return 0;
	o->refused = true;
	snprintf(o->text, sizeof(o->text), "insn %d: %.500s", diag.insn, diag.text);
	return -1;
}

bool ask_nicjit(const struct fuzz_case *c, struct fuzz_outcome *o)
{
	struct image_buf buf;

	memset(o, 0, sizeof(*o));
	return !compile(c, o, &buf);
}

static void run_on(struct nic *n, const struct fuzz_case *c, bool rtl, struct fuzz_outcome *o)
{
	struct image_buf buf;
	struct nic_refusal why;
	struct nic_fib_refusal no_room;
	struct nic_place place;
	struct image image;
	const char *bad;
	bool asked;

	memset(o, 0, sizeof(*o));
	if (!n->device)
		open_nic(n, rtl);
	o->has_targets = true;
	n->out = o;
	n->done = 0;
	if (compile(c, o, &buf))
		return;
	bad = image_parse(buf.bytes, buf.size, &image);
	if (bad) {
		snprintf(o->text, sizeof(o->text), "nicjit's own image is refused: %s", bad);
		return;
	}
	if (nic_load(&n->regs, &image, &place, &why)) {
		snprintf(o->text, sizeof(o->text), "the NIC refuses the image: %s", why.text);
		return;
	}
	if (nic_fib_wanted(&image) && nic_fib_fill(&n->regs, &image, routes_open(&asked), &no_room)) {
		snprintf(o->text, sizeof(o->text), "the NIC refuses the routes: %s", no_room.text);
		return;
	}
	for (uint32_t i = 0; i < c->n_maps; i++)
		if (c->maps[i].type == MAP_TYPE_PERF_EVENT_ARRAY)
			nic_events_open(&(struct nic_map){ .regs = &n->regs, .layout = &image.maps[i], .index = i }, 1);
	n->base = n->next;
	n->device->ops->reg_write(n->device, REG_CORES, 1);
	n->device->ops->reg_write(n->device, REG_THREADS, 1);
	nic_load_run(&n->regs, 1);
	device_regs_write(n->device, REG_PORT + 4 * NIC_PORT_TICK, 0);
	run_packets(n, &image, c);
	if (case_has_timers(c))
		let_timers_fire(n, c->n_packets, 2ull * CASE_TIMER_NS);
	device_regs_write(n->device, REG_CTRL, 0);
	for (uint32_t i = 0; i < c->n_maps && !o->text[0]; i++)
		dump_map(n, &image, c, i);
}

void run_outside(void)
{
	target = target_default;
	target.map_words = 8;
	target.ext_words = 1 << 20;
	ext = (struct device_ext){ .mib = 8, .latency = 20, .jitter = 40, .dirty = true };
}

void run_iss(const struct fuzz_case *c, struct fuzz_outcome *o)
{
	static struct nic nic;

	run_on(&nic, c, false, o);
}

void run_rtl(const struct fuzz_case *c, struct fuzz_outcome *o)
{
	static struct nic nic;

	run_on(&nic, c, true, o);
}
