// SPDX-License-Identifier: Apache-2.0
/* What joins a core to the fabric: writer of the packet buffer, sender. */
#include "fabric.h"

#include <string.h>

enum {
	OUT_OPEN = NIC_OUT_FIFO - 2,
	ROWS_BEGIN = 4,               /* the entry that begins has no row behind these */
};

static void start_thread(struct iss_tile *c, const struct iss_flight *flight)
{
	struct iss_fabric *f = c->nic->fabric;
	struct iss_frame *frame = flight->frame;
	unsigned int thread = flight->context % ISS_THREADS;
	struct iss_thread *t = &c->thread[thread];

	memcpy(t->pkt + NIC_HEADROOM, frame->data, frame->len);
	/* the rest of the last row comes along */
	if (!frame->len)
		memset(t->pkt + NIC_HEADROOM, 0, BEAT);
	else if (frame->len % NIC_ROW_BYTES)
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

/* When there is something to do again. */
static void set_due(struct iss_tile *c, struct iss_end *end)
{
	if (end->late.frame)
		end->due = c->nic->cycle + 1;
	else if (end->fifo_head != end->fifo_tail)
		end->due = fp_tile_row(end);
	else
		c->nic->fabric->writing &= ~(1u << c->core);
}

/* The thread starts with its last row's upper half; where that has none, a cycle behind the lower one, as it takes two to be known what is
 * in the frame. */
static void frame_written(struct iss_tile *c, struct iss_end *end)
{
	const struct iss_flight *head = &end->fifo[end->fifo_head++ % TILE_FRAMES];

	if (end->left <= NIC_ROW_BYTES)
		end->late = *head;
	else
		start_thread(c, head);
	end->left = 0;
	set_due(c, end);
}

static void start_late(struct iss_tile *c, struct iss_end *end)
{
	start_thread(c, &end->late);
	end->late.frame = NULL;
	set_due(c, end);
	if (c->nic->fabric->writing >> c->core & 1 && c->nic->cycle >= end->due)
		fp_tile_write(c);
}

/* The head row's lower, then its upper half goes to the packet buffer. Rows come at least as fast as they are written: only a frame's first
 * one may be waited for. */
void fp_tile_write(struct iss_tile *c)
{
	struct iss_fabric *f = c->nic->fabric;
	struct iss_end *end = &f->end[c->core];
	const struct iss_flight *head = &end->fifo[end->fifo_head % TILE_FRAMES];
	uint64_t cycle = c->nic->cycle;

	if (end->late.frame) {
		start_late(c, end);
		return;
	}
	if ((c->store_m1 & 1) || c->lm_cycle == cycle + 1 || end->asked >> head->context % ISS_THREADS & 1) {
		end->rx_wait++;
		return;
	}
	if (!end->left)
		end->left = head->frame->len ? head->frame->len : BEAT;
	end->lower = !end->lower && end->left > NIC_ROW_BYTES;
	if (end->lower)
		return;
	f->left[cycle % 4] |= 1u << c->core;
	fabric_stir(c->nic);
	if (end->left > BEAT)
		end->left -= BEAT;
	else
		frame_written(c, end);
}

/* Rows of the copy that a packet to be sent takes: its own, one more behind them where they are turned, one in front for its metadata.
 * A turned packet that lies in two has both in one entry, and needs none behind them. */
static unsigned int send_rows(const struct iss_thread *t, unsigned int skips)
{
	uint32_t len = iss_thread_len(t);

	if (t->front == t->start && t->start % BEAT && t->start % BEAT + len <= 2 * BEAT)
		return 2;
	return frame_rows(len) + skips;
}

/* What an entry of two rows, or one, makes of the packet: row counts those before and with its last. */
static void make_entry(struct iss_entry *e, const struct iss_thread *t, unsigned int row, unsigned int skips)
{
	unsigned int in = row % 2 ? 1 : 2;

	e->first = row <= 2;
	e->begins = e->first ? skips < 2 : row <= 4 && skips == 2;
	e->rows = in;
	if (e->first && skips == 1)
		e->rows = 1 + (e->last && iss_thread_len(t) > BEAT);
	else if (e->first && skips == 2)
		e->rows = 0;
}

/* A row into the out fifo: an entry is two of them, but the last. */
void fp_tile_send(struct iss_tile *c)
{
	struct iss_fabric *f = c->nic->fabric;
	struct iss_end *end = &f->end[c->core];
	uint64_t cycle = c->nic->cycle;
	unsigned int thread = end->request[end->request_head % ISS_THREADS], skips;
	const struct iss_thread *t = &c->thread[thread];
	struct iss_entry *e;
	bool send, last;

	if (end->out_tail - end->out_head - (end->made == cycle) > OUT_OPEN) {
		end->out_wait++;
		return;
	}
	if (end->row == 0)
		end->report = (c->nic->ctrl >> CTRL_REPORT_LSB & 1) && iss_thread_len(t);
	if (end->row % 2 == 0) {
		end->out[end->out_tail++ % NIC_OUT_FIFO].from = UINT64_MAX;
		end->made = cycle + 1;
	}
	e = &end->out[(end->out_tail - 1) % NIC_OUT_FIFO];
	send = end->report || (iss_thread_len(t) && t->done.ret >= 2 && t->done.ret <= 4);
	skips = (t->start % BEAT != 0) + (t->front != t->start);
	end->row++;
	last = !send || end->row == send_rows(t, skips);
	if (end->row % 2 && !last)
		return;
	*e = (struct iss_entry){.from = cycle + 2, .report = end->report, .last = last};
	if (send)
		make_entry(e, t, end->row, skips);
	else
		e->first = e->begins = true;
	if (end->row <= ROWS_BEGIN)
		pkt_collect_record(c, thread, &e->of);
	if (!last)
		return;
	if (send)
		e->frame = pkt_collect_frame(c, thread);
	end->asked &= ~(1u << thread);
	end->row = 0;
	end->request_head++;
	if (end->request_head == end->request_tail)
		f->sending &= ~(1u << c->core);
}
