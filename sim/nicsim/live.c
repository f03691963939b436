// SPDX-License-Identifier: Apache-2.0
#include "live.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "packets.h"

enum { WAIT_MS = 20, FRAME_ROOM = 65536 };

struct live {
	struct run *run;
	struct pollfd wire[DEVICE_PORTS]; /* fd -1: none */
	time_t end;           /* 0: never */
	uint8_t frame[FRAME_ROOM];
};

static volatile sig_atomic_t stopped;

static void stop(int signal)
{
	(void)signal;
	stopped = 1;
}

struct live *live_open(struct run *run, struct io_error *err)
{
	struct live *l = calloc(1, sizeof(*l));

	if (!l)
		abort();
	l->run = run;
	l->end = run->opt->seconds ? time(NULL) + run->opt->seconds : 0;
	for (unsigned int port = 0; port < DEVICE_PORTS; port++)
		l->wire[port] = (struct pollfd){.fd = -1, .events = POLLIN};
	for (unsigned int port = 0; port < DEVICE_PORTS; port++) {
		if (!run->opt->wire[port])
			continue;
		l->wire[port].fd = wire_open(run->opt->wire[port], err);
		if (l->wire[port].fd < 0) {
			live_close(l);
			return NULL;
		}
	}
	signal(SIGINT, stop);
	signal(SIGTERM, stop);
	return l;
}

void live_close(struct live *l)
{
	if (!l)
		return;
	for (unsigned int port = 0; port < DEVICE_PORTS; port++)
		if (l->wire[port].fd >= 0)
			close(l->wire[port].fd);
	free(l);
}

bool live_ended(const struct live *l)
{
	return stopped || (l->end && time(NULL) >= l->end);
}

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return t.tv_sec * 1000000000ull + t.tv_nsec;
}

static void receive(struct live *l, unsigned int port)
{
	struct device *d = l->run->device;

	while (d->ops->rx_pending(d, port) < DEVICE_OFFERS) {
		long n = wire_read(l->wire[port].fd, l->frame, sizeof(l->frame));
		struct pcap_io_packet packet = {.data = l->frame, .len = n, .time_ns = now_ns()};

		if (n <= 0)
			return;
		packets_offer(l->run->packets, port, &packet);
		d->ops->rx(d, &(struct device_offer){.port = port, .frame = l->frame, .len = n});
	}
}

void live_step(struct live *l, bool idle)
{
	if (poll(l->wire, DEVICE_PORTS, idle ? WAIT_MS : 0) <= 0)
		return;
	for (unsigned int port = 0; port < DEVICE_PORTS; port++)
		if (l->wire[port].revents & POLLIN)
			receive(l, port);
}

void live_send(struct live *l, unsigned int port, const uint8_t *frame, size_t len)
{
	if (l && l->wire[port].fd >= 0)
		wire_write(l->wire[port].fd, frame, len);
}
