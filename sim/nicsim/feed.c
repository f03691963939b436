// SPDX-License-Identifier: Apache-2.0
#include "feed.h"

#include <stdlib.h>
#include <string.h>

#include "packets.h"
#include "source.h"

/* Packets read that their port has no room for, so that a slow port does not hold up the others. */
enum { WAITING_MAX = 65536, LEAD = 64 };

struct waiting {
	struct waiting *next;
	uint64_t at;
	uint32_t len;
	uint8_t data[];
};

struct feed {
	struct run *run;
	struct source *source;
	struct queue {
		struct waiting *first, **last;
	} queue[DEVICE_PORTS];
	unsigned int waiting;
	bool ended;
};

struct feed *feed_open(struct run *run, struct io_error *err)
{
	struct feed *f = calloc(1, sizeof(*f));

	if (!f)
		abort();
	f->run = run;
	for (unsigned int p = 0; p < DEVICE_PORTS; p++)
		f->queue[p].last = &f->queue[p].first;
	f->source = source_open(run->opt, err);
	if (f->source)
		return f;
	free(f);
	return NULL;
}

void feed_close(struct feed *f)
{
	if (!f)
		return;
	for (unsigned int p = 0; p < DEVICE_PORTS; p++)
		while (f->queue[p].first) {
			struct waiting *w = f->queue[p].first;

			f->queue[p].first = w->next;
			free(w);
		}
	source_close(f->source);
	free(f);
}

bool feed_ended(const struct feed *f)
{
	return f->ended && !f->waiting;
}

static bool offer(struct feed *f, unsigned int port, const uint8_t *data, uint32_t len, uint64_t at)
{
	struct device *d = f->run->device;

	return d->ops->rx(d, &(struct device_offer){.port = port, .frame = data, .len = len, .at = at}) == 0;
}

static void keep(struct feed *f, unsigned int port, const struct pcap_io_packet *packet, uint64_t at)
{
	struct waiting *w = malloc(sizeof(*w) + packet->len);

	if (!w)
		abort();
	*w = (struct waiting){.at = at, .len = packet->len};
	memcpy(w->data, packet->data, packet->len);
	*f->queue[port].last = w;
	f->queue[port].last = &w->next;
	f->waiting++;
}

static void drain(struct feed *f, unsigned int port)
{
	struct queue *q = &f->queue[port];

	while (q->first && offer(f, port, q->first->data, q->first->len, q->first->at)) {
		struct waiting *w = q->first;

		q->first = w->next;
		if (!q->first)
			q->last = &q->first;
		free(w);
		f->waiting--;
	}
}

void feed_drain(struct feed *f)
{
	for (unsigned int p = 0; f->waiting && p < f->run->ports; p++)
		drain(f, p);
}

/* A port would take more than was read for it. */
static bool hungry(struct feed *f)
{
	struct device *d = f->run->device;

	if (f->ended || f->waiting >= WAITING_MAX)
		return false;
	for (unsigned int p = 0; p < f->run->ports; p++)
		if (source_has(f->source, p) && !f->queue[p].first && d->ops->rx_pending(d, p) < DEVICE_OFFERS)
			return true;
	return false;
}

static int next(struct feed *f, struct pcap_io_packet *packet, unsigned int *port, struct io_error *err)
{
	int more = source_next(f->source, packet, port, err);

	if (more == 1)
		packets_offer(f->run->packets, *port, packet);
	f->ended = more == 0;
	return more;
}

int feed_step(struct feed *f, struct io_error *err)
{
	uint64_t now = f->run->device->ops->cycle(f->run->device);
	struct pcap_io_packet packet;
	unsigned int port;
	int more = 1;

	feed_drain(f);
	while (more == 1 && hungry(f)) {
		uint64_t at;

		more = next(f, &packet, &port, err);
		if (more != 1 || !packet.len)
			continue;
		at = source_arrival(f->source, port, packet.len, now + LEAD);
		if (f->queue[port].first || !offer(f, port, packet.data, packet.len, at))
			keep(f, port, &packet, at);
	}
	return more < 0 ? -1 : 0;
}

int feed_one(struct feed *f, uint64_t *time_ns, struct io_error *err)
{
	struct pcap_io_packet packet;
	unsigned int port;
	int more = next(f, &packet, &port, err);

	if (more != 1)
		return more;
	*time_ns = packet.time_ns;
	if (packet.len)
		keep(f, port, &packet, 0);
	return 1;
}
