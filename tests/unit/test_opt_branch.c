// SPDX-License-Identifier: Apache-2.0
/* A test that an earlier one has answered goes, and no other; constants go past the tests of them; branches that exit with one verdict share a
 * block; and the verdict stays that of the program, for every pair of conditions.
 * Also of opt_exit.c, opt_thread.c. */
#include "pass.h"

enum { LONGEST = 64, ASKED_LENGTH = 1, NUMBERS = 6 };

static const uint64_t numbers[NUMBERS] = { 0, 1, 2, 3, 4, UINT32_MAX };
static const uint8_t conditions[] = {
	EBPF_JEQ, EBPF_JNE, EBPF_JGT, EBPF_JGE, EBPF_JLT, EBPF_JLE, EBPF_JSET, EBPF_JSGT, EBPF_JSGE, EBPF_JSLT, EBPF_JSLE,
};

static int holds(int cc, uint64_t x, uint64_t k)
{
	switch (cc) {
	case EBPF_JEQ: return x == k;
	case EBPF_JNE: return x != k;
	case EBPF_JGT: return x > k;
	case EBPF_JGE: return x >= k;
	case EBPF_JLT: return x < k;
	case EBPF_JLE: return x <= k;
	case EBPF_JSET: return (x & k) != 0;
	case EBPF_JSGT: return (int64_t)x > (int64_t)k;
	case EBPF_JSGE: return (int64_t)x >= (int64_t)k;
	case EBPF_JSLT: return (int64_t)x < (int64_t)k;
	default: return (int64_t)x <= (int64_t)k;
	}
}

static int is_span(int cc)
{
	return cc == EBPF_JEQ || cc == EBPF_JGT || cc == EBPF_JGE || cc == EBPF_JLT || cc == EBPF_JLE;
}

/* Spans of numbers are compared; other questions answer themselves and their opposite. The numbers tried decide: those above 4 are alike. */
static int must_answer(int cc1, int k1, int cc2, int k2)
{
	int both_equalities = (cc1 == EBPF_JEQ || cc1 == EBPF_JNE) && (cc2 == EBPF_JEQ || cc2 == EBPF_JNE);

	return (is_span(cc1) && (is_span(cc2) || cc2 == EBPF_JNE)) || (k1 == k2 && (cc1 == cc2 || both_equalities));
}

/* r3 and r4: the same number, which the verifier does not know, or it would answer the tests. */
static void load_twice(struct jit *j, int size)
{
	pass_program(j);
	pass_load(j, size, 3, 6, 16);
	pass_load(j, size, 4, 6, 16);
}

/* !(x cc1 k1) ? 3 : !(x cc2 k2) ? 4 : 2 */
static void check_pair(int cc1, int k1, int cc2, int k2)
{
	static struct jit j;
	unsigned int yes = 0, no = 0, asked, most = 0;

	load_twice(&j, EBPF_W);
	pass_skip(&j, cc1, 3, k1, 2);
	pass_exit(&j, 3);
	pass_skip(&j, cc2, 4, k2, 2);
	pass_exit(&j, 4);
	pass_open_until(&j, opt_branch_run);
	for (int n = 0; n < NUMBERS; n++) {
		int first = holds(cc1, numbers[n], (uint64_t)k1), second = holds(cc2, numbers[n], (uint64_t)k2);

		if (pass_verdict(&j, (struct packet){ numbers[n], LONGEST }, &asked) != (!first ? 3 : !second ? 4 : 2))
			fail_msg("%d %d, then %d %d is wrong for %llu", cc1, k1, cc2, k2, (unsigned long long)numbers[n]);
		most = asked > most ? asked : most;
		yes += first && second;
		no += first && !second;
	}
	if (must_answer(cc1, k1, cc2, k2) && (!yes || !no) && most > ASKED_LENGTH + 1)
		fail_msg("%d %d answers %d %d, which is still asked", cc1, k1, cc2, k2);
	jit_close(&j);
}

static void pairs_of_tests(void **state)
{
	(void)state;
	for (size_t a = 0; a < sizeof(conditions); a++)
		for (size_t b = 0; b < sizeof(conditions); b++)
			for (int k1 = 0; k1 <= 3; k1++)
				for (int k2 = 0; k2 <= 3; k2++)
					check_pair(conditions[a], k1, conditions[b], k2);
}

/* x cc1 k1 || x cc2 k2 ? 2 : 4; how many tests the longest way makes */
static unsigned int check_either(int cc1, int k1, int cc2, int k2)
{
	static struct jit j;
	unsigned int asked, most = 0;

	load_twice(&j, EBPF_W);
	pass_skip(&j, cc1, 3, k1, 3);
	pass_skip(&j, cc2, 4, k2, 2);
	pass_exit(&j, 4);
	pass_open_until(&j, opt_branch_run);
	for (int n = 0; n < NUMBERS; n++) {
		int either = holds(cc1, numbers[n], (uint64_t)k1) || holds(cc2, numbers[n], (uint64_t)k2);

		if (pass_verdict(&j, (struct packet){ numbers[n], LONGEST }, &asked) != (either ? 2 : 4))
			fail_msg("%d %d or %d %d is wrong for %llu", cc1, k1, cc2, k2, (unsigned long long)numbers[n]);
		most = asked > most ? asked : most;
	}
	jit_close(&j);
	return most - ASKED_LENGTH;
}

/* A test before one that asks for more and leads to the same place goes. */
static void repeated_tests(void **state)
{
	(void)state;
	for (size_t a = 0; a < sizeof(conditions); a++)
		for (size_t b = 0; b < sizeof(conditions); b++)
			for (int k1 = 0; k1 <= 3; k1++)
				for (int k2 = 0; k2 <= 3; k2++)
					check_either(conditions[a], k1, conditions[b], k2);
	assert_int_equal(check_either(EBPF_JLT, 1, EBPF_JLT, 3), 1);
	assert_int_equal(check_either(EBPF_JGT, 3, EBPF_JGE, 2), 1);
	assert_int_equal(check_either(EBPF_JLT, 2, EBPF_JEQ, 3), 2);
}

/* x and its lower half are not the same number: x > 5 ? 3 : (u32)x > 5 ? 4 : 2 */
static void the_width_matters(void **state)
{
	static struct jit j;
	unsigned int asked;

	(void)state;
	load_twice(&j, EBPF_DW);
	pass_skip(&j, EBPF_JGT, 3, 5, 2);
	pass_exit(&j, 3);
	jit_put(&j, EC_JMP32 | EBPF_JGT, 4, 0, 2, 5);
	pass_exit(&j, 4);
	pass_open_until(&j, opt_branch_run);
	assert_int_equal(pass_verdict(&j, (struct packet){ 1ULL << 32, LONGEST }, &asked), 4);
	assert_int_equal(pass_verdict(&j, (struct packet){ 6, LONGEST }, &asked), 2);
	jit_close(&j);
}

/* r3 = x == 1 ? 5 : x == 2 ? 6 : x; if (r3 == 6) 3; 2: the ways with constants are not asked again. */
static void constants_pass_their_test(void **state)
{
	static struct jit j;
	static const struct { uint64_t x; int verdict; unsigned int asked; } cases[] = { { 1, 2, 1 }, { 2, 3, 2 }, { 7, 2, 3 }, { 6, 3, 3 } };
	unsigned int asked;

	(void)state;
	pass_program(&j);
	jit_put(&j, EC_ALU64 | EBPF_MOV, 3, 0, 0, 5);
	pass_skip(&j, EBPF_JEQ, 7, 1, 3);
	jit_put(&j, EC_ALU64 | EBPF_MOV, 3, 0, 0, 6);
	pass_skip(&j, EBPF_JEQ, 7, 2, 1);
	jit_put(&j, EC_ALU64 | EBPF_MOV | EBPF_X, 3, 7, 0, 0);
	pass_skip(&j, EBPF_JNE, 3, 6, 2);
	pass_exit(&j, 3);
	pass_open_carefully(&j);
	pass_until(&j, opt_branch_run);
	for (size_t n = 0; n < sizeof(cases) / sizeof(*cases); n++) {
		assert_int_equal(pass_verdict(&j, (struct packet){ cases[n].x, LONGEST }, &asked), cases[n].verdict);
		assert_int_equal(asked, ASKED_LENGTH + cases[n].asked);
	}
	jit_close(&j);
}

/* Any number of branches to one verdict need one exit. */
static void exits_are_shared(void **state)
{
	static struct jit j;
	enum { BRANCHES = 5 };
	unsigned int asked;

	(void)state;
	pass_program(&j);
	for (int n = 0; n < BRANCHES; n++) {
		pass_skip(&j, EBPF_JNE, 7, 10 + n, 2);
		pass_exit(&j, 3);
	}
	pass_open_until(&j, opt_branch_run);
	assert_int_equal(pass_count(&j, IR_EXIT), 3); /* too short, 3, 2 */
	assert_int_equal(pass_count(&j, IR_JMP), 0);
	assert_int_equal(pass_verdict(&j, (struct packet){ 12, LONGEST }, &asked), 3);
	assert_int_equal(pass_verdict(&j, (struct packet){ 9, LONGEST }, &asked), 2);
	jit_close(&j);
}

/* Over random programs; where there are phis the way needs its block. */
static void no_block_only_jumps(void **state)
{
	static struct jit j;

	(void)state;
	for (uint32_t seed = 1; seed <= JIT_PROGRAMS; seed++) {
		jit_program(&j, seed, 1 + seed % 30);
		jit_open(&j);
		pass_until(&j, opt_branch_run);
		for (uint32_t n = 1; n < j.c.func->n_rpo; n++) {
			const struct block *b = j.c.func->rpo[n];

			if (b->first->op == IR_JMP && b->succ[0]->first->op != IR_PHI)
				assert_ptr_equal(b->succ[0], b);
		}
		jit_close(&j);
	}
}

/* r3: a number of the packet, r4: its length, which is at least 64. !(x cc1 65) ? 3 : !(len cc2 x) ? 4 : !(len cc3 k) ? 5 : 2 */
static void put_chain(struct jit *j, int cc1, int cc2, int cc3, int k)
{
	memset(j, 0, sizeof(*j));
	pass_load(j, EBPF_W, 6, 1, 0);
	pass_load(j, EBPF_W, 4, 1, 4);
	jit_put(j, EC_ALU64 | EBPF_MOV | EBPF_X, 3, 6, 0, 0);
	jit_put(j, EC_ALU64 | EBPF_ADD, 3, 0, 0, LONGEST);
	jit_put(j, EC_JMP | EBPF_JLE | EBPF_X, 3, 4, 2, 0);
	pass_exit(j, 1);
	pass_load(j, EBPF_W, 3, 6, 16);
	jit_put(j, EC_ALU64 | EBPF_SUB | EBPF_X, 4, 6, 0, 0);
	pass_skip(j, cc1, 3, LONGEST + 1, 2);
	pass_exit(j, 3);
	jit_put(j, EC_JMP | cc2 | EBPF_X, 4, 3, 2, 0);
	pass_exit(j, 4);
	pass_skip(j, cc3, 4, k, 2);
	pass_exit(j, 5);
}

/* What is known of x, and of the length beside x, says something about the length: never too much. Returns how many tests are left. */
static unsigned int check_chain(int cc1, int cc2, int cc3, int k)
{
	static struct jit j;
	unsigned int asked, left;

	put_chain(&j, cc1, cc2, cc3, k);
	pass_open_until(&j, opt_branch_run);
	for (uint64_t x = LONGEST - 2; x <= LONGEST + 4; x++)
		for (uint64_t len = LONGEST; len <= LONGEST + 4; len++) {
			int first = holds(cc1, x, LONGEST + 1), second = holds(cc2, len, x), third = holds(cc3, len, (uint64_t)k);

			if (pass_verdict(&j, (struct packet){ x, len }, &asked) != (!first ? 3 : !second ? 4 : !third ? 5 : 2))
				fail_msg("%d, %d, %d %d is wrong for %llu and %llu", cc1, cc2, cc3, k, (unsigned long long)x, (unsigned long long)len);
		}
	left = pass_count(&j, IR_BR);
	jit_close(&j);
	return left;
}

static void one_number_tells_of_another(void **state)
{
	static const int of_x[] = { EBPF_JEQ, EBPF_JNE, EBPF_JGT, EBPF_JGE, EBPF_JLT };
	static const int beside[] = { EBPF_JGT, EBPF_JGE, EBPF_JLT, EBPF_JLE, EBPF_JEQ, EBPF_JSGT };
	static const int of_length[] = { EBPF_JGT, EBPF_JGE, EBPF_JLT, EBPF_JLE, EBPF_JEQ, EBPF_JNE };

	(void)state;
	for (size_t a = 0; a < sizeof(of_x) / sizeof(*of_x); a++)
		for (size_t b = 0; b < sizeof(beside) / sizeof(*beside); b++)
			for (size_t c = 0; c < sizeof(of_length) / sizeof(*of_length); c++)
				for (int k = LONGEST; k <= LONGEST + 3; k++)
					check_chain(of_x[a], beside[b], of_length[c], k);
	/* x >= 65, len > x: len is 66 or more */
	assert_int_equal(check_chain(EBPF_JGE, EBPF_JGT, EBPF_JGE, LONGEST + 2), 3);
	assert_int_equal(check_chain(EBPF_JGE, EBPF_JGT, EBPF_JLT, LONGEST + 2), 3);
	assert_int_equal(check_chain(EBPF_JGE, EBPF_JGT, EBPF_JGE, LONGEST + 3), 4);
	assert_int_equal(check_chain(EBPF_JGE, EBPF_JGE, EBPF_JGE, LONGEST + 2), 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pairs_of_tests),
		cmocka_unit_test(repeated_tests),
		cmocka_unit_test(the_width_matters),
		cmocka_unit_test(constants_pass_their_test),
		cmocka_unit_test(exits_are_shared),
		cmocka_unit_test(no_block_only_jumps),
		cmocka_unit_test(one_number_tells_of_another),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
