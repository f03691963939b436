// SPDX-License-Identifier: Apache-2.0
/* What is left of the stack once its variables are values: as deep as the program still reaches, and all of it when that is not known. */
#include "pass.h"

static struct jit j;

/* The bytes in use behind frame_run(). */
static uint32_t stack_left(void)
{
	uint32_t left;

	pass_open_until(&j, opt_now_run);
	assert_int_equal(frame_run(&j.c), 0);
	left = j.c.stack_used;
	jit_close(&j);
	return left;
}

static void variables_need_no_stack(void **state)
{
	(void)state;
	pass_program(&j);
	pass_store(&j, EBPF_DW, 10, -200, 7);
	pass_load(&j, EBPF_DW, 3, 10, -200);
	pass_store(&j, EBPF_DW, 6, 0, 3);
	assert_int_equal(stack_left(), 0);
}

/* The key of a hash is read by address. */
static void what_has_an_address_stays(void **state)
{
	(void)state;
	for (int off = -40; off <= -24; off += 8) {
		pass_program(&j);
		pass_store(&j, EBPF_DW, 10, -200, 7);
		pass_load(&j, EBPF_DW, 3, 10, -200);
		pass_store(&j, EBPF_DW, 6, 0, 3);
		pass_store(&j, EBPF_W, 10, off, 8);
		pass_map_and_key(&j, HASH, off);
		jit_put(&j, EC_JMP | EBPF_CALL, 0, 0, 0, HELPER_MAP_DELETE_ELEM);
		assert_int_equal(stack_left(), -off);
	}
}

/* r3 = one of two places in the stack; what is read is at such an offset from it. Gives what is left of the whole stack. */
static uint32_t left_of_places(int one, int other, int offset)
{
	uint32_t left;

	pass_program(&j);
	for (int off = -40 + (offset < 0 ? offset : 0); off <= -8; off += 8)
		pass_store(&j, EBPF_DW, 10, off, 7);
	jit_put(&j, EC_ALU64 | EBPF_MOV | EBPF_X, 3, 10, 0, 0);
	pass_skip(&j, EBPF_JEQ, 8, 5, other ? 2 : 1);
	jit_put(&j, EC_ALU64 | EBPF_ADD, 3, 0, 0, one);
	if (other) {
		jit_put(&j, EC_JMP | EBPF_JA, 0, 0, 1, 0);
		jit_put(&j, EC_ALU64 | EBPF_ADD, 3, 0, 0, other);
	}
	pass_load(&j, EBPF_DW, 4, 3, offset);
	pass_store(&j, EBPF_DW, 6, 0, 4);
	pass_open_carefully(&j);
	pass_until(&j, opt_now_run);
	j.c.stack_used = EBPF_STACK_BYTES;
	assert_int_equal(frame_run(&j.c), 0);
	left = j.c.stack_used;
	jit_close(&j);
	return left;
}

/* That a pointer is 40 bytes deep does not say how deep what lies below it is, nor does that it is fp itself on one way. */
static void what_goes_below_its_base_stays_whole(void **state)
{
	(void)state;
	assert_int_equal(left_of_places(-24, -40, 0), 40);
	assert_int_equal(left_of_places(-24, -40, 8), 40);
	assert_int_equal(left_of_places(-24, -40, -16), EBPF_STACK_BYTES);
	assert_int_equal(left_of_places(-40, 0, -16), EBPF_STACK_BYTES);
}

/* fp + x, which frame.c does not follow. */
static void unknown_places_keep_all(void **state)
{
	(void)state;
	pass_program(&j);
	for (int off = -40; off <= -8; off += 8)
		pass_store(&j, EBPF_DW, 10, off, 7);
	jit_put(&j, EC_ALU64 | EBPF_MOV | EBPF_X, 3, 10, 0, 0);
	jit_put(&j, EC_ALU64 | EBPF_AND, 8, 0, 0, 8);
	jit_put(&j, EC_ALU64 | EBPF_ADD, 8, 0, 0, -40);
	jit_put(&j, EC_ALU64 | EBPF_ADD | EBPF_X, 3, 8, 0, 0);
	pass_load(&j, EBPF_DW, 4, 3, 0);
	pass_store(&j, EBPF_DW, 6, 0, 4);
	pass_open_until(&j, opt_now_run);
	j.c.stack_used = EBPF_STACK_BYTES;
	assert_int_equal(frame_run(&j.c), 0);
	assert_int_equal(j.c.stack_used, EBPF_STACK_BYTES);
	jit_close(&j);
}

/* Tail calls are counted at the end of the stack. */
static void programs_of_tail_calls_have_less(void **state)
{
	(void)state;
	for (int deep = 504; deep <= 512; deep += 8) {
		struct compile_image image = { .n_programs = 1, .tail_calls = 1 };

		pass_program(&j);
		pass_store(&j, EBPF_W, 10, -deep, 8);
		pass_map_and_key(&j, HASH, -deep);
		jit_put(&j, EC_JMP | EBPF_CALL, 0, 0, 0, HELPER_MAP_DELETE_ELEM);
		pass_open_until(&j, opt_now_run);
		j.c.image = &image;
		assert_int_equal(frame_run(&j.c), deep > 504 ? -1 : 0);
		if (deep > 504)
			assert_string_equal(j.diag.text,
					    "random uses 512 bytes of stack, and programs that tail calls lead to or from have 504");
		jit_close(&j);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(variables_need_no_stack),
		cmocka_unit_test(what_has_an_address_stays),
		cmocka_unit_test(what_goes_below_its_base_stays_whole),
		cmocka_unit_test(unknown_places_keep_all),
		cmocka_unit_test(programs_of_tail_calls_have_less),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
