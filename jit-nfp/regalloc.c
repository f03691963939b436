// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* A number in its bank for each virtual register. The bundles are walked backwards for who is live beside whom; then registers take the
 * first free number in the order in which they are written. One that finds none, or a neighbour of it that is read less often, goes to the
 * stack (spill.c), and the trace is scheduled again. */
#include "regalloc.h"

struct neighbour { uint32_t vreg; struct neighbour *next; };

struct regalloc {
	struct compile *c;
	struct mach *m;
	struct neighbour **near; /* per vreg, of the same bank */
	uint32_t *refs;       /* per vreg: operations that read or write it */
	uint32_t *at;         /* per vreg: place in live plus one, 0 when not live */
	uint32_t *live[ISA_LANES_MAX], n_bank[ISA_LANES_MAX]; /* by bank */
	uint32_t n_live;      /* in all banks */
	uint32_t *crowd;      /* per vreg: registers of all banks in use where it is written */
	uint8_t *state;       /* per vreg */
	int spilled, narrower;
};
enum { STATE_NEW, STATE_PLACED, STATE_OUT, STATE_TO_MEMORY };

/* ---- who is live beside whom ---- */

static uint32_t bank_of(const struct regalloc *r, uint32_t vreg)
{
	uint32_t lane = r->m->vreg[vreg].lane;

	return lane < ISA_LANES_MAX ? lane : 0; /* one that nobody writes */
}

static void add_live(struct regalloc *r, uint32_t vreg)
{
	uint32_t bank;

	if (!vreg || r->at[vreg])
		return;
	bank = bank_of(r, vreg);
	r->live[bank][r->n_bank[bank]++] = vreg;
	r->at[vreg] = r->n_bank[bank];
	r->n_live++;
}

static void drop_live(struct regalloc *r, uint32_t vreg)
{
	uint32_t n = r->at[vreg], bank = bank_of(r, vreg), last;

	if (!n)
		return;
	last = r->live[bank][--r->n_bank[bank]];
	r->live[bank][n - 1] = last;
	r->at[last] = n;
	r->at[vreg] = 0;
	r->n_live--;
}

static void add_list(struct regalloc *r, const struct live_in *in)
{
	for (; in; in = in->next)
		add_live(r, in->vreg);
}

static void add_near(struct regalloc *r, uint32_t x, uint32_t y)
{
	struct neighbour *n = arena_take(r->c->arena, sizeof(*n));

	if (!n)
		return;
	*n = (struct neighbour){ y, r->near[x] };
	r->near[x] = n;
}

static void conflict(struct regalloc *r, uint32_t vreg)
{
	uint32_t bank = bank_of(r, vreg);

	if (r->crowd[vreg] < r->n_live)
		r->crowd[vreg] = r->n_live;
	for (uint32_t n = 0; n < r->n_bank[bank]; n++) {
		uint32_t other = r->live[bank][n];

		if (other == vreg)
			continue;
		add_near(r, vreg, other);
		add_near(r, other, vreg);
	}
}

static const struct mop *op_at(const struct regalloc *r, const struct trace *t, uint32_t bundle, uint32_t lane)
{
	uint32_t op = t->slots[bundle * r->c->target->lanes + lane];

	return op ? &t->ops[op - 1] : NULL;
}

/* Backwards over one bundle. What a branch needs at its target is live after the bundle too; a guarded write does not happen on that way,
 * so what it would write stays live before. */
static void walk_bundle(struct regalloc *r, const struct trace *t, uint32_t bundle)
{
	uint32_t lanes = r->c->target->lanes;
	const struct mop *op[ISA_LANES_MAX];

	for (uint32_t lane = 0; lane < lanes; lane++)
		op[lane] = op_at(r, t, bundle, lane);
	for (uint32_t lane = 0; lane < lanes; lane++)
		if (op[lane] && op[lane]->target)
			add_list(r, op[lane]->target->live);
	for (uint32_t lane = 0; lane < lanes; lane++)
		if (op[lane] && op[lane]->dst)
			conflict(r, op[lane]->dst);
	for (uint32_t lane = 0; lane < lanes; lane++)
		if (op[lane] && op[lane]->dst)
			drop_live(r, op[lane]->dst);
	for (uint32_t lane = 0; lane < lanes; lane++) {
		const struct mop *m = op[lane];

		for (uint32_t other = 0; m && m->target && other < lanes; other++)
			if (op[other] && op[other]->dst && op[other]->w.guard)
				for (const struct live_in *in = m->target->live; in; in = in->next)
					if (in->vreg == op[other]->dst)
						add_live(r, in->vreg);
	}
	for (uint32_t lane = 0; lane < lanes; lane++)
		if (op[lane]) {
			if (!mop_takes(r->c, t, bundle, op[lane], op[lane]->a))
				add_live(r, op[lane]->a);
			if (!mop_takes(r->c, t, bundle, op[lane], op[lane]->b))
				add_live(r, op[lane]->b);
			add_live(r, op[lane]->c);
		}
}

static int walk_trace(struct regalloc *r, const struct trace *t)
{
	uint32_t expected = 0;

	for (uint32_t bank = 0; bank < ISA_LANES_MAX; bank++)
		while (r->n_bank[bank])
			drop_live(r, r->live[bank][0]);
	if (t->next)
		add_list(r, t->next->live);
	for (uint32_t bundle = t->n_bundles; bundle-- > 0;)
		walk_bundle(r, t, bundle);
	for (const struct live_in *in = t->live; in; in = in->next)
		expected += r->at[in->vreg] != 0;
	/* The schedule keeps what is live at the top: anything else is a reader before its writer. */
	return expected == r->n_live ? 0 : error(r->c, -1, "the scheduler broke trace %u: this is a fault of nicjit", t->id);
}

static void count_refs(struct regalloc *r, const struct trace *t)
{
	for (uint32_t n = 0; n < t->n_ops; n++) {
		const struct mop *m = &t->ops[n];

		r->refs[m->a]++;
		r->refs[m->b]++;
		r->refs[m->c]++;
		r->refs[m->dst]++;
	}
}

/* ---- numbers ---- */

static uint32_t taken_near(const struct regalloc *r, uint32_t vreg)
{
	uint32_t taken = 0;

	for (const struct neighbour *n = r->near[vreg]; n; n = n->next)
		if (r->state[n->vreg] == STATE_PLACED)
			taken |= 1U << r->m->vreg[n->vreg].reg;
	return taken;
}

/* The one among vreg and its placed neighbours that is used least; 0 when all of them only carry spilled values. */
static uint32_t least_used(const struct regalloc *r, uint32_t vreg)
{
	uint32_t best = r->m->vreg[vreg].spill ? 0 : vreg;

	for (const struct neighbour *n = r->near[vreg]; n; n = n->next) {
		if (r->state[n->vreg] != STATE_PLACED || r->m->vreg[n->vreg].spill)
			continue;
		if (!best || r->refs[n->vreg] < r->refs[best])
			best = n->vreg;
	}
	return best;
}

/* Would another bank be no better? */
static int is_crowded(const struct regalloc *r, uint32_t vreg)
{
	uint32_t all = r->c->target->lanes * r->c->target->regs;

	return r->crowd[vreg] + all / 8 >= all;
}

static int place(struct regalloc *r, uint32_t vreg, uint32_t near)
{
	uint32_t all = (1U << r->c->target->regs) - 1, free = all & ~taken_near(r, vreg);

	while (!free) {
		uint32_t victim = least_used(r, vreg);

		if (!victim && r->m->ahead > 1) { /* the next schedule has fewer of them at once */
			r->spilled = r->narrower = 1;
			return 0;
		}
		if (!victim) {
			r->c->no_room = 1;
			error(r->c, -1, "the program needs more than the NIC's %u registers per bank", r->c->target->regs);
			return error_note(r->c, "compile for a NIC with more registers");
		}
		r->state[victim] = is_crowded(r, vreg) ? STATE_TO_MEMORY : STATE_OUT;
		r->spilled = 1;
		if (victim == vreg)
			return 0;
		free = all & ~taken_near(r, vreg);
	}
	r->m->vreg[vreg].reg = (uint8_t)__builtin_ctz(free & near ? free & near : free);
	r->state[vreg] = STATE_PLACED;
	if (r->m->regs <= r->m->vreg[vreg].reg)
		r->m->regs = r->m->vreg[vreg].reg + 1U;
	return 0;
}

/* A move's register is best the one it moves from: then the move goes. */
static uint32_t wished(const struct regalloc *r, const struct mop *op)
{
	const struct vreg *from = &r->m->vreg[op->b];

	if (op->w.op != OP_MOV || !op->b || r->state[op->b] != STATE_PLACED || from->lane != op->lane)
		return 0;
	return 1U << from->reg;
}

static int place_all(struct regalloc *r)
{
	for (uint32_t n = 0; n < r->m->n_traces; n++) {
		const struct trace *t = r->m->trace[n];

		for (uint32_t slot = 0; slot < t->n_bundles * r->c->target->lanes; slot++) {
			const struct mop *op = t->slots[slot] ? &t->ops[t->slots[slot] - 1] : NULL;

			if (op && op->dst && r->state[op->dst] == STATE_NEW && place(r, op->dst, wished(r, op)))
				return -1;
		}
	}
	return 0;
}

int regalloc_run(struct compile *c)
{
	struct mach *m = &c->func->mach;
	struct regalloc r = { .c = c, .m = m };
	uint32_t n_vregs = m->n_vregs + 1;
	struct arena mark;

	r.state = arena_alloc(c->arena, n_vregs);
	mark = *c->arena;
	r.near = arena_alloc(c->arena, n_vregs * sizeof(*r.near));
	r.refs = arena_alloc(c->arena, n_vregs * sizeof(*r.refs));
	r.at = arena_alloc(c->arena, n_vregs * sizeof(*r.at));
	for (uint32_t lane = 0; lane < c->target->lanes || !lane; lane++)
		r.live[lane] = arena_alloc(c->arena, n_vregs * sizeof(*r.live[lane]));
	r.crowd = arena_alloc(c->arena, n_vregs * sizeof(*r.crowd));
	if (c->arena->failed)
		return -1;
	m->regs = 0;
	for (uint32_t n = 0; n < m->n_traces; n++) {
		count_refs(&r, m->trace[n]);
		if (walk_trace(&r, m->trace[n]))
			return -1;
	}
	if (c->arena->failed || place_all(&r))
		return -1;
	*c->arena = mark;
	if (!r.spilled)
		return 0;
	if (r.narrower)
		m->ahead /= 2;
	for (uint32_t v = 0; v < n_vregs; v++)
		r.state[v] = r.state[v] == STATE_OUT ? SPILL_BANK : r.state[v] == STATE_TO_MEMORY ? SPILL_MEMORY : SPILL_NOT;
	return spill_run(c, r.state) ? -1 : 1;
}
