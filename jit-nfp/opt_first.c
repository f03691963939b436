// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* Of several tests of one number against constants, the one that most packets pass comes first: x == a ? A : x == b ? B : C -> x == b ? B :
 * x == a ? A : C. What stands between the tests moves up to the first one. */
#include "opt.h"

enum { CHAIN_MAX = 8, VALUES_MAX = 16, LIKELY = ODDS_ONE * 3 / 4 }; /* tests; values that move */

static int is_equality(const struct value *v)
{
	return v->op == IR_BR && (v->cc == OP_JEQ || v->cc == OP_JNE) && ir_is_const(v->arg[1]);
}

static int equal_way(const struct value *v)
{
	return v->cc == OP_JEQ ? 0 : 1;
}

static unsigned int odds_of_equal(const struct value *v)
{
	return v->cc == OP_JEQ ? v->odds : ODDS_ONE - v->odds;
}

/* Does b, but for its end, only compute what could as well be computed where it is entered from? */
static int can_move_up(const struct block *b)
{
	int n = 0;

	for (const struct value *v = b->first; v != b->last; v = v->next)
		if (++n > VALUES_MAX || v->op == IR_PHI || (ir_kinds[v->op] != KIND_PURE && v->op != IR_WIN))
			return 0;
	return 1;
}

/* The end of the block that head's test goes on to when the numbers differ, if that is one more test of the same number. */
static struct value *next_test(const struct value *head, const struct value *test)
{
	struct block *b = test->block->succ[!equal_way(test)];
	struct value *v = b->last;

	while (v->op == IR_JMP && b->n_pred == 1 && can_move_up(b)) {
		b = b->succ[0];
		v = b->last;
	}
	if (b->n_pred != 1 || !is_equality(v) || ir_resolve(v->arg[0]) != head->arg[0] || v->w != head->w || !can_move_up(b))
		return NULL;
	v->arg[0] = head->arg[0];
	return v;
}

static void replace_pred(struct block *b, const struct block *from, struct block *with)
{
	uint32_t n = 0;

	while (b->pred[n] != from)
		n++;
	b->pred[n] = with;
}

/* What stands between head and tested goes before head, in its order. */
static void move_up(struct value *head, struct block *tested)
{
	struct value *at = head;

	for (struct block *b = tested; b != head->block; b = b->pred[0])
		while (b->first != b->last) {
			struct value *v = b->last->prev;

			ir_remove(v);
			ir_insert_before(at, v);
			at = v;
		}
}

/* The head's test goes to a block of its own, behind the likely one. */
static int put_first(struct func *f, struct value *head, struct value *test)
{
	struct block *top = head->block, *rest = ir_block(f, head->insn), *tested = test->block;
	struct block *equal = tested->succ[equal_way(test)], *differs = tested->succ[!equal_way(test)];
	struct value *first = ir_new(f, IR_BR, test->insn);

	if (!rest || !first)
		return -1;
	move_up(head, tested);
	first->cc = test->cc;
	first->w = test->w;
	first->odds = test->odds;
	first->arg[0] = test->arg[0];
	first->arg[1] = test->arg[1];
	ir_remove(head);
	ir_append(top, first);
	ir_append(rest, head);
	for (int way = 0; way < 2; way++) {
		rest->succ[way] = top->succ[way];
		replace_pred(rest->succ[way], top, rest);
	}
	replace_pred(equal, tested, top);
	top->succ[equal_way(test)] = equal;
	if (ir_edge(f, top, !equal_way(test), rest))
		return -1;
	test->op = IR_JMP;
	test->w = 0;
	test->arg[0] = test->arg[1] = NULL;
	tested->succ[0] = differs;
	tested->succ[1] = NULL;
	return 0;
}

/* 1 when the ways have changed, 0, or -1 */
static int visit(struct func *f, struct value *head)
{
	struct value *test = head;

	if (!is_equality(head) || odds_of_equal(head) >= LIKELY)
		return 0;
	head->arg[0] = ir_resolve(head->arg[0]);
	for (int n = 0; n < CHAIN_MAX; n++) {
		test = next_test(head, test);
		if (!test)
			return 0;
		if (odds_of_equal(test) < LIKELY)
			continue;
		return put_first(f, head, test) ? -1 : 1;
	}
	return 0;
}

int opt_first_run(struct compile *c)
{
	struct func *f = c->func;
	int changed = 0;

	for (uint32_t n = 0; n < f->n_rpo; n++) {
		int result = visit(f, f->rpo[n]->last);

		if (result < 0)
			return -1;
		changed |= result;
	}
	return changed ? cfg_order(f) : 0;
}
