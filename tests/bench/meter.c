// SPDX-License-Identifier: Apache-2.0
/*
 * Measures one program on the NIC: at full load, where packets are offered back to back, the clocks a packet takes and what the core
 * did in them; with one packet at a time, the clocks from a frame's first beat in to its last beat out, and where they went.
 * The packets of the capture are offered again and again; the first ones, until the NIC is in its stride, are not measured.
 */
#include "meter.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FRAMES_MAX = 256, FEED_EVERY = 8, QUIET = METER_QUIET, IDLE_ROUNDS = 2 };

uint32_t meter_rows(size_t len)
{
	return (len + NIC_ROW_BYTES - 1) / NIC_ROW_BYTES;
}

static void allocated(const void *p)
{
	if (!p)
		abort();
}

void meter_completion(void *arg, const struct device_completion *c)
{
	struct meter *m = arg;

	m->completed++;
	m->verdicts[results_verdict(c->ret)]++;
	m->faults += c->cause != 0;
	m->last_ret = c->ret;
	m->last_event = c->cycle;
	if (m->completed == m->first || m->completed == m->last)
		m->at[m->completed == m->last] = c->cycle;
	if (m->completed > m->first && m->completed <= m->last)
		m->bundles += c->bundles;
}

void meter_frame_out(struct meter *m, uint64_t cycle, size_t len)
{
	m->sent++;
	if (m->completed > m->first && m->completed <= m->last)
		m->rows_sent += meter_rows(len);
	m->last_event = cycle;
}

/* The clocks from a bundle to the next one of its thread belong to it. */
void meter_retire(struct meter *m, unsigned int thread, unsigned int pc, const struct device_retire *r)
{
	struct meter_thread *t = &m->threads[thread];

	if (!m->profiling)
		return;
	if (t->running)
		m->pcs[t->pc].clocks += r->cycle - t->cycle;
	m->pcs[pc].times++;
	m->pcs[pc].command = r->command;
	m->stores += r->store;
	t->running = !r->exit;
	t->pc = pc;
	t->cycle = r->cycle;
}

static int offer(struct meter *m)
{
	if (meter_nic_offer(m, &m->frames[m->offered % m->frame_count]))
		return -1;
	m->offered++;
	return 0;
}

void meter_feed(struct meter *m)
{
	while (m->offered < m->last + METER_BEHIND && offer(m) == 0)
		;
}

static int run_until(struct meter *m, uint64_t completed, struct io_error *err)
{
	struct device *d = m->device;
	uint64_t quiet = d->ops->cycle(d) + QUIET, before = m->completed;

	for (unsigned int n = 0; m->completed < completed; n++) {
		if (n % FEED_EVERY == 0)
			meter_feed(m);
		d->ops->tick(d);
		if (m->completed != before) {
			before = m->completed;
			quiet = d->ops->cycle(d) + QUIET;
		} else if (d->ops->cycle(d) > quiet) {
			return io_fail(err, "no packet came out for %d clocks", QUIET);
		}
	}
	return 0;
}

int meter_full(struct meter *m, uint64_t warm, uint64_t count, struct io_error *err)
{
	m->first = m->completed + warm;
	m->last = m->first + count;
	if (run_until(m, m->first, err))
		return -1;
	if (meter_nic_count(m, m->before, err) || run_until(m, m->last, err) || meter_nic_count(m, m->after, err))
		return -1;
	return run_until(m, m->last + METER_BEHIND, err);
}

/* One frame through a NIC that has nothing else to do. */
static int one(struct meter *m, uint64_t *clocks, struct io_error *err)
{
	struct device *d = m->device;
	uint64_t start, done = m->completed + 1, sent = m->sent;

	for (int i = 0; i < QUIET && !(d->ops->reg_read(d, REG_STATUS) >> STATUS_IDLE_LSB & 1); i++)
		;
	start = d->ops->cycle(d);
	offer(m);
	while (m->completed < done || (results_forwards(m->last_ret) && m->sent == sent)) {
		d->ops->tick(d);
		if (d->ops->cycle(d) - start > QUIET)
			return io_fail(err, "a packet did not come out for %d clocks", QUIET);
	}
	*clocks = m->last_event - start;
	for (int i = 0; i < NIC_RETIRE; i++) /* the exit's retire record comes after the packet's end */
		d->ops->tick(d);
	return 0;
}

int meter_idle(struct meter *m, struct io_error *err)
{
	uint64_t clocks = 0;

	for (unsigned int i = 0; i < IDLE_ROUNDS * m->frame_count; i++) {
		m->profiling = i >= m->frame_count;
		if (one(m, &clocks, err))
			return -1;
		if (m->profiling)
			m->latency += clocks;
	}
	m->profiling = false;
	return 0;
}

static int read_frames(struct meter *m, const char *path, struct io_error *err)
{
	struct pcap_io_reader *rx = pcap_io_open(path, err);
	struct pcap_io_packet p;
	int more = -1;

	if (!rx)
		return -1;
	m->frames = calloc(FRAMES_MAX, sizeof(*m->frames));
	allocated(m->frames);
	while (m->frame_count < FRAMES_MAX && (more = pcap_io_read(rx, &p, err)) == 1) {
		struct meter_frame *f = &m->frames[m->frame_count++];

		f->len = p.len;
		f->data = malloc(p.len + 1);
		allocated(f->data);
		memcpy(f->data, p.data, p.len);
	}
	pcap_io_close(rx);
	if (more >= 0 && m->frame_count == 0)
		more = io_fail(err, "%s has no packets", path);
	return more < 0 ? -1 : 0;
}

int meter_open(struct meter *m, const struct options *opt, const char *rx, struct io_error *err)
{
	FILE *f = fopen(opt->fw, "rb");
	const char *why;
	size_t size;

	m->image_bytes = malloc(METER_IMAGE_MAX);
	m->pcs = calloc(METER_PCS, sizeof(*m->pcs));
	allocated(m->image_bytes);
	allocated(m->pcs);
	size = f ? fread(m->image_bytes, 1, METER_IMAGE_MAX, f) : 0;
	if (f)
		fclose(f);
	why = size ? image_parse(m->image_bytes, size, &m->run.image) : "the file can't be read";
	if (why)
		return io_fail(err, "%s: %s", opt->fw, why);
	m->run.opt = opt;
	return read_frames(m, rx, err) ? -1 : meter_nic_open(m, err);
}

void meter_close(struct meter *m)
{
	if (m->device)
		m->device->ops->close(m->device);
	for (unsigned int i = 0; i < m->frame_count; i++)
		free(m->frames[i].data);
	free(m->frames);
	free(m->image_bytes);
	free(m->pcs);
}
