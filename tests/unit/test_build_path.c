// SPDX-License-Identifier: Apache-2.0
/* The way that most packets go asks once whether the packet is long enough, and packets of every length get the verdict of the program. */
#include "pass.h"

enum { FRAME = 64, MOST = 60 };

/* Goes on behind the next two instructions when the packet has n bytes, which there are four ways to ask. r6 = data, r5 = data_end. */
static void put_question(struct jit *j, int n, int form)
{
	int end_first = form & 1, strictly = form >> 1;

	jit_put(j, EC_ALU64 | EBPF_MOV | EBPF_X, 3, 6, 0, 0);
	jit_put(j, EC_ALU64 | EBPF_ADD, 3, 0, 0, n - strictly);
	if (end_first)
		jit_put(j, EC_JMP | (strictly ? EBPF_JGT : EBPF_JGE) | EBPF_X, 5, 3, 2, 0);
	else
		jit_put(j, EC_JMP | (strictly ? EBPF_JLT : EBPF_JLE) | EBPF_X, 3, 5, 2, 0);
}

/* Returns 10 + n for a packet that is too short for lengths[n], in this order; 2 behind them. After each question the number x must not be 7. */
static void put_checks(struct jit *j, const int *lengths, int n, int form)
{
	memset(j, 0, sizeof(*j));
	pass_load(j, EBPF_W, 6, 1, 0);
	pass_load(j, EBPF_W, 5, 1, 4);
	pass_load(j, EBPF_W, 7, 1, 12);
	for (int k = 0; k < n; k++) {
		put_question(j, lengths[k], form);
		pass_exit(j, 10 + k);
		pass_skip(j, EBPF_JNE, 7, 100 + k, 2);
		pass_exit(j, 3);
	}
}

/* How often a full frame is asked for its length. */
static unsigned int questions_of(const int *lengths, int n, int form)
{
	static struct jit j;
	unsigned int asked;

	put_checks(&j, lengths, n, form);
	pass_open_until(&j, build_run);
	for (uint64_t len = 0; len <= FRAME; len++) {
		int expected = 2;

		for (int k = n; k-- > 0;)
			if ((uint64_t)lengths[k] > len)
				expected = 10 + k;
		assert_int_equal(pass_verdict(&j, (struct packet){ 5, len }, &asked), expected);
		/* packet 100 is done after the first question */
		assert_int_equal(pass_verdict(&j, (struct packet){ 100, len }, &asked), (uint64_t)lengths[0] > len ? 10 : 3);
	}
	assert_int_equal(pass_verdict(&j, (struct packet){ 5, FRAME }, &asked), 2);
	jit_close(&j);
	return asked - (unsigned int)n;                   /* and n times for x */
}

static unsigned int questions(const int *lengths, int n)
{
	unsigned int asked = questions_of(lengths, n, 0);

	for (int form = 1; form < 4; form++)
		assert_int_equal(questions_of(lengths, n, form), asked);
	return asked;
}

static void several_questions_become_one(void **state)
{
	(void)state;
	assert_int_equal(questions((const int[]){ 14, 34 }, 2), 1);
	assert_int_equal(questions((const int[]){ 14, 34, 42, 54 }, 4), 1);
	assert_int_equal(questions((const int[]){ 14, 34, 20, MOST }, 4), 1);
}

static void one_question_stays(void **state)
{
	(void)state;
	assert_int_equal(questions((const int[]){ 34 }, 1), 1);
	assert_int_equal(questions((const int[]){ 34, 14 }, 2), 1); /* the second is none */
}

/* Longer than the shortest frame: most packets may be too short for it, so it does not count. */
static void long_packets_are_asked_for_themselves(void **state)
{
	static const int lengths[] = { 14, 34, MOST + 2 };

	(void)state;
	assert_int_equal(questions(lengths, 3), 2);
}

/* Behind a call that moves the packet's end the length is another. */
static void not_across_a_call_that_moves_the_packet(void **state)
{
	static struct jit j;

	(void)state;
	memset(&j, 0, sizeof(j));
	jit_put(&j, EC_ALU64 | EBPF_MOV | EBPF_X, 9, 1, 0, 0);
	for (int k = 0; k < 2; k++) {
		pass_load(&j, EBPF_W, 6, 9, 0);
		pass_load(&j, EBPF_W, 5, 9, 4);
		jit_put(&j, EC_ALU64 | EBPF_ADD, 6, 0, 0, 14 + 20 * k);
		jit_put(&j, EC_JMP | EBPF_JLE | EBPF_X, 6, 5, 2, 0);
		pass_exit(&j, 10 + k);
		jit_put(&j, EC_ALU64 | EBPF_MOV | EBPF_X, 1, 9, 0, 0);
		jit_put(&j, EC_ALU64 | EBPF_MOV, 2, 0, 0, -4);
		jit_put(&j, EC_JMP | EBPF_CALL, 0, 0, 0, HELPER_XDP_ADJUST_TAIL);
	}
	pass_open_until(&j, build_run);
	assert_int_equal(pass_count(&j, IR_ADJ), 2);      /* no copy of the way was made */
	jit_close(&j);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(several_questions_become_one),
		cmocka_unit_test(one_question_stays),
		cmocka_unit_test(long_packets_are_asked_for_themselves),
		cmocka_unit_test(not_across_a_call_that_moves_the_packet),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
