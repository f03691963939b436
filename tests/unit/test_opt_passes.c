// SPDX-License-Identifier: Apache-2.0
/* After every pass over values the program is still in SSA form: each value is made before it is used on all ways, each phi has one
 * argument per way in, each block ends once. */
#include "jit.h"

static void check_made_before(struct value *x, const struct block *at, const struct value *user)
{
	x = ir_resolve(x);
	assert_non_null(x);
	assert_int_not_equal(x->op, IR_NONE);
	if (ir_kinds[x->op] == KIND_LEAF)
		return;
	if (x->block == at && user)
		assert_true(x->order < user->order);
	else
		assert_true(cfg_dominates(x->block, at));
}

static void check_value(struct value *v, const struct block *b)
{
	assert_ptr_equal(v->block, b);
	assert_int_equal(ir_kinds[v->op] == KIND_END, v == b->last);
	for (int n = 0; n < ir_args[v->op]; n++)
		check_made_before(v->arg[n], b, v);
	for (uint32_t n = 0; v->op == IR_PHI && n < b->n_pred; n++)
		check_made_before(v->phi[n], b->pred[n], NULL);
	if (v->op == IR_PHI && v->prev)
		assert_int_equal(v->prev->op, IR_PHI);
}

static void check_ways(const struct block *b)
{
	int ways = b->last->op == IR_EXIT ? 0 : b->last->op == IR_JMP ? 1 : 2;

	assert_int_equal(b->succ[0] != NULL, ways > 0);
	assert_int_equal(b->succ[1] != NULL, ways > 1);
	for (int way = 0; way < ways; way++) {
		uint32_t found = 0;

		for (uint32_t n = 0; n < b->succ[way]->n_pred; n++)
			found += b->succ[way]->pred[n] == b;
		assert_true(found >= 1);
	}
}

static void check_ssa(struct func *f)
{
	for (uint32_t n = 0; n < f->n_rpo; n++) {
		uint32_t order = 0;

		for (struct value *v = f->rpo[n]->first; v; v = v->next)
			v->order = order++;
	}
	for (uint32_t n = 0; n < f->n_rpo; n++) {
		check_ways(f->rpo[n]);
		for (struct value *v = f->rpo[n]->first; v; v = v->next)
			check_value(v, f->rpo[n]);
	}
}

static void each_pass_keeps_ssa(void **state)
{
	static struct jit j;

	(void)state;
	for (uint32_t seed = 1; seed <= JIT_PROGRAMS; seed++) {
		jit_program(&j, seed, 1 + seed % 40);
		jit_open(&j);
		for (size_t n = 0; n < JIT_PASSES && jit_passes[n] != frame_run; n++) {
			assert_int_equal(jit_passes[n](&j.c), 0);
			check_ssa(j.c.func);
		}
		jit_close(&j);
	}
}

/* Nothing that opt_dead_run() leaves is without a reader. */
static void no_value_is_idle(void **state)
{
	static struct jit j;

	(void)state;
	for (uint32_t seed = 1; seed <= JIT_PROGRAMS; seed++) {
		jit_program(&j, seed, 20);
		jit_open(&j);
		assert_int_equal(build_run(&j.c) || opt_fold_run(&j.c) || opt_dead_run(&j.c), 0);
		for (uint32_t n = 0; n < j.c.func->n_rpo; n++)
			for (struct value *v = j.c.func->rpo[n]->first; v; v = v->next)
				v->uses = 0;
		for (uint32_t n = 0; n < j.c.func->n_rpo; n++)
			for (struct value *v = j.c.func->rpo[n]->first; v; v = v->next) {
				for (int k = 0; k < 3; k++)
					if (v->arg[k])
						v->arg[k]->uses++;
				for (uint32_t k = 0; v->op == IR_PHI && k < v->block->n_pred; k++)
					v->phi[k]->uses++;
			}
		for (uint32_t n = 0; n < j.c.func->n_rpo; n++)
			for (struct value *v = j.c.func->rpo[n]->first; v; v = v->next)
				if (ir_kinds[v->op] == KIND_PURE || ir_kinds[v->op] == KIND_READ)
					assert_int_not_equal(v->uses, 0);
		jit_close(&j);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_pass_keeps_ssa),
		cmocka_unit_test(no_value_is_idle),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
