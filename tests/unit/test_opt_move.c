// SPDX-License-Identifier: Apache-2.0
/* Moves of the packet that can't fail are not asked whether they have; lengths behind a move follow from those before it. */
#include "pass.h"
#include "hw/spec/regs.h"

/* r7 = ctx, r6 = data, r3 = data_end; a packet that ends before data + k, if that is not 0, goes no further */
static void put_length(struct jit *j, int k)
{
	pass_load(j, EBPF_W, 6, 7, 0);
	pass_load(j, EBPF_W, 3, 7, 4);
	if (!k)
		return;
	jit_put(j, EC_ALU64 | EBPF_MOV | EBPF_X, 4, 6, 0, 0);
	jit_put(j, EC_ALU64 | EBPF_ADD, 4, 0, 0, k);
	jit_put(j, EC_JMP | EBPF_JLE | EBPF_X, 4, 3, 2, 0);
	pass_exit(j, 1);
}

/* What fails goes no further. */
static void put_move(struct jit *j, int helper, int by)
{
	jit_put(j, EC_ALU64 | EBPF_MOV | EBPF_X, 1, 7, 0, 0);
	jit_put(j, EC_ALU64 | EBPF_MOV, 2, 0, 0, by);
	jit_put(j, EC_JMP | EBPF_CALL, 0, 0, 0, helper);
	pass_skip(j, EBPF_JEQ, 0, 0, 2);
	pass_exit(j, 3);
}

static void start(struct jit *j)
{
	memset(j, 0, sizeof(*j));
	jit_put(j, EC_ALU64 | EBPF_MOV | EBPF_X, 7, 1, 0, 0);
}

/* Whether a move has failed, or how long the packet is; what clears new bytes asks otherwise. */
static int is_question(const struct value *v)
{
	const struct value *x = v->op == IR_BR ? ir_resolve(v->arg[0]) : NULL;

	return x && (x->op == IR_ADJ || (x->op == IR_NOW && x->imm == SR_LEN));
}

/* Those that are left. */
static unsigned int questions(struct jit *j)
{
	unsigned int n = 0;

	pass_until(j, opt_move_run);
	assert_int_equal(opt_fold_run(&j->c), 0);
	for (uint32_t k = 0; k < j->c.func->n_rpo; k++)
		n += (unsigned int)is_question(j->c.func->rpo[k]->last);
	assert_true(pass_count(j, IR_ADJ) > 0);
	jit_close(j);
	return n;
}

static unsigned int questions_of(int before, int helper, int by, int behind)
{
	static struct jit j;

	start(&j);
	put_length(&j, before);
	put_move(&j, helper, by);
	if (behind)
		put_length(&j, behind);
	pass_open(&j);
	return questions(&j);
}

enum { HEAD = HELPER_XDP_ADJUST_HEAD, TAIL = HELPER_XDP_ADJUST_TAIL };

static void room_in_front_is_known(void **state)
{
	(void)state;
	assert_int_equal(questions_of(0, HEAD, -20, 0), 0);
	assert_int_equal(questions_of(0, HEAD, NIC_HEAD_MIN - NIC_HEADROOM, 0), 0);
	assert_int_equal(questions_of(0, HEAD, NIC_HEAD_MIN - NIC_HEADROOM - 1, 0), 1);
}

/* Frames may be as short as a byte. */
static void what_is_left_is_long_enough(void **state)
{
	(void)state;
	assert_int_equal(questions_of(0, HEAD, 8, 0), 1);
	assert_int_equal(questions_of(21, HEAD, 8, 0), 2);
	assert_int_equal(questions_of(22, HEAD, 8, 0), 1);
	assert_int_equal(questions_of(21, TAIL, -8, 0), 2);
	assert_int_equal(questions_of(22, TAIL, -8, 0), 1);
}

static void moves_add_up(void **state)
{
	static struct jit j;

	(void)state;
	for (int sure = 0; sure < 2; sure++) {
		start(&j);
		put_move(&j, HEAD, -200);
		put_move(&j, HEAD, sure ? -16 : -17);
		pass_open(&j);
		assert_int_equal(questions(&j), !sure);
	}
}

static void lengths_behind_the_move_follow(void **state)
{
	(void)state;
	assert_int_equal(questions_of(38, HEAD, -20, 58), 1);
	assert_int_equal(questions_of(38, HEAD, -20, 59), 2);
	assert_int_equal(questions_of(38, TAIL, -20, 18), 1);
	assert_int_equal(questions_of(38, TAIL, -20, 19), 2);
}

/* A move that may have failed or gone anywhere. */
static void unknown_moves_end_it(void **state)
{
	static struct jit j;

	(void)state;
	start(&j);
	put_length(&j, 100);
	jit_put(&j, EC_ALU64 | EBPF_MOV | EBPF_X, 1, 7, 0, 0);
	pass_load(&j, EBPF_W, 2, 7, 16);
	jit_put(&j, EC_ALU64 | EBPF_AND, 2, 0, 0, 7);
	jit_put(&j, EC_JMP | EBPF_CALL, 0, 0, 0, HEAD);
	put_move(&j, HEAD, -20);
	pass_open(&j);
	assert_int_equal(questions(&j), 3); /* the first one also by what clears new bytes */
}

/* Who called the program may have moved the packet. */
static void tail_calls_end_it(void **state)
{
	static struct jit j;
	struct compile_image image = { .n_programs = 2, .tail_calls = 1 };

	(void)state;
	start(&j);
	put_move(&j, HEAD, -20);
	pass_open(&j);
	j.c.image = &image;
	assert_int_equal(questions(&j), 1);
}

/* A host may have longer frames than the NIC. */
static void what_grows_is_not_too_long(void **state)
{
	static const struct { uint32_t frame_max, questions; } targets[] = { { NIC_LEN_MAX - 20, 0 }, { NIC_LEN_MAX - 19, 1 }, { 0, 1 } };
	static struct jit j;

	(void)state;
	for (size_t n = 0; n < sizeof(targets) / sizeof(*targets); n++) {
		start(&j);
		put_move(&j, HEAD, -20);
		pass_open(&j);
		j.target.frame_max = targets[n].frame_max;
		assert_int_equal(questions(&j), targets[n].questions);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(room_in_front_is_known),
		cmocka_unit_test(what_is_left_is_long_enough),
		cmocka_unit_test(moves_add_up),
		cmocka_unit_test(lengths_behind_the_move_follow),
		cmocka_unit_test(unknown_moves_end_it),
		cmocka_unit_test(tail_calls_end_it),
		cmocka_unit_test(what_grows_is_not_too_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
