// SPDX-License-Identifier: Apache-2.0
/* Copies of nodes where ways meet, one for each way in: the trace that comes along a way goes on through its copy, and what is known along
 * that way stays known. Costs code, so there is a limit for the whole program. Loop heads are not copied. */
#include "build.h"

enum { NODE_MAX = 40, WAYS_MAX = 16, GROWTH = 6, EXTRA_MAX = 2000, EXTRA_MIN = 64 }; /* instructions, ways, times, instructions */

uint32_t copies_max(const struct build *b)
{
	uint32_t n = GROWTH * b->c->prog->n_insns;

	return n < EXTRA_MIN ? EXTRA_MIN : n > EXTRA_MAX ? EXTRA_MAX : n;
}

struct pred { int32_t node; int way; struct pred *next; };

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

static int worth_copying(const struct build *b, const struct node *n, const struct pred *preds, uint32_t left)
{
	uint32_t ways = 0, size = n->end - n->first;

	if (n->loop || size > NODE_MAX)
		return 0;
	for (; preds; preds = preds->next)
		ways++;
	return ways > 1 && ways <= WAYS_MAX && size * (ways - 1) <= left && b->n_nodes + ways <= b->cap_nodes;
}

/* All ways in but the last of the list get a copy of their own. */
static int copy_node(struct build *b, struct pred **preds, uint32_t node, uint32_t *left)
{
	while (preds[node]->next) {
		struct pred *p = preds[node];
		struct node *copy = &b->nodes[b->n_nodes];

		*copy = b->nodes[node];
		copy->mark = 0;
		b->nodes[p->node].succ[p->way] = (int32_t)b->n_nodes;
		preds[node] = p->next;
		if (add_preds(b, preds, (int32_t)b->n_nodes))
			return -1;
		*left -= copy->end - copy->first;
		b->n_nodes++;
	}
	return 0;
}

int copy_nodes(struct build *b)
{
	struct pred **preds = arena_alloc(b->c->arena, b->cap_nodes * sizeof(*preds));
	uint32_t left = copies_max(b), n_order = b->n_order;

	if (!preds)
		return -1;
	for (uint32_t k = 0; k < n_order; k++)
		if (add_preds(b, preds, (int32_t)b->order[k]))
			return -1;
	for (uint32_t k = 1; k < n_order; k++) {
		uint32_t node = b->order[k];

		if (worth_copying(b, &b->nodes[node], preds[node], left) && copy_node(b, preds, node, &left))
			return -1;
	}
	for (uint32_t n = 0; n < b->n_nodes; n++)
		b->nodes[n].mark = b->nodes[n].loop = 0;
	return 0;
}
