// SPDX-License-Identifier: Apache-2.0
#include "fabric.h"

/* A period begins with the next cycle. */
static void begin(struct iss *n, struct iss_ticks *t)
{
	t->from = n->cycle + 1;
	t->due = t->period ? t->from + t->period : NEVER;
	n->fabric->ticking &= ~(1u << (t - n->fabric->ticks));
	n->fabric->ticking |= (uint32_t)(t->period != 0) << (t - n->fabric->ticks);
}

void pkt_tick_set(struct iss *n, unsigned int port, uint32_t period)
{
	struct iss_ticks *t = &n->fabric->ticks[port];
	bool was_on = t->period;

	t->period = period;
	if (t->inside)
		return;
	if (!was_on || !period)
		begin(n, t);
	else if (t->due > n->cycle + 1)
		t->due = t->from + period > n->cycle + 2 ? t->from + period : n->cycle + 2;
}

struct iss_frame *pkt_tick_take(struct iss *n, unsigned int port)
{
	struct iss_frame *frame = frame_new(n->fabric);

	n->fabric->ticks[port].due = NEVER;
	n->fabric->ticking &= ~(1u << port);
	n->fabric->ticks[port].inside = true;
	frame->len = 0;
	frame->port = port;
	frame->time = 0;
	return frame;
}

void pkt_tick_done(struct iss *n, unsigned int port)
{
	n->fabric->ticks[port].inside = false;
	begin(n, &n->fabric->ticks[port]);
}

void pkt_tick_clear(struct iss *n)
{
	for (unsigned int port = 0; port < n->fabric->ports; port++)
		pkt_tick_done(n, port);
}
