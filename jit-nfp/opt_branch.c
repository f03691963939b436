// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* Control flow: tests that an earlier test has answered or the next one repeats, jumps past tests (opt_thread.c), exits (opt_exit.c), blocks
 * that only jump; and, as a pass of its own, no way left from a block with two ways out to one with phis and two ways in. */
#include "opt.h"

/* ---- deciding ---- */

void opt_decide(struct value *v, int taken)
{
	ir_remove_edge(v->block, taken ? 1 : 0);
	if (!taken) {
		v->block->succ[0] = v->block->succ[1];
		v->block->succ[1] = NULL;
	}
	v->op = IR_JMP;
	v->w = 0;
	v->arg[0] = v->arg[1] = NULL;
}

/* ---- tests already answered ---- */

enum { ANCESTORS_MAX = 24 };  /* dominators looked at */

static int inverse(int cc)
{
	static const uint8_t of[] = {
		[OP_JEQ - OP_JEQ] = OP_JNE, [OP_JNE - OP_JEQ] = OP_JEQ, [OP_JGT - OP_JEQ] = OP_JLE,
		[OP_JGE - OP_JEQ] = OP_JLT, [OP_JLT - OP_JEQ] = OP_JGE, [OP_JLE - OP_JEQ] = OP_JGT,
		[OP_JSGT - OP_JEQ] = OP_JSLE, [OP_JSGE - OP_JEQ] = OP_JSLT, [OP_JSLT - OP_JEQ] = OP_JSGE,
		[OP_JSLE - OP_JEQ] = OP_JSGT, [OP_JSET - OP_JEQ] = OP_JNSET, [OP_JNSET - OP_JEQ] = OP_JSET,
	};

	return of[cc - OP_JEQ];
}

struct span { uint64_t lo, hi; }; /* both included; empty when lo > hi */

/* The numbers x with x cc k, unsigned and without holes; 0 when they are not such a span. */
static int span_of(int cc, uint64_t k, struct span *s)
{
	*s = (struct span){ 0, UINT64_MAX };
	switch (cc) {
	case OP_JEQ:
		*s = (struct span){ k, k };
		return 1;
	case OP_JGT:
		s->lo = k + 1;
		return k != UINT64_MAX;
	case OP_JGE:
		s->lo = k;
		return 1;
	case OP_JLT:
		s->hi = k - 1;
		return k != 0;
	case OP_JLE:
		s->hi = k;
		return 1;
	default:
		return 0;
	}
}

/* Given x cc1 k1 (same x): does x cc2 k2 hold? 1, 0, or -1. */
static int implies(int cc1, uint64_t k1, int cc2, uint64_t k2)
{
	struct span is, asked;

	if (cc1 == cc2 && k1 == k2)
		return 1;
	if (inverse(cc1) == cc2 && k1 == k2)
		return 0;
	if (!span_of(cc1, k1, &is))
		return -1;
	if (cc2 == OP_JNE && span_of(OP_JEQ, k2, &asked))
		return k2 < is.lo || k2 > is.hi ? 1 : is.lo == is.hi ? 0 : -1;
	if (!span_of(cc2, k2, &asked))
		return -1;
	if (asked.lo <= is.lo && is.hi <= asked.hi)
		return 1;
	return asked.hi < is.lo || is.hi < asked.lo ? 0 : -1;
}

/* What the branch that leads into b alone says about its condition: 1 it held, 0 it did not, -1 nothing. */
static int entered_by(const struct block *b)
{
	const struct block *from = b->n_pred == 1 ? b->pred[0] : NULL;

	if (!from || from->last->op != IR_BR || from->succ[0] == from->succ[1])
		return -1;
	return from->succ[0] == b;
}

/* The answer that a test gave on the way to b, which it alone leads to, as a condition; 0: there is none. */
static int known_at(const struct block *b, const struct value **test)
{
	int held = entered_by(b);

	if (held < 0)
		return 0;
	*test = b->pred[0]->last;
	return held ? (*test)->cc : inverse((*test)->cc);
}

/* The least that x can be in b after tests of it against constants. */
static uint64_t least(const struct block *b, const struct value *x, int w)
{
	uint64_t most = 0;

	for (int n = 0; n < ANCESTORS_MAX && b->n_pred; n++, b = b->idom) {
		const struct value *test;
		int cc = known_at(b, &test);
		struct span s;

		if (cc && test->arg[0] == x && test->w == w && ir_is_const(test->arg[1]) &&
		    span_of(cc, w ? (uint32_t)test->arg[1]->imm : (uint64_t)test->arg[1]->imm, &s) && s.lo > most)
			most = s.lo;
	}
	return most;
}

/* Does x cc y, which is known in b, with y >= k, answer v, a test of x against a constant? 1, 0, or -1. */
static int answered_through(const struct block *b, const struct value *v, const struct value *test, int cc)
{
	int is_x = test->arg[0] == v->arg[0], above = is_x ? cc == OP_JGT : cc == OP_JLT, not_below = is_x ? cc == OP_JGE : cc == OP_JLE;
	uint64_t k = (uint64_t)v->arg[1]->imm, lo;

	if ((!is_x && test->arg[1] != v->arg[0]) || !(above || not_below) || (test->w != v->w && v->arg[0]->bits > 32))
		return -1;
	lo = least(b, test->arg[is_x], test->w);
	return lo < INT32_MAX ? implies(OP_JGE, lo + (uint64_t)above, v->cc, v->w ? (uint32_t)k : k) : -1;
}

static int answered(const struct value *v)
{
	const struct block *b = v->block;

	for (int n = 0; n < ANCESTORS_MAX && b->n_pred; n++, b = b->idom) {
		const struct value *test;
		int cc = known_at(b, &test), known;

		if (!cc)
			continue;
		if (ir_is_const(v->arg[1]) && !ir_is_const(test->arg[1])) {
			known = answered_through(b, v, test, cc);
		} else if (test->arg[0] != v->arg[0] || test->w != v->w) {
			continue;
		} else if (test->arg[1] == v->arg[1] && !ir_is_const(v->arg[1])) {
			known = cc == v->cc ? 1 : cc == inverse(v->cc) ? 0 : -1;
		} else if (ir_is_const(test->arg[1]) && ir_is_const(v->arg[1])) {
			uint64_t k1 = (uint64_t)test->arg[1]->imm, k2 = (uint64_t)v->arg[1]->imm;

			if (v->w) {
				k1 = (uint32_t)k1;
				k2 = (uint32_t)k2;
			}
			known = implies(cc, k1, v->cc, k2);
		} else {
			continue;
		}
		if (known >= 0)
			return known;
	}
	return -1;
}

static int drop_answered(struct func *f)
{
	int changed = 0;

	for (uint32_t n = 1; n < f->n_rpo; n++) {
		struct value *v = f->rpo[n]->last;
		int known;

		if (v->op != IR_BR)
			continue;
		for (int k = 0; k < 2; k++)
			v->arg[k] = ir_resolve(v->arg[k]);
		known = answered(v);
		if (known < 0)
			continue;
		opt_decide(v, known);
		changed = 1;
	}
	return changed;
}

/* ---- what a test says about a number ---- */

/* The constant that x, which the block's end has tested, is in the block that way, or NULL. */
static struct value *equal_to(const struct value *test, int way)
{
	int equal = test->op == IR_BR && (test->cc == OP_JEQ || test->cc == OP_JNE) && ir_is_const(test->arg[1]) && ir_kinds[test->arg[0]->op] != KIND_LEAF;

	if (!equal || way != (test->cc == OP_JNE) || test->block->succ[way]->n_pred != 1 || (test->w && test->arg[0]->bits > 32))
		return NULL;
	return test->arg[1];
}

static void put_constant(struct func *f, struct block *b, const struct value *x, int64_t imm)
{
	struct value *k = ir_const(f, (uint64_t)imm);

	for (struct value *v = b->first; v; v = v->next)
		for (int n = 0; n < 3; n++)
			if (v->arg[n] && ir_resolve(v->arg[n]) == x)
				v->arg[n] = k;
	for (int way = 0; way < 2 && b->succ[way]; way++)
		for (struct value *v = b->succ[way]->first; v->op == IR_PHI; v = v->next)
			for (uint32_t n = 0; n < b->succ[way]->n_pred; n++)
				if (b->succ[way]->pred[n] == b && ir_resolve(v->phi[n]) == x)
					v->phi[n] = k;
}

/* x == 4: to A -> in A, and where it goes on to, x is 4 */
static void use_answers(struct func *f)
{
	for (uint32_t n = 0; n < f->n_rpo; n++) {
		struct value *test = f->rpo[n]->last;

		for (int way = 0; way < 2 && f->rpo[n]->succ[1]; way++) {
			struct value *k = equal_to(test, way);

			if (k)
				put_constant(f, f->rpo[n]->succ[way], test->arg[0], test->w ? (int64_t)(uint32_t)k->imm : k->imm);
		}
	}
}

/* ---- tests that the next one makes anyway ---- */

static int index_of(const struct block *b, const struct block *from)
{
	uint32_t n = 0;

	while (n + 1 < b->n_pred && b->pred[n] != from)
		n++;
	return (int)n;
}

/* Do phis of `to` get the same from both? */
static int brings_same(const struct block *to, const struct block *x, const struct block *y)
{
	int from_x = index_of(to, x), from_y = index_of(to, y);

	for (const struct value *v = to->first; v && v->op == IR_PHI; v = v->next)
		if (!v->phi[from_x] || !v->phi[from_y] || ir_resolve(v->phi[from_x]) != ir_resolve(v->phi[from_y]))
			return 0;
	return 1;
}

/* Is it one block, or do both do nothing but end the packet alike? */
static int ends_alike(const struct block *x, const struct block *y)
{
	return x == y || (x->first->op == IR_EXIT && y->first->op == IR_EXIT &&
			  ir_resolve(x->first->arg[0]) == ir_resolve(y->first->arg[0]));
}

/* Is there nothing before the block's test that a packet must not come to? */
static int may_be_entered(const struct block *b)
{
	for (const struct value *v = b->first; v != b->last; v = v->next)
		if (v->op == IR_PHI || (ir_kinds[v->op] != KIND_PURE && v->op != IR_WIN && v->op != IR_NOW))
			return 0;
	return 1;
}

/* len < 14: to A, else B; B: len < 34: to A, else C -> B: len < 34: to A, else C. The way to B, or -1. */
static int way_past(const struct value *v)
{
	const struct block *from = v->block;

	if (v->op != IR_BR || !ir_is_const(v->arg[1]) || from->succ[0] == from->succ[1])
		return -1;
	for (int way = 0; way < 2; way++) {
		const struct block *next = from->succ[way], *to = from->succ[1 - way];
		const struct value *test = next->last;
		int out;

		if (next->n_pred != 1 || test->op != IR_BR || next->succ[0] == next->succ[1] || ir_resolve(test->arg[0]) != v->arg[0] ||
		    test->w || v->w || !ir_is_const(ir_resolve(test->arg[1])))
			continue;
		out = ends_alike(next->succ[0], to) ? 0 : ends_alike(next->succ[1], to) ? 1 : -1;
		if (out < 0 || !may_be_entered(next) || (next->succ[out] == to && !brings_same(to, from, next)))
			continue;
		if (implies(way ? v->cc : inverse(v->cc), (uint64_t)v->arg[1]->imm, out ? inverse(test->cc) : test->cc,
			    (uint64_t)ir_resolve(test->arg[1])->imm) == 1)
			return way;
	}
	return -1;
}

static int drop_repeated(struct func *f)
{
	int changed = 0;

	for (uint32_t n = f->n_rpo; n-- > 0;) {
		struct value *v = f->rpo[n]->last;
		int way;

		if (v->op != IR_BR)
			continue;
		for (int k = 0; k < 2; k++)
			v->arg[k] = ir_resolve(v->arg[k]);
		way = way_past(v);
		if (way < 0)
			continue;
		opt_decide(v, way == 0);
		changed = 1;
	}
	return changed;
}

/* ---- blocks that only jump ---- */

/* pred -> b -> to becomes pred -> to where no phi of `to` stands in the way. */
static int skip_block(struct func *f, struct block *b)
{
	struct block *to = b->succ[0];
	int changed = 0;

	if (b->first->op != IR_JMP || to == b || to->first->op == IR_PHI)
		return 0;
	while (b->n_pred) {
		struct block *from = b->pred[b->n_pred - 1];
		int way = opt_way_to(from, b);

		ir_remove_edge(from, way);
		if (ir_edge(f, from, way, to))
			return -1;
		changed = 1;
		if (from->succ[0] == from->succ[1]) /* both ways lead there now */
			opt_decide(from->last, 1);
	}
	return changed;
}

static int skip_blocks(struct func *f)
{
	int changed = 0;

	for (uint32_t n = f->n_rpo; n-- > 1;) {
		int result = skip_block(f, f->rpo[n]);

		if (result < 0)
			return -1;
		changed |= result;
	}
	return changed;
}

/* ---- blocks that are only entered by a jump ---- */

static void come_from(struct block *b, const struct block *from, struct block *with)
{
	for (uint32_t n = 0; n < b->n_pred; n++)
		if (b->pred[n] == from)
			b->pred[n] = with;
}

/* b and the block it jumps to become one. */
static void append_block(struct block *b, struct block *next)
{
	ir_remove(b->last);
	while (next->first) {
		struct value *v = next->first;

		if (v->op == IR_PHI) {
			ir_replace(v, v->phi[0]);
			continue;
		}
		ir_remove(v);
		ir_append(b, v);
	}
	for (int way = 0; way < 2; way++) {
		b->succ[way] = next->succ[way];
		if (b->succ[way])
			come_from(b->succ[way], next, b);
		next->succ[way] = NULL;
	}
	next->n_pred = 0;
}

static int join_blocks(struct func *f)
{
	int changed = 0;

	for (uint32_t n = 0; n < f->n_rpo; n++) {
		struct block *b = f->rpo[n];

		while (b->last && b->last->op == IR_JMP && b->succ[0] != b && b->succ[0]->n_pred == 1) {
			append_block(b, b->succ[0]);
			changed = 1;
		}
	}
	return changed;
}

int opt_join_blocks(struct func *f)
{
	return join_blocks(f) ? cfg_order(f) : 0;
}

/* ---- edges that need a block of their own ---- */

struct block *opt_own_way(struct func *f, struct block *from, int way)
{
	struct block *to = from->succ[way], *b;
	struct value *jump;

	if (to->n_pred == 1)
		return to;
	b = ir_block(f, to->insn);
	jump = ir_new(f, IR_JMP, from->last->insn);
	if (!b || !jump)
		return NULL;
	ir_append(b, jump);
	b->succ[0] = to;
	for (uint32_t p = 0; p < to->n_pred; p++)
		if (to->pred[p] == from) {
			to->pred[p] = b;
			break;
		}
	from->succ[way] = NULL;
	return ir_edge(f, from, way, b) ? NULL : b;
}

static int split_edges(struct func *f)
{
	for (uint32_t n = 0; n < f->n_rpo; n++) {
		struct block *from = f->rpo[n];

		for (int way = 0; way < 2 && from->succ[1]; way++)
			if (from->succ[way]->first->op == IR_PHI && !opt_own_way(f, from, way))
				return -1;
	}
	return 0;
}

enum { ROUNDS_MAX = 4 };

int opt_branch_run(struct compile *c)
{
	struct func *f = c->func;
	int result;

	if (drop_answered(f) && cfg_order(f))
		return -1;
	if (drop_repeated(f) && cfg_order(f))
		return -1;
	use_answers(f);
	result = 1;
	for (int round = 0; result && round < ROUNDS_MAX; round++) { /* each may let ways go past one more test */
		result = opt_thread_jumps(f);
		if (result < 0 || (result && cfg_order(f)))
			return -1;
	}
	result = opt_copy_exits(f);
	if (result < 0 || (result && cfg_order(f)))
		return -1;
	result = skip_blocks(f);
	if (result < 0 || (result && cfg_order(f)))
		return -1;
	return opt_join_blocks(f);
}

int opt_split_run(struct compile *c)
{
	return split_edges(c->func) || opt_own_exits(c->func) || cfg_order(c->func) ? -1 : 0;
}
