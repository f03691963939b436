// SPDX-License-Identifier: Apache-2.0
#include "fabric.h"

enum order_mode { ORDER_OFF, ORDER_FLOW }; /* all else is strict */

/* The request to the tile, and pkt_collect's queue. The context may get its next packet. */
static void request(struct iss *n, unsigned int context)
{
	struct iss_fabric *f = n->fabric;
	unsigned int tile = context / ISS_THREADS;
	struct iss_end *end = &f->end[tile];

	end->request[end->request_tail++ % ISS_THREADS] = context % ISS_THREADS;
	end->asked |= 1u << context % ISS_THREADS;
	f->sending |= 1u << tile;
	f->queue[f->queue_tail++ % LEAVING_MAX] = context;
	f->freed = context + 1;
	fabric_stir(n);
}

/* The context in the leave register goes; true: its successor follows at once and is in *next. */
static bool leave(struct iss *n, uint16_t *next)
{
	struct iss_fabric *f = n->fabric;
	struct iss_order *o = &f->order[f->leave], *s = &f->order[o->next];

	request(n, f->leave);
	if (o->list == NOBODY)
		return false;
	if (!o->more) {
		f->list_used[o->list] = false;
		return false;
	}
	*next = o->next;
	if (s->done || (f->event_valid && f->event == o->next))
		return true;
	s->head = true;
	return false;
}

static void insert(struct iss *n, const struct iss_flight *flight)
{
	struct iss_fabric *f = n->fabric;
	struct iss_order *o = &f->order[flight->context];
	unsigned int list = f->order_mode == ORDER_FLOW ? flight->hash % NIC_ORDER_LISTS : 0;

	*o = (struct iss_order){.list = f->order_mode == ORDER_OFF ? NOBODY : list, .head = true};
	if (o->list == NOBODY)
		return;
	if (f->list_used[list]) {
		struct iss_order *tail = &f->order[f->list_tail[list]];

		tail->next = flight->context;
		tail->more = true;
		o->head = false;
	}
	f->list_used[list] = true;
	f->list_tail[list] = flight->context;
}

static void next_event(struct iss_fabric *f)
{
	struct iss_end *end;
	unsigned int tile;

	if (!f->ended)
		return;
	tile = f->last_ended = round_robin(f->ended, f->last_ended);
	end = &f->end[tile];
	f->event_valid = true;
	f->event = tile * ISS_THREADS + end->ended[end->ended_head++ % ISS_THREADS];
	if (end->ended_head == end->ended_tail)
		f->ended &= ~(1u << tile);
}

/* From the tiles' done registers into their queues. */
static void collect_ended(struct iss *n)
{
	struct iss_fabric *f = n->fabric;

	for (; n->ended; n->ended &= n->ended - 1) {
		unsigned int tile = __builtin_ctz(n->ended);
		struct iss_end *end = &f->end[tile];

		end->ended[end->ended_tail++ % ISS_THREADS] = n->tile[tile].ended - 1;
		end->packets++;
		f->ended |= 1u << tile;
	}
}

static void leave_and_event(struct iss *n)
{
	struct iss_fabric *f = n->fabric;
	uint16_t next = 0;
	bool head = f->event_valid && f->order[f->event].head;
	bool follows = f->leave_valid && leave(n, &next);

	f->leave_valid = follows || head;
	f->leave = follows ? next : f->event;
	if (f->event_valid && !head)
		f->order[f->event].done = true;
	if (f->event_valid && head && follows)
		return; /* the event waits */
	f->event_valid = false;
	next_event(f);
}

void pkt_order_cycle(struct iss *n)
{
	struct iss_fabric *f = n->fabric;

	if (f->leave_valid || f->event_valid || f->ended)
		leave_and_event(n);
	if (n->cycle == f->known) {
		insert(n, &f->flight[f->flight_head++ % FLIGHTS]);
		f->known = f->flight_head != f->flight_tail ? f->flight[f->flight_head % FLIGHTS].known : NEVER;
	}
	if (n->ended)
		collect_ended(n);
}
