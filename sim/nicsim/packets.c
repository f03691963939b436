// SPDX-License-Identifier: Apache-2.0
#include "packets.h"

#include <stdlib.h>
#include <string.h>

enum { RING_START = 256, FIFO_START = 64 };

struct packet {
	uint64_t time_ns;
	uint64_t arrived;     /* cycle of the last row on the wire */
	uint32_t len;
	uint32_t ret;
	uint32_t bundles, cycles;
	uint8_t cause;
	const char *refused;  /* why the NIC did not take it, or NULL */
	bool completed;
	bool leaves;          /* its frame is still to come */
	uint8_t *data;        /* as the program left it; NULL when nobody asked */
};

/* Indices of packets in the order they came, in a ring of a power of two. */
struct fifo {
	uint64_t *index;
	uint64_t head, tail, capacity;
};

/* Packets from the first one whose row is not written yet, in a ring of a power of two; their indices count the input. A packet on its
 * way in waits for its port's rx event, then for ingress to give it a number; a second ring of the same size gives the index of a
 * number. */
struct packets {
	const struct options *opt;
	struct run_stats *stats;
	struct results *results;
	struct pcap_io_writer *tx[DEVICE_PORTS], *host, *all;
	struct packet *ring;
	uint64_t *index_of;
	uint64_t capacity;
	uint64_t first, next; /* indices */
	uint64_t taken;       /* numbers given */
	struct fifo wire[DEVICE_PORTS], stored[DEVICE_PORTS];
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

/* As results files have it; the first three are known from the frame alone. */
static const char *const drop_names[DROPS] = {"", "OVERSIZE", "UNDERSIZE", "BAD", "FULL", "NO_TARGET", "PORT_FULL", "HOST_FULL"};

const char *packets_drop_name(unsigned int drop)
{
	return drop < DROPS ? drop_names[drop] : "UNKNOWN";
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

static void grow_fifo(struct fifo *f)
{
	struct fifo old = *f;

	f->capacity = old.capacity ? 2 * old.capacity : FIFO_START;
	f->index = allocate(f->capacity, sizeof(*f->index));
	for (uint64_t i = old.head; i < old.tail; i++)
		f->index[i & (f->capacity - 1)] = old.index[i & (old.capacity - 1)];
	free(old.index);
}

static inline void push(struct fifo *f, uint64_t index)
{
	if (f->tail - f->head == f->capacity)
		grow_fifo(f);
	f->index[f->tail++ & (f->capacity - 1)] = index;
}

static uint64_t pop(struct fifo *f)
{
	return f->index[f->head++ & (f->capacity - 1)];
}

static bool create(struct pcap_io_writer **writer, const char *path, struct io_error *err)
{
	if (path)
		*writer = pcap_io_create(path, err);
	return !path || *writer;
}

static bool create_files(struct packets *p, struct io_error *err)
{
	const struct options *opt = p->opt;

	p->results = results_create(opt->results, opt->results_data, err);
	if (!p->results || !create(&p->all, opt->tx_all, err) || !create(&p->host, opt->host, err))
		return false;
	for (unsigned int port = 0; port < DEVICE_PORTS; port++)
		if (!create(&p->tx[port], opt->tx[port], err))
			return false;
	return true;
}

struct packets *packets_create(const struct options *opt, struct run_stats *stats, struct io_error *err)
{
	struct packets *p = allocate(1, sizeof(*p));

	p->opt = opt;
	p->stats = stats;
	p->capacity = RING_START;
	p->ring = allocate(p->capacity, sizeof(*p->ring));
	p->index_of = allocate(p->capacity, sizeof(*p->index_of));
	if (!create_files(p, err)) {
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
		row.fault = packet->refused;
	else if (packet->cause)
		row.fault = packets_cause_name(packet->cause);
	results_add(p->results, &row);
	free(packet->data);
	packet->data = NULL;
}

static void write_rows(struct packets *p)
{
	for (; p->first < p->next && at(p, p->first)->completed && !at(p, p->first)->leaves; p->first++)
		if (p->opt->results)
			write_row(p, at(p, p->first));
}

static void refuse(struct packets *p, struct packet *packet, const char *why)
{
	packet->refused = why;
	packet->completed = true;
	write_rows(p);
}

void packets_offer(struct packets *p, unsigned int port, const struct pcap_io_packet *in)
{
	struct packet *packet;
	uint64_t index = p->next++;

	if (index - p->first == p->capacity)
		grow(p);
	packet = at(p, index);
	*packet = (struct packet){.time_ns = in->time_ns, .len = in->len};
	if (p->opt->results_data)
		packet->data = copy(in->data, in->len);
	if (in->len) {
		push(&p->wire[port], index);
	} else {
		p->stats->refused++;
		refuse(p, packet, "EMPTY");
	}
}

void packets_rx(struct packets *p, const struct device_rx *r)
{
	uint64_t index = pop(&p->wire[r->port]);

	at(p, index)->arrived = r->cycle;
	if (!r->drop) {
		push(&p->stored[r->port], index);
		return;
	}
	if (r->drop <= DEVICE_DROP_SHORT)
		p->stats->refused++;
	else
		p->stats->drops[r->drop]++;
	refuse(p, at(p, index), packets_drop_name(r->drop));
}

void packets_take(struct packets *p, const struct device_take *t)
{
	p->index_of[p->taken++ & (p->capacity - 1)] = pop(&p->stored[t->port]);
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

uint64_t packets_index(const struct packets *p, uint32_t number)
{
	return p->index_of[number & (p->capacity - 1)];
}

static struct packet *numbered(const struct packets *p, uint32_t number)
{
	return at(p, packets_index(p, number));
}

void packets_complete(struct packets *p, const struct device_completion *c)
{
	struct packet *packet = numbered(p, c->number);

	count(p, c);
	packet->ret = c->ret;
	packet->bundles = c->bundles;
	packet->cycles = c->cycles;
	packet->cause = c->cause;
	packet->completed = true;
	packet->leaves = p->opt->results_data || results_forwards(c->ret);
	if (!packet->data)
		packet->len = c->len;
	write_rows(p);
}

void packets_lost(struct packets *p, const struct device_lost *l)
{
	p->stats->drops[l->drop]++;
	numbered(p, l->number)->leaves = false;
	write_rows(p);
}

static void leave(struct packets *p, struct packet *packet, uint64_t cycle, struct pcap_io_writer *writer,
		  const uint8_t *frame, size_t len)
{
	struct pcap_io_packet out = {.data = frame, .len = len, .time_ns = packet->time_ns};

	packet->leaves = false;
	packet->len = (uint32_t)len;
	if (p->opt->results_data) {
		free(packet->data);
		packet->data = copy(frame, len);
	}
	latency_add(&p->stats->wire, cycle - packet->arrived);
	if (results_forwards(packet->ret)) {
		if (p->all)
			pcap_io_write(p->all, &out);
		if (writer)
			pcap_io_write(writer, &out);
	}
	write_rows(p);
}

void packets_tx(struct packets *p, const struct device_tx *t, const uint8_t *frame, size_t len)
{
	struct pcap_io_packet out = {.data = frame, .len = len};
	struct packet *packet;

	if (t->from_host) {
		p->stats->from_host++;
		if (p->tx[t->port])
			pcap_io_write(p->tx[t->port], &out);
		return;
	}
	packet = numbered(p, t->number);
	p->stats->sent += results_forwards(packet->ret);
	leave(p, packet, t->first, p->tx[t->port], frame, len);
}

void packets_host(struct packets *p, const struct device_host_rx *h, const uint8_t *frame, size_t len)
{
	p->stats->to_host++;
	leave(p, numbered(p, h->number), h->first, p->host, frame, len);
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
	result |= pcap_io_finish(p->all, err);
	result |= pcap_io_finish(p->host, err);
	for (unsigned int port = 0; port < DEVICE_PORTS; port++) {
		result |= pcap_io_finish(p->tx[port], err);
		free(p->wire[port].index);
		free(p->stored[port].index);
	}
	free(p->ring);
	free(p->index_of);
	free(p);
	return result;
}
