// SPDX-License-Identifier: Apache-2.0
/* A store to the packet goes if others write over all of it before anybody could read it. */
#include "pass.h"

static struct jit j;

static unsigned int stores_left(void)
{
	unsigned int n;

	pass_open_until(&j, opt_over_run);
	n = pass_count(&j, IR_ST);
	jit_close(&j);
	return n;
}

static void what_is_written_again_goes(void **state)
{
	(void)state;
	pass_program(&j);
	pass_store(&j, EBPF_H, 6, 8, 7);
	pass_store(&j, EBPF_W, 6, 8, 8);
	assert_int_equal(stores_left(), 1);
	pass_program(&j); /* by two */
	pass_store(&j, EBPF_W, 6, 8, 7);
	pass_store(&j, EBPF_H, 6, 10, 8);
	pass_store(&j, EBPF_H, 6, 8, 8);
	assert_int_equal(stores_left(), 2);
}

static void what_is_not_all_written_stays(void **state)
{
	(void)state;
	for (int at = 5; at <= 10; at++) {
		pass_program(&j);
		pass_store(&j, EBPF_W, 6, 8, 7);
		pass_store(&j, EBPF_H, 6, at, 8);
		assert_int_equal(stores_left(), 2);
	}
}

static void what_is_read_between_stays(void **state)
{
	(void)state;
	for (int at = 6; at <= 12; at++) {
		pass_program(&j);
		pass_store(&j, EBPF_W, 6, 8, 7);
		pass_load(&j, EBPF_H, 3, 6, at);
		pass_store(&j, EBPF_W, 6, 8, 8);
		pass_store(&j, EBPF_H, 6, 40, 3);
		assert_int_equal(stores_left(), at > 6 && at < 12 ? 3 : 2);
	}
}

static unsigned int stores_in(const struct block *b)
{
	unsigned int n = 0;

	for (const struct value *v = b->first; v; v = v->next)
		n += v->op == IR_ST;
	return n;
}

/* The block that asks whether r7 is 5. */
static const struct block *asking(void)
{
	const struct func *f;

	pass_open_until(&j, opt_over_run);
	f = j.c.func;
	for (uint32_t n = 0; n < f->n_rpo; n++) {
		const struct value *v = f->rpo[n]->last;

		if (v->op == IR_BR && ir_is_const(ir_resolve(v->arg[1])) && ir_resolve(v->arg[1])->imm == 5)
			return f->rpo[n];
	}
	fail_msg("no block asks");
	return NULL;
}

static void put_way(int between, int width, int at)
{
	pass_program(&j);
	pass_store(&j, EBPF_W, 6, 8, 8);
	if (between)
		pass_load(&j, EBPF_W, 7, 6, between);
	pass_skip(&j, EBPF_JEQ, 7, 5, 1);
	pass_store(&j, width, 6, at, 7);
}

static void assert_stores(unsigned int before, unsigned int taken, unsigned int on)
{
	const struct block *b = asking();

	assert_int_equal(stores_in(b), before);
	assert_int_equal(stores_in(b->succ[0]), taken);
	assert_int_equal(stores_in(b->succ[1]), on);
	jit_close(&j);
}

static void what_one_way_writes_again_is_left_to_the_other(void **state)
{
	(void)state;
	put_way(0, EBPF_W, 8);
	assert_stores(0, 1, 1);
	put_way(20, EBPF_DW, 4); /* which reads elsewhere */
	assert_stores(0, 1, 1);
	put_way(8, EBPF_W, 8); /* or there */
	assert_stores(1, 0, 1);
}

static void what_lies_beside_is_done_on_both_ways(void **state)
{
	(void)state;
	put_way(0, EBPF_W, 12);
	assert_stores(0, 1, 2);
	put_way(0, EBPF_W, 4);
	assert_stores(0, 1, 2);
	put_way(0, EBPF_W, 13);
	assert_stores(1, 0, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_again_goes),
		cmocka_unit_test(what_is_not_all_written_stays),
		cmocka_unit_test(what_is_read_between_stays),
		cmocka_unit_test(what_one_way_writes_again_is_left_to_the_other),
		cmocka_unit_test(what_lies_beside_is_done_on_both_ways),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
