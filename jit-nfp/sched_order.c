// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* What is urgent. A trace has several ways out, each with its own earliest time; an operation matters to a way out by how little time is
 * left for it, times how likely that way is (dependence height and speculative yield, after Bringmann). */
#include "schedule.h"

enum { WAYS = 8, ONE = 1 << 16, UNREACHED = -1 };

struct reach {                /* of one operation */
	uint32_t first;       /* ordinal of the first branch that waits for it */
	int16_t height[WAYS]; /* bundles to that branch and those after it, or UNREACHED */
	int32_t end;          /* to the end of the trace */
};

struct order {
	struct sched *s;
	struct reach *reach;  /* per node */
	uint32_t *early;      /* per node: first bundle it can stand in */
	uint32_t *branch;     /* nodes that are branches, by ordinal */
	uint32_t n_branches, length;
};

static void find_early(struct order *o)
{
	struct sched *s = o->s;

	for (uint32_t n = 0; n < s->n_nodes; n++) {
		if (mop_is_control(&s->t->ops[n])) {
			if (o->early[n] < o->n_branches / ISA_BRANCH_LANES)
				o->early[n] = o->n_branches / ISA_BRANCH_LANES;
			o->reach[n].first = o->n_branches;
			o->branch[o->n_branches++] = n;
		} else {
			o->reach[n].first = NONE;
		}
		if (o->length < o->early[n] + 1)
			o->length = o->early[n] + 1;
		for (const struct edge *e = s->node[n].succ; e; e = e->next)
			if (o->early[e->to] < o->early[n] + e->late)
				o->early[e->to] = o->early[n] + e->late;
	}
}

static void add_reach(struct reach *r, const struct reach *to, int late)
{
	if (r->end < to->end + late)
		r->end = to->end + late;
	for (uint32_t k = 0; k < WAYS && to->first != NONE; k++) {
		uint32_t at = to->first + k - r->first;

		if (at >= WAYS || to->height[k] == UNREACHED)
			continue;
		if (r->height[at] < to->height[k] + late)
			r->height[at] = (int16_t)(to->height[k] + late);
	}
}

static void find_reach(struct order *o)
{
	struct sched *s = o->s;

	for (uint32_t n = s->n_nodes; n-- > 0;) {
		struct reach *r = &o->reach[n];
		int is_branch = r->first != NONE;

		for (const struct edge *e = s->node[n].succ; e; e = e->next)
			if (o->reach[e->to].first < r->first)
				r->first = o->reach[e->to].first;
		for (uint32_t k = 0; k < WAYS; k++)
			r->height[k] = UNREACHED;
		if (is_branch)
			r->height[0] = 0;
		for (const struct edge *e = s->node[n].succ; e; e = e->next)
			add_reach(r, &o->reach[e->to], e->late);
	}
}

static int take_heights(struct order *o)
{
	struct sched *s = o->s;
	uint32_t *height = s->height ? s->height : arena_alloc(s->c->arena, (s->n_nodes + 1) * sizeof(*height));

	if (!height)
		return -1;
	if (!s->has_heights)
		sched_heights(s, o->early, height);
	s->has_heights = s->height != NULL;
	for (uint32_t n = 0; n < s->n_nodes; n++)
		o->reach[n].end = (int32_t)height[n];
	return 0;
}

/* The first orders: by height, by height with as few lanes as there are, and by height where what has no time left goes before all that has some. */
enum { BY_HEIGHT, BY_LANES, BY_TIME_LEFT };

/* The more, the less time is left before a way out that can be reached in bundle `early` at best. */
static uint32_t urgency(const struct order *o, uint32_t early, uint32_t height)
{
	enum { LEFT_MAX = 7, TOP = 14 };
	uint32_t left = early > height ? early - height : 0;

	if (o->s->variant != BY_TIME_LEFT)
		return o->length - early + height;
	return 1U << (TOP - 2 * (left < LEFT_MAX ? left : LEFT_MAX));
}

/* likely: to get as far as a branch; its last member is the end of the trace. */
static uint32_t priority(const struct order *o, const struct reach *r, const uint32_t *likely)
{
	uint64_t sum = (uint64_t)likely[o->n_branches] * urgency(o, o->length - 1, (uint32_t)r->end);

	for (uint32_t k = 0; k < WAYS && r->first != NONE && r->first + k < o->n_branches; k++) {
		uint32_t branch = r->first + k, early = o->early[o->branch[branch]];

		if (r->height[k] != UNREACHED)
			sum += (uint64_t)(likely[branch] - likely[branch + 1]) * urgency(o, early, (uint32_t)r->height[k]);
	}
	return sum > UINT32_MAX ? UINT32_MAX : (uint32_t)sum;
}

/* Orders behind those are like the second, with priorities a little off. */
static uint32_t varied(const struct sched *s, uint32_t n, uint32_t p)
{
	enum { UNITS = 64, UNITS_OFF = 24 };
	uint64_t h = (n + 1) * 0x9e3779b1u ^ s->variant * 0x85ebca6bu;

	if (s->variant <= BY_TIME_LEFT)
		return p;
	h = p * (UNITS + (h >> 16) % UNITS_OFF) / UNITS;
	return h > UINT32_MAX ? UINT32_MAX : (uint32_t)h;
}

/* With no regard to lanes for what comes before a branch. */
static uint64_t least_cost(const struct order *o)
{
	const struct sched *s = o->s;
	uint32_t lanes = s->c->target->lanes, all = (s->t->n_ops + lanes - 1) / lanes, last = 0;

	for (uint32_t n = 0; n < s->n_nodes; n++)
		last += isa_lookup(s->t->ops[n].w.op)->slot == SLOT_M;
	all = all > last ? all : last;
	return sched_cost(s, o->early, all > o->length ? all : o->length);
}

int sched_order(struct sched *s)
{
	struct arena *a = s->c->arena;
	struct order o = { .s = s };
	uint32_t *likely;

	o.reach = arena_alloc(a, (s->n_nodes + 1) * sizeof(*o.reach));
	o.early = arena_alloc(a, (s->n_nodes + 1) * sizeof(*o.early));
	o.branch = arena_alloc(a, (s->n_nodes + 1) * sizeof(*o.branch));
	likely = arena_alloc(a, (s->n_nodes + 1) * sizeof(*likely));
	if (!o.reach || !o.early || !o.branch || !likely)
		return -1;
	find_early(&o);
	find_reach(&o);
	if (s->variant == BY_HEIGHT && s->takes)
		s->bound = least_cost(&o);
	if (s->variant != BY_HEIGHT && s->variant != BY_TIME_LEFT && take_heights(&o))
		return -1;
	likely[0] = ONE;
	for (uint32_t k = 0; k < o.n_branches; k++)
		likely[k + 1] = likely[k] - likely[k] / ODDS_ONE * s->t->ops[o.branch[k]].odds;
	for (uint32_t n = 0; n < s->n_nodes; n++)
		s->node[n].priority = varied(s, n, priority(&o, &o.reach[n], likely));
	return 0;
}
