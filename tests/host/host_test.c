// SPDX-License-Identifier: Apache-2.0
/*
 * The whole NIC with its rings: packets from the wire to host memory, frames from host memory to the wire, at once, on all queues, with
 * interrupts and a bus that stalls. Checked: every packet that came in is in host memory or counted as dropped, its bytes, length, port,
 * hash, checksum flags and queue; packets of a flow in order; every frame of the host on the wire, whole and in order.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "driver/common/nic_load.h"
#include "driver/common/nic_rings.h"
#include "hw/spec/isa.h"
#include "sim/cosim/cosim.h"
#include "sim/device_regs.h"
#include "tests/fabric/fabric.h"

enum { PACKETS = 300, META = 12, FRAMES = 120, QUEUES = 4, RING = 32, BUFFER = 2048, SMALL = 128, CLOCKS_MAX = 2000000, SHOWN = 10 };
enum { MEMORY = 1 << 20, RX_DESC = 0x1000, RX_DONE = 0x2000, TX_DESC = 0x3000, TX_DONE = 0x3800, RX_BUFFERS = 0x4000, TX_BUFFERS = 0x18000,
       QUEUE_BYTES = 0x30000 };
enum { SUM_FROM = 34, SUM_AT = 50 }; /* TCP over IPv4 */
#define NIC_BASE 0x7f0000000000ull /* where the NIC sees the memory */

struct fifo {
	unsigned int index[PACKETS], head, tail;
};

struct host_frame {
	uint8_t bytes[NIC_FRAME_MAX];
	uint32_t len;
	unsigned int port, queue;
	bool sent, on_wire;
};

struct test {
	struct device *device;
	bool lock_step, lossless;
	bool lazy;                            /* a host that looks seldom and gives small buffers, too: packets get lost */
	unsigned int small;                   /* buffers that were too small */
	uint64_t seed;
	struct rnd r;
	struct nic_regs regs;
	uint32_t key[10], table[128];
	uint8_t *memory;
	struct nic_rx_ring rx[QUEUES];
	struct nic_tx_ring tx[QUEUES];
	unsigned int ports;
	struct packet packet[PACKETS];
	struct fifo wire[DEVICE_PORTS], stored[DEVICE_PORTS]; /* packets on the wire; in the NIC and without number */
	unsigned int offered, by_number[PACKETS];
	bool arrived[PACKETS];
	unsigned int drops, received, last[QUEUES][NIC_ORDER_LISTS], irqs;
	struct host_frame frame[FRAMES];
	unsigned int frames, frames_on_wire, last_sent[QUEUES];
	unsigned long checks, failures;
};

static bool check(struct test *t, bool good, const char *what, unsigned int number)
{
	t->checks++;
	if (!good && t->failures++ < SHOWN)
		printf("FAIL seed %" PRIu64 ": %s (%u)\n", t->seed, what, number);
	return good;
}

/* ---- Memory of the host ---- */

static uint8_t *place(struct test *t, uint64_t addr, size_t len)
{
	if (addr < NIC_BASE || len > MEMORY || addr - NIC_BASE > MEMORY - len)
		return NULL;
	return t->memory + (addr - NIC_BASE);
}

static int dma_read(void *arg, uint64_t addr, void *bytes, size_t len)
{
	const uint8_t *from = place(arg, addr, len);

	if (!from)
		return -1;
	memcpy(bytes, from, len);
	return 0;
}

static int dma_write(void *arg, uint64_t addr, const void *bytes, size_t len)
{
	uint8_t *to = place(arg, addr, len);

	if (!to)
		return -1;
	memcpy(to, bytes, len);
	return 0;
}

static void irq(void *arg, unsigned int vector)
{
	struct test *t = arg;

	t->irqs += vector < QUEUES;
}

/* ---- What the NIC shows ---- */

static void on_rx(void *arg, const struct device_rx *e)
{
	struct test *t = arg;
	struct fifo *wire = &t->wire[e->port], *stored = &t->stored[e->port];
	unsigned int i = wire->index[wire->head++];

	if (e->drop) {
		t->drops++;
		t->arrived[i] = true;
	} else {
		stored->index[stored->tail++] = i;
	}
}

static void on_take(void *arg, const struct device_take *e)
{
	struct test *t = arg;
	struct fifo *stored = &t->stored[e->port];

	t->by_number[e->number] = stored->index[stored->head++];
}

static void on_tx(void *arg, const struct device_tx *e, const uint8_t *bytes, size_t len)
{
	struct test *t = arg;
	uint32_t number;
	struct host_frame *f;

	if (!check(t, e->from_host && len >= 4, "a packet left by a port under plain pass", e->number))
		return;
	memcpy(&number, bytes, 4);
	if (!check(t, number < t->frames, "a frame on the wire that nobody sent", number))
		return;
	f = &t->frame[number];
	check(t, f->sent && !f->on_wire, "a frame on the wire twice", number);
	check(t, f->port == e->port, "a frame at another port", number);
	check(t, f->len == len && !memcmp(f->bytes, bytes, len), "a frame's bytes", number);
	f->on_wire = true;
	t->frames_on_wire++;
}

/* ---- What the host does ---- */

static uint64_t queue_at(unsigned int q, uint32_t offset)
{
	return NIC_BASE + (uint64_t)q * QUEUE_BYTES + offset;
}

static struct nic_memory memory_at(struct test *t, unsigned int q, uint32_t offset)
{
	uint64_t at = queue_at(q, offset);

	return (struct nic_memory){ place(t, at, 1), at };
}

static void give_buffers(struct test *t, unsigned int q)
{
	uint32_t cookie = t->rx[q].tail % RING;

	while (!nic_rx_give(&t->rx[q], queue_at(q, RX_BUFFERS + cookie * BUFFER), t->lazy && cookie % 8 == 0 ? SMALL : BUFFER, cookie))
		cookie = t->rx[q].tail % RING;
	nic_rx_kick(&t->rx[q]);
}

static void check_packet(struct test *t, unsigned int q, const struct nic_completion *c)
{
	unsigned int i, *last;
	const struct packet *p;

	if (t->lazy && c->status & NIC_COMPLETION_ERROR) {
		check(t, c->cookie % 8 == 0 && !c->len, "an error without reason", c->cookie);
		t->small++;
		return;
	}
	if (!check(t, c->number < PACKETS, "a completion of no packet", c->number))
		return;
	i = t->by_number[c->number];
	p = &t->packet[i];
	check(t, !t->arrived[i], "a packet comes twice", i);
	t->arrived[i] = true;
	t->received++;
	last = &t->last[q][c->hash % NIC_ORDER_LISTS];
	check(t, c->number + 1 > *last, "packets of a flow are out of order", i);
	*last = c->number + 1;
	check(t, !(c->status & NIC_COMPLETION_ERROR), "a completion with an error", i);
	check(t, c->len == p->len && c->port == p->port, "length or port", i);
	check(t, c->hash == p->hash && c->checksum == p->flags, "hash or checksum flags", i);
	check(t, t->table[p->hash % 128] == q, "the packet's queue", i);
	check(t, c->meta_len == META && !memcmp(c->meta + sizeof(c->meta) - META, p->bytes, META), "the packet's metadata", i);
	check(t, c->cookie == (uint32_t)c->index % RING, "the buffer's cookie", i);
	check(t, !memcmp(place(t, queue_at(q, RX_BUFFERS + c->cookie * BUFFER), BUFFER), p->bytes, p->len), "the packet's bytes", i);
}

static void poll(struct test *t, unsigned int q)
{
	const struct nic_completion *c;

	while ((c = nic_rx_take(&t->rx[q])) != NULL)
		check_packet(t, q, c);
	nic_rx_free(&t->rx[q]);
	give_buffers(t, q);
	nic_tx_reclaim(&t->tx[q]);
}

/* The frame as it is to leave. */
static void put_sum(struct host_frame *f)
{
	uint32_t sum = 0;

	for (unsigned int i = SUM_FROM; i < f->len; i++)
		sum += f->bytes[i] << (i % 2 ? 0 : 8);
	sum = sum % 0xffff ? 0xffff - sum % 0xffff : 0xffff;
	f->bytes[SUM_AT] = sum >> 8;
	f->bytes[SUM_AT + 1] = sum;
}

/* A frame of the host in one to four parts, each at any address; the NIC gives some their checksum. */
static void send(struct test *t)
{
	unsigned int q = rnd_below(&t->r, QUEUES), parts = 1 + rnd_below(&t->r, 4), from = 0;
	struct host_frame *f = &t->frame[t->frames];
	struct nic_tx_ring *tx = &t->tx[q];
	bool csum = rnd_percent(&t->r, 50);

	if (t->frames == FRAMES || (uint16_t)(tx->tail - tx->head) > RING - 4)
		return;
	f->len = rnd_percent(&t->r, 30) ? 60 + rnd_below(&t->r, NIC_FRAME_MAX - 59) : 60 + rnd_below(&t->r, 100);
	f->port = rnd_below(&t->r, t->ports);
	f->queue = q;
	f->sent = true;
	for (unsigned int i = 0; i < f->len; i++)
		f->bytes[i] = rnd_next(&t->r);
	memcpy(f->bytes, &t->frames, 4);
	for (unsigned int part = 0; part < parts; part++) {
		unsigned int len = part + 1 == parts ? f->len - from : 1 + rnd_below(&t->r, (f->len - from) / 2);
		uint64_t at = queue_at(q, TX_BUFFERS + tx->tail % RING * 0xc00) + rnd_below(&t->r, 0xc00 - NIC_FRAME_MAX);

		memcpy(place(t, at, len), f->bytes + from, len);
		check(t, !nic_tx_give(tx, at, len, f->port, part + 1 == parts), "no room in the transmit ring", q);
		if (!from && csum)
			nic_tx_sum(tx, SUM_FROM, SUM_AT);
		from += len;
	}
	if (csum)
		put_sum(f);
	t->frames++;
	nic_tx_kick(tx);
}

/* ---- The run ---- */

static void put(struct test *t, uint32_t offset, uint32_t value)
{
	device_regs_write(t->device, offset, value);
}

static void put_word(struct test *t, unsigned int bundle, unsigned int lane, const char *text)
{
	uint32_t at = REG_IMEM + bundle * REG_IMEM_STRIDE + 8 * lane;
	const char *where;
	struct isa_word w;
	uint64_t bits;

	check(t, !isa_parse(text, &w, &where), text, bundle);
	bits = isa_encode(&w);
	put(t, at, (uint32_t)bits);
	put(t, at + 4, (uint32_t)(bits >> 32));
}

/* In place of plain pass at bundle 0 (all ports' ENTRY is 0): the packet's first bytes are its metadata, too. */
static void load_metadata(struct test *t)
{
	static const char *const text[] = { "adjm r0, -12", "ld8 r0, [data+0]", "ld4 r1, [data+8]", "st8 [data_meta+0], @0", "st4 [data_meta+8], @1" };
	unsigned int lanes = device_regs_read(t->device, REG_CAP_CORE) >> CAP_CORE_LANES_LSB & 0xf, n = sizeof(text) / sizeof(text[0]);

	for (unsigned int b = 0; b <= n; b++)
		for (unsigned int lane = 0; lane < lanes; lane++) {
			char word[40] = "nop", *bank;

			if (b == n && lane == 0)
				strcpy(word, "exit 2");
			else if (b < n && lane == lanes - 1)
				strcpy(word, text[b]);
			bank = strchr(word, '@');
			if (bank)
				*bank = (char)('a' + lanes - 1);
			put_word(t, b, lane, word);
		}
}

static void set_up(struct test *t)
{
	struct nic_refusal why;
	uint32_t enabled;

	for (unsigned int i = 0; i < 10; i++)
		t->key[i] = device_regs_read(t->device, REG_RSS_KEY + 4 * i);
	for (unsigned int i = 0; i < 128; i++) {
		t->table[i] = rnd_below(&t->r, QUEUES);
		put(t, REG_RSS_TABLE + 4 * i, t->table[i]);
	}
	check(t, !nic_load_pass(&t->regs, &why), "plain pass can't be loaded", 0);
	load_metadata(t);
	check(t, nic_rings_queues(&t->regs) == QUEUES, "the number of queues", nic_rings_queues(&t->regs));
	for (unsigned int q = 0; q < QUEUES; q++) {
		struct nic_memory rx_desc = memory_at(t, q, RX_DESC), rx_done = memory_at(t, q, RX_DONE);
		struct nic_memory tx_desc = memory_at(t, q, TX_DESC), tx_done = memory_at(t, q, TX_DONE);

		check(t, !nic_rx_open(&t->rx[q], &t->regs, q, RING, &rx_desc, &rx_done, t->lossless), "a receive ring can't be opened", q);
		check(t, !nic_tx_open(&t->tx[q], &t->regs, q, RING, &tx_desc, &tx_done), "a transmit ring can't be opened", q);
		give_buffers(t, q);
	}
	for (unsigned int port = 0; port < t->ports; port++)
		put(t, REG_PORT + port * REG_PORT_STRIDE + 4 * NIC_PORT_CTRL, t->lossless ? 3 : 2);
	put(t, REG_CTRL, 1u << CTRL_RUN_LSB | (t->lossless ? 1u << CTRL_HOST_LOSSLESS_LSB : 0));
	put(t, REG_IRQ_ENABLE, ~0u);
	enabled = device_regs_read(t->device, REG_IRQ_ENABLE);
	check(t, enabled == (1u << QUEUES) - 1, "interrupts of queues that are not there", enabled);
}

static void offer(struct test *t)
{
	struct packet *p = &t->packet[t->offered];
	struct device_offer o;

	if (t->offered == PACKETS)
		return;
	packet_make(&t->r, p, 14, t->key);
	p->port = rnd_below(&t->r, t->ports);
	o = (struct device_offer){ .port = p->port, .frame = p->bytes, .len = p->len, .bad = p->bad };
	if (t->device->ops->rx(t->device, &o))
		return;
	t->wire[p->port].index[t->wire[p->port].tail++] = t->offered++;
}

static unsigned int host_drops(struct test *t)
{
	unsigned int drops = 0;

	for (unsigned int q = 0; q < QUEUES; q++)
		drops += device_regs_read(t->device, REG_QUEUE + q * REG_QUEUE_STRIDE + 4 * NIC_Q_DROPS);
	return drops;
}

static uint64_t counter(struct test *t, unsigned int index)
{
	uint32_t low = device_regs_read(t->device, REG_COUNTER + 8 * index);

	return (uint64_t)device_regs_read(t->device, REG_COUNTER + 8 * index + 4) << 32 | low;
}

/* What was handed over and dropped, queue by queue: by reason in the snapshot, in one number in the queue's block. */
static void queue_counters(struct test *t)
{
	uint64_t all[NIC_CNT_H_SMALL + 1] = { 0 };

	for (unsigned int q = 0; q < QUEUES; q++) {
		uint64_t dropped = 0;

		for (unsigned int i = 0; i <= NIC_CNT_H_SMALL; i++) {
			uint64_t value = counter(t, NIC_CNT_QUEUE + 8 * q + i);

			all[i] += value;
			dropped += i == NIC_CNT_H_PUT ? 0 : value;
		}
		check(t, dropped == device_regs_read(t->device, REG_QUEUE + q * REG_QUEUE_STRIDE + 4 * NIC_Q_DROPS),
		      "a queue's drops by reason are not its drops", dropped);
	}
	check(t, all[NIC_CNT_H_SMALL] == t->small, "buffers that were too small", t->small);
	check(t, !t->lazy || (all[NIC_CNT_H_EMPTY] && all[NIC_CNT_H_SMALL]), "a lazy host lost no packet", all[NIC_CNT_H_EMPTY]);
	for (unsigned int i = 0; i <= NIC_CNT_H_SMALL; i++)
		check(t, all[i] == counter(t, NIC_CNT_HOST_SIDE + i), "the queues' counters don't add up", i);
}

static void settle(struct test *t)
{
	uint64_t until = t->device->ops->cycle(t->device) + CLOCKS_MAX;
	unsigned int dropped;

	do {
		for (int i = 0; i < 500; i++)
			t->device->ops->tick(t->device);
		for (unsigned int q = 0; q < QUEUES; q++)
			poll(t, q);
		dropped = t->drops + host_drops(t);
	} while ((t->received + dropped < PACKETS || t->frames_on_wire < t->frames) && t->device->ops->cycle(t->device) < until);
	put(t, REG_SNAPSHOT, 1);
	while (device_regs_read(t->device, REG_SNAPSHOT))
		;
	dropped += counter(t, NIC_CNT_HOST_FULL);
	check(t, t->received + dropped == PACKETS, "packets that came in are neither in host memory nor counted", PACKETS - t->received - dropped);
	check(t, t->frames_on_wire == t->frames, "frames of the host that are not on the wire", t->frames - t->frames_on_wire);
	check(t, counter(t, NIC_CNT_HOST_SIDE + NIC_CNT_H_PUT) == t->received + t->small, "the counter of packets for the host", t->received);
	queue_counters(t);
	check(t, !t->lossless || t->drops + t->received == PACKETS, "a lossless queue dropped", dropped);
	check(t, t->irqs > 0, "no interrupt came", 0);
}

static struct device *open_device(struct test *t, const char *model, const char **why)
{
	struct device_events events = { .rx = on_rx, .take = on_take, .tx = on_tx, .arg = t };
	struct device_host host = { dma_read, dma_write, irq, t };
	struct device_config one = { .events = events, .host = host, .rings = true };
	struct cosim_config both = { .open = { device_rtl_open, device_iss_open }, .events = events, .host = host, .rings = true };

	t->lock_step = !strcmp(model, "both");
	if (t->lock_step)
		return cosim_open(&both, why);
	return !strcmp(model, "rtl") ? device_rtl_open(&one, why) : device_iss_open(&one, why);
}

static unsigned long run(const char *model, uint64_t seed)
{
	struct test *t = calloc(1, sizeof(*t));
	const char *why = "", *difference = NULL;
	unsigned long failures;

	if (!t || !(t->memory = aligned_alloc(4096, MEMORY)))
		abort();
	memset(t->memory, 0, MEMORY);
	t->seed = seed;
	t->r.state = seed;
	t->lossless = seed % 2;
	t->lazy = seed % 4 == 2;
	t->device = open_device(t, model, &why);
	if (!t->device) {
		printf("FAIL the NIC can't be simulated: %s\n", why);
		return 1;
	}
	t->regs = device_regs(t->device);
	t->ports = device_regs_read(t->device, REG_CAP_NIC) >> CAP_NIC_PORTS_LSB & 0xf;
	set_up(t);
	if (seed % 3 == 0) {
		t->device->ops->flow(t->device, DEVICE_DMA_READ, 0, rnd_next(&t->r) | 1);
		t->device->ops->flow(t->device, DEVICE_DMA_WRITE, 0, rnd_next(&t->r) | 1);
	}
	while ((t->offered < PACKETS || t->frames < FRAMES) && t->device->ops->cycle(t->device) < CLOCKS_MAX) {
		unsigned int what = rnd_below(&t->r, 16);

		if (what < 4)
			offer(t);
		else if (what < 6)
			send(t);
		else if (what == 6 && (!t->lazy || !rnd_below(&t->r, 12)))
			poll(t, rnd_below(&t->r, QUEUES));
		else if (what == 7)
			put(t, REG_IRQ_STATUS, 0xf);
		else
			for (unsigned int i = rnd_below(&t->r, 30); i > 0; i--)
				t->device->ops->tick(t->device);
	}
	settle(t);
	for (unsigned int q = 0; q < QUEUES; q++) {
		check(t, !nic_rx_close(&t->rx[q]), "a receive ring does not come to rest", q);
		check(t, !nic_tx_close(&t->tx[q]), "a transmit ring does not come to rest", q);
	}
	if (t->lock_step)
		difference = cosim_finish(t->device);
	check(t, !difference, difference ? difference : "", 0);
	printf("seed %" PRIu64 ": %u packets, %u to the host, %u frames from it, %u interrupts, %lu checks\n", seed, t->offered, t->received,
	       t->frames_on_wire, t->irqs, t->checks);
	failures = t->failures;
	t->device->ops->close(t->device);
	free(t->memory);
	free(t);
	return failures;
}

int main(int argc, char **argv)
{
	const char *model = argc > 1 ? argv[1] : "both";
	uint64_t first = argc > 2 ? strtoull(argv[2], NULL, 0) : 1, seeds = argc > 3 ? strtoull(argv[3], NULL, 0) : 4, failed = 0;

	for (uint64_t seed = first; seed < first + seeds; seed++)
		failed += run(model, seed) != 0;
	printf("%" PRIu64 " passed, %" PRIu64 " failed\n", seeds - failed, failed);
	return failed != 0;
}
