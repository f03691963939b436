// SPDX-License-Identifier: Apache-2.0
/* Stores side by side are cut anew into fewer ones, and those that change nothing are dropped.
 * Also of opt_bytes.c. */
#include "pass.h"

static struct jit j;

static unsigned int stores_left(void)
{
	unsigned int n;

	pass_open_until(&j, opt_pack_run);
	n = pass_count(&j, IR_ST);
	jit_close(&j);
	return n;
}

static const struct value *store_to(int64_t at)
{
	for (uint32_t n = 0; n < j.c.func->n_rpo; n++)
		for (const struct value *v = j.c.func->rpo[n]->first; v; v = v->next)
			if (v->op == IR_ST && v->imm == at)
				return v;
	return NULL;
}

/* Two addresses of six bytes, one for the other, read from where they begin: the packet has what is read behind them. */
static void addresses_take_two_stores(void **state)
{
	(void)state;
	pass_program(&j);
	pass_load(&j, EBPF_W, 3, 6, 0);
	pass_load(&j, EBPF_H, 4, 6, 4);
	pass_load(&j, EBPF_W, 5, 6, 6);
	pass_load(&j, EBPF_H, 2, 6, 10);
	pass_store(&j, EBPF_W, 6, 0, 5);
	pass_store(&j, EBPF_H, 6, 4, 2);
	pass_store(&j, EBPF_W, 6, 6, 3);
	pass_store(&j, EBPF_H, 6, 10, 4);
	pass_open_until(&j, opt_pack_run);
	assert_int_equal(pass_count(&j, IR_ST), 2);
	for (int64_t at = 0; at < 12; at += 6) {
		const struct value *store = store_to(at), *read;

		assert_non_null(store);
		assert_int_equal(store->width, 6);
		read = ir_resolve(store->arg[1]);
		assert_int_equal(read->op, IR_WIN);
		assert_int_equal(read->imm, 6 - at);
		assert_int_equal(read->shift, 0);
		assert_int_equal(read->len, 48);
	}
	jit_close(&j);
}

/* The last store, at the front, is part of the first one of the cut, before which the other one's number has to be read. */
static void all_is_read_before_the_first_store(void **state)
{
	const struct value *v;
	int reads = 0;

	(void)state;
	pass_program(&j);
	pass_load(&j, EBPF_B, 3, 6, 0);
	pass_load(&j, EBPF_H, 4, 6, 1);
	pass_load(&j, EBPF_B, 5, 6, 3);
	pass_store(&j, EBPF_B, 6, 8, 3);
	pass_store(&j, EBPF_H, 6, 9, 4);
	pass_store(&j, EBPF_B, 6, 11, 5);
	jit_put(&j, EC_ST | EBPF_MEM | EBPF_W, 6, 0, 4, 1);
	jit_put(&j, EC_ST | EBPF_MEM | EBPF_W, 6, 0, 0, 2);
	pass_open_until(&j, opt_pack_run);
	v = store_to(0);
	assert_non_null(v);
	assert_non_null(store_to(8));
	for (; v; v = v->next)
		reads += v->op == IR_WIN;
	assert_int_equal(reads, 0);
	jit_close(&j);
}

static void one_number_is_not_cut(void **state)
{
	(void)state;
	pass_program(&j);
	pass_store(&j, EBPF_DW, 6, 8, 7);
	pass_store(&j, EBPF_DW, 6, 16, 8);
	assert_int_equal(stores_left(), 2);
}

/* What is there is stored again, after another store to `at`, of what lies at `from`. */
static unsigned int stores_of_the_same(int at, int from)
{
	pass_program(&j);
	pass_load(&j, EBPF_W, 3, 6, from);
	if (at >= 0)
		pass_store(&j, EBPF_B, 6, at, 7);
	pass_store(&j, EBPF_W, 6, 32, 3);
	return stores_left() - (at >= 0);
}

static void what_is_there_is_not_stored(void **state)
{
	(void)state;
	assert_int_equal(stores_of_the_same(-1, 32), 0);
	assert_int_equal(stores_of_the_same(31, 32), 0);
	assert_int_equal(stores_of_the_same(36, 32), 0);
	assert_int_equal(stores_of_the_same(-1, 33), 1);
	for (int at = 32; at < 36; at++)
		assert_true(stores_of_the_same(at, 32) > 0);
}

/* A read between two stores of what the first one has written. */
static void what_is_read_between_stays(void **state)
{
	(void)state;
	for (int at = 6; at < 14; at++) {
		pass_program(&j);
		pass_store(&j, EBPF_W, 6, 8, 7);
		pass_load(&j, EBPF_B, 3, 6, at);
		pass_store(&j, EBPF_W, 6, 12, 8);
		pass_store(&j, EBPF_B, 6, 40, 3);
		pass_store(&j, EBPF_DW, 6, 48, 7);
		assert_int_equal(stores_left(), at >= 8 && at < 12 ? 4 : 3);
	}
}

/* The type of a frame is asked for, a header put in front of it, which repeats what lies where the type was: `at` is where that is read. */
static const struct value *put_in_front(int at, int asked, int sure)
{
	memset(&j, 0, sizeof(j));
	jit_put(&j, EC_ALU64 | EBPF_MOV | EBPF_X, 9, 1, 0, 0);
	pass_load(&j, EBPF_W, 6, 1, 0);
	pass_load(&j, EBPF_W, 4, 1, 4);
	jit_put(&j, EC_ALU64 | EBPF_MOV | EBPF_X, 3, 6, 0, 0);
	jit_put(&j, EC_ALU64 | EBPF_ADD, 3, 0, 0, 34);
	jit_put(&j, EC_JMP | EBPF_JLE | EBPF_X, 3, 4, 2, 0);
	pass_exit(&j, 1);
	pass_load(&j, EBPF_H, 5, 6, 12);
	pass_skip(&j, EBPF_JEQ, 5, 8, 2);
	pass_exit(&j, 1);
	jit_put(&j, EC_ALU64 | EBPF_MOV, 2, 0, 0, -20);
	jit_put(&j, EC_JMP | EBPF_CALL, 0, 0, 0, HELPER_XDP_ADJUST_HEAD);
	if (asked) {
		pass_skip(&j, EBPF_JEQ, 0, 0, 2);
		pass_exit(&j, 1);
	}
	pass_load(&j, EBPF_W, 6, 9, 0);
	pass_load(&j, EBPF_W, 4, 9, 4);
	jit_put(&j, EC_ALU64 | EBPF_MOV | EBPF_X, 3, 6, 0, 0);
	jit_put(&j, EC_ALU64 | EBPF_ADD, 3, 0, 0, 54);
	jit_put(&j, EC_JMP | EBPF_JLE | EBPF_X, 3, 4, 2, 0);
	pass_exit(&j, 1);
	pass_load(&j, EBPF_W, 3, 6, 24);
	pass_load(&j, EBPF_H, 5, 6, at);
	pass_store(&j, EBPF_DW, 6, 0, 3); /* no byte is left zero */
	pass_store(&j, EBPF_W, 6, 16, 3);
	pass_store(&j, EBPF_W, 6, 8, 3);
	pass_store(&j, EBPF_H, 6, 12, 5);
	jit_put(&j, EC_ALU64 | EBPF_MOV, 2, 0, 0, 0x45);
	pass_store(&j, EBPF_H, 6, 14, 2);
	pass_open(&j);
	j.target.frame_max = sure ? j.target.frame_max : 0;
	pass_until(&j, opt_pack_run);
	for (uint32_t n = 0; n < j.c.func->n_rpo; n++) /* zeroes are stored there, too, where the program ends */
		for (const struct value *v = j.c.func->rpo[n]->first; v; v = v->next)
			if (v->op == IR_ST && v->imm == 8 && !ir_is_const(ir_resolve(v->arg[1])))
				return v;
	return NULL;
}

static int is_upper_half(const struct value *store, uint32_t upper)
{
	const struct value *v = store ? ir_resolve(store->arg[1]) : NULL;

	return v && store->width == 8 && v->op == IR_MOVH && (uint32_t)v->imm == upper;
}

static void tests_say_what_bytes_are(void **state)
{
	(void)state;
	for (int at = 30; at <= 34; at++)
		for (int asked = 0; asked < 2; asked++)
			for (int sure = 0; sure < 2; sure++) {
				assert_int_equal(is_upper_half(put_in_front(at, asked, sure), 0x450008), at == 32 && (asked || sure));
				jit_close(&j);
			}
}

/* A number that is stored swapped, and added up swapped, too: the store takes it as it is there, as part of a wider one. */
static void what_is_swapped_already_is_stored_so(void **state)
{
	(void)state;
	for (int both = 0; both < 2; both++) {
		const struct value *store;

		pass_program(&j);
		jit_put(&j, EC_ALU64 | EBPF_MOV | EBPF_X, 3, 7, 0, 0);
		jit_put(&j, EC_ALU | EBPF_END | EBPF_X, 3, 0, 0, 16);
		if (both)
			pass_store(&j, EBPF_DW, 6, 40, 3);
		pass_store(&j, EBPF_H, 6, 16, 3);
		jit_put(&j, EC_ST | EBPF_MEM | EBPF_H, 6, 0, 18, 0);
		jit_put(&j, EC_ST | EBPF_MEM | EBPF_H, 6, 0, 20, 0);
		jit_put(&j, EC_ST | EBPF_MEM | EBPF_H, 6, 0, 22, 0x1140);
		pass_open_until(&j, opt_pack_run);
		store = store_to(16);
		assert_non_null(store);
		assert_int_equal(is_upper_half(store, 0x11400000), both);
		assert_int_equal(store->swap, !both);
		jit_close(&j);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_take_two_stores),
		cmocka_unit_test(all_is_read_before_the_first_store),
		cmocka_unit_test(one_number_is_not_cut),
		cmocka_unit_test(what_is_there_is_not_stored),
		cmocka_unit_test(what_is_read_between_stays),
		cmocka_unit_test(tests_say_what_bytes_are),
		cmocka_unit_test(what_is_swapped_already_is_stored_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
