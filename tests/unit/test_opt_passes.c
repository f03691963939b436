// SPDX-License-Identifier: Apache-2.0
/* After every pass over values the program is still in SSA form: each value is made before it is used on all ways, each phi has one
 * argument per way in, each block ends once.
 * Also of fold_alu.c, fold_field.c, fold_mem.c, opt_bits.c, opt_tested.c. */
#include "jit.h"

static void each_pass_keeps_ssa(void **state)
{
	static struct jit j;

	(void)state;
	for (uint32_t seed = 1; seed <= JIT_PROGRAMS; seed++) {
		jit_program(&j, seed, 1 + seed % 40);
		jit_open(&j);
		jit_check_passes(&j);
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
