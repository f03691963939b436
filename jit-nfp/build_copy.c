// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* Copies of nodes where ways meet, one for each way in that enough packets take: the trace that comes along a way goes on through its copy, and
 * what is known along that way stays known. Rare ways share one. Costs code, so there is a limit for the whole program. Loop heads are not
 * copied. */
#include "build.h"

enum { SMALL = 500, NODE_MAX = 40, LARGE_MAX = 120, LARGE_SHARED = 80, WAYS_MAX = 16, GROWTH = 8, EXTRA_MAX = 1000, EXTRA_MORE = 1300, EXTRA_MIN = 64 }; /* instructions, ways, times */
enum { OFTEN_ONE = 1 << 16, OFTEN_MIN = OFTEN_ONE / 16384, OFTEN_SMALL = OFTEN_ONE / 512, OFTEN_MUCH = OFTEN_ONE / 64 };

uint32_t copies_max(const struct build *b)
{
	uint32_t n = GROWTH * b->c->n_insns, most = b->c->n_insns <= SMALL ? EXTRA_MORE : EXTRA_MAX;

	return n < EXTRA_MIN ? EXTRA_MIN : n > most ? most : n;
}

struct pred { int32_t node; int way; uint32_t often; struct pred *next; };

/* ---- how often ---- */

static uint32_t odds_of_end(const struct build *b, const struct node *n)
{
	uint32_t last = n->first;

	if (n->need)
		return 1;
	for (uint32_t pc = last; pc < n->end; pc = insn_next(&b->c->insns[pc], pc))
		last = pc;
	return odds_of(b, last, NULL);
}

static uint32_t often(const struct build *b, const struct pred *p)
{
	const struct node *n = &b->nodes[p->node];
	uint32_t odds = ODDS_ONE;

	if (n->sure >= 0)
		odds = n->sure == p->way ? ODDS_ONE : 0;
	else if (n->succ[0] != NO_NODE && n->succ[1] != NO_NODE)
		odds = p->way ? ODDS_ONE - odds_of_end(b, n) : odds_of_end(b, n);
	return n->often / ODDS_ONE * odds;
}

/* ---- ways in ---- */

static int add_pred(struct build *b, struct pred **preds, int32_t from, int way)
{
	struct pred *p = arena_alloc(b->c->arena, sizeof(*p));
	int32_t to = b->nodes[from].succ[way];

	if (!p)
		return -1;
	p->node = from;
	p->way = way;
	p->next = preds[to];
	preds[to] = p;
	return 0;
}

static int add_preds(struct build *b, struct pred **preds, int32_t from)
{
	for (int way = 0; way < 2; way++)
		if (b->nodes[from].succ[way] != NO_NODE && add_pred(b, preds, from, way))
			return -1;
	return 0;
}

/* ---- copies ---- */

static uint32_t ways_of(const struct pred *preds, uint32_t least)
{
	uint32_t ways = 0;

	for (; preds; preds = preds->next)
		ways += preds->often >= least;
	return ways;
}

/* How often the way is taken that nearly all packets come by, or, where the node is not that large, a good part of them; or 0. */
static uint32_t main_way(const struct node *n, const struct pred *preds)
{
	uint32_t part = n->end - n->first > LARGE_SHARED ? n->often / 4 * 3 : n->often / 3;

	for (; preds; preds = preds->next)
		if (preds->often > part)
			return preds->often;
	return 0;
}

/* How often the least frequent way is taken that gets a copy; rarer ones share one. Where ways are many, or there is no room for so many, the more
 * frequent ones get theirs in programs that are small; the way that most packets go from a reserve. A large node is copied for one way at most. 0: there is
 * none. */
static uint32_t least_often(const struct build *b, const struct node *n, const struct pred *preds, uint32_t left, uint32_t reserve)
{
	uint32_t size = n->end - n->first, most = 0, small = b->c->n_insns <= SMALL, ways = ways_of(preds, 0);

	if (n->loop || size > LARGE_MAX || ways < 2)
		return 0;
	if (size > NODE_MAX)
		return small && size <= left && b->n_nodes < b->cap_nodes ? main_way(n, preds) : 0;
	if (!small)
		return ways <= WAYS_MAX && size * (ways - 1) <= left && b->n_nodes + ways <= b->cap_nodes ? OFTEN_MIN : 0;
	for (uint32_t least = OFTEN_SMALL; size <= left; least *= 2) {
		ways = ways_of(preds, least);
		if (!ways)
			break;
		if (ways <= WAYS_MAX && size * (ways - 1) <= left && b->n_nodes + ways <= b->cap_nodes)
			return least;
	}
	for (const struct pred *p = preds; p; p = p->next)
		most = p->often > most ? p->often : most;
	return most >= OFTEN_MUCH && size <= reserve && b->n_nodes < b->cap_nodes ? most : 0;
}

static int copy_for(struct build *b, struct pred **preds, uint32_t node, const struct pred *way_in)
{
	struct node *copy = &b->nodes[b->n_nodes];

	*copy = b->nodes[node];
	copy->mark = 0;
	copy->often = way_in->often;
	known_along(b, copy, &b->nodes[way_in->node], way_in->way);
	b->nodes[node].often -= copy->often;
	b->nodes[way_in->node].succ[way_in->way] = (int32_t)b->n_nodes;
	return add_preds(b, preds, (int32_t)b->n_nodes++);
}

/* Ways that are often taken get a copy of their own, but for the last of the list when there are no others. */
static int copy_node(struct build *b, struct pred **preds, uint32_t node, uint32_t least, uint32_t *left)
{
	uint32_t size;

	for (struct pred **link = &preds[node]; *link && preds[node]->next;) {
		struct pred *p = *link;

		if (p->often < least) {
			link = &p->next;
			continue;
		}
		*link = p->next;
		if (copy_for(b, preds, node, p))
			return -1;
		size = b->nodes[node].end - b->nodes[node].first;
		*left -= size < *left ? size : *left;
	}
	return 0;
}

int copy_nodes(struct build *b)
{
	struct pred **preds = arena_alloc(b->c->arena, b->cap_nodes * sizeof(*preds));
	uint32_t left = copies_max(b), reserve = left / 4, n_order = b->n_order;

	if (!preds)
		return -1;
	for (uint32_t k = 0; k < n_order; k++)
		if (add_preds(b, preds, (int32_t)b->order[k]))
			return -1;
	b->nodes[b->order[0]].often = OFTEN_ONE;
	for (uint32_t n = 0; n < b->n_nodes; n++)
		b->nodes[n].sure = -1;
	for (uint32_t k = 1; k < n_order; k++) {
		uint32_t node = b->order[k], least;

		for (struct pred *p = preds[node]; p; p = p->next) {
			p->often = often(b, p);
			b->nodes[node].often += p->often;
		}
		least = least_often(b, &b->nodes[node], preds[node], left, reserve);
		if (least && copy_node(b, preds, node, least, left ? &left : &reserve))
			return -1;
		if (preds[node] && !preds[node]->next && !b->nodes[node].loop)
			known_along(b, &b->nodes[node], &b->nodes[preds[node]->node], preds[node]->way);
	}
	for (uint32_t n = 0; n < b->n_nodes; n++)
		b->nodes[n].mark = b->nodes[n].loop = 0;
	return 0;
}
