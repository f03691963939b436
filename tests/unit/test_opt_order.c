// SPDX-License-Identifier: Apache-2.0
/* Of two loads from maps the one comes first that the longer work waits for. */
#include "pass.h"

static struct jit j;

/* r3 and r4 = two words of a value; so many operations one after the other on r4; a store between the loads, or none. The offset of the first load. */
static int64_t first_load(int operations, int stored)
{
	int64_t first;
	const struct value *found = NULL, *next = NULL;

	pass_program(&j);
	pass_element(&j);
	pass_load(&j, EBPF_DW, 3, 0, 8);
	if (stored)
		pass_store(&j, EBPF_DW, 0, 0, 7);
	pass_load(&j, EBPF_DW, 4, 0, 0);
	jit_put(&j, EC_ALU64 | EBPF_ADD, 3, 0, 0, 5);
	jit_put(&j, EC_ALU64 | EBPF_MUL, 3, 0, 0, 3);
	for (int n = 0; n < operations; n++)
		jit_put(&j, EC_ALU64 | (n % 2 ? EBPF_MUL : EBPF_ADD), 4, 0, 0, 7);
	pass_store(&j, EBPF_DW, 6, 16, 3);
	pass_store(&j, EBPF_DW, 6, 24, 4);
	pass_open_until(&j, opt_order_run);
	jit_check_ssa(j.c.func);
	for (uint32_t n = 0; n < j.c.func->n_rpo; n++)
		for (const struct value *v = j.c.func->rpo[n]->first; v; v = v->next)
			if (v->op == IR_MLD && !found)
				found = v;
	assert_non_null(found);
	first = found->imm;
	next = found->next;
	if (operations > 2 && !stored) {
		assert_int_equal(next->op, IR_ADD);                      /* what it is made into at once */
		assert_ptr_equal(next->arg[0], found);
	}
	jit_close(&j);
	return first;
}

static void the_longer_work_comes_first(void **state)
{
	int64_t as_written = first_load(1, 0);

	(void)state;
	assert_int_equal(first_load(2, 0), as_written);
	assert_int_equal(first_load(3, 0), as_written - 8);
}

static void loads_stay_behind_stores(void **state)
{
	(void)state;
	assert_int_equal(first_load(3, 1), first_load(1, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_longer_work_comes_first),
		cmocka_unit_test(loads_stay_behind_stores),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
