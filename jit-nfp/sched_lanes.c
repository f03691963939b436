// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* The lanes of one bundle. A taken branch cancels guarded words in the lanes after it, so:
 *   branches stand in program order,
 *   a word that depends on a branch not being taken is guarded and stands after it,
 *   and a guarded word stands before the control words that come behind it in the program.
 * A register written here for the first time gets its bank by the way. */
#include "schedule.h"

void lanes_init(struct sched *s)
{
	uint32_t lanes = s->c->target->lanes;

	for (uint32_t slot = 0; slot <= SLOT_M; slot++)
		for (uint32_t lane = 0; lane < lanes; lane++)
			if (isa_slot_allows((enum isa_slot)slot, (int)lane, (int)lanes))
				s->slot_lanes[slot] |= (uint8_t)(1U << lane);
}

static int is_control(const struct sched *s, uint32_t op)
{
	return s->node[op].control;
}

/* Does y, later in the program, depend on control word x? */
static int guarded_by(const struct sched *s, uint32_t x, uint32_t y)
{
	return y < s->n_nodes && s->node[y].guard != NONE && s->node[y].guard >= x;
}

int lanes_guarded(const struct sched *s, uint32_t op)
{
	for (uint32_t n = 0; n < s->n_picks; n++)
		if (s->pick[n] < op && is_control(s, s->pick[n]) && (op >= s->n_nodes || guarded_by(s, s->pick[n], op)))
			return 1;
	return 0;
}

/* Must x, which comes before y in the program, stand in a lower lane? */
static int stands_before(const struct sched *s, uint32_t x, uint32_t y)
{
	int cx = is_control(s, x), cy = is_control(s, y);

	if (cx && (cy || guarded_by(s, x, y)))
		return 1;
	return cy && !cx && lanes_guarded(s, x);
}

static void find_order(struct sched *s)
{
	for (uint32_t n = 0; n < s->n_picks; n++) {
		s->before[n] = 0;
		for (uint32_t k = 0; k < s->n_picks; k++)
			if (s->pick[k] < s->pick[n] && stands_before(s, s->pick[k], s->pick[n]))
				s->before[n] |= (uint8_t)(1U << k);
	}
}

enum { NEAR = 4, RESERVE = 2 }; /* a bank's last registers are for operations near the oldest one */

static uint32_t registers_for(const struct sched *s, uint32_t op)
{
	uint32_t regs = s->c->target->regs;

	return op <= s->oldest + NEAR || regs <= RESERVE ? regs : regs - RESERVE;
}

static uint32_t lanes_of(const struct sched *s, uint32_t op)
{
	const struct mop *m = &s->t->ops[op];
	const struct vreg *v = &s->m->vreg[m->dst];
	uint32_t lanes = s->node[op].lanes, n = s->c->target->lanes;

	if (!m->dst)
		return lanes;
	if (v->lane != LANE_ANY)
		return lanes & 1U << v->lane;
	lanes &= v->lanes;
	if (mop_may_load(m) && lanes & s->slot_lanes[SLOT_W] && s->pressure[n - 1] >= s->c->target->regs / 2) /* others can write no other bank */
		lanes &= s->slot_lanes[SLOT_W];
	for (uint32_t lane = 0; lane < n && !s->force; lane++)
		if (s->pressure[lane] >= registers_for(s, op))
			lanes &= ~(1U << lane);
	return lanes;
}

enum { MOVE_COST = 4 };       /* registers that a bank may have more in use before a move changes banks */

/* New registers go where most are free; moves stay in their bank, where they may turn out to be none. */
static uint32_t cost_of(const struct sched *s)
{
	uint32_t cost = 0;

	for (uint32_t n = 0; n < s->n_picks; n++) {
		const struct mop *m = &s->t->ops[s->pick[n]];

		if (!m->dst || s->m->vreg[m->dst].lane != LANE_ANY)
			continue;
		cost += 1 + s->pressure[s->lane[n]];
		if (m->w.op == OP_MOV && m->b && s->m->vreg[m->b].lane != s->lane[n])
			cost += MOVE_COST;
	}
	return cost;
}

/* The last lane takes operand a from lane 0, b from lane 1. */
static int takes_wrong(const struct sched *s, uint32_t use, uint32_t def)
{
	const struct mop *u = &s->t->ops[s->pick[use]], *d = &s->t->ops[s->pick[def]];
	int is_last = s->lane[use] == s->c->target->lanes - 1;

	return d->dst && ((u->a == d->dst && (s->lane[def] != 0 || !is_last)) || (u->b == d->dst && (s->lane[def] != 1 || !is_last))) &&
	       mop_may_take(s->c, d, u);
}

static int fits_so_far(const struct sched *s, uint32_t n)
{
	for (uint32_t k = 0; k < n; k++) {
		if (s->lane[k] == s->lane[n] || takes_wrong(s, k, n) || takes_wrong(s, n, k))
			return 0;
		if (s->lane[k] > s->lane[n] ? s->before[n] >> k & 1 : s->before[k] >> n & 1)
			return 0;
	}
	return 1;
}

/* Tries the lanes of pick n and those after it: as deep as there are lanes. Stops at the first that fits unless all are asked for, and the best of
 * them is to be found. */
static int place(struct sched *s, uint32_t n, int all)
{
	uint32_t cost;
	int found = 0;

	if (n == s->n_picks) {
		if (!all)
			return 1;
		cost = cost_of(s);
		if (cost < s->best_cost) {
			s->best_cost = cost;
			memcpy(s->best, s->lane, sizeof(s->best));
		}
		return 1;
	}
	for (uint8_t lane = 0; lane < s->c->target->lanes && (all || !found); lane++) {
		s->lane[n] = lane;
		if (s->lanes[n] >> lane & 1 && fits_so_far(s, n))
			found |= place(s, n + 1, all);
	}
	return found;
}

/* Which lanes the picks may stand in changes when the oldest operation does: at the end of a bundle. */
static void find_lanes(struct sched *s)
{
	for (uint32_t n = 0; n < s->n_picks; n++)
		s->lanes[n] = (uint8_t)lanes_of(s, s->pick[n]);
}

int lanes_fit(struct sched *s, uint32_t op)
{
	int found;

	if (s->n_picks == s->c->target->lanes)
		return 0;
	if (op >= s->n_nodes)
		find_lanes(s);
	s->lanes[s->n_picks] = (uint8_t)lanes_of(s, op);
	if (!s->lanes[s->n_picks])
		return 0;
	s->pick[s->n_picks++] = op;
	find_order(s);
	found = place(s, 0, 0);
	s->n_picks--;
	return found;
}

void lanes_settle(struct sched *s)
{
	s->best_cost = UINT32_MAX;
	find_lanes(s);
	find_order(s);
	place(s, 0, 1);
}
