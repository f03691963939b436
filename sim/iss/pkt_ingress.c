// SPDX-License-Identifier: Apache-2.0
#include "fabric.h"

enum { ROWS_OPEN = NIC_ROW_FIFO - FRAME_ROWS };

static void set_bit(uint32_t *mask, unsigned int bit, bool value)
{
	*mask = (*mask & ~(1u << bit)) | (uint32_t)value << bit;
}

static void update_idle(struct iss *n, unsigned int tile)
{
	set_bit(&n->fabric->idle_mask, tile, n->fabric->end[tile].idle & n->fabric->threads_mask);
}

static void update_rows(struct iss_fabric *f, unsigned int tile)
{
	set_bit(&f->rows_mask, tile, f->end[tile].rows <= ROWS_OPEN);
}

void pkt_ingress_masks(struct iss *n)
{
	struct iss_fabric *f = n->fabric;

	f->threads_mask = n->threads >= ISS_THREADS ? ISS_ALL_THREADS : (1u << n->threads) - 1;
	f->cores_mask = (1u << (f->cores < n->cores ? f->cores : n->cores)) - 1;
	for (unsigned int tile = 0; tile < n->cores; tile++) {
		update_idle(n, tile);
		update_rows(f, tile);
	}
}

void pkt_ingress_old(struct iss *n)
{
	fabric_stir(n);
	for (unsigned int tile = 0; tile < n->cores; tile++) {
		struct iss_end *end = &n->fabric->end[tile];

		end->old |= ISS_ALL_THREADS & ~end->idle;
		set_bit(&n->fabric->old_mask, tile, end->old);
	}
}

static void now_idle(struct iss_fabric *f, unsigned int context)
{
	unsigned int tile = context / ISS_THREADS;
	struct iss_end *end = &f->end[tile];
	uint32_t bit = 1u << context % ISS_THREADS;

	end->idle |= bit;
	f->idle_mask |= (uint32_t)((bit & f->threads_mask) != 0) << tile;
	if (!end->old)
		return;
	end->old &= ~bit;
	set_bit(&f->old_mask, tile, end->old);
}

static void now_busy(struct iss_fabric *f, unsigned int context)
{
	unsigned int tile = context / ISS_THREADS;

	f->end[tile].idle &= ~(1u << context % ISS_THREADS);
	if (!(f->end[tile].idle & f->threads_mask))
		f->idle_mask &= ~(1u << tile);
}

void pkt_ingress_begin(struct iss *n)
{
	struct iss_fabric *f = n->fabric;
	uint32_t left = f->left[(n->cycle - 2) % 4];

	f->old_seen[0] = f->old_seen[1];
	f->old_seen[1] = f->old_mask;
	if (f->old_seen[0] != f->old_seen[1])
		fabric_stir(n);
	if (f->freed)
		now_idle(f, f->freed - 1);
	f->freed = 0;
	if (f->alloc)
		now_busy(f, f->alloc - 1);
	f->alloc = 0;
	if (f->took && ++f->end[f->took - 1].rows == ROWS_OPEN + 1)
		f->rows_mask &= ~(1u << (f->took - 1));
	f->took = 0;
	f->left[(n->cycle - 2) % 4] = 0;
	for (; left; left &= left - 1) {
		unsigned int tile = __builtin_ctz(left);

		if (f->end[tile].rows-- == ROWS_OPEN + 1)
			f->rows_mask |= 1u << tile;
	}
}

static unsigned int pick_context(const struct iss *n, unsigned int tile)
{
	struct iss_end *end = &n->fabric->end[tile];

	end->last_thread = round_robin(end->idle & n->fabric->below, end->last_thread);
	return tile * ISS_THREADS + end->last_thread;
}

static void report(const struct iss *n, const struct iss_frame *frame, unsigned int context)
{
	struct device_take t = {.cycle = n->cycle + 1, .number = frame->number, .port = frame->port,
				.core = context / ISS_THREADS, .thread = context % ISS_THREADS};

	if (n->events.take && frame->len)
		n->events.take(n->events.arg, &t);
}

static void begin_frame(struct iss *n, uint32_t ports)
{
	struct iss_fabric *f = n->fabric;
	unsigned int context;
	struct iss_flight flight;
	struct iss_end *end;

	f->last_port = round_robin(ports, f->last_port);
	f->last_tile = f->tile = round_robin(f->open, f->last_tile);
	f->tick = f->ticks[f->last_port].due <= n->cycle;
	f->frame = f->tick ? pkt_tick_take(n, f->last_port) : store_head(&f->in[f->last_port].store);
	f->rows = frame_rows(f->frame->len);
	f->row = 0;
	f->frame->number = f->number;
	f->number += !f->tick;
	context = pick_context(n, f->tile);
	f->alloc = context + 1;
	flight = (struct iss_flight){.frame = f->frame, .bus = n->cycle + BUS_DELAY, .context = context};
	flight.known = flight.bus + f->rows - 1 + INSPECT_CLOCKS;
	pkt_inspect(f, &flight);
	if (f->flight_head == f->flight_tail)
		f->known = flight.known;
	f->flight[f->flight_tail++ % FLIGHTS] = flight;
	end = &f->end[f->tile];
	end->fifo[end->fifo_tail++ % TILE_FRAMES] = flight;
	if (!(f->writing >> f->tile & 1))
		end->due = fp_tile_row(end);
	f->writing |= 1u << f->tile;
	report(n, f->frame, context);
}

void pkt_ingress_cycle(struct iss *n, uint32_t ports)
{
	struct iss_fabric *f = n->fabric;

	if (ports && (n->ctrl >> CTRL_RUN_LSB & 1) && !csr_regs_in_reset(n))
		begin_frame(n, ports);
	pkt_ingress_open(n);
	if (!f->frame)
		return;
	if (!f->tick) {
		store_take(&f->in[f->last_port].store);
		f->step_in |= 1u << f->last_port;
		f->at_in |= 1u << f->last_port;
	}
	f->took = f->tile + 1;
	fabric_stir(n);
	f->open &= ~(1u << f->tile);
	if (++f->row == f->rows)
		f->frame = NULL;
}
