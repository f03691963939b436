// SPDX-License-Identifier: Apache-2.0
/* Places of a packet that may move: operands of the machine as long as it has not moved since they were asked for, else registers. */
#include "pass.h"

/* r7 = ctx, r6 = data; [the packet's start moves] */
static void put_start(struct jit *j, int moves)
{
	memset(j, 0, sizeof(*j));
	jit_put(j, EC_ALU64 | EBPF_MOV | EBPF_X, 7, 1, 0, 0);
	pass_load(j, EBPF_W, 6, 7, 0);
	if (!moves)
		return;
	jit_put(j, EC_ALU64 | EBPF_MOV, 2, 0, 0, -8);
	jit_put(j, EC_JMP | EBPF_CALL, 0, 0, 0, HELPER_XDP_ADJUST_HEAD);
}

static void places_without_moves_are_operands(void **state)
{
	static struct jit j;

	(void)state;
	put_start(&j, 0);
	pass_load(&j, EBPF_W, 0, 7, 4);
	jit_put(&j, EC_ALU64 | EBPF_SUB | EBPF_X, 0, 6, 0, 0);
	jit_put(&j, EC_JMP | EBPF_EXIT, 0, 0, 0, 0);
	jit_finish(&j);
	jit_open(&j);
	pass_until(&j, opt_now_run);
	assert_int_equal(j.c.func->moves, 0);
	assert_int_equal(pass_count(&j, IR_NOW), 0);
	jit_close(&j);
}

static void places_asked_for_behind_the_move_are_operands(void **state)
{
	static struct jit j;

	(void)state;
	put_start(&j, 1);
	pass_load(&j, EBPF_W, 6, 7, 0);
	pass_load(&j, EBPF_W, 3, 7, 4);
	jit_put(&j, EC_ALU64 | EBPF_MOV | EBPF_X, 4, 6, 0, 0);
	jit_put(&j, EC_ALU64 | EBPF_ADD, 4, 0, 0, 14);
	jit_put(&j, EC_JMP | EBPF_JGT | EBPF_X, 4, 3, 1, 0);
	jit_put(&j, EC_ST | EBPF_MEM | EBPF_H, 6, 0, 12, 8);
	pass_open_until(&j, opt_split_run);
	assert_true(j.c.func->moves);
	assert_true(pass_count(&j, IR_NOW) > 0);
	assert_int_equal(opt_now_run(&j.c), 0);
	assert_int_equal(pass_count(&j, IR_NOW), 0);
	jit_close(&j);
}

/* The length is asked for before and behind the move: old * 256 + new */
static void places_from_before_the_move_are_registers(void **state)
{
	static struct jit j;

	(void)state;
	memset(&j, 0, sizeof(j));
	jit_put(&j, EC_ALU64 | EBPF_MOV | EBPF_X, 7, 1, 0, 0);
	jit_put(&j, EC_JMP | EBPF_CALL, 0, 0, 0, HELPER_XDP_GET_BUFF_LEN);
	jit_put(&j, EC_ALU64 | EBPF_MOV | EBPF_X, 8, 0, 0, 0);
	jit_put(&j, EC_ALU64 | EBPF_MOV | EBPF_X, 1, 7, 0, 0);
	jit_put(&j, EC_ALU64 | EBPF_MOV, 2, 0, 0, -8);
	jit_put(&j, EC_JMP | EBPF_CALL, 0, 0, 0, HELPER_XDP_ADJUST_HEAD);
	jit_put(&j, EC_ALU64 | EBPF_MOV | EBPF_X, 1, 7, 0, 0);
	jit_put(&j, EC_JMP | EBPF_CALL, 0, 0, 0, HELPER_XDP_GET_BUFF_LEN);
	jit_put(&j, EC_ALU64 | EBPF_LSH, 8, 0, 0, 8);
	jit_put(&j, EC_ALU64 | EBPF_ADD | EBPF_X, 0, 8, 0, 0);
	jit_put(&j, EC_JMP | EBPF_EXIT, 0, 0, 0, 0);
	jit_finish(&j);
	jit_open(&j);
	pass_until(&j, opt_now_run);
	for (uint32_t n = 0; n < j.c.func->n_rpo; n++)
		for (const struct value *v = j.c.func->rpo[n]->first; v; v = v->next) {
			if (v->op == IR_ADD)
				assert_true(ir_is_special(v->arg[0], SR_LEN) || ir_is_special(v->arg[1], SR_LEN));
			if (v->op == IR_LSH)
				assert_int_equal(v->arg[0]->op, IR_NOW);
		}
	assert_int_equal(pass_count(&j, IR_NOW), 1);
	assert_int_equal(pass_count(&j, IR_LSH), 1);
	jit_close(&j);
}

/* A verdict shares a bundle with the move, so it is a register. */
static void verdicts_are_registers(void **state)
{
	static struct jit j;

	(void)state;
	put_start(&j, 1);
	jit_put(&j, EC_ALU64 | EBPF_MOV | EBPF_X, 1, 7, 0, 0);
	jit_put(&j, EC_JMP | EBPF_CALL, 0, 0, 0, HELPER_XDP_GET_BUFF_LEN);
	jit_put(&j, EC_JMP | EBPF_EXIT, 0, 0, 0, 0);
	jit_finish(&j);
	jit_open(&j);
	pass_until(&j, opt_now_run);
	for (uint32_t n = 0; n < j.c.func->n_rpo; n++)
		if (j.c.func->rpo[n]->last->op == IR_EXIT)
			assert_int_not_equal(ir_resolve(j.c.func->rpo[n]->last->arg[0])->op, IR_SPECIAL);
	assert_int_equal(pass_count(&j, IR_NOW), 1);
	jit_close(&j);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(places_without_moves_are_operands),
		cmocka_unit_test(places_asked_for_behind_the_move_are_operands),
		cmocka_unit_test(places_from_before_the_move_are_registers),
		cmocka_unit_test(verdicts_are_registers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
