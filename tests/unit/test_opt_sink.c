// SPDX-License-Identifier: Apache-2.0
/* What only a rare way needs is made there, as long as it is still the same there. */
#include "pass.h"

static struct jit j;

enum { KEY = -20, READ = 20, WRITTEN = 40 };

/* r9 = a number, a read of the packet, a word of a map; a lookup that may miss: r9 is stored then, or always. store_at: in the packet, map_at: in the map,
 * in between. */
static void put_program(int always, int store_at, int map_at)
{
	pass_program(&j);
	pass_element(&j);
	pass_load(&j, EBPF_DW, 9, 0, 8);
	if (map_at >= 0)
		pass_store(&j, EBPF_DW, 0, map_at, 7);
	jit_put(&j, EC_ALU64 | EBPF_MOV | EBPF_X, 3, 7, 0, 0);
	jit_put(&j, EC_ALU64 | EBPF_MUL, 3, 0, 0, 77);
	jit_put(&j, EC_ALU64 | EBPF_XOR | EBPF_X, 9, 3, 0, 0);
	pass_load(&j, EBPF_W, 4, 6, READ);
	jit_put(&j, EC_ALU64 | EBPF_XOR | EBPF_X, 9, 4, 0, 0);
	if (store_at >= 0)
		pass_store(&j, EBPF_W, 6, store_at, 7);
	jit_put(&j, EC_ST | EBPF_MEM | EBPF_W, 10, 0, KEY, 5);
	pass_map_and_key(&j, HASH, KEY);
	jit_put(&j, EC_JMP | EBPF_CALL, 0, 0, 0, HELPER_MAP_LOOKUP_ELEM);
	pass_skip(&j, EBPF_JNE, 0, 0, 3);
	pass_store(&j, EBPF_DW, 6, WRITTEN, 9);
	pass_exit(&j, 3);
	if (always)
		pass_store(&j, EBPF_DW, 6, WRITTEN + 8, 9);
	pass_open(&j);
	for (size_t n = 0; jit_passes[n] != opt_sink_run; n++)
		assert_int_equal(jit_passes[n](&j.c), 0);
	assert_int_equal(opt_sink_run(&j.c), 0);
	jit_check_ssa(j.c.func);
}

static const struct block *block_of(int op)
{
	const struct value *found = NULL;

	for (uint32_t n = 0; n < j.c.func->n_rpo; n++)
		for (const struct value *v = j.c.func->rpo[n]->first; v; v = v->next)
			if (v->op == op && (op != IR_ST || (v->region[0] == R_PKT && v->imm == WRITTEN)))
				found = v;
	assert_non_null(found);
	return found->block;
}

static int is_sunk(int op)
{
	return block_of(op) == block_of(IR_ST);
}

static void a_miss_makes_what_it_needs(void **state)
{
	(void)state;
	put_program(0, -1, -1);
	assert_true(is_sunk(IR_MUL) && is_sunk(IR_XOR) && is_sunk(IR_WIN) && is_sunk(IR_MLD));
	jit_close(&j);
}

static void what_all_need_stays(void **state)
{
	(void)state;
	put_program(1, -1, -1);
	assert_false(is_sunk(IR_MUL) || is_sunk(IR_XOR) || is_sunk(IR_WIN) || is_sunk(IR_MLD));
	jit_close(&j);
}

static void bytes_written_since(void **state)
{
	(void)state;
	put_program(0, READ + 2, -1);
	assert_true(is_sunk(IR_MUL) && is_sunk(IR_XOR) && is_sunk(IR_MLD));
	assert_false(is_sunk(IR_WIN));
	jit_close(&j);
	put_program(0, READ + 4, -1);
	assert_true(is_sunk(IR_WIN));
	jit_close(&j);
}

static void words_stored_since(void **state)
{
	(void)state;
	put_program(0, -1, 8);
	assert_false(is_sunk(IR_MLD));
	jit_close(&j);
	put_program(0, -1, 0);
	assert_true(is_sunk(IR_MLD));
	jit_close(&j);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_miss_makes_what_it_needs),
		cmocka_unit_test(what_all_need_stays),
		cmocka_unit_test(bytes_written_since),
		cmocka_unit_test(words_stored_since),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
