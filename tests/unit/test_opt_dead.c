// SPDX-License-Identifier: Apache-2.0
/* Values without a reader go, rings of them too; effects stay with what they need; opt_count_uses() counts arguments. */
#include "pass.h"

static void numbers_nobody_reads_go(void **state)
{
	static struct jit j;

	(void)state;
	pass_program(&j);
	pass_load(&j, EBPF_W, 3, 6, 16);
	jit_put(&j, EC_ALU64 | EBPF_MUL | EBPF_X, 3, 7, 0, 0);
	jit_put(&j, EC_ALU64 | EBPF_XOR | EBPF_X, 3, 8, 0, 0);
	pass_open_until(&j, opt_fold_run);
	assert_int_equal(pass_count(&j, IR_MUL), 1);
	assert_int_equal(opt_dead_run(&j.c), 0);
	assert_int_equal(pass_count(&j, IR_MUL) + pass_count(&j, IR_XOR) + pass_count(&j, IR_WIN), 0);
	jit_close(&j);
}

static void what_an_effect_needs_stays(void **state)
{
	static struct jit j;

	(void)state;
	pass_program(&j);
	pass_load(&j, EBPF_W, 3, 6, 16);
	jit_put(&j, EC_ALU64 | EBPF_MUL | EBPF_X, 3, 7, 0, 0);
	pass_store(&j, EBPF_DW, 6, 8, 3);
	jit_put(&j, EC_JMP | EBPF_CALL, 0, 0, 0, HELPER_GET_PRANDOM_U32); /* the next one must be the next */
	jit_put(&j, EC_JMP | EBPF_CALL, 0, 0, 0, HELPER_KTIME_GET_NS);
	pass_open_until(&j, opt_dead_run);
	assert_int_equal(pass_count(&j, IR_ST), 1);
	assert_int_equal(pass_count(&j, IR_MUL), 1);
	assert_int_equal(pass_count(&j, IR_WIN), 1);
	assert_int_equal(pass_count(&j, IR_RND), 1);
	assert_int_equal(pass_count(&j, IR_RDT), 0);
	jit_close(&j);
}

/* r3 = r3 * 3 + x in a loop, read by nobody but itself; r9 counts the rounds. */
static void rings_go(void **state)
{
	static struct jit j;

	(void)state;
	for (int read = 0; read < 2; read++) {
		uint32_t head;

		pass_program(&j);
		jit_put(&j, EC_ALU64 | EBPF_MOV, 9, 0, 0, 0);
		jit_put(&j, EC_ALU64 | EBPF_MOV, 3, 0, 0, 1);
		head = j.n;
		jit_put(&j, EC_ALU64 | EBPF_MUL, 3, 0, 0, 3);
		jit_put(&j, EC_ALU64 | EBPF_ADD | EBPF_X, 3, 7, 0, 0);
		jit_put(&j, EC_ALU64 | EBPF_ADD, 9, 0, 0, 1);
		pass_skip(&j, EBPF_JLT, 9, 5, (int)head - (int)j.n - 1);
		if (read)
			pass_store(&j, EBPF_DW, 6, 8, 3);
		pass_open_until(&j, opt_dead_run);
		assert_int_equal(pass_count(&j, IR_MUL), read);
		assert_int_equal(pass_count(&j, IR_PHI), 1 + read);
		jit_close(&j);
	}
}

/* r3 = x == 1 ? x * y : x ^ y, which is stored */
static void what_a_phi_needs_stays(void **state)
{
	static struct jit j;

	(void)state;
	pass_program(&j);
	jit_put(&j, EC_ALU64 | EBPF_MOV | EBPF_X, 3, 7, 0, 0);
	pass_skip(&j, EBPF_JEQ, 7, 1, 2);
	jit_put(&j, EC_ALU64 | EBPF_XOR | EBPF_X, 3, 8, 0, 0);
	jit_put(&j, EC_JMP | EBPF_JA, 0, 0, 1, 0);
	jit_put(&j, EC_ALU64 | EBPF_MUL | EBPF_X, 3, 8, 0, 0);
	pass_store(&j, EBPF_DW, 6, 8, 3);
	pass_open_carefully(&j);
	pass_until(&j, opt_dead_run);
	assert_int_equal(pass_count(&j, IR_PHI), 1);
	assert_int_equal(pass_count(&j, IR_MUL) + pass_count(&j, IR_XOR), 2);
	jit_close(&j);
}

static void uses_are_arguments(void **state)
{
	static struct jit j;
	const struct value *mul = NULL;

	(void)state;
	pass_program(&j);
	jit_put(&j, EC_ALU64 | EBPF_MOV | EBPF_X, 3, 7, 0, 0);
	jit_put(&j, EC_ALU64 | EBPF_MUL | EBPF_X, 3, 8, 0, 0);
	jit_put(&j, EC_ALU64 | EBPF_MOV | EBPF_X, 4, 3, 0, 0);
	jit_put(&j, EC_ALU64 | EBPF_XOR | EBPF_X, 4, 8, 0, 0);
	jit_put(&j, EC_ALU64 | EBPF_SUB | EBPF_X, 4, 3, 0, 0);
	pass_store(&j, EBPF_DW, 6, 8, 3);
	pass_store(&j, EBPF_DW, 6, 16, 4);
	pass_open_until(&j, opt_dead_run);
	opt_count_uses(j.c.func);
	for (uint32_t n = 0; n < j.c.func->n_rpo; n++)
		for (const struct value *v = j.c.func->rpo[n]->first; v; v = v->next)
			mul = v->op == IR_MUL ? v : mul;
	assert_non_null(mul);
	assert_int_equal(mul->uses, 3);                  /* XOR, SUB, ST */
	jit_close(&j);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_nobody_reads_go),
		cmocka_unit_test(what_an_effect_needs_stays),
		cmocka_unit_test(rings_go),
		cmocka_unit_test(what_a_phi_needs_stays),
		cmocka_unit_test(uses_are_arguments),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
