// SPDX-License-Identifier: Apache-2.0
/* Stores to stack bytes that nobody reads again go; all others stay. The stack bytes here are a map's key, or accessed in two sizes, so they are
 * memory and not values. */
#include "pass.h"

enum { KEY = -20, OTHER = -48 };

/* Stores left at fp + off */
static unsigned int stores(const struct jit *j, int off)
{
	unsigned int found = 0;

	for (uint32_t n = 0; n < j->c.func->n_rpo; n++)
		for (const struct value *v = j->c.func->rpo[n]->first; v; v = v->next)
			found += v->op == IR_ST && v->region[0] == R_STACK && v->imm == off;
	return found;
}

static void put_call(struct jit *j)
{
	pass_map_and_key(j, HASH, KEY);
	jit_put(j, EC_JMP | EBPF_CALL, 0, 0, 0, HELPER_MAP_DELETE_ELEM);
	pass_skip(j, EBPF_JNE, 0, 0, 2);
	pass_exit(j, 3);
}

static void what_a_call_reads_stays(void **state)
{
	static struct jit j;

	(void)state;
	pass_program(&j);
	pass_store(&j, EBPF_W, 10, KEY, 7);
	put_call(&j);
	pass_open_until(&j, opt_store_run);
	assert_int_equal(stores(&j, KEY), 1);
	jit_close(&j);
}

static void what_is_written_again_goes(void **state)
{
	static struct jit j;

	(void)state;
	pass_program(&j);
	pass_store(&j, EBPF_W, 10, KEY, 8);
	pass_store(&j, EBPF_W, 10, KEY, 7);
	put_call(&j);
	pass_store(&j, EBPF_W, 10, KEY, 8);               /* nobody reads this one either */
	pass_open_until(&j, opt_stack_run);
	assert_int_equal(stores(&j, KEY), 1);
	jit_close(&j);
}

static void what_is_written_again_in_part_stays(void **state)
{
	static struct jit j;

	(void)state;
	for (int at = KEY; at < KEY + 4; at++) {
		pass_program(&j);
		pass_store(&j, EBPF_W, 10, KEY, 8);
		pass_store(&j, EBPF_B, 10, at, 7);
		put_call(&j);
		pass_open_until(&j, opt_stack_run);
		assert_int_equal(stores(&j, KEY), 1 + (at == KEY));
		jit_close(&j);
	}
}

/* Read on one way only, where the branch goes to or where it does not. */
static void what_either_way_reads_stays(void **state)
{
	static struct jit j;

	(void)state;
	for (int taken = 0; taken < 2; taken++) {
		uint32_t branch;

		pass_program(&j);
		pass_store(&j, EBPF_W, 10, KEY, 7);
		branch = j.n;
		pass_skip(&j, EBPF_JEQ, 8, 3, 2);
		if (taken)
			pass_exit(&j, 3);
		put_call(&j);
		if (!taken)
			j.insns[branch].off = (int16_t)(j.n - branch - 1);
		pass_open_until(&j, opt_stack_run);
		assert_int_equal(stores(&j, KEY), 1);
		jit_close(&j);
	}
}

/* Written again on one way only. */
static void what_one_way_reads_stays(void **state)
{
	static struct jit j;

	(void)state;
	pass_program(&j);
	pass_store(&j, EBPF_W, 10, KEY, 8);
	pass_skip(&j, EBPF_JEQ, 8, 3, 1);
	pass_store(&j, EBPF_W, 10, KEY, 7);
	put_call(&j);
	pass_open_until(&j, opt_stack_run);
	assert_true(stores(&j, KEY) >= 2);
	jit_close(&j);
}

/* Read around a loop, above where it is written. */
static void what_the_next_round_reads_stays(void **state)
{
	static struct jit j;
	uint32_t head;

	(void)state;
	pass_program(&j);
	jit_put(&j, EC_ALU64 | EBPF_MOV, 9, 0, 0, 0);
	pass_store(&j, EBPF_DW, 10, OTHER, 7);
	head = j.n;
	pass_load(&j, EBPF_W, 3, 10, OTHER);
	pass_store(&j, EBPF_W, 6, 8, 3);
	pass_store(&j, EBPF_W, 10, OTHER, 9);
	pass_skip(&j, EBPF_JEQ, 7, 3, 1);                 /* a block between the store and the way back */
	pass_store(&j, EBPF_W, 6, 16, 7);
	jit_put(&j, EC_ALU64 | EBPF_ADD, 9, 0, 0, 1);
	pass_skip(&j, EBPF_JLT, 9, 3, (int)head - (int)j.n - 1);
	pass_open_carefully(&j);
	pass_until(&j, opt_stack_run);
	assert_int_equal(stores(&j, OTHER), 2);
	jit_close(&j);
}

/* A load of other bytes does not keep it. */
static void only_the_bytes_that_are_read_count(void **state)
{
	static struct jit j;

	(void)state;
	for (int at = -24; at <= -8; at += 8) {
		pass_program(&j);
		pass_store(&j, EBPF_DW, 10, -16, 7);
		pass_store(&j, EBPF_W, 10, -24, 7);
		pass_store(&j, EBPF_W, 10, -16, 7);       /* so it is memory */
		pass_store(&j, EBPF_W, 10, -8, 7);
		pass_load(&j, EBPF_H, 3, 10, at);
		pass_store(&j, EBPF_H, 6, 8, 3);
		pass_open_carefully(&j);                  /* or the load goes before (opt_reload.c) */
		pass_until(&j, opt_stack_run);
		assert_int_equal(stores(&j, -16), at == -16);
		jit_close(&j);
	}
}

/* Where is the store whose key is deleted where the branch on r8 goes, the likely way or not? */
static int is_below(int likely, int read_before)
{
	static struct jit j;
	const struct block *store = NULL, *call = NULL;

	pass_program(&j);
	pass_store(&j, EBPF_W, 10, KEY, 7);
	if (read_before) {
		pass_map_and_key(&j, HASH, KEY);
		jit_put(&j, EC_JMP | EBPF_CALL, 0, 0, 0, HELPER_MAP_DELETE_ELEM);
	}
	pass_skip(&j, likely ? EBPF_JEQ : EBPF_JNE, 8, 3, 2);
	pass_exit(&j, 3);
	put_call(&j);
	pass_open_until(&j, opt_stack_run);
	for (uint32_t n = 0; n < j.c.func->n_rpo; n++)
		for (const struct value *v = j.c.func->rpo[n]->first; v; v = v->next)
			if (v->op == IR_ST && v->imm == KEY)
				store = v->block;
			else if (v->op == IR_DEL)
				call = v->block; /* the last one */
	assert_int_equal(stores(&j, KEY), 1);
	assert_non_null(call);
	jit_close(&j);
	return store == call;
}

static void what_few_packets_need_is_stored_there(void **state)
{
	(void)state;
	assert_int_equal(is_below(1, 0), 1);   /* r8 == 3 is rare */
	assert_int_equal(is_below(0, 0), 0);
	assert_int_equal(is_below(1, 1), 0);
}

/* Also where the rare way leads to what others lead to: in a block between. */
static void what_few_packets_need_is_stored_on_their_way(void **state)
{
	static struct jit j;
	const struct block *call = NULL, *own = NULL;

	(void)state;
	pass_program(&j);
	pass_skip(&j, EBPF_JEQ, 8, 5, 4);
	pass_store(&j, EBPF_W, 10, KEY, 7);
	pass_skip(&j, EBPF_JEQ, 8, 3, 3);
	pass_exit(&j, 3);
	pass_store(&j, EBPF_W, 10, KEY, 8);
	put_call(&j);
	pass_open_carefully(&j);
	pass_until(&j, opt_stack_run);
	assert_int_equal(stores(&j, KEY), 2);
	for (uint32_t n = 0; n < j.c.func->n_rpo; n++)
		for (const struct value *v = j.c.func->rpo[n]->first; v; v = v->next)
			if (v->op == IR_DEL)
				call = v->block;
	assert_non_null(call);
	assert_int_equal(call->n_pred, 2);
	for (uint32_t n = 0; n < 2; n++)
		if (call->pred[n]->first->op == IR_ST && ir_is_special(ir_resolve(call->pred[n]->first->arg[1]), SR_IFINDEX))
			own = call->pred[n];
	assert_non_null(own);
	assert_int_equal(own->last->op, IR_JMP);
	jit_close(&j);
}

/* Where both ways come to a rare one, on either of these. */
static void what_few_of_both_ways_need_is_stored_there(void **state)
{
	static struct jit j;
	const struct block *stored[2] = { NULL, NULL };
	uint32_t branch, found = 0;

	(void)state;
	pass_program(&j);
	pass_store(&j, EBPF_W, 10, KEY, 7);
	branch = j.n;
	pass_skip(&j, EBPF_JEQ, 7, 1, 0);
	for (int way = 0; way < 2; way++) {
		pass_store(&j, EBPF_W, 6, 16 + way, 8);
		pass_skip(&j, EBPF_JEQ, 8, 3, 2);                 /* rare */
		pass_exit(&j, 3);
		put_call(&j);
		pass_exit(&j, 2);
		if (!way)
			j.insns[branch].off = (int16_t)(j.n - branch - 1);
	}
	jit_finish(&j);
	jit_open(&j);
	pass_until(&j, opt_stack_run);
	for (uint32_t n = 0; n < j.c.func->n_rpo; n++)
		for (const struct value *v = j.c.func->rpo[n]->first; v; v = v->next)
			if (v->op == IR_ST && v->imm == KEY) {
				assert_true(found < 2);
				assert_true(ir_is_special(ir_resolve(v->arg[1]), SR_IFINDEX)); /* r7 */
				stored[found++] = v->block;
			}
	assert_int_equal(found, 2);
	for (int n = 0; n < 2; n++)
		assert_true(stored[n]->n_pred == 1 && stored[n]->pred[0] != j.c.func->entry);
	jit_close(&j);
}

/* ---- constants beside other stores of their word ---- */

enum { WIDE_KEY = -32, WIDE_BYTES = 24, REST = 10 };

static const struct prog_map wide = { .name = "wide", .type = MAP_TYPE_HASH, .key_size = WIDE_BYTES, .value_size = 8, .max_entries = 64 };

static void put_wide_call(struct jit *j)
{
	pass_map_and_key(j, 0, WIDE_KEY);
	jit_put(j, EC_JMP | EBPF_CALL, 0, 0, 0, HELPER_MAP_DELETE_ELEM);
	pass_exit(j, 3);
}

/* The rest of the key on one way, in REST instructions: a byte over the word of zeroes, and a word on its other side. */
static void put_rest(struct jit *j, int byte, int word)
{
	jit_put(j, EC_ST | EBPF_MEM | EBPF_B, 10, 0, -12, byte);
	jit_put(j, EC_ST | EBPF_MEM | EBPF_W, 10, 0, -16, word);
	pass_store(j, EBPF_W, 10, WIDE_KEY, 8);
	put_wide_call(j);
}

static void open_wide(struct jit *j)
{
	jit_finish(j);
	j->prog.maps = &wide;
	j->prog.n_maps = 1;
	jit_open(j);
}

static void check_whole(const struct jit *j, int64_t off, uint64_t data)
{
	unsigned int found = 0;

	for (uint32_t n = 0; n < j->c.func->n_rpo; n++)
		for (const struct value *v = j->c.func->rpo[n]->first; v; v = v->next)
			found += v->op == IR_ST && v->region[0] == R_STACK && v->imm == off && v->width == 8 && ir_is_const(ir_resolve(v->arg[1])) &&
				 (uint64_t)ir_resolve(v->arg[1])->imm == data;
	assert_int_equal(found, 1);
}

static unsigned int all_stores(const struct jit *j)
{
	unsigned int found = 0;

	for (int off = WIDE_KEY; off < WIDE_KEY + WIDE_BYTES; off++)
		found += stores(j, off);
	return found;
}

/* Zeroes for the whole key first, then the rest on either way: a word has one store on each. */
static void a_constant_joins_what_either_way_stores(void **state)
{
	static struct jit j;

	(void)state;
	pass_program(&j);
	jit_put(&j, EC_ST | EBPF_MEM | EBPF_DW, 10, 0, -24, 0);
	jit_put(&j, EC_ST | EBPF_MEM | EBPF_W, 10, 0, -28, 0);
	jit_put(&j, EC_ST | EBPF_MEM | EBPF_W, 10, 0, -12, 0);
	pass_skip(&j, EBPF_JEQ, 8, 3, REST);
	put_rest(&j, 17, 5);
	put_rest(&j, 6, 9);
	open_wide(&j);
	pass_until(&j, opt_pack_run);
	check_whole(&j, -16, 17ULL << 32 | 5);
	check_whole(&j, -16, 6ULL << 32 | 9);
	assert_int_equal(all_stores(&j), 1 + 2 + 2);
	jit_close(&j);
}

/* Where the bytes are read first, they are stored before. */
static void a_constant_stays_above_who_reads_it(void **state)
{
	static struct jit j;

	(void)state;
	for (int reads = 0; reads < 2; reads++) {
		pass_program(&j);
		jit_put(&j, EC_ST | EBPF_MEM | EBPF_DW, 10, 0, -24, 0);
		jit_put(&j, EC_ST | EBPF_MEM | EBPF_W, 10, 0, -32, 0);
		jit_put(&j, EC_ST | EBPF_MEM | EBPF_W, 10, 0, -28, 0);
		jit_put(&j, EC_ST | EBPF_MEM | EBPF_DW, 10, 0, -16, 0);
		pass_skip(&j, EBPF_JEQ, 8, 3, REST);
		put_rest(&j, 17, 5);
		if (reads) {
			pass_map_and_key(&j, 0, WIDE_KEY);
			jit_put(&j, EC_JMP | EBPF_CALL, 0, 0, 0, HELPER_MAP_DELETE_ELEM);
		}
		put_rest(&j, 6, 9);
		open_wide(&j);
		pass_until(&j, opt_stack_run);
		assert_int_equal(stores(&j, -28), reads ? 1 : 2);
		jit_close(&j);
	}
}

/* On the way that few packets take the bytes are read before one of them is stored again. */
static void a_constant_is_whole_where_it_is_read_first(void **state)
{
	static struct jit j;
	uint32_t branch;

	(void)state;
	pass_program(&j);
	jit_put(&j, EC_ST | EBPF_MEM | EBPF_DW, 10, 0, -32, 0);
	jit_put(&j, EC_ST | EBPF_MEM | EBPF_DW, 10, 0, -24, 0);
	pass_store(&j, EBPF_W, 10, -16, 8);
	jit_put(&j, EC_ST | EBPF_MEM | EBPF_W, 10, 0, -12, 7);
	branch = j.n;
	pass_skip(&j, EBPF_JNE, 8, 3, 0);
	pass_map_and_key(&j, 0, WIDE_KEY);
	jit_put(&j, EC_JMP | EBPF_CALL, 0, 0, 0, HELPER_MAP_DELETE_ELEM);
	jit_put(&j, EC_ST | EBPF_MEM | EBPF_B, 10, 0, -12, 17);
	put_wide_call(&j);
	j.insns[branch].off = (int16_t)(j.n - branch - 1);
	pass_exit(&j, 2);
	open_wide(&j);
	pass_until(&j, opt_stack_run);
	assert_int_equal(stores(&j, -12), 2);
	assert_int_equal(stores(&j, -11), 0);
	jit_close(&j);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_call_reads_stays),
		cmocka_unit_test(what_is_written_again_goes),
		cmocka_unit_test(what_is_written_again_in_part_stays),
		cmocka_unit_test(what_either_way_reads_stays),
		cmocka_unit_test(what_one_way_reads_stays),
		cmocka_unit_test(what_the_next_round_reads_stays),
		cmocka_unit_test(only_the_bytes_that_are_read_count),
		cmocka_unit_test(what_few_packets_need_is_stored_there),
		cmocka_unit_test(what_few_packets_need_is_stored_on_their_way),
		cmocka_unit_test(what_few_of_both_ways_need_is_stored_there),
		cmocka_unit_test(a_constant_joins_what_either_way_stores),
		cmocka_unit_test(a_constant_stays_above_who_reads_it),
		cmocka_unit_test(a_constant_is_whole_where_it_is_read_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
