// SPDX-License-Identifier: Apache-2.0
/* What is copied where ways meet, and what is not: large parts, loop heads, ways that hardly a packet takes, and more than the limit. */
#include "pass.h"
#include "build.h"

static struct jit j;

/* Two ways meet before a part of so many stores. */
static void put_diamond(int stores)
{
	pass_skip(&j, EBPF_JEQ, 7, 5, 2);
	jit_put(&j, EC_ALU64 | EBPF_MOV, 9, 0, 0, 1);
	jit_put(&j, EC_JMP | EBPF_JA, 0, 0, 1, 0);
	jit_put(&j, EC_ALU64 | EBPF_MOV, 9, 0, 0, 2);
	for (int n = 0; n < stores; n++)
		pass_store(&j, EBPF_B, 6, n, 9);
}

/* Stores behind build_run(). */
static unsigned int stores_built(int careful)
{
	unsigned int n;

	pass_open(&j);
	j.c.careful = (uint8_t)careful;
	pass_until(&j, build_run);
	n = pass_count(&j, IR_ST);
	jit_close(&j);
	return n;
}

static unsigned int stores_of(int stores, int careful)
{
	pass_program(&j);
	put_diamond(stores);
	return stores_built(careful);
}

static void small_parts_are_copied(void **state)
{
	(void)state;
	assert_int_equal(stores_of(5, 0), 10);
	assert_int_equal(stores_of(5, 1), 5);
	assert_int_equal(stores_of(37, 0), 74); /* with the exit, 39 instructions */
	assert_int_equal(stores_of(39, 0), 78); /* a way is taken mostly */
}

/* What is behind a question that is rarely answered with yes. */
static void large_parts_are_copied_once(void **state)
{
	(void)state;
	for (int stores = 38; stores <= 130; stores += 46) {
		pass_program(&j);
		pass_skip(&j, EBPF_JNE, 7, 1, 1);
		jit_put(&j, EC_ALU64 | EBPF_MOV, 7, 0, 0, 2);
		for (int n = 0; n < stores; n++)
			pass_store(&j, EBPF_B, 6, n % 60, 7);
		assert_int_equal(stores_built(0), stores <= 118 ? 2 * stores : stores);
	}
}

/* for (r9 = 0; r9 < 4; r9++) store */
static void loop_heads_are_not(void **state)
{
	(void)state;
	pass_program(&j);
	jit_put(&j, EC_ALU64 | EBPF_MOV, 9, 0, 0, 0);
	pass_store(&j, EBPF_B, 6, 0, 9);
	jit_put(&j, EC_ALU64 | EBPF_ADD, 9, 0, 0, 1);
	pass_skip(&j, EBPF_JLT, 9, 4, -3);
	assert_int_equal(stores_built(0), 1);
}

/* Up to eight times: is the value there? 3 of 16 packets each time ask again. The part behind is copied for those that ask up to four times; the others,
 * fewer than 1 of 512, go through one copy. */
static void rare_ways_share_one(void **state)
{
	uint32_t skips[8];

	(void)state;
	pass_program(&j);
	for (int n = 0; n < 8; n++) {
		pass_store(&j, EBPF_W, 10, -20, 7);
		pass_map_and_key(&j, HASH, -20);
		jit_put(&j, EC_JMP | EBPF_CALL, 0, 0, 0, HELPER_MAP_LOOKUP_ELEM);
		skips[n] = j.n;
		pass_skip(&j, EBPF_JNE, 0, 0, 0);
	}
	for (int n = 0; n < 8; n++)
		j.insns[skips[n]].off = (int16_t)(j.n - skips[n] - 1);
	for (int n = 0; n < 8; n++)
		pass_store(&j, EBPF_B, 6, n, 7);
	assert_int_equal(stores_built(0), 5 * 8 + 8); /* and the key of each */
}

static void check_limit(uint32_t insns, uint32_t limit)
{
	struct compile c = { .n_insns = insns };
	const struct build b = { .c = &c };

	assert_int_equal(copies_max(&b), limit);
}

/* Of 2^n ways through n diamonds only so many are told apart, and the program does the same on all of them. */
static void there_is_a_limit(void **state)
{
	(void)state;
	check_limit(1, 64);
	check_limit(6, 64);
	check_limit(100, 800);
	check_limit(400, 1300);
	check_limit(5000, 1000);
	for (int diamonds = 1; diamonds <= 40; diamonds += 3) {
		unsigned int n, limit;

		pass_program(&j);
		for (int k = 0; k < diamonds; k++)
			put_diamond(6);
		limit = j.n + 2 > 500 ? 1000 : 8 * (j.n + 2) < 1300 ? 8 * (j.n + 2) : 1300;
		n = stores_built(0);
		assert_in_range(n, 6 * diamonds + 6, 6 * diamonds + limit);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(small_parts_are_copied),
		cmocka_unit_test(large_parts_are_copied_once),
		cmocka_unit_test(loop_heads_are_not),
		cmocka_unit_test(rare_ways_share_one),
		cmocka_unit_test(there_is_a_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
