// SPDX-License-Identifier: Apache-2.0
/* A short key whose bytes are known goes to the map in registers; what is in them is compared with what lies at the key. */
#include "pass.h"

enum { KEY = -20, FROM = 26 };

static struct jit j;

static void put_lookup(void)
{
	jit_put(&j, EC_JMP | EBPF_CALL, 0, 0, 0, HELPER_MAP_LOOKUP_ELEM);
	pass_skip(&j, EBPF_JNE, 0, 0, 2);
	pass_exit(&j, 3);
}

/* The key of the only lookup, or NULL where it is read from memory. */
static const struct value *key_of(void)
{
	const struct value *look = NULL;

	pass_open_until(&j, opt_look_run);
	for (uint32_t n = 0; n < j.c.func->n_rpo; n++)
		for (const struct value *v = j.c.func->rpo[n]->first; v; v = v->next)
			look = v->op == IR_LOOK || v->op == IR_LOOKR ? v : look;
	assert_non_null(look);
	return look->op == IR_LOOKR ? ir_resolve(look->arg[0]) : NULL;
}

/* The key lies in the packet. */
static const struct value *key_at(int off)
{
	pass_program(&j);
	pass_map_and_key(&j, HASH, 0);
	jit_put(&j, EC_ALU64 | EBPF_MOV | EBPF_X, 2, 6, 0, 0);
	jit_put(&j, EC_ALU64 | EBPF_ADD, 2, 0, 0, off);
	put_lookup();
	return key_of();
}

/* The key is put together on the stack of a byte that a test has asked for and four others. */
static const struct value *key_with_tested(int tested)
{
	pass_program(&j);
	pass_load(&j, EBPF_B, 3, 6, 23);
	pass_load(&j, EBPF_H, 4, 6, 36);
	pass_skip(&j, EBPF_JEQ, tested ? 3 : 7, 17, 2);
	pass_exit(&j, 1);
	pass_store(&j, EBPF_H, 10, KEY, 4);
	pass_store(&j, EBPF_B, 10, KEY + 2, 3);
	jit_put(&j, EC_ST | EBPF_MEM | EBPF_B, 10, 0, KEY + 3, 0);
	pass_map_and_key(&j, HASH, KEY);
	put_lookup();
	pass_open_until(&j, opt_look_run);
	for (uint32_t n = 0; n < j.c.func->n_rpo; n++)
		for (const struct value *v = j.c.func->rpo[n]->first; v; v = v->next)
			if (v->op == IR_LOOKR)
				return ir_resolve(v->arg[0]);
	return NULL;
}

static void tests_say_what_keys_are(void **state)
{
	(void)state;
	for (int tested = 0; tested < 2; tested++) {
		const struct value *key = key_with_tested(tested);

		assert_non_null(key);
		assert_int_equal(key->op, IR_OR);
		assert_int_equal(ir_is_const(ir_resolve(key->arg[1])), tested);
		if (tested)
			assert_int_equal(ir_resolve(key->arg[1])->imm, 17 << 16);
		jit_close(&j);
	}
}

/* What is one read anyway stays one. */
static void a_test_does_not_cut_a_read(void **state)
{
	const struct value *key;

	(void)state;
	pass_program(&j);
	pass_load(&j, EBPF_B, 3, 6, 23);
	pass_skip(&j, EBPF_JEQ, 3, 17, 2);
	pass_exit(&j, 1);
	pass_map_and_key(&j, HASH, 0);
	jit_put(&j, EC_ALU64 | EBPF_MOV | EBPF_X, 2, 6, 0, 0);
	jit_put(&j, EC_ALU64 | EBPF_ADD, 2, 0, 0, 22);
	put_lookup();
	key = key_of();
	assert_non_null(key);
	assert_int_equal(key->op, IR_WIN);
	jit_close(&j);
}

static void keys_in_the_packet(void **state)
{
	(void)state;
	for (int off = 0; off < 60; off += 20) {
		const struct value *key = key_at(off);

		assert_non_null(key);
		assert_int_equal(key->op, IR_WIN);
		assert_int_equal(key->imm, off);
		assert_int_equal(key->width, 4);
		assert_int_equal(key->len, 32);
		jit_close(&j);
	}
}

/* After a store to one of its bytes it is the state behind the store that is read. */
static void keys_that_were_stored_to(void **state)
{
	const struct value *key;

	(void)state;
	pass_program(&j);
	pass_store(&j, EBPF_B, 6, FROM + 1, 7);
	pass_map_and_key(&j, HASH, 0);
	jit_put(&j, EC_ALU64 | EBPF_MOV | EBPF_X, 2, 6, 0, 0);
	jit_put(&j, EC_ALU64 | EBPF_ADD, 2, 0, 0, FROM);
	put_lookup();
	key = key_of();
	assert_non_null(key);
	assert_int_not_equal(key->epoch, 1);
	jit_close(&j);
}

static void keys_on_the_stack(void **state)
{
	const struct value *key;

	(void)state;
	pass_program(&j);
	pass_store(&j, EBPF_W, 10, KEY, 7);
	pass_map_and_key(&j, HASH, KEY);
	put_lookup();
	key = key_of();
	assert_non_null(key);
	assert_true(ir_is_special(key, SR_IFINDEX)); /* r7 */
	jit_close(&j);
}

/* Two stores, the later one of its upper half. */
static void keys_of_pieces(void **state)
{
	const struct value *key, *high, *low;

	(void)state;
	pass_program(&j);
	pass_store(&j, EBPF_W, 10, KEY, 7);
	pass_store(&j, EBPF_H, 10, KEY + 2, 8);
	pass_map_and_key(&j, HASH, KEY);
	put_lookup();
	key = key_of();
	assert_non_null(key);
	assert_int_equal(key->op, IR_OR);
	low = ir_resolve(key->arg[0]);
	high = ir_resolve(key->arg[1]);
	assert_int_equal(low->op, IR_UBFX);
	assert_int_equal(low->len, 16);
	assert_true(ir_is_special(ir_resolve(low->arg[0]), SR_IFINDEX));
	assert_int_equal(high->op, IR_LSH);
	assert_int_equal(ir_resolve(high->arg[1])->imm, 16);
	jit_close(&j);
}

/* What was stored depends on the way, or may have been stored to at a place that is not known. */
static void keys_that_are_not_known(void **state)
{
	(void)state;
	pass_program(&j);
	pass_store(&j, EBPF_W, 10, KEY, 7);
	pass_skip(&j, EBPF_JEQ, 8, 3, 1);
	pass_store(&j, EBPF_W, 10, KEY, 8);
	pass_map_and_key(&j, HASH, KEY);
	put_lookup();
	pass_open_carefully(&j); /* ways meet there */
	assert_int_equal(build_run(&j.c), 0);
	j.c.careful = 0;
	assert_int_equal(cfg_order(j.c.func), 0);
	assert_int_equal(opt_reload_run(&j.c), 0);
	assert_int_equal(opt_look_run(&j.c), 0);
	assert_int_equal(pass_count(&j, IR_LOOK), 1);
	jit_close(&j);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tests_say_what_keys_are),
		cmocka_unit_test(a_test_does_not_cut_a_read),
		cmocka_unit_test(keys_in_the_packet),
		cmocka_unit_test(keys_that_were_stored_to),
		cmocka_unit_test(keys_on_the_stack),
		cmocka_unit_test(keys_of_pieces),
		cmocka_unit_test(keys_that_are_not_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
