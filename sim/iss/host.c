// SPDX-License-Identifier: Apache-2.0
/* The host side between the fabric's streams and the registers: what nic_top and csr_host do. */
#include "dma_host.h"
#include "fabric.h"

#include <string.h>

bool host_is_register(uint32_t addr)
{
	return addr == REG_CAP_HOST || addr == REG_IRQ_STATUS || addr == REG_IRQ_ENABLE ||
	       (addr >= REG_QUEUE && addr < REG_QUEUE + REG_QUEUE_COUNT * REG_QUEUE_STRIDE);
}

/* Without rings the registers are there, but nothing is done with them. */
uint32_t host_read(const struct iss *n, uint32_t addr)
{
	if (!n->dma && addr != REG_CAP_HOST)
		return 0;
	switch (addr) {
	case REG_CAP_HOST: return ISS_QUEUES << CAP_HOST_QUEUES_LSB | NIC_RING_LOG_MAX << CAP_HOST_RING_LOG_LSB | 1 << CAP_HOST_TX_CSUM_LSB;
	case REG_IRQ_STATUS: return dma_host_irq_status(n->dma);
	case REG_IRQ_ENABLE: return n->dma->irq_enable;
	default: return dma_host_read(n->dma, (addr - REG_QUEUE) / REG_QUEUE_STRIDE, addr / 4 % (REG_QUEUE_STRIDE / 4));
	}
}

/* A frame that stands whole in the store of a port becomes the stream's frame. */
static void fill(struct iss_fabric *f, struct iss_offers *o, const struct dma_store *s)
{
	struct iss_frame *frame;
	unsigned int row = s->read;
	bool last = s->head.last;

	if (!s->valid || s->skip || o->count)
		return;
	frame = frame_new(f);
	frame->at = 0;
	frame->bad = false;
	memcpy(frame->data, s->head.row, DMA_ROW);
	frame->len = s->head.count;
	while (!last) {
		const typeof(s->head) *r = &s->at[row++ % DMA_STORE_ROWS];

		memcpy(frame->data + frame->len, r->row, DMA_ROW);
		frame->len += r->count;
		last = r->last;
	}
	o->frame[o->head] = frame;
	o->count = 1;
}

void host_offer(struct iss *n)
{
	struct iss_fabric *f = n->fabric;

	for (unsigned int port = 0; port < f->ports; port++) {
		fill(f, &f->out[port].host, &n->dma->store[port]);
		f->out[port].host.taken = false;
		f->at_out |= (uint32_t)(f->out[port].host.count != 0) << port;
	}
}

/* The head row of the store towards the host. */
static const struct dma_row *head(const struct iss_fabric *f, struct dma_row *row)
{
	const struct iss_frame *frame = store_head(&f->host);
	uint32_t at = f->host.row * DMA_ROW, left = frame->len - at;

	*row = (struct dma_row){ .last = left <= DMA_ROW, .len = frame->len, .queue = frame->queue,
				 .port = frame->port | frame->redirect << 7, .csum = frame->flags, .hash = frame->hash,
				 .number = frame->number, .time = frame->time };
	row->meta_len = frame->meta_len;
	memcpy(row->meta, frame->meta, NIC_META_HOST);
	memcpy(row->row, frame->data + at, left < DMA_ROW ? left : DMA_ROW);
	return row;
}

static void registers(const struct iss *n, struct dma_in *in)
{
	if (!n->host_valid || !n->host_we)
		return;
	if (n->host_addr == REG_IRQ_STATUS) {
		in->irq_clear = n->host_wdata;
	} else if (n->host_addr >= REG_QUEUE && host_is_register(n->host_addr)) {
		in->reg_we = true;
		in->reg_queue = (n->host_addr - REG_QUEUE) / REG_QUEUE_STRIDE;
		in->reg_word = n->host_addr / 4 % (REG_QUEUE_STRIDE / 4);
		in->reg_wdata = n->host_wdata;
	}
}

static void count(struct iss_fabric *f, const struct dma_events *e)
{
	uint64_t *counter = &f->counter[NIC_CNT_HOST_SIDE];
	uint64_t *put = &f->queue_counter[8 * e->put_queue], *drop = &f->queue_counter[8 * e->drop_queue];

	put[NIC_CNT_H_PUT] += e->put;
	drop[NIC_CNT_H_OFF] += e->drop_off;
	drop[NIC_CNT_H_EMPTY] += e->drop_empty;
	drop[NIC_CNT_H_CQ] += e->drop_cq;
	drop[NIC_CNT_H_SMALL] += e->drop_small;
	counter[NIC_CNT_H_PUT] += e->put;
	counter[NIC_CNT_H_OFF] += e->drop_off;
	counter[NIC_CNT_H_EMPTY] += e->drop_empty;
	counter[NIC_CNT_H_CQ] += e->drop_cq;
	counter[NIC_CNT_H_SMALL] += e->drop_small;
	counter[NIC_CNT_H_TX_BAD] += e->tx_bad;
	counter[NIC_CNT_H_BUS] += e->bus_error;
	counter[NIC_CNT_H_DOORBELL] += e->bad_doorbell;
}

/* A line that goes up calls the host. */
static void interrupts(struct iss *n)
{
	uint32_t up = dma_host_irq_status(n->dma) & n->dma->irq_enable;

	for (uint32_t m = up & ~n->irq; m && n->host.irq; m &= m - 1)
		n->host.irq(n->host.arg, __builtin_ctz(m));
	n->irq = up;
}

void host_cycle(struct iss *n)
{
	struct iss_fabric *f = n->fabric;
	struct dma_in in = { .stop = csr_regs_in_reset(n) };
	struct dma_events events;
	struct dma_row row;

	n->cutting = in.stop || (n->cutting && !dma_host_idle(n->dma));
	interrupts(n);
	if (f->host.valid)
		in.h = head(f, &row);
	for (unsigned int port = 0; port < f->ports; port++)
		in.t_ready |= (uint32_t)f->out[port].host.taken << port;
	registers(n, &in);
	dma_host_cycle(n->dma, &in, n->bus, &events);
	count(f, &events);
	if (n->host_valid && n->host_we && n->host_addr == REG_IRQ_ENABLE)
		n->dma->irq_enable = n->host_wdata & ((1u << n->dma->queues) - 1);
	if (events.h_ready) {
		struct iss_frame *frame = store_head(&f->host);

		if (store_take(&f->host))
			frame_free(f, frame);
	}
}
