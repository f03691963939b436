// SPDX-License-Identifier: Apache-2.0
#include "nicsim.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "packets.h"
#include "sim/cosim/cosim.h"

enum { FEED_EVERY = 16, PROGRESS_EVERY = 16384, FAULTS_SHOWN = 10, IDLE_POLLS = 1000000 };

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec * 1e-9;
}

const char *run_source(const struct image *image, unsigned int pc)
{
	static char text[256];
	const struct image_line *line = image_line(image, pc);

	if (!line)
		return NULL;
	snprintf(text, sizeof(text), "%s:%u: %s", image_string(image, line->file), line->line,
		 image_string(image, line->text));
	return text;
}

static const char *source(void *arg, unsigned int pc)
{
	const struct run *run = arg;

	return run_source(&run->image, pc);
}

static void show_fault(struct run *run, const struct device_completion *c)
{
	const char *where = run_source(&run->image, c->fault_pc);

	if (run->faults_shown++ >= FAULTS_SHOWN)
		return;
	fprintf(stderr, "nicsim: packet %" PRIu32 " was aborted: %s at bundle %" PRIu32, c->number,
		packets_cause_name(c->cause), c->fault_pc);
	if (c->fault_addr)
		fprintf(stderr, ", address 0x%" PRIx64, c->fault_addr);
	fprintf(stderr, "%s%s\n", where ? ", " : "", where ? where : "");
	if (run->faults_shown == FAULTS_SHOWN)
		fprintf(stderr, "nicsim: further faults are only counted\n");
}

static void on_completion(void *arg, const struct device_completion *c)
{
	struct run *run = arg;

	packets_complete(run->packets, c);
	if (c->cause)
		show_fault(run, c);
}

static void on_tx(void *arg, const struct device_completion *of, const uint8_t *frame, size_t len)
{
	struct run *run = arg;

	packets_sent(run->packets, of, frame, len);
}

static int open_device(struct run *run, struct io_error *err)
{
	struct device_events events = {.tx = on_tx, .completion = on_completion, .arg = run};
	struct device_config config = {.events = events, .trace = run->opt->trace};
	struct cosim_config both = {
		.open = {device_rtl_open, device_iss_open},
		.events = events,
		.trace = run->opt->trace,
		.source = source,
		.source_arg = run,
	};
	const char *why = "";

	switch (run->opt->model) {
	case MODEL_RTL: run->device = device_rtl_open(&config, &why); break;
	case MODEL_ISS: run->device = device_iss_open(&config, &why); break;
	case MODEL_BOTH: run->device = cosim_open(&both, &why); break;
	}
	return run->device ? 0 : io_fail(err, "the NIC can't be simulated: %s", why);
}

static uint32_t reg_read(void *ctx, uint32_t offset)
{
	struct device *d = ctx;

	return d->ops->reg_read(d, offset);
}

static void reg_write(void *ctx, uint32_t offset, uint32_t value)
{
	struct device *d = ctx;

	d->ops->reg_write(d, offset, value);
}

static int load(struct run *run, struct io_error *err)
{
	const struct options *opt = run->opt;
	struct nic_refusal why;
	uint32_t threads;

	run->regs = (struct nic_regs){.read = reg_read, .write = reg_write, .ctx = run->device};
	if (nic_load(&run->regs, &run->image, &why)) {
		if (why.has_numbers)
			return io_fail(err, "%s: %s (needed %" PRIu32 ", there is %" PRIu32 ")",
				       opt->fw, why.text, why.need, why.have);
		return io_fail(err, "%s: %s", opt->fw, why.text);
	}
	threads = nic_load_threads(&run->regs);
	if (opt->threads > threads)
		return io_fail(err,
			       "--threads %" PRIu32 " is more than the %" PRIu32
			       " threads of the NIC",
			       opt->threads, threads);
	if (opt->threads)
		reg_write(run->device, REG_THREADS, opt->threads);
	if (opt->watchdog)
		reg_write(run->device, REG_WATCHDOG, opt->watchdog);
	if (opt->clock_pcap)
		reg_write(run->device, REG_TIME_INC, 0);
	if (opt->maps_in && maps_read(run, err))
		return -1;
	nic_load_run(&run->regs, opt->results_data);
	run->stats.load_cycles = run->device->ops->cycle(run->device);
	return 0;
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
	bool terminal;
};

static void show_progress(const struct run *run, struct progress *p)
{
	double t = now();

	if (!p->terminal || t - p->shown < 0.5)
		return;
	if (p->shown > 0)
		fprintf(stderr, "\r%" PRIu64 " packets, %.1f million clocks ", run->stats.packets,
			run->device->ops->cycle(run->device) / 1e6);
	p->shown = t;
}

/* One clock, and what has to be watched. */
static int step(struct run *run, struct progress *p, struct io_error *err)
{
	struct device *d = run->device;
	uint64_t cycle = d->ops->cycle(d), out = run->stats.packets + run->stats.sent;

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
	if (cycle % PROGRESS_EVERY == 0)
		show_progress(run, p);
	d->ops->tick(d);
	return 0;
}

static int read_packet(struct run *run, struct pcap_io_reader *rx, struct pcap_io_packet *packet,
		       struct io_error *err)
{
	int more = pcap_io_read(rx, packet, err);

	if (more == 1)
		packets_offer(run->packets, packet);
	return more;
}

/* All threads, packets back to back. */
static int run_nic_clock(struct run *run, struct pcap_io_reader *rx, struct io_error *err)
{
	struct device *d = run->device;
	struct progress progress = {.since = d->ops->cycle(d), .terminal = isatty(STDERR_FILENO)};
	struct pcap_io_packet packet = {0};
	int more = read_packet(run, rx, &packet, err);

	for (uint64_t n = 0;
	     more == 1 || packets_outstanding(run->packets) || d->ops->rx_pending(d); n++) {
		while (n % FEED_EVERY == 0 && more == 1) {
			if (packet.len && d->ops->rx(d, packet.data, packet.len))
				break;
			more = read_packet(run, rx, &packet, err);
		}
		if (more < 0 || step(run, &progress, err))
			return -1;
	}
	return 0;
}

/* One packet at a time, at its capture time. */
static int run_pcap_clock(struct run *run, struct pcap_io_reader *rx, struct io_error *err)
{
	struct device *d = run->device;
	struct progress progress = {.since = d->ops->cycle(d), .terminal = isatty(STDERR_FILENO)};
	struct pcap_io_packet packet;
	int more;

	while ((more = read_packet(run, rx, &packet, err)) == 1) {
		reg_write(d, REG_TIME_LO, (uint32_t)packet.time_ns);
		reg_write(d, REG_TIME_HI, (uint32_t)(packet.time_ns >> 32));
		if (packet.len)
			d->ops->rx(d, packet.data, packet.len);
		while (packets_outstanding(run->packets) || d->ops->rx_pending(d))
			if (step(run, &progress, err))
				return -1;
	}
	return more;
}

/* Posted map commands may outlive their packet. */
static int settle(struct run *run, struct io_error *err)
{
	for (int i = 0; i < IDLE_POLLS; i++) {
		if (reg_read(run->device, REG_STATUS) >> STATUS_IDLE_LSB & 1)
			return 0;
		if (run->opt->model == MODEL_BOTH && cosim_difference(run->device))
			return differ(run, cosim_difference(run->device), err);
	}
	return io_fail(err, "the NIC did not come to rest after the last packet");
}

static int run_packets(struct run *run, struct io_error *err)
{
	struct pcap_io_reader *rx = pcap_io_open(run->opt->rx, err);
	double start = now();
	uint64_t before;
	int result;

	if (!rx)
		return -1;
	before = run->device->ops->cycle(run->device);
	result = run->opt->clock_pcap ? run_pcap_clock(run, rx, err) : run_nic_clock(run, rx, err);
	pcap_io_close(rx);
	run->stats.seconds = now() - start;
	run->stats.cycles = run->device->ops->cycle(run->device) - before;
	if (isatty(STDERR_FILENO))
		fprintf(stderr, "\r%*s\r", 60, "");
	return result;
}

static int finish(struct run *run, struct io_error *err)
{
	if (settle(run, err))
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

int run_simulation(struct run *run, struct io_error *err)
{
	struct io_error later; /* the first error is the one that is told */
	int result = -1;

	run->packets = packets_create(run->opt, &run->stats, err);
	if (!run->packets)
		return -1;
	if (open_device(run, err) == 0) {
		if (load(run, err) == 0 && run_packets(run, err) == 0)
			result = finish(run, err);
		run->device->ops->close(run->device);
	}
	if (packets_finish(run->packets, result ? &later : err))
		result = -1;
	return result;
}
