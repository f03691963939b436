// SPDX-License-Identifier: Apache-2.0
/* The byte address of an array's element moves into the offset of its accesses; the map stays in the pointer. */
#include "pass.h"

static void elements_are_offsets(void **state)
{
	static const int sizes[] = { EBPF_B, EBPF_H, EBPF_W, EBPF_DW };
	static struct jit j;

	(void)state;
	for (size_t s = 0; s < sizeof(sizes) / sizeof(*sizes); s++) {
		const struct value *before = NULL, *after = NULL;
		uint64_t address;

		pass_program(&j);
		pass_element(&j);
		jit_put(&j, EC_LDX | EBPF_MEM | sizes[s], 3, 0, 8, 0);
		jit_put(&j, EC_STX | EBPF_MEM | EBPF_DW, 6, 3, 8, 0);
		pass_open(&j);
		pass_until(&j, opt_update_run);
		for (uint32_t n = 0; n < j.c.func->n_rpo; n++)
			for (const struct value *v = j.c.func->rpo[n]->first; v; v = v->next)
				before = v->op == IR_MLD ? v : before;
		assert_non_null(before);
		assert_true(ir_is_const(ir_resolve(before->arg[0])));
		address = (uint64_t)ir_resolve(before->arg[0])->imm + (uint64_t)before->imm;
		assert_int_equal(opt_address_run(&j.c), 0);
		for (uint32_t n = 0; n < j.c.func->n_rpo; n++)
			for (const struct value *v = j.c.func->rpo[n]->first; v; v = v->next)
				after = v->op == IR_MLD ? v : after;
		assert_non_null(after);
		assert_int_equal((uint32_t)after->arg[0]->imm, 0);
		assert_int_equal((uint64_t)after->arg[0]->imm + (uint64_t)after->imm, address);
		assert_true(after->imm > 8);                     /* the second element is not the first byte */
		jit_close(&j);
	}
}

/* Element 0 on one way, the one that the packet names on the other. */
static void elements_of_several_ways_are_offsets(void **state)
{
	static struct jit j;
	const struct value *base = NULL;
	unsigned int loads = 0;

	(void)state;
	pass_program(&j);
	pass_load(&j, EBPF_B, 3, 6, 20);
	jit_put(&j, EC_ALU64 | EBPF_AND, 3, 0, 0, 1);
	pass_store(&j, EBPF_W, 10, -20, 3);
	pass_map_and_key(&j, ARRAY, -20);
	jit_put(&j, EC_JMP | EBPF_CALL, 0, 0, 0, HELPER_MAP_LOOKUP_ELEM);
	jit_put(&j, EC_ALU64 | EBPF_MOV | EBPF_X, 8, 0, 0, 0);
	pass_skip(&j, EBPF_JGT, 7, 5, 6);
	jit_put(&j, EC_ST | EBPF_MEM | EBPF_W, 10, 0, -20, 0);
	pass_map_and_key(&j, ARRAY, -20);
	jit_put(&j, EC_JMP | EBPF_CALL, 0, 0, 0, HELPER_MAP_LOOKUP_ELEM);
	jit_put(&j, EC_ALU64 | EBPF_MOV | EBPF_X, 8, 0, 0, 0);
	pass_skip(&j, EBPF_JNE, 8, 0, 2);
	pass_exit(&j, 1);
	pass_load(&j, EBPF_DW, 3, 8, 8);
	pass_load(&j, EBPF_DW, 4, 8, 0);
	pass_store(&j, EBPF_DW, 6, 0, 3);
	pass_store(&j, EBPF_DW, 6, 8, 4);
	pass_open_carefully(&j);
	pass_until(&j, opt_address_run);
	for (uint32_t n = 0; n < j.c.func->n_rpo; n++)
		for (const struct value *v = j.c.func->rpo[n]->first; v; v = v->next) {
			if (v->op != IR_MLD)
				continue;
			assert_int_equal(v->arg[0]->op, IR_PHI);
			assert_true(!base || v->arg[0] == base);
			base = v->arg[0];
			assert_true(v->imm >= 8);                  /* where the map begins */
			loads++;
		}
	assert_int_equal(loads, 2);
	jit_close(&j);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(elements_are_offsets),
		cmocka_unit_test(elements_of_several_ways_are_offsets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
