// SPDX-License-Identifier: Apache-2.0
#include "host_side.h"

#include <stdlib.h>
#include <string.h>

#include "driver/common/nic_rings.h"
#include "packets.h"
#include "sim/bus/host_memory.h"

/* Each queue has its rings and buffers in a block of its own. */
enum { QUEUES_MAX = 16, RING = 512, BUFFER = 2048, ROW = 64 };
enum {
	RX_DESC = 0, RX_DONE = RX_DESC + RING * (int)sizeof(struct nic_rx_desc), TX_DESC = RX_DONE + RING * (int)sizeof(struct nic_completion),
	TX_DONE = TX_DESC + RING * (int)sizeof(struct nic_tx_desc), RX_BUFFERS = TX_DONE + ROW, TX_BUFFERS = RX_BUFFERS + RING * BUFFER,
	QUEUE_BYTES = TX_BUFFERS + RING * BUFFER,
};
#define NIC_BASE 0x100000000ull

struct host_side {
	struct run *run;
	uint8_t *memory;      /* NULL: no rings */
	unsigned int queues;
	struct nic_rx_ring rx[QUEUES_MAX];
	struct nic_tx_ring tx; /* of queue 0 */
	struct pcap_io_reader *from[DEVICE_PORTS];
	struct pcap_io_packet next[DEVICE_PORTS];
	bool has_next[DEVICE_PORTS];
	uint64_t given, sent;
};

static uint8_t *place(const struct host_side *h, uint64_t addr, size_t len)
{
	const uint64_t size = (uint64_t)QUEUES_MAX * QUEUE_BYTES;

	if (addr < NIC_BASE || len > size || addr - NIC_BASE > size - len)
		return NULL;
	return h->memory + (addr - NIC_BASE);
}

static int dma_read(void *arg, uint64_t addr, void *bytes, size_t len)
{
	const uint8_t *from = place(arg, addr, len);

	if (from)
		memcpy(bytes, from, len);
	return from ? 0 : -1;
}

static int dma_write(void *arg, uint64_t addr, const void *bytes, size_t len)
{
	uint8_t *to = place(arg, addr, len);

	if (to)
		host_memory_put(to, bytes, len);
	return to ? 0 : -1;
}

static void irq(void *arg, unsigned int vector)
{
	(void)arg; /* the host polls */
	(void)vector;
}

struct host_side *host_side_create(struct run *run, struct io_error *err)
{
	struct host_side *h = calloc(1, sizeof(*h));

	if (!h)
		abort();
	h->run = run;
	if (run->opt->rings) {
		h->memory = aligned_alloc(4096, (size_t)QUEUES_MAX * QUEUE_BYTES);
		if (!h->memory)
			abort();
	}
	for (unsigned int port = 0; port < DEVICE_PORTS; port++) {
		if (!run->opt->from_host[port])
			continue;
		h->from[port] = pcap_io_open(run->opt->from_host[port], err);
		if (!h->from[port]) {
			host_side_close(h);
			return NULL;
		}
	}
	return h;
}

void host_side_close(struct host_side *h)
{
	for (unsigned int port = 0; port < DEVICE_PORTS; port++)
		if (h->from[port])
			pcap_io_close(h->from[port]);
	free(h->memory);
	free(h);
}

struct device_host host_side_memory(struct host_side *h)
{
	return h && h->memory ? (struct device_host){dma_read, dma_write, irq, h} : (struct device_host){0};
}

static struct nic_memory memory_at(const struct host_side *h, unsigned int queue, uint32_t offset)
{
	uint64_t at = NIC_BASE + (uint64_t)queue * QUEUE_BYTES + offset;

	return (struct nic_memory){place(h, at, ROW), at};
}

static void give_buffers(const struct host_side *h, unsigned int queue, struct nic_rx_ring *rx)
{
	uint32_t buffer = rx->tail % RING;

	while (!nic_rx_give(rx, memory_at(h, queue, RX_BUFFERS + buffer * BUFFER).nic, BUFFER, buffer))
		buffer = rx->tail % RING;
	nic_rx_kick(rx);
}

int host_side_start(struct host_side *h, struct io_error *err)
{
	const struct nic_regs *regs;
	struct nic_memory tx_desc, tx_done;

	if (!h || !h->memory)
		return 0;
	regs = &h->run->regs;
	tx_desc = memory_at(h, 0, TX_DESC);
	tx_done = memory_at(h, 0, TX_DONE);
	h->queues = nic_rings_queues(regs);
	for (unsigned int q = 0; q < h->queues; q++) {
		struct nic_memory desc = memory_at(h, q, RX_DESC), done = memory_at(h, q, RX_DONE);

		if (nic_rx_open(&h->rx[q], regs, q, RING, &desc, &done, true))
			return io_fail(err, "the receive ring of queue %u can't be turned on", q);
		give_buffers(h, q, &h->rx[q]);
	}
	if (nic_tx_open(&h->tx, regs, 0, RING, &tx_desc, &tx_done))
		return io_fail(err, "the transmit ring of queue 0 can't be turned on");
	return 0;
}

static int take(struct host_side *h, unsigned int queue, struct io_error *err)
{
	const struct nic_completion *c;
	bool any = false;

	for (; (c = nic_rx_take(&h->rx[queue])) != NULL; any = true) {
		const uint8_t *frame = memory_at(h, queue, RX_BUFFERS + c->cookie % RING * BUFFER).cpu;
		uint64_t now = h->run->device->ops->cycle(h->run->device);
		struct device_host_rx packet = {.cycle = now, .first = now, .number = c->number, .hash = c->hash, .time = c->time,
						.meta_len = c->meta_len, .port = c->port & 0xf, .queue = queue, .checksum = c->checksum};

		if (c->status & NIC_COMPLETION_ERROR)
			return io_fail(err, "queue %u has a packet that the NIC could not put into its buffer", queue);
		packets_host(h->run->packets, &packet, frame, c->len);
	}
	if (any) {
		nic_rx_free(&h->rx[queue]);
		give_buffers(h, queue, &h->rx[queue]);
	}
	return 0;
}

/* Into the ring, or the stream; false when there is no room now. */
static bool give(struct host_side *h, unsigned int port, const struct pcap_io_packet *p)
{
	struct device *d = h->run->device;
	struct nic_memory buffer = memory_at(h, 0, TX_BUFFERS + h->tx.tail % RING * BUFFER);

	if (!h->memory)
		return d->ops->host_tx(d, port, p->data, p->len) == 0;
	nic_tx_reclaim(&h->tx);
	if ((uint16_t)(h->tx.tail - h->tx.head) == RING)
		return false;
	memcpy(buffer.cpu, p->data, p->len);
	if (nic_tx_give(&h->tx, buffer.nic, p->len, port, true))
		return false;
	nic_tx_kick(&h->tx);
	return true;
}

static int send(struct host_side *h, unsigned int port, struct io_error *err)
{
	int more = 1;

	while (h->from[port]) {
		if (!h->has_next[port])
			more = pcap_io_read(h->from[port], &h->next[port], err);
		h->has_next[port] = more == 1;
		if (more != 1) {
			pcap_io_close(h->from[port]);
			h->from[port] = NULL;
			return more;
		}
		if (!h->next[port].len || h->next[port].len > NIC_FRAME_MAX)
			return io_fail(err, "%s: a frame of %u bytes can't be sent, 1 to %u can", h->run->opt->from_host[port], h->next[port].len,
				       NIC_FRAME_MAX);
		if (!give(h, port, &h->next[port]))
			return 0;
		h->has_next[port] = false;
		h->given++;
	}
	return 0;
}

int host_side_step(struct host_side *h, struct io_error *err)
{
	for (unsigned int q = 0; q < h->queues; q++)
		if (take(h, q, err))
			return -1;
	for (unsigned int port = 0; port < h->run->ports; port++)
		if (send(h, port, err))
			return -1;
	return 0;
}

void host_side_sent(struct host_side *h)
{
	h->sent++;
}

bool host_side_ended(const struct host_side *h)
{
	for (unsigned int port = 0; port < DEVICE_PORTS; port++)
		if (h->from[port])
			return false;
	return h->sent == h->given;
}
