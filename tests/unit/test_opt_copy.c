// SPDX-License-Identifier: Apache-2.0
/* What is computed twice is computed once; packet bytes are read again when they may have been written in between. */
#include "pass.h"

/* Reads of the packet's bytes 16 to 19, which the program reads twice. */
static unsigned int reads(int store_at)
{
	static struct jit j;
	unsigned int found = 0;

	pass_program(&j);
	jit_put(&j, EC_LDX | EBPF_MEM | EBPF_W, 3, 6, 16, 0);
	if (store_at >= 0)
		jit_put(&j, EC_STX | EBPF_MEM | EBPF_B, 6, 7, store_at, 0);
	jit_put(&j, EC_LDX | EBPF_MEM | EBPF_W, 4, 6, 16, 0);
	jit_put(&j, EC_ALU64 | EBPF_ADD | EBPF_X, 3, 4, 0, 0);
	jit_put(&j, EC_STX | EBPF_MEM | EBPF_DW, 6, 3, 32, 0);
	pass_open(&j);
	pass_until(&j, opt_copy_run);
	for (uint32_t n = 0; n < j.c.func->n_rpo; n++)
		for (const struct value *v = j.c.func->rpo[n]->first; v; v = v->next)
			found += v->op == IR_WIN && v->imm == 16;
	jit_close(&j);
	return found;
}

static void bytes_read_twice(void **state)
{
	(void)state;
	assert_int_equal(reads(-1), 1);
	assert_int_equal(reads(40), 1);
	for (int at = 16; at < 20; at++)
		assert_int_equal(reads(at), 2);
}

static void sums_computed_twice(void **state)
{
	static struct jit j;

	(void)state;
	for (int other = 0; other < 2; other++) {
		pass_program(&j);
		for (unsigned int r = 3; r <= 4; r++) {
			jit_put(&j, EC_LDX | EBPF_MEM | EBPF_W, r, 6, 16, 0);
			jit_put(&j, EC_ALU64 | EBPF_MUL | EBPF_X, r, r == 4 && other ? 8 : 7, 0, 0);
			jit_put(&j, EC_STX | EBPF_MEM | EBPF_DW, 6, r, 8 * (int)r, 0);
		}
		pass_open(&j);
		pass_until(&j, opt_copy_run);
		assert_int_equal(pass_count(&j, IR_MUL), 1 + other);
		jit_close(&j);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes_read_twice),
		cmocka_unit_test(sums_computed_twice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
