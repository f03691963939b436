// SPDX-License-Identifier: Apache-2.0
#include "nicsim.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "feed.h"
#include "host_side.h"
#include "live.h"
#include "packets.h"
#include "sim/cosim/cosim.h"
#include "sim/device_regs.h"
#include "profile.h"
#include "timeline.h"

/* Clocks between two looks at the run; a power of two. */
enum { STEP = 16, PROGRESS_EVERY = 16384, EVENTS_EVERY = 1024, FAULTS_SHOWN = 10, IDLE_POLLS = 16000000 };

static double seconds_of(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return t.tv_sec + t.tv_nsec * 1e-9;
}

static double now(void)
{
	return seconds_of(CLOCK_MONOTONIC);
}

const char *run_source(const struct run *run, unsigned int pc)
{
	static char text[256];
	const struct image *image = &run->image;
	uint32_t bundle = pc - run->place.base;
	const struct image_line *line = bundle < run->place.bundles ? image_line(image, bundle) : NULL;

	if (!line)
		return NULL;
	snprintf(text, sizeof(text), "%s:%u: %s", image_string(image, line->file), line->line,
		 image_string(image, line->text));
	return text;
}

static void show_fault(struct run *run, const struct device_completion *c)
{
	const char *where = run_source(run, c->fault_pc);

	if (run->faults_shown++ >= FAULTS_SHOWN)
		return;
	fprintf(stderr, "nicsim: packet %" PRIu64 " was aborted: %s at bundle %" PRIu32, packets_index(run->packets, c->number),
		packets_cause_name(c->cause), c->fault_pc - run->place.base);
	if (c->fault_addr)
		fprintf(stderr, ", address 0x%" PRIx64, c->fault_addr);
	fprintf(stderr, "%s%s\n", where ? ", " : "", where ? where : "");
	if (run->faults_shown == FAULTS_SHOWN)
		fprintf(stderr, "nicsim: further faults are only counted\n");
}

static void on_rx(void *arg, const struct device_rx *r)
{
	struct run *run = arg;

	packets_rx(run->packets, r);
}

static void on_take(void *arg, const struct device_take *t)
{
	struct run *run = arg;

	packets_take(run->packets, t);
	timeline_take(run->timeline, t);
}

static void on_completion(void *arg, const struct device_completion *c)
{
	struct run *run = arg;

	if (c->cause)
		show_fault(run, c);
	packets_complete(run->packets, c);
}

static void on_lost(void *arg, const struct device_lost *l)
{
	struct run *run = arg;

	packets_lost(run->packets, l);
}

static void on_tx(void *arg, const struct device_tx *t, const uint8_t *frame, size_t len)
{
	struct run *run = arg;

	timeline_tx(run->timeline, t);
	live_send(run->live, t->port, frame, len);
	if (t->from_host)
		host_side_sent(run->host);
	packets_tx(run->packets, t, frame, len);
}

static void on_host_rx(void *arg, const struct device_host_rx *h, const uint8_t *frame, size_t len)
{
	struct run *run = arg;

	timeline_host(run->timeline, h);
	packets_host(run->packets, h, frame, len);
}

static void on_retire(void *arg, const struct device_retire *r)
{
	struct run *run = arg;

	timeline_retire(run->timeline, r);
	profile_retire(run->profile, r);
}

static void on_x(void *arg, const struct device_x *x)
{
	struct run *run = arg;

	timeline_x(run->timeline, x);
}

static struct device_events events(struct run *run)
{
	struct device_events e = {.rx = on_rx, .take = on_take, .completion = on_completion, .lost = on_lost, .tx = on_tx,
				  .host_rx = on_host_rx, .arg = run};

	if (run->timeline || run->profile) {
		e.retire = on_retire;
		e.x = on_x;
	}
	return e;
}

static int differ(struct run *run, const char *difference, struct io_error *err)
{
	fputs(difference, stderr);
	return io_fail(err, "the two models differ after %lu equal records",
		       cosim_compared(run->device));
}

/* How a run stands with its deadline. */
struct progress {
	uint64_t outstanding; /* when something came out last */
	uint64_t since;       /* cycle of that */
	double shown;         /* time of the last progress line */
	double cycles;        /* millions, at that time */
	bool wanted;
};

static void show_progress(const struct run *run, struct progress *p)
{
	double t = now(), cycles = run->device->ops->cycle(run->device) / 1e6;

	if (!p->wanted || t - p->shown < 0.5)
		return;
	if (p->shown > 0)
		fprintf(stderr, "\r%" PRIu64 " packets, %.1f million clocks, %.2f million a second ", run->stats.packets, cycles,
			(cycles - p->cycles) / (t - p->shown));
	p->shown = t;
	p->cycles = cycles;
}

/* Some clocks, and what has to be watched. */
static int step(struct run *run, struct progress *p, struct io_error *err)
{
	struct device *d = run->device;
	uint64_t cycle = d->ops->cycle(d), out = run->stats.packets + run->stats.wire.count + run->stats.from_host;

	if (run->opt->model == MODEL_BOTH && cosim_difference(d))
		return differ(run, cosim_difference(d), err);
	if (out != p->outstanding) {
		p->outstanding = out;
		p->since = cycle;
	}
	if (cycle - p->since > run->opt->max_cycles)
		return io_fail(err,
			       "the NIC makes no progress: no packet came out for %" PRIu64
			       " clocks (--max-cycles)",
			       run->opt->max_cycles);
	if (cycle / PROGRESS_EVERY != (cycle + STEP) / PROGRESS_EVERY)
		show_progress(run, p);
	for (int i = 0; i < STEP; i++)
		d->ops->tick(d);
	if (host_side_step(run->host, err))
		return -1;
	return cycle / EVENTS_EVERY != (cycle + STEP) / EVENTS_EVERY ? records_take(run->events, err) : 0;
}

static struct progress start(const struct run *run)
{
	return (struct progress){.since = run->device->ops->cycle(run->device),
				 .wanted = run->opt->progress || isatty(STDERR_FILENO)};
}

/* All cores and threads, packets as the offered load has them. */
static int run_nic_clock(struct run *run, struct io_error *err)
{
	struct progress progress = start(run);

	do {
		if (feed_step(run->feed, err) || step(run, &progress, err))
			return -1;
	} while (!feed_ended(run->feed) || packets_outstanding(run->packets) || !host_side_ended(run->host));
	return 0;
}

/* Interfaces of the machine, until somebody ends it. */
static int run_live(struct run *run, struct io_error *err)
{
	struct progress progress = start(run);

	run->live = live_open(run, err);
	if (!run->live)
		return -1;
	while (!live_ended(run->live) || packets_outstanding(run->packets) || !host_side_ended(run->host)) {
		if (!live_ended(run->live))
			live_step(run->live, !packets_outstanding(run->packets));
		if (!packets_outstanding(run->packets))
			progress.since = run->device->ops->cycle(run->device);
		if (step(run, &progress, err))
			return -1;
	}
	return 0;
}

/* Posted map commands may outlive their packet. */
static int settle(struct run *run, struct io_error *err)
{
	for (int i = 0; i < IDLE_POLLS; i++) {
		if (device_regs_read(run->device, REG_STATUS) >> STATUS_IDLE_LSB & 1)
			return 0;
		if (run->opt->model == MODEL_BOTH && cosim_difference(run->device))
			return differ(run, cosim_difference(run->device), err);
	}
	return io_fail(err, "the NIC did not come to rest after the last packet");
}

enum { TICK_CLOCKS = 256, LEAPS = 16 };

static void set_time(struct device *d, uint64_t ns)
{
	device_regs_write(d, REG_TIME_LO, (uint32_t)ns);
	device_regs_write(d, REG_TIME_HI, (uint32_t)(ns >> 32));
}

static uint64_t get_time(struct device *d)
{
	uint64_t low = device_regs_read(d, REG_TIME_LO);

	return low | (uint64_t)device_regs_read(d, REG_TIME_HI) << 32;
}

/* Timers that are due fire. */
static int let_tick(struct run *run, struct io_error *err)
{
	struct device *d = run->device;
	uint32_t period = device_regs_read(d, REG_PORT + 4 * NIC_PORT_TICK);

	if (!period)
		return 0;
	device_regs_write(d, REG_PORT + 4 * NIC_PORT_TICK, TICK_CLOCKS);
	for (int i = 0; i < TICK_CLOCKS + STEP; i++)
		d->ops->tick(d);
	device_regs_write(d, REG_PORT + 4 * NIC_PORT_TICK, period);
	return settle(run, err);
}

/* One packet at a time, at its capture time. */
static int run_pcap_clock(struct run *run, struct io_error *err)
{
	struct device *d = run->device;
	struct progress progress = start(run);
	uint64_t time_ns;
	int more;

	while ((more = feed_one(run->feed, &time_ns, err)) == 1) {
		set_time(d, time_ns);
		if (let_tick(run, err))
			return -1;
		feed_drain(run->feed);
		while (packets_outstanding(run->packets))
			if (step(run, &progress, err))
				return -1;
	}
	while (more == 0 && !host_side_ended(run->host))
		if (step(run, &progress, err))
			return -1;
	return more;
}

static int wait(struct run *run, struct io_error *err)
{
	for (int leap = 0; leap < LEAPS && run->opt->wait_ns; leap++) {
		set_time(run->device, get_time(run->device) + run->opt->wait_ns / LEAPS);
		if (let_tick(run, err) || records_take(run->events, err))
			return -1;
	}
	return 0;
}

static bool has_wire(const struct options *opt)
{
	for (unsigned int port = 0; port < DEVICE_PORTS; port++)
		if (opt->wire[port])
			return true;
	return false;
}

static int run_packets(struct run *run, struct io_error *err)
{
	double started = now(), cpu_started = seconds_of(CLOCK_PROCESS_CPUTIME_ID);
	uint64_t before = run->device->ops->cycle(run->device);
	int result;

	if (has_wire(run->opt)) {
		result = run_live(run, err);
		live_close(run->live);
	} else {
		run->feed = feed_open(run, err);
		if (!run->feed)
			return -1;
		result = run->opt->clock_pcap ? run_pcap_clock(run, err) : run_nic_clock(run, err);
		feed_close(run->feed);
	}
	run->stats.seconds = now() - started;
	run->stats.cpu_seconds = seconds_of(CLOCK_PROCESS_CPUTIME_ID) - cpu_started;
	run->stats.cycles = run->device->ops->cycle(run->device) - before;
	if (isatty(STDERR_FILENO))
		fprintf(stderr, "\r%*s\r", 60, "");
	return result;
}

static int finish(struct run *run, struct io_error *err)
{
	if (settle(run, err) || wait(run, err) || records_take(run->events, err))
		return -1;
	if (run->opt->maps_out && maps_write(run, err))
		return -1;
	if (run->opt->model == MODEL_BOTH) {
		if (cosim_finish(run->device))
			return differ(run, cosim_finish(run->device), err);
		run->stats.compared = cosim_compared(run->device);
	}
	return 0;
}

static int simulate(struct run *run, struct io_error *err)
{
	struct device_events e = events(run);
	struct io_error later; /* the first error is the one that is told */
	int result = -1;

	if (setup_open(run, &e, err))
		return -1;
	if (setup_load(run, err) == 0 && run_packets(run, err) == 0)
		result = finish(run, err);
	if (records_close(run->events, result ? &later : err))
		result = -1;
	run->device->ops->close(run->device);
	return result;
}

int run_simulation(struct run *run, struct io_error *err)
{
	struct io_error later; /* the first error is the one that is told */
	int result;

	run->packets = packets_create(run->opt, &run->stats, err);
	if (!run->packets)
		return -1;
	if (run->opt->timeline)
		run->timeline = timeline_create(run->opt->timeline, err);
	if (run->opt->profile)
		run->profile = profile_create(run, err);
	run->host = host_side_create(run, err);
	result = !run->host || (run->opt->timeline && !run->timeline) || (run->opt->profile && !run->profile) ? -1 : simulate(run, err);
	if (run->host)
		host_side_close(run->host);
	if (profile_finish(run->profile, run->opt->profile, result ? &later : err))
		result = -1;
	if (timeline_finish(run->timeline, result ? &later : err))
		result = -1;
	if (packets_finish(run->packets, result ? &later : err))
		result = -1;
	return result;
}
