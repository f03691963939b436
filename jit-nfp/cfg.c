// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* Order of the blocks and their dominators (Cooper, Harvey, Kennedy). */
#include "ir.h"

/* Depth first without recursion: the way back is the block's idom, the next way to try its dom_in. Fills rpo from the end. */
static uint32_t walk(struct func *f, struct block **order, uint32_t end)
{
	struct block *b = f->entry;

	b->reached = 1;
	b->idom = NULL;
	b->dom_in = 0;
	while (b) {
		struct block *next = b->dom_in < 2 ? b->succ[b->dom_in] : NULL;

		if (b->dom_in == 2) {
			order[--end] = b;
			b = b->idom;
			continue;
		}
		b->dom_in++;
		if (next && !next->reached) {
			next->reached = 1;
			next->idom = b;
			next->dom_in = 0;
			b = next;
		}
	}
	return end;
}

static void drop_unreachable(struct func *f)
{
	struct block **link = &f->blocks;

	f->last_block = NULL;
	while (*link) {
		struct block *b = *link;

		if (b->reached) {
			f->last_block = b;
			link = &b->list;
			continue;
		}
		for (int way = 0; way < 2; way++)
			if (b->succ[way])
				ir_remove_edge(b, way);
		*link = b->list;
	}
}

static struct block *common(struct block *a, struct block *b)
{
	while (a != b) {
		while (a->rpo > b->rpo)
			a = a->idom;
		while (b->rpo > a->rpo)
			b = b->idom;
	}
	return a;
}

/* Of those on the ways in that have a dominator already; *loops: one has none yet. Ways in mostly come in the order of their blocks: from the last one
 * on, each step up the tree is made once for all of them. */
static struct block *common_of_preds(const struct block *b, int *loops)
{
	int falls = b->n_pred && b->pred[0]->rpo > b->pred[b->n_pred - 1]->rpo;
	struct block *idom = NULL;

	for (uint32_t n = 0; n < b->n_pred; n++) {
		struct block *pred = b->pred[falls ? n : b->n_pred - 1 - n];

		if (pred->idom)
			idom = idom ? common(idom, pred) : pred;
		else
			*loops = 1;
	}
	return idom;
}

static void find_dominators(struct func *f)
{
	int changed = 1, loops = 0;

	for (uint32_t n = 0; n < f->n_rpo; n++)
		f->rpo[n]->idom = n ? NULL : f->rpo[n];
	while (changed) {
		changed = 0;
		for (uint32_t n = 1; n < f->n_rpo; n++) {
			struct block *b = f->rpo[n], *idom = common_of_preds(b, &loops);

			changed |= idom != b->idom;
			b->idom = idom;
		}
		changed &= loops; /* without any, the first time is right */
	}
}

/* Numbers blocks so that a subtree of the dominator tree is a range: sizes from the leaves up, then places from the root down. */
static void number_tree(struct func *f)
{
	for (uint32_t n = 0; n < f->n_rpo; n++)
		f->rpo[n]->dom_out = 1; /* size of the subtree */
	for (uint32_t n = f->n_rpo; n-- > 1;)
		f->rpo[n]->idom->dom_out += f->rpo[n]->dom_out;
	for (uint32_t n = 0; n < f->n_rpo; n++) {
		struct block *b = f->rpo[n];
		uint32_t size = b->dom_out;

		/* b->idom->dom_out is where its next child starts. */
		b->dom_in = n ? b->idom->dom_out : 0;
		if (n)
			b->idom->dom_out += size;
		b->dom_out = b->dom_in + 1;
		b->reached = 0;
	}
}

/* A block that is left with one way in has nothing to choose. */
static void drop_phis(struct block *b)
{
	while (b->n_pred == 1 && b->first && b->first->op == IR_PHI)
		ir_replace(b->first, ir_resolve(b->first->phi[0]));
}

int cfg_order(struct func *f)
{
	struct arena *a = f->c->arena;
	struct block **order;
	uint32_t start;

	for (struct block *b = f->blocks; b; b = b->list)
		b->reached = 0;
	order = arena_alloc(a, f->n_blocks * sizeof(*order));
	if (a->failed)
		return -1;
	start = walk(f, order, f->n_blocks);
	drop_unreachable(f);
	f->rpo = order + start;
	f->n_rpo = f->n_blocks - start;
	for (uint32_t n = 0; n < f->n_rpo; n++) {
		f->rpo[n]->rpo = n;
		drop_phis(f->rpo[n]);
	}
	find_dominators(f);
	number_tree(f);
	return 0;
}

int cfg_dominates(const struct block *a, const struct block *b)
{
	return a->dom_in <= b->dom_in && b->dom_out <= a->dom_out;
}
