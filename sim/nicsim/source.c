// SPDX-License-Identifier: Apache-2.0
#include "source.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What Ethernet adds to a frame on the wire: check sequence, preamble and gap; and the shortest frame. */
enum { CHECK_BYTES = 4, GAP_BYTES = 20, WIRE_MIN = 64, BEAT = 64 };

/* What was read of a capture that is sent again. */
struct kept {
	struct pcap_io_packet *packet; /* room doubles at powers of two; data is set once all are there */
	uint8_t *bytes;
	size_t count, size, room; /* packets; bytes of all, and that there is room for */
};

struct input {
	struct pcap_io_reader *reader; /* NULL: no capture, or it has been read */
	struct kept kept;
	size_t at;            /* the next one of those, when it has been read */
	uint32_t rounds;      /* to come, this one included */
	double free;          /* clock from which the wire is free */
	uint32_t in_burst;
	bool started;
};

struct source {
	const struct options *opt;
	struct input port[DEVICE_PORTS];
	unsigned int ports;   /* up to the last one with a capture */
	unsigned int turn;    /* port that is asked first */
	uint64_t random;
};

struct source *source_open(const struct options *opt, struct io_error *err)
{
	struct source *s = calloc(1, sizeof(*s));

	if (!s)
		abort();
	s->opt = opt;
	s->random = opt->seed;
	for (unsigned int p = 0; p < DEVICE_PORTS; p++) {
		if (!opt->rx[p])
			continue;
		s->ports = p + 1;
		s->port[p].rounds = opt->repeat;
		s->port[p].reader = pcap_io_open(opt->rx[p], err);
		if (!s->port[p].reader) {
			source_close(s);
			return NULL;
		}
	}
	return s;
}

void source_close(struct source *s)
{
	if (!s)
		return;
	for (unsigned int p = 0; p < DEVICE_PORTS; p++) {
		pcap_io_close(s->port[p].reader);
		free(s->port[p].kept.packet);
		free(s->port[p].kept.bytes);
	}
	free(s);
}

bool source_has(const struct source *s, unsigned int port)
{
	return s->port[port].rounds;
}

static void *resize(void *p, size_t size)
{
	p = realloc(p, size);
	if (!p)
		abort();
	return p;
}

static void keep(struct kept *k, const struct pcap_io_packet *packet)
{
	if (!(k->count & (k->count - 1)))
		k->packet = resize(k->packet, 2 * (k->count + 1) * sizeof(*k->packet));
	if (k->size + packet->len > k->room) {
		k->room = 2 * (k->size + packet->len);
		k->bytes = resize(k->bytes, k->room);
	}
	if (packet->len)
		memcpy(k->bytes + k->size, packet->data, packet->len);
	k->packet[k->count++] = *packet;
	k->size += packet->len;
}

/* All of the capture has been read: the packets' places no longer change. */
static void read_all(struct input *in)
{
	const uint8_t *data = in->kept.bytes;

	pcap_io_close(in->reader);
	in->reader = NULL;
	in->at = in->kept.count;
	for (size_t i = 0; i < in->kept.count; i++) {
		in->kept.packet[i].data = data;
		data += in->kept.packet[i].len;
	}
}

/* 1, 0: the capture has ended for the last time, -1. */
static int next_of(struct input *in, struct pcap_io_packet *packet, struct io_error *err)
{
	if (in->reader) {
		int more = pcap_io_read(in->reader, packet, err);

		if (more == 1 && in->rounds > 1)
			keep(&in->kept, packet);
		if (more)
			return more;
		read_all(in);
	}
	if (in->at == in->kept.count) {
		in->at = 0;
		in->rounds = in->kept.count ? in->rounds - 1 : 0; /* an empty one stays empty */
	}
	if (!in->rounds)
		return 0;
	*packet = in->kept.packet[in->at++];
	return 1;
}

int source_next(struct source *s, struct pcap_io_packet *packet, unsigned int *port, struct io_error *err)
{
	for (unsigned int tries = 0; tries < s->ports; tries++) {
		struct input *in = &s->port[s->turn];
		int more = in->rounds ? next_of(in, packet, err) : 0;

		*port = s->turn++;
		if (s->turn == s->ports)
			s->turn = 0;
		if (more)
			return more;
	}
	return 0;
}

/* Above 0, at most 1. */
static double next_random(struct source *s)
{
	uint64_t z = s->random += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return ((z ^ z >> 31) >> 11) * 0x1p-53 + 0x1p-54;
}

static double wire_clocks(const struct load *load, uint32_t len)
{
	double bytes = (len + CHECK_BYTES < WIRE_MIN ? WIRE_MIN : len + CHECK_BYTES) + GAP_BYTES;

	return bytes * 8 / load->rate * CLOCK_MHZ / 1000;
}

/* Clocks from this packet's arrival to the next one's. */
static double interval(struct source *s, struct input *in, uint32_t len)
{
	const struct load *load = &s->opt->load;

	switch (load->kind) {
	case LOAD_LINE: return wire_clocks(load, len);
	case LOAD_POISSON: return -log(next_random(s)) * CLOCK_MHZ / load->rate;
	case LOAD_BURST:
		in->in_burst = (in->in_burst + 1) % load->frames;
		return (len + BEAT - 1) / BEAT + (in->in_burst ? 0 : load->gap);
	default: return 0;
	}
}

uint64_t source_arrival(struct source *s, unsigned int port, uint32_t len, uint64_t now)
{
	struct input *in = &s->port[port];
	double at;

	if (!in->started)
		in->free = now;
	in->started = true;
	at = in->free;
	in->free += interval(s, in, len);
	return (uint64_t)at;
}
