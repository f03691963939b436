// SPDX-License-Identifier: Apache-2.0
/* Load, change, store back becomes one atomic operation where that is the same, and nowhere else. */
#include "pass.h"

struct update {
	int size, off, alu;       /* of the access; operation */
	int atomic;               /* what must become of it, 0: nothing */
};

/* [r0 + off] op= r7, with something between load and store */
static void check(const struct update *u, int between)
{
	static struct jit j;

	pass_program(&j);
	pass_element(&j);
	jit_put(&j, EC_LDX | EBPF_MEM | u->size, 3, 0, u->off, 0);
	jit_put(&j, EC_ALU64 | u->alu | EBPF_X, 3, 7, 0, 0);
	if (between >= 0)
		jit_put(&j, EC_STX | EBPF_MEM | EBPF_B, 0, 8, between, 0);
	jit_put(&j, EC_STX | EBPF_MEM | u->size, 0, 3, u->off, 0);
	pass_open(&j);
	pass_until(&j, opt_update_run);
	assert_int_equal(pass_count(&j, IR_MADD) + pass_count(&j, IR_MAND) + pass_count(&j, IR_MOR) + pass_count(&j, IR_MXOR), u->atomic != 0);
	assert_int_equal(pass_count(&j, IR_MST), (u->atomic == 0) + (between >= 0));
	assert_int_equal(pass_count(&j, IR_MLD), u->atomic == 0);
	if (u->atomic)
		assert_int_equal(pass_count(&j, u->atomic), 1);
	jit_close(&j);
}

static void updates_become_atomic(void **state)
{
	static const struct update updates[] = {
		{ EBPF_DW, 0, EBPF_ADD, IR_MADD }, { EBPF_W, 4, EBPF_ADD, IR_MADD }, { EBPF_DW, 8, EBPF_AND, IR_MAND },
		{ EBPF_W, 12, EBPF_OR, IR_MOR }, { EBPF_DW, 0, EBPF_XOR, IR_MXOR },
	};

	(void)state;
	for (size_t n = 0; n < sizeof(updates) / sizeof(*updates); n++) {
		check(&updates[n], -1);
		check(&updates[n], (updates[n].off + 8) % 16);   /* a store to other bytes */
	}
}

static void others_stay(void **state)
{
	static const struct update updates[] = {
		{ EBPF_DW, 0, EBPF_MUL, 0 }, { EBPF_H, 2, EBPF_ADD, 0 }, { EBPF_B, 1, EBPF_OR, 0 },
		{ EBPF_DW, 4, EBPF_ADD, 0 },                     /* would fault: not aligned */
	};

	(void)state;
	for (size_t n = 0; n < sizeof(updates) / sizeof(*updates); n++)
		check(&updates[n], -1);
	check(&(struct update){ EBPF_DW, 0, EBPF_ADD, 0 }, 3);   /* the store between writes the same bytes */
}

/* The old value is wanted for something else. */
static void a_value_read_by_others_stays(void **state)
{
	static struct jit j;

	(void)state;
	pass_program(&j);
	pass_element(&j);
	jit_put(&j, EC_LDX | EBPF_MEM | EBPF_DW, 3, 0, 0, 0);
	jit_put(&j, EC_STX | EBPF_MEM | EBPF_DW, 6, 3, 8, 0);
	jit_put(&j, EC_ALU64 | EBPF_ADD | EBPF_X, 3, 7, 0, 0);
	jit_put(&j, EC_STX | EBPF_MEM | EBPF_DW, 0, 3, 0, 0);
	pass_open(&j);
	pass_until(&j, opt_update_run);
	assert_int_equal(pass_count(&j, IR_MADD), 0);
	assert_int_equal(pass_count(&j, IR_MST), 1);
	jit_close(&j);
}

/* What is loaded before a load that acquires is not loaded behind it. */
static void a_value_loaded_before_another_acquires_stays(void **state)
{
	static struct jit j;

	(void)state;
	for (int acquires = 0; acquires < 2; acquires++) {
		pass_program(&j);
		pass_element(&j);
		pass_load(&j, EBPF_DW, 3, 0, 0);
		if (acquires)
			jit_put(&j, EC_STX | EBPF_ATOMIC | EBPF_DW, 4, 0, 8, EBPF_LOAD_ACQUIRE);
		else
			pass_load(&j, EBPF_DW, 4, 0, 8);
		pass_store(&j, EBPF_DW, 6, 8, 4);
		jit_put(&j, EC_ALU64 | EBPF_ADD | EBPF_X, 3, 7, 0, 0);
		pass_store(&j, EBPF_DW, 0, 0, 3);
		pass_open(&j);
		pass_until(&j, opt_update_run);
		assert_int_equal(pass_count(&j, IR_MADD), !acquires);
		assert_int_equal(pass_count(&j, IR_MST), acquires);
		jit_close(&j);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(updates_become_atomic),
		cmocka_unit_test(others_stay),
		cmocka_unit_test(a_value_read_by_others_stays),
		cmocka_unit_test(a_value_loaded_before_another_acquires_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
