// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* How many bundles before the end of a trace an operation has to stand, when lanes are as few as they are: the trace is scheduled from its end
 * upwards. The last lane is what most programs have too little of. */
#include "schedule.h"

struct room { uint32_t all, low, last; }; /* left in the bundle: lanes, those that read the packet or branch, the last one */

static int takes_room(struct room *r, const struct mop *m)
{
	int slot = isa_lookup(m->w.op)->slot;

	if (!r->low && mop_may_load(m))
		slot = SLOT_M;
	if (!r->all || (slot == SLOT_M && !r->last) || ((slot == SLOT_W || slot == SLOT_B) && !r->low))
		return 0;
	r->all--;
	r->last -= slot == SLOT_M;
	r->low -= slot == SLOT_W || slot == SLOT_B;
	return 1;
}

/* The bundle, from the end, that it can stand in at the latest, or NONE: something behind it has no place yet. */
static uint32_t latest(const struct sched *s, const uint32_t *height, uint32_t n)
{
	uint32_t at = 0;

	for (const struct edge *e = s->node[n].succ; e; e = e->next) {
		if (height[e->to] == NONE)
			return NONE;
		if (at < height[e->to] + e->late)
			at = height[e->to] + e->late;
	}
	return at;
}

/* Schedules from the end upwards; what can stand late from the top comes first. */
void sched_heights(const struct sched *s, const uint32_t *early, uint32_t *height)
{
	uint32_t left = s->n_nodes;

	for (uint32_t n = 0; n < s->n_nodes; n++)
		height[n] = NONE;
	for (uint32_t at = 0; left; at++) {
		struct room room = { s->c->target->lanes, ISA_BRANCH_LANES, 1 };

		for (;;) {
			uint32_t best = NONE;

			for (uint32_t n = s->n_nodes; n-- > 0;) {
				struct room try = room;
				uint32_t when;

				if (height[n] != NONE || (best != NONE && early[n] <= early[best]))
					continue;
				when = latest(s, height, n);
				if (when != NONE && when <= at && takes_room(&try, &s->t->ops[n]))
					best = n;
			}
			if (best == NONE)
				break;
			takes_room(&room, &s->t->ops[best]);
			height[best] = at;
			left--;
		}
	}
}
