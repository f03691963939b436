// SPDX-License-Identifier: Apache-2.0
#include "packets.h"

#include <stdlib.h>
#include <string.h>

enum { RING_START = 256 };

struct packet {
	uint64_t time_ns;
	uint32_t len;
	uint32_t ret;
	uint32_t bundles, cycles;
	uint8_t cause;
	bool refused;         /* the NIC takes no frame of this size */
	bool completed;
	bool leaves;          /* its frame is still to come */
	uint8_t *data;        /* as the program left it; NULL when nobody asked */
};

/* Packets from the first one whose row is not written yet, in a ring of a power of two; their
 * indices count the input. The NIC numbers only the frames it takes, so a second ring of the same
 * size gives the index of a number. */
struct packets {
	const struct options *opt;
	struct run_stats *stats;
	struct results *results;
	struct pcap_io_writer *tx;
	struct packet *ring;
	uint64_t *index_of;
	uint64_t capacity;
	uint64_t first, next; /* indices */
	uint64_t taken;       /* numbers given */
	bool started;
};

static const char *const cause_names[CAUSES] = {
#define CAUSE(NAME, code, doc) [code] = #NAME,
#include "hw/spec/regs.def"
};

const char *packets_cause_name(unsigned int cause)
{
	return cause < CAUSES ? cause_names[cause] : "UNKNOWN";
}

static void *allocate(size_t count, size_t size)
{
	void *p = calloc(count, size);

	if (!p)
		abort();
	return p;
}

static struct packet *at(const struct packets *p, uint64_t index)
{
	return &p->ring[index & (p->capacity - 1)];
}

struct packets *packets_create(const struct options *opt, struct run_stats *stats,
			       struct io_error *err)
{
	struct packets *p = allocate(1, sizeof(*p));

	p->opt = opt;
	p->stats = stats;
	p->capacity = RING_START;
	p->ring = allocate(p->capacity, sizeof(*p->ring));
	p->index_of = allocate(p->capacity, sizeof(*p->index_of));
	p->results = results_create(opt->results, opt->results_data, err);
	if (p->results && opt->tx)
		p->tx = pcap_io_create(opt->tx, err);
	if (!p->results || (opt->tx && !p->tx)) {
		struct io_error ignored;

		packets_finish(p, &ignored);
		return NULL;
	}
	return p;
}

static void grow(struct packets *p)
{
	struct packets old = *p;

	p->capacity *= 2;
	p->ring = allocate(p->capacity, sizeof(*p->ring));
	p->index_of = allocate(p->capacity, sizeof(*p->index_of));
	for (uint64_t i = p->first; i < p->next; i++)
		*at(p, i) = *at(&old, i);
	for (uint64_t n = p->taken > old.capacity ? p->taken - old.capacity : 0; n < p->taken; n++)
		p->index_of[n & (p->capacity - 1)] = old.index_of[n & (old.capacity - 1)];
	free(old.ring);
	free(old.index_of);
}

static uint8_t *copy(const uint8_t *bytes, size_t len)
{
	uint8_t *data = allocate(1, len + 1);

	memcpy(data, bytes, len);
	return data;
}

static void write_row(struct packets *p, struct packet *packet)
{
	struct results_row row = {
		.ret = packet->ret,
		.data = packet->data,
		.len = packet->len,
		.has_cost = !packet->refused,
		.bundles = packet->bundles,
		.cycles = packet->cycles,
	};

	if (packet->refused)
		row.fault = packet->len ? "OVERSIZE" : "EMPTY";
	else if (packet->cause)
		row.fault = packets_cause_name(packet->cause);
	results_add(p->results, &row);
	free(packet->data);
	packet->data = NULL;
}

static void write_rows(struct packets *p)
{
	while (p->first < p->next && at(p, p->first)->completed && !at(p, p->first)->leaves)
		write_row(p, at(p, p->first++));
}

void packets_offer(struct packets *p, const struct pcap_io_packet *in)
{
	struct packet *packet;

	if (p->next - p->first == p->capacity)
		grow(p);
	packet = at(p, p->next);
	*packet = (struct packet){.time_ns = in->time_ns, .len = in->len};
	if (in->len == 0 || in->len > NIC_FRAME_MAX) {
		packet->refused = packet->completed = true;
		packet->data = p->opt->results_data ? copy(in->data, in->len) : NULL;
		p->stats->refused++;
	} else {
		p->index_of[p->taken++ & (p->capacity - 1)] = p->next;
	}
	p->next++;
	write_rows(p);
}

static void count(struct packets *p, const struct device_completion *c)
{
	struct run_stats *s = p->stats;

	if (!p->started)
		s->first = c->cycle - c->cycles;
	p->started = true;
	s->last = c->cycle;
	s->packets++;
	s->bytes += c->len;
	s->bundles += c->bundles;
	s->latency += c->cycles;
	s->verdicts[results_verdict(c->ret)]++;
	if (c->cause < CAUSES)
		s->faults[c->cause]++;
}

void packets_complete(struct packets *p, const struct device_completion *c)
{
	struct packet *packet = at(p, p->index_of[c->number & (p->capacity - 1)]);

	count(p, c);
	packet->ret = c->ret;
	packet->bundles = c->bundles;
	packet->cycles = c->cycles;
	packet->cause = c->cause;
	packet->completed = true;
	packet->leaves = p->opt->results_data || results_forwards(c->ret);
	write_rows(p);
}

void packets_sent(struct packets *p, const struct device_completion *of, const uint8_t *frame,
		  size_t len)
{
	struct packet *packet = at(p, p->index_of[of->number & (p->capacity - 1)]);
	struct pcap_io_packet out = {.data = frame, .len = len, .time_ns = packet->time_ns};

	packet->leaves = false;
	if (p->opt->results_data)
		packet->data = copy(frame, len);
	if (results_forwards(of->ret)) {
		p->stats->sent++;
		if (p->tx)
			pcap_io_write(p->tx, &out);
	}
	write_rows(p);
}

uint64_t packets_outstanding(const struct packets *p)
{
	return p->next - p->first;
}

int packets_finish(struct packets *p, struct io_error *err)
{
	int result = 0;

	for (; p->first < p->next; p->first++)
		free(at(p, p->first)->data);
	result |= results_finish(p->results, err);
	result |= pcap_io_finish(p->tx, err);
	free(p->ring);
	free(p->index_of);
	free(p);
	return result;
}
