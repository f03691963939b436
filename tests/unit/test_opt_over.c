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

static void what_a_way_out_shows_stays(void **state)
{
	(void)state;
	pass_program(&j);
	pass_store(&j, EBPF_W, 6, 8, 7);
	pass_skip(&j, EBPF_JEQ, 7, 5, 1);
	pass_store(&j, EBPF_W, 6, 8, 8);
	assert_int_equal(stores_left(), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_again_goes),
		cmocka_unit_test(what_is_not_all_written_stays),
		cmocka_unit_test(what_is_read_between_stays),
		cmocka_unit_test(what_a_way_out_shows_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
