// SPDX-License-Identifier: Apache-2.0
/* What was stored to the stack is not loaded again, unless another store or another way may have changed it. */
#include "pass.h"

static struct jit j;

/* 8 bytes at -16 are stored and some of them loaded; in between one more store, or none (at 0). Gives the loads left behind opt_reload_run(). */
static unsigned int loads_left(int at, int size, int between)
{
	unsigned int n;

	pass_program(&j);
	pass_store(&j, EBPF_DW, 10, -24, 7);
	pass_store(&j, EBPF_DW, 10, -16, 7);
	if (between)
		pass_store(&j, EBPF_W, 10, between, 8);
	pass_load(&j, size, 3, 10, at);
	pass_store(&j, size, 6, 8, 3);
	pass_load(&j, EBPF_B, 4, 10, -24); /* so all of it is memory */
	pass_load(&j, EBPF_B, 4, 10, -9);
	pass_open_until(&j, opt_reload_run);
	n = pass_count(&j, IR_LD);
	for (uint32_t b = 0; b < j.c.func->n_rpo; b++)
		for (const struct value *v = j.c.func->rpo[b]->first; v; v = v->next)
			if (v->op == IR_ST && v->region[0] == R_PKT && ir_resolve(v->arg[1])->op == IR_UBFX) {
				assert_int_equal(ir_resolve(v->arg[1])->shift, 8 * (at + 16));
				assert_int_equal(ir_resolve(v->arg[1])->len, size == EBPF_W ? 32 : 16);
				assert_true(ir_is_special(ir_resolve(v->arg[1])->arg[0], SR_IFINDEX)); /* r7 */
			}
	jit_close(&j);
	return n;
}

static void what_was_stored_is_known(void **state)
{
	(void)state;
	assert_int_equal(loads_left(-16, EBPF_H, 0), 0);
	assert_int_equal(loads_left(-14, EBPF_H, 0), 0);
	assert_int_equal(loads_left(-12, EBPF_W, 0), 0);
	assert_int_equal(loads_left(-16, EBPF_DW, 0), 0);
	assert_int_equal(loads_left(-16, EBPF_W, -12), 0); /* of other bytes */
}

static void what_was_changed_in_part_is_put_together(void **state)
{
	(void)state;
	assert_int_equal(loads_left(-16, EBPF_DW, -12), 0);
	assert_int_equal(loads_left(-16, EBPF_DW, -16), 0);
}

/* Where two ways meet, of which one has stored something else `there` in between. */
static unsigned int loads_left_behind_ways(int there)
{
	unsigned int n;

	pass_program(&j);
	pass_store(&j, EBPF_DW, 10, -16, 7);
	pass_store(&j, EBPF_DW, 10, -24, 7);
	pass_skip(&j, EBPF_JEQ, 8, 5, 1);
	pass_store(&j, EBPF_W, 10, there, 8);
	pass_load(&j, EBPF_W, 3, 10, -16);
	pass_store(&j, EBPF_W, 6, 8, 3);
	pass_load(&j, EBPF_B, 4, 10, -9);
	pass_load(&j, EBPF_B, 5, 10, -17);
	pass_store(&j, EBPF_B, 6, 20, 5);
	pass_open_carefully(&j);
	assert_int_equal(build_run(&j.c), 0);
	j.c.careful = 0;
	assert_int_equal(cfg_order(j.c.func), 0);
	assert_int_equal(opt_reload_run(&j.c), 0);
	n = pass_count(&j, IR_LD);
	assert_int_equal(opt_dead_run(&j.c), 0);
	jit_close(&j);
	return n;
}

static void other_ways_matter(void **state)
{
	unsigned int of_none, of_other, of_same;

	(void)state;
	of_none = loads_left_behind_ways(-32);
	of_other = loads_left_behind_ways(-24);
	of_same = loads_left_behind_ways(-16);
	assert_int_equal(of_none, of_other);
	assert_true(of_same > of_none);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_stored_is_known),
		cmocka_unit_test(what_was_changed_in_part_is_put_together),
		cmocka_unit_test(other_ways_matter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
