// SPDX-License-Identifier: Apache-2.0
/* What is guessed of each kind of question: only which way is the likely one counts here, and that a question and its opposite add up. */
#include "pass.h"
#include "build.h"

enum guess { RARELY = -1, EVEN = 0, MOSTLY = 1 };

static const struct { int cc, opposite; } opposites[] = {
	{ EBPF_JEQ, EBPF_JNE }, { EBPF_JGT, EBPF_JLE }, { EBPF_JLT, EBPF_JGE },
};

/* The likelihood of the last conditional jump of the program that has been put. */
static uint8_t odds_of_last(struct jit *j)
{
	struct build b = { .c = &j->c };
	uint32_t at = j->n - 1;
	uint8_t odds;

	jit_put(j, EC_ALU64 | EBPF_MOV, 0, 0, 0, 1);
	pass_open(j);
	odds = odds_of(&b, at, NULL);
	jit_close(j);
	assert_in_range(odds, 0, ODDS_ONE);
	return odds;
}

static enum guess guess_of(uint8_t odds)
{
	return odds < ODDS_ONE / 2 ? RARELY : odds > ODDS_ONE / 2 ? MOSTLY : EVEN;
}

/* x cc k, where x comes out of `& mask` when there is one */
static uint8_t odds_of_number(int cc, int k, int mask)
{
	static struct jit j;

	pass_program(&j);
	pass_load(&j, EBPF_W, 3, 6, 12);
	if (mask)
		jit_put(&j, EC_ALU64 | EBPF_AND, 3, 0, 0, mask);
	pass_skip(&j, cc, 3, k, 1);
	return odds_of_last(&j);
}

static void numbers(void **state)
{
	static const struct { int k, mask; enum guess equal; } cases[] = {
		{ 0x0008, 0, MOSTLY }, { 0x0800, 0, MOSTLY }, { 6, 0, MOSTLY }, { 17, 0, MOSTLY }, { 0x45, 0, MOSTLY },
		{ 0xdd86, 0, RARELY }, { 0x0081, 0, RARELY }, { 1, 0, RARELY }, { 53, 0, RARELY },
		{ 0, 0, EVEN }, { 0, 0xff, MOSTLY },          /* of flags mostly none is set */
	};

	(void)state;
	for (size_t n = 0; n < sizeof(cases) / sizeof(*cases); n++)
		assert_int_equal(guess_of(odds_of_number(EBPF_JEQ, cases[n].k, cases[n].mask)), cases[n].equal);
	assert_int_equal(guess_of(odds_of_number(EBPF_JSET, 4, 0)), RARELY);
	assert_int_equal(guess_of(odds_of_number(EBPF_JLT, 5, 0)), RARELY);
	assert_int_equal(guess_of(odds_of_number(EBPF_JLT, 256, 0)), MOSTLY);
	assert_int_equal(guess_of(odds_of_number(EBPF_JLT, 100000, 0)), EVEN);
	assert_int_equal(guess_of(odds_of_number(EBPF_JSLT, 5, 0)), EVEN);
	/* more packets are IPv4 than IPv6, and more IPv6 than of an unknown type */
	assert_true(odds_of_number(EBPF_JEQ, 0xdd86, 0) > odds_of_number(EBPF_JEQ, 0x1234, 0));
}

static void opposites_add_up(void **state)
{
	static const int constants[] = { 0, 1, 6, 17, 31, 32, 0x0008, 0x0081, 512, 513, 100000 };

	(void)state;
	for (size_t k = 0; k < sizeof(constants) / sizeof(*constants); k++)
		for (size_t n = 0; n < sizeof(opposites) / sizeof(*opposites); n++)
			assert_int_equal(odds_of_number(opposites[n].cc, constants[k], 0) +
					 odds_of_number(opposites[n].opposite, constants[k], 0), ODDS_ONE);
}

/* data + 20 cc data_end, or the other way round */
static uint8_t odds_of_length(int cc, int end_first)
{
	static struct jit j;

	memset(&j, 0, sizeof(j));
	pass_load(&j, EBPF_W, 3, 1, 0);
	pass_load(&j, EBPF_W, 4, 1, 4);
	jit_put(&j, EC_ALU64 | EBPF_ADD, 3, 0, 0, 20);
	jit_put(&j, EC_JMP | cc | EBPF_X, end_first ? 4 : 3, end_first ? 3 : 4, 1, 0);
	return odds_of_last(&j);
}

static void packets_are_long_enough(void **state)
{
	(void)state;
	for (int end_first = 0; end_first < 2; end_first++) {
		enum guess above = end_first ? MOSTLY : RARELY;

		assert_int_equal(guess_of(odds_of_length(EBPF_JGT, end_first)), above);
		assert_int_equal(guess_of(odds_of_length(EBPF_JGE, end_first)), above);
		assert_int_equal(guess_of(odds_of_length(EBPF_JLT, end_first)), -above);
		assert_int_equal(guess_of(odds_of_length(EBPF_JLE, end_first)), -above);
	}
}

static void lookups_find_something(void **state)
{
	static struct jit j;

	(void)state;
	for (int cc = EBPF_JEQ; cc <= EBPF_JNE; cc += EBPF_JNE - EBPF_JEQ) {
		pass_program(&j);
		pass_store(&j, EBPF_W, 10, -20, 7);
		pass_map_and_key(&j, HASH, -20);
		jit_put(&j, EC_JMP | EBPF_CALL, 0, 0, 0, HELPER_MAP_LOOKUP_ELEM);
		pass_skip(&j, cc, 0, 0, 1);
		assert_int_equal(guess_of(odds_of_last(&j)), cc == EBPF_JEQ ? RARELY : MOSTLY);
	}
}

/* A port is as likely as another, a queue is not. */
static void a_port_is_nobodys_guess(void **state)
{
	static struct jit j;

	(void)state;
	for (unsigned int r = 7; r <= 8; r++) { /* ingress_ifindex, rx_queue_index */
		const struct value *end = NULL;

		pass_program(&j);
		pass_skip(&j, EBPF_JEQ, r, 1, 2);
		pass_exit(&j, 3);
		pass_open_until(&j, build_run);
		for (uint32_t n = 0; n < j.c.func->n_rpo; n++)
			if (j.c.func->rpo[n]->last->op == IR_BR && ir_is_const(ir_resolve(j.c.func->rpo[n]->last->arg[1])) && ir_resolve(j.c.func->rpo[n]->last->arg[1])->imm == 1)
				end = j.c.func->rpo[n]->last;
		assert_non_null(end);
		assert_int_equal(guess_of(end->odds), r == 7 ? EVEN : RARELY);
		jit_close(&j);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers),
		cmocka_unit_test(opposites_add_up),
		cmocka_unit_test(packets_are_long_enough),
		cmocka_unit_test(lookups_find_something),
		cmocka_unit_test(a_port_is_nobodys_guess),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
