// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* A branch to a mere exit, with room beside it, turns round: it goes on to the next bundle, and the exit stands in a lane behind it, which a taken branch
 * cancels. The packet leaves a bundle earlier.
 *   3: { jeq a0, 7, @9 | nop | st .. } .. 9: { exit 1 } -> 3: { jne a0, 7, @4 | ?exit 1 | st .. } */
#include "ir.h"

static struct mop *op_at(const struct compile *c, const struct trace *t, uint32_t bundle, uint32_t lane)
{
	uint32_t op = t->slots[bundle * c->target->lanes + lane];

	return op ? &t->ops[op - 1] : NULL;
}

/* The trace's exit, if that is all it does. */
static const struct mop *mere_exit(const struct compile *c, const struct trace *t)
{
	const struct mop *exit = NULL;

	for (uint32_t lane = 0; t->n_bundles == 1 && lane < c->target->lanes; lane++) {
		const struct mop *m = op_at(c, t, 0, lane);

		if (m && (exit || m->w.op != OP_EXIT))
			return NULL;
		exit = m ? m : exit;
	}
	return exit;
}

/* Beside the exit nothing may wait, as that would not be done; nothing that is not done when the branch is taken may stand behind it, nor what else
 * decides where to go; and what the exit reads must be there. */
static int may_stand_beside(const struct mop *m, const struct mop *exit, int behind)
{
	return isa_result_of(&m->w) != RESULT_WAIT && !(exit->b && m->dst == exit->b) && !(behind && (m->w.guard || mop_is_control(m)));
}

/* The lane for the exit, or the number of lanes. */
static uint32_t lane_for(const struct compile *c, const struct trace *t, uint32_t bundle, uint32_t branch, const struct mop *exit)
{
	uint32_t lanes = c->target->lanes, free_lane = lanes;

	for (uint32_t lane = 0; lane < lanes; lane++) {
		const struct mop *m = op_at(c, t, bundle, lane);

		if (m && !may_stand_beside(m, exit, lane > branch))
			return lanes;
		if (!m && lane > branch)
			free_lane = lane;
	}
	return free_lane;
}

static int turn_round(struct compile *c, struct trace *t, uint32_t bundle, uint32_t branch)
{
	struct mop *m = op_at(c, t, bundle, branch), *copy;
	const struct mop *exit = m->target ? mere_exit(c, m->target) : NULL;
	uint32_t lane = exit ? lane_for(c, t, bundle, branch, exit) : c->target->lanes;
	int op = m->w.op == OP_WJGT || m->w.op == OP_WJLT ? m->w.op : mop_inverse(m->w.op);

	if (lane == c->target->lanes || op == m->w.op)
		return 0;
	m->w.op = (uint8_t)op;
	m->goes_on = 1;
	copy = mop_append(c, t, OP_EXIT, exit->insn);
	if (!copy)
		return -1;
	*copy = *exit;
	copy->w.guard = 1;
	copy->bundle = bundle;
	copy->lane = (uint8_t)lane;
	t->slots[bundle * c->target->lanes + lane] = t->n_ops;
	return 0;
}

/* What nobody goes to any more takes no room. */
static int drop_unused(struct compile *c)
{
	struct mach *m = &c->func->mach;
	uint8_t *used = arena_alloc(c->arena, m->n_traces);

	if (!used)
		return -1;
	used[0] = 1;
	for (uint32_t n = 0; n < m->n_traces; n++) {
		const struct trace *t = m->trace[n];

		if (t->next)
			used[t->next->id] = 1;
		for (uint32_t k = 0; k < t->n_ops; k++)
			if (t->ops[k].target && !t->ops[k].goes_on)
				used[t->ops[k].target->id] = 1;
	}
	for (uint32_t n = 0; n < m->n_traces; n++)
		if (!used[n] && mere_exit(c, m->trace[n]))
			m->trace[n]->n_bundles = 0;
	return 0;
}

int leave_run(struct compile *c)
{
	const struct mach *m = &c->func->mach;

	for (uint32_t n = 0; n < m->n_traces; n++)
		for (uint32_t bundle = 0; bundle + 1 < m->trace[n]->n_bundles; bundle++)
			for (uint32_t lane = 0; lane < c->target->lanes; lane++) {
				const struct mop *op = op_at(c, m->trace[n], bundle, lane);

				if (op && op->target && !mop_ends(op) && turn_round(c, m->trace[n], bundle, lane))
					return -1;
			}
	return drop_unused(c);
}
