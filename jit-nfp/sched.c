// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* List scheduling of traces. Each bundle takes the most urgent operations (sched_order.c) that are ready and find a lane. The lane
 * is the bank of the result, so this is also where registers get their bank; regalloc.c then only has to find a number in it. While a bank
 * is full, nothing is started that needs another register in it, unless nothing else is left to do. */
#include "schedule.h"

enum { TRIES_MAX = 24 };      /* candidates looked at per bundle */

struct queue { uint32_t *op; uint32_t n; }; /* heap, the first is the most urgent */

static int urgent(const struct sched *s, uint32_t x, uint32_t y)
{
	if (s->node[x].priority != s->node[y].priority)
		return s->node[x].priority > s->node[y].priority;
	return x < y;
}

static void queue_put(const struct sched *s, struct queue *q, uint32_t op)
{
	uint32_t n = q->n++;

	for (; n && urgent(s, op, q->op[(n - 1) / 2]); n = (n - 1) / 2)
		q->op[n] = q->op[(n - 1) / 2];
	q->op[n] = op;
}

static uint32_t queue_take(const struct sched *s, struct queue *q)
{
	uint32_t first = q->op[0], last = q->op[--q->n], n = 0;

	for (;;) {
		uint32_t child = 2 * n + 1;

		if (child >= q->n)
			break;
		if (child + 1 < q->n && urgent(s, q->op[child + 1], q->op[child]))
			child++;
		if (!urgent(s, q->op[child], last))
			break;
		q->op[n] = q->op[child];
		n = child;
	}
	q->op[n] = last;
	return first;
}

/* ---- registers in use ---- */

static int was_live(const struct sched *s, uint32_t vreg)
{
	for (const struct live_in *in = s->t->live; in; in = in->next)
		if (in->vreg == vreg)
			return 1;
	return 0;
}

static void release(struct sched *s, uint32_t vreg)
{
	struct seen *v;

	if (!vreg)
		return;
	v = sched_seen(s, vreg);
	if (v->uses && !--v->uses && s->m->vreg[vreg].lane != LANE_ANY && s->pressure[s->m->vreg[vreg].lane])
		s->pressure[s->m->vreg[vreg].lane]--;
}

static void count_registers(struct sched *s, const struct mop *m, uint32_t lane)
{
	struct vreg *v = &s->m->vreg[m->dst];

	release(s, m->a);
	release(s, m->b);
	release(s, m->c);
	for (const struct live_in *in = m->target ? m->target->live : NULL; in; in = in->next)
		release(s, in->vreg);
	if (!m->dst)
		return;
	if (v->lane == LANE_ANY)
		v->lane = (uint8_t)lane;
	if (sched_seen(s, m->dst)->uses && !(v->many && was_live(s, m->dst)))
		s->pressure[lane]++;
}

static void count_live_in(struct sched *s)
{
	memset(s->pressure, 0, sizeof(s->pressure));
	for (const struct live_in *in = s->t->live; in; in = in->next)
		if (s->m->vreg[in->vreg].lane != LANE_ANY)
			s->pressure[s->m->vreg[in->vreg].lane]++;
}

/* ---- bundles ---- */

static void wake(struct sched *s, struct queue *q, uint32_t op, uint32_t horizon)
{
	struct node *n = &s->node[op];

	if (n->queued || n->n_preds || op >= horizon)
		return;
	n->queued = 1;
	queue_put(s, q, op);
}

static void commit(struct sched *s, struct queue *q, uint32_t op, uint32_t horizon)
{
	s->pick[s->n_picks++] = op;
	s->node[op].done = 1;
	s->t->ops[op].bundle = s->bundle;
	s->t->ops[op].placed = 1;
	for (const struct edge *e = s->node[op].succ; e; e = e->next) {
		struct node *to = &s->node[e->to];

		if (to->earliest < s->bundle + e->late)
			to->earliest = s->bundle + e->late;
		to->n_preds--;
		wake(s, q, e->to, horizon);
	}
}

static void fill_bundle(struct sched *s, struct queue *q, uint32_t *later, uint32_t horizon)
{
	uint32_t n_later = 0;

	while (q->n && n_later < TRIES_MAX && s->n_picks < (s->force ? 1 : s->c->target->lanes)) {
		uint32_t op = queue_take(s, q);

		if (s->node[op].earliest <= s->bundle && lanes_fit(s, op))
			commit(s, q, op, horizon);
		else
			later[n_later++] = op;
	}
	while (n_later)
		queue_put(s, q, later[--n_later]);
}

/* The final jump or exit joins the last bundle when it can. */
static int end_fits(struct sched *s, uint32_t end)
{
	const struct mop *ops = s->t->ops, *m = &ops[end];

	for (uint32_t n = 0; n < s->n_picks; n++) {
		const struct mop *op = &ops[s->pick[n]];

		if ((m->b && op->dst == m->b) || (m->a && op->dst == m->a) || (m->w.op != OP_JMP && isa_result_of(&op->w) == RESULT_WAIT))
			return 0;
	}
	return lanes_fit(s, end);
}

static void settle(struct sched *s)
{
	lanes_settle(s);
	for (uint32_t n = 0; n < s->n_picks; n++) {
		struct mop *m = &s->t->ops[s->pick[n]];
		int ends = mop_ends(m);

		m->lane = s->best[n];
		if (!mop_is_control(m) || ends)
			m->w.guard = (uint8_t)lanes_guarded(s, s->pick[n]);
	}
	for (uint32_t n = 0; n < s->n_picks; n++)
		count_registers(s, &s->t->ops[s->pick[n]], s->best[n]);
	s->bundle++;
}

/* A load that is done before a branch in front of it must not fault. */
static void mark_speculative(struct sched *s)
{
	for (uint32_t n = 0; n < s->n_nodes; n++) {
		struct mop *m = &s->t->ops[n];

		if (m->w.op != OP_LD && m->w.op != OP_LDS)
			continue;
		m->w.spec = s->node[n].branch != NONE && s->t->ops[s->node[n].branch].bundle >= m->bundle;
	}
}

static int fill_slots(struct sched *s)
{
	struct trace *t = s->t;
	uint32_t lanes = s->c->target->lanes;

	t->n_bundles = s->bundle;
	t->slots = arena_alloc(s->c->arena, (s->bundle + 1) * lanes * sizeof(*t->slots));
	if (!t->slots)
		return -1;
	for (uint32_t n = 0; n < t->n_ops; n++)
		t->slots[t->ops[n].bundle * lanes + t->ops[n].lane] = n + 1;
	return 0;
}

static int schedule(struct sched *s)
{
	struct arena *a = s->c->arena;
	struct queue q = { arena_alloc(a, (s->n_nodes + 1) * sizeof(*q.op)), 0 };
	uint32_t *later = arena_alloc(a, TRIES_MAX * sizeof(*later)), woken = 0;
	uint32_t end = s->n_nodes < s->t->n_ops ? s->n_nodes : NONE;

	if (!later || !q.op)
		return -1;
	count_live_in(s);
	s->bundle = s->oldest = 0;
	while (s->oldest < s->n_nodes || end != NONE) {
		uint32_t horizon = s->oldest + s->m->ahead;

		for (; woken < s->n_nodes && woken < horizon; woken++)
			wake(s, &q, woken, horizon);
		s->n_picks = 0;
		s->force = 0;
		fill_bundle(s, &q, later, horizon);
		if (!s->n_picks && s->oldest < s->n_nodes) {
			s->force = 1;
			fill_bundle(s, &q, later, horizon);
			if (!s->n_picks)
				return error(s->c, (int)s->t->ops[s->oldest].insn, "no lane can do this: this is a fault of nicjit");
		}
		while (s->oldest < s->n_nodes && s->node[s->oldest].done)
			s->oldest++;
		if (s->oldest == s->n_nodes && end != NONE && end_fits(s, end)) {
			s->t->ops[end].bundle = s->bundle;
			s->pick[s->n_picks++] = end;
			end = NONE;
		}
		settle(s);
	}
	return 0;
}

/* ---- the best of several orders ---- */

enum {
	ORDERS = 7,           /* of urgency; each once where the last lane takes packet bytes for all that it does, and once where only for what no other lane does */
	OPS_MAX = 160,        /* operations of a trace that is worth it, */
	OPS_ALL = 600,        /* and of the program's first traces that are */
};

static int schedule_trace(struct sched *s, uint8_t variant)
{
	struct arena mark = *s->c->arena;

	s->run++;
	s->variant = variant % ORDERS;
	s->takes = variant < ORDERS;
	for (uint32_t n = 0; n < s->t->n_ops; n++)
		s->t->ops[n].placed = 0;
	if (sched_deps(s) || sched_order(s) || schedule(s))
		return -1;
	mark_speculative(s);
	*s->c->arena = mark;
	return 0;
}

uint64_t sched_cost(const struct sched *s, const uint32_t *bundle, uint32_t all)
{
	uint64_t cost = 0, left = 1 << 20;

	for (uint32_t n = 0; n < s->t->n_ops; n++) {
		const struct mop *m = &s->t->ops[n];

		if (mop_is_control(m) && !mop_ends(m)) {
			uint64_t leave = left / ODDS_ONE * m->odds;

			cost += leave * ((bundle ? bundle[n] : m->bundle) + 1);
			left -= leave;
		}
	}
	return cost + left * all;
}

/* Finds the order that gives the shortest schedule. Banks that the trace chooses are free again afterwards. */
static int try_variants(struct sched *s)
{
	struct arena mark = *s->c->arena;
	uint8_t *is_free = arena_alloc(s->c->arena, s->t->n_ops + 1);
	struct vreg *vreg = s->m->vreg;
	uint64_t least = UINT64_MAX;

	s->height = arena_alloc(s->c->arena, (s->t->n_ops + 1) * sizeof(*s->height));
	if (!is_free || !s->height)
		return -1;
	s->could_take = 0;
	for (uint32_t n = 0; n < s->t->n_ops; n++)
		is_free[n] = vreg[s->t->ops[n].dst].lane == LANE_ANY;
	for (uint8_t variant = 0; variant < (s->could_take ? 2 : 1) * ORDERS && (!variant || least > s->bound); variant++) {
		uint64_t cost;

		if (variant % ORDERS == 0)
			s->has_heights = 0;
		if (schedule_trace(s, variant))
			return -1;
		for (uint32_t n = 0; n < s->t->n_ops; n++)
			if (is_free[n])
				vreg[s->t->ops[n].dst].lane = LANE_ANY;
		cost = sched_cost(s, NULL, s->bundle);
		if (cost < least)
			s->t->variant = variant;
		least = cost < least ? cost : least;
	}
	s->height = NULL;
	s->has_heights = 0;
	*s->c->arena = mark;
	return 0;
}

int sched_run(struct compile *c)
{
	struct sched *s = arena_alloc(c->arena, sizeof(*s));
	struct mach *m = &c->func->mach;
	uint32_t left = m->tried ? 0 : OPS_ALL;

	if (!s)
		return -1;
	s->c = c;
	s->m = m;
	lanes_init(s);
	s->seen = arena_alloc(c->arena, (m->n_vregs + 1) * sizeof(*s->seen));
	if (!s->seen)
		return -1;
	for (uint32_t v = 1; v < m->n_vregs; v++)
		m->vreg[v].lane = LANE_ANY;
	for (uint32_t n = 0; n < m->n_traces; n++) {
		int worth = m->trace[n]->n_ops <= OPS_MAX && m->trace[n]->n_ops <= left;

		s->t = m->trace[n];
		left -= worth ? s->t->n_ops : 0;
		if ((worth && try_variants(s)) || schedule_trace(s, s->t->variant) || fill_slots(s))
			return -1;
	}
	m->tried = 1;
	return 0;
}
