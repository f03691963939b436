// SPDX-License-Identifier: Apache-2.0
/* What joins a core to the fabric: writer of the packet buffer, sender. */
#include "fabric.h"

#include <string.h>

enum { OUT_OPEN = NIC_OUT_FIFO - 2 };

static void start_thread(struct iss_tile *c, struct iss_frame *frame, unsigned int thread)
{
	struct iss_fabric *f = c->nic->fabric;
	struct iss_thread *t = &c->thread[thread];

	memcpy(t->pkt + NIC_HEADROOM, frame->data, frame->len);
	/* the rest of the last row comes along */
	memset(t->pkt + NIC_HEADROOM + frame->len, 0, -frame->len % NIC_ROW_BYTES);
	t->meta = (struct iss_meta){.port = frame->port, .queue = frame->queue, .flags = frame->flags, .number = frame->number,
				    .hash = frame->hash, .time = frame->time};
	t->pc = f->entry[frame->port];
	t->program = f->prog[frame->port];
	t->target = 0;
	t->bundles = 0;
	t->ready_cycle = c->nic->cycle + 1;
	t->fault = false;
	fp_adjust_set(t, NIC_HEADROOM, NIC_HEADROOM, NIC_HEADROOM + frame->len);
	t->r[SR_IFINDEX] = f->ifindex[frame->port];
	t->r[SR_RXQ] = frame->queue;
	fp_core_wake(c, thread, c->nic->cycle + 1);
	c->running |= 1u << thread; /* counts from the next cycle on */
	frame_free(f, frame);
}

/* The head row's lower, then its upper half goes to the packet buffer. */
void fp_tile_write(struct iss_tile *c)
{
	struct iss_fabric *f = c->nic->fabric;
	struct iss_end *end = &f->end[c->core];
	const struct iss_flight *head = &end->fifo[end->fifo_head % TILE_FRAMES];
	uint64_t cycle = c->nic->cycle;
	uint32_t row = end->half / 2, left = head->frame->len - row * BEAT;

	if (cycle <= head->bus + row)
		return;
	if ((c->store_m1 >> cycle % 32 & 1) || c->lm_cycle == cycle + 1) {
		end->rx_wait++;
		return;
	}
	end->half++;
	if (end->half % 2 && left > NIC_ROW_BYTES)
		return;
	end->half = 2 * (row + 1);
	f->left[cycle % 4] |= 1u << c->core;
	fabric_stir(c->nic);
	if (left > BEAT)
		return;
	end->half = 0;
	end->fifo_head++;
	if (end->fifo_head == end->fifo_tail)
		f->writing &= ~(1u << c->core);
	start_thread(c, head->frame, head->context % ISS_THREADS);
}


/* One entry of the out fifo. */
void fp_tile_send(struct iss_tile *c)
{
	struct iss_fabric *f = c->nic->fabric;
	struct iss_end *end = &f->end[c->core];
	uint64_t cycle = c->nic->cycle;
	unsigned int thread = end->request[end->request_head % ISS_THREADS];
	const struct iss_thread *t = &c->thread[thread];
	struct iss_entry *e = &end->out[end->out_tail % NIC_OUT_FIFO];

	if (end->out_tail - end->out_head - (end->made == cycle) > OUT_OPEN) {
		end->out_wait++;
		return;
	}
	if (end->row == 0)
		end->report = c->nic->ctrl >> CTRL_REPORT_LSB & 1;
	*e = (struct iss_entry){.from = cycle + 2, .thread = thread, .row = end->row, .report = end->report,
				.send = end->report || (t->done.ret >= 2 && t->done.ret <= 4)};
	if (e->send)
		e->extra = (t->start % BEAT != 0) + (t->front != t->start);
	e->last = !e->send || ++end->row == frame_rows(iss_thread_len(t)) + e->extra;
	end->out_tail++;
	end->made = cycle + 1;
	if (!e->last)
		return;
	end->row = 0;
	end->request_head++;
	if (end->request_head == end->request_tail)
		f->sending &= ~(1u << c->core);
}
