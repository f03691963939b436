// SPDX-License-Identifier: Apache-2.0
/* Of several tests of one number the likely one comes first, and every number still gets its own verdict. */
#include "pass.h"

enum { IPV4 = 0x0008, IPV6 = 0xdd86, ARP = 0x0608, FRAME = 64 }; /* as a little-endian machine reads them */

/* if (x == IPV6) 3; [between]; if (y == second) 4; 2. How many questions a packet with x = y = second is asked: 1 is the length. */
static unsigned int questions(int first_cc, int second, int other_number, int store)
{
	static struct jit j;
	unsigned int asked, ipv4;

	pass_program(&j);
	pass_load(&j, EBPF_H, 3, 6, 12);
	pass_load(&j, EBPF_H, 4, 6, other_number ? 16 : 12);
	pass_skip(&j, first_cc, 3, IPV6, 2);
	pass_exit(&j, 3);
	if (store)
		pass_store(&j, EBPF_B, 6, 40, 7);
	pass_skip(&j, EBPF_JNE, 4, second, 2);
	pass_exit(&j, 4);
	pass_open_until(&j, opt_first_run);
	if (first_cc == EBPF_JNE && !other_number)
		assert_int_equal(pass_verdict(&j, (struct packet){ IPV6, FRAME }, &asked), 3);
	assert_int_equal(pass_verdict(&j, (struct packet){ ARP, FRAME }, &asked), first_cc == EBPF_JNE ? 2 : 3);
	assert_int_equal(pass_verdict(&j, (struct packet){ IPV4, FRAME - 1 }, &asked), 1);
	assert_int_equal(pass_verdict(&j, (struct packet){ (uint64_t)second, FRAME }, &ipv4), first_cc == EBPF_JNE ? 4 : 3);
	jit_close(&j);
	return ipv4;
}

static void the_likely_type_is_asked_first(void **state)
{
	(void)state;
	assert_int_equal(questions(EBPF_JNE, IPV4, 0, 0), 2);
}

static void an_unlikely_one_is_not(void **state)
{
	(void)state;
	assert_int_equal(questions(EBPF_JNE, 0x1234, 0, 0), 3);
}

static void tests_of_different_numbers_stay(void **state)
{
	(void)state;
	assert_int_equal(questions(EBPF_JNE, IPV4, 1, 0), 3);
}

/* What has an effect must not happen before the first test. */
static void a_store_between_them_stays_between(void **state)
{
	(void)state;
	assert_int_equal(questions(EBPF_JNE, IPV4, 0, 1), 3);
}

/* The second test is asked where the numbers differ; x <= IPV6 says nothing of that. */
static void other_conditions_stay(void **state)
{
	(void)state;
	assert_int_equal(questions(EBPF_JGT, IPV4, 0, 0), 2);
}

/* A chain of n tests, the likely one last. */
static void chains(void **state)
{
	static struct jit j;
	enum { LONGEST = 8 };
	unsigned int asked;

	(void)state;
	for (int n = 1; n <= LONGEST; n++) {
		pass_program(&j);
		pass_load(&j, EBPF_H, 3, 6, 12);
		for (int k = 0; k < n; k++) {
			pass_skip(&j, EBPF_JNE, 3, k == n - 1 ? IPV4 : 1000 + k, 2);
			pass_exit(&j, 10 + k);
		}
		pass_open_until(&j, opt_first_run);
		assert_int_equal(pass_verdict(&j, (struct packet){ IPV4, FRAME }, &asked), 10 + n - 1);
		assert_int_equal(asked, 2);
		for (int k = 0; k < n - 1; k++)
			assert_int_equal(pass_verdict(&j, (struct packet){ 1000U + (unsigned int)k, FRAME }, &asked), 10 + k);
		assert_int_equal(pass_verdict(&j, (struct packet){ 5, FRAME }, &asked), 2);
		jit_close(&j);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_likely_type_is_asked_first),
		cmocka_unit_test(an_unlikely_one_is_not),
		cmocka_unit_test(tests_of_different_numbers_stay),
		cmocka_unit_test(a_store_between_them_stays_between),
		cmocka_unit_test(other_conditions_stay),
		cmocka_unit_test(chains),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
