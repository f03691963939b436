// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* How many bundles a packet takes, by the guesses the compiler went by: on the average, on the likeliest path, on the longest. Traces are
 * entered at the top only, so they are the nodes. */
#include "ir.h"

enum { ONE = 1 << 16, MOVES = 64, ROUNDS = 48, REPEATED = 1000 };

struct node {
	uint64_t visits;      /* per packet, times ONE */
	uint64_t longest;     /* bundles from here on, each loop once */
	uint8_t seen, open;
	uint8_t rounds;       /* how often the likeliest path has come by */
	uint32_t edge;        /* operation from which on to look for its next way out */
};

struct figures {
	struct compile *c;
	struct node *node;
	uint64_t bundles;     /* per packet, times ONE */
};

static int is_branch(const struct mop *m)
{
	return m->target && m->w.op != OP_JMP;
}

/* The way out of t at operation *at or the next one behind it: branches in order, then the end, whose place is n_ops. Gives the trace it leads to,
 * NULL behind an exit, and its bundles. -1: no more. */
static int way_out_of(const struct trace *t, uint32_t *at, struct trace **to, uint32_t *bundles, uint32_t *odds)
{
	while (*at < t->n_ops && !is_branch(&t->ops[*at]))
		++*at;
	if (*at > t->n_ops)
		return -1;
	if (*at == t->n_ops) {
		*to = t->next;
		*bundles = t->n_bundles;
		*odds = ODDS_ONE;
		return 0;
	}
	*to = t->ops[*at].goes_on ? NULL : t->ops[*at].target;
	*bundles = t->ops[*at].bundle + 1;
	*odds = t->ops[*at].odds;
	return 0;
}

static void spread(struct figures *f, const struct trace *t, uint64_t *next)
{
	uint64_t left = f->node[t->id].visits;
	uint32_t bundles, odds;
	struct trace *to;

	for (uint32_t at = 0; !way_out_of(t, &at, &to, &bundles, &odds); at++) {
		uint64_t part = left / ODDS_ONE * odds;

		f->bundles += part * bundles;
		if (to)
			next[to->id] += part;
		left -= part;
	}
}

static void find_expected(struct figures *f, uint64_t *next)
{
	const struct mach *m = &f->c->func->mach;

	f->node[0].visits = ONE;
	for (int round = 0; round < MOVES; round++) { /* what is under way moves on by a trace */
		for (uint32_t n = 0; n < m->n_traces; n++)
			if (f->node[n].visits)
				spread(f, m->trace[n], next);
		for (uint32_t n = 0; n < m->n_traces; n++) {
			f->node[n].visits = next[n];
			next[n] = 0;
		}
	}
}

static uint32_t rounds_of(const struct figures *f, const struct trace *t)
{
	return t ? f->node[t->id].rounds : 0;
}

/* At each branch the way that most packets take. To have come by a trace makes coming by again half as likely each time, so that loops end. */
static uint32_t find_likely(struct figures *f)
{
	struct trace *t = f->c->func->mach.trace[0], *to = NULL;
	uint32_t all = 0, bundles, odds;

	for (int n = 0; t && n < REPEATED; n++, t = to) {
		if (f->node[t->id].rounds < ROUNDS)
			f->node[t->id].rounds++;
		for (uint32_t at = 0; !way_out_of(t, &at, &to, &bundles, &odds); at++) {
			uint64_t leaves = (uint64_t)odds << ROUNDS, stays = (uint64_t)(ODDS_ONE - odds) << ROUNDS;

			if (leaves >> rounds_of(f, to) > stays >> rounds_of(f, t->next))
				break;
		}
		all += bundles;
	}
	return all;
}

/* Depth first with an explicit stack; ways back to what is open are loops. */
static uint64_t find_longest(struct figures *f, uint32_t *stack, uint8_t *loops)
{
	const struct mach *m = &f->c->func->mach;
	uint32_t depth = 0, bundles, odds;
	struct trace *to;

	stack[depth++] = 0;
	f->node[0].seen = f->node[0].open = 1;
	while (depth) {
		const struct trace *t = m->trace[stack[depth - 1]];
		struct node *n = &f->node[t->id];

		if (way_out_of(t, &n->edge, &to, &bundles, &odds)) {
			n->open = 0;
			depth--;
			continue;
		}
		if (to && !f->node[to->id].seen) {
			f->node[to->id].seen = f->node[to->id].open = 1;
			stack[depth++] = to->id;
			continue;
		}
		if (to && f->node[to->id].open)
			*loops = 1;
		else if (n->longest < bundles + (to ? f->node[to->id].longest : 0))
			n->longest = bundles + (to ? f->node[to->id].longest : 0);
		n->edge++;
	}
	return f->node[0].longest;
}

int figures_run(struct compile *c, struct image_buf *out)
{
	const struct mach *m = &c->func->mach;
	struct figures f = { .c = c };
	uint64_t *next = arena_alloc(c->arena, m->n_traces * sizeof(*next));
	uint32_t *stack = arena_alloc(c->arena, m->n_traces * sizeof(*stack));

	f.node = arena_alloc(c->arena, m->n_traces * sizeof(*f.node));
	if (!next || !stack || !f.node)
		return -1;
	find_expected(&f, next);
	out->expected = (uint32_t)((f.bundles * 100 + ONE / 2) / ONE);
	out->likely = find_likely(&f);
	out->longest = (uint32_t)find_longest(&f, stack, &out->loops);
	out->maps = c->prog->n_maps;
	out->map_words = c->map_words;
	out->ext_words = c->ext_words;
	out->map_uses = c->map_uses;
	return 0;
}
