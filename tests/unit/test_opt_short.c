// SPDX-License-Identifier: Apache-2.0
/* Bytes that are not there read as 0: where 0 leads to the same place, nobody asks for them first; and the verdict stays that of the program for every
 * length, size of the read, condition and number. */
#include "pass.h"

enum { AT = 12, NUMBERS = 6 };

static const uint8_t conditions[] = {
	EBPF_JEQ, EBPF_JNE, EBPF_JGT, EBPF_JGE, EBPF_JLT, EBPF_JLE, EBPF_JSET, EBPF_JSGT, EBPF_JSGE, EBPF_JSLT, EBPF_JSLE,
};

static int holds(int cc, uint64_t x, uint64_t k)
{
	return ir_holds(cc == EBPF_JEQ ? OP_JEQ : cc == EBPF_JNE ? OP_JNE : cc == EBPF_JGT ? OP_JGT : cc == EBPF_JGE ? OP_JGE : cc == EBPF_JLT ? OP_JLT :
			cc == EBPF_JLE ? OP_JLE : cc == EBPF_JSET ? OP_JSET : cc == EBPF_JSGT ? OP_JSGT : cc == EBPF_JSGE ? OP_JSGE :
			cc == EBPF_JSLT ? OP_JSLT : OP_JSLE, 0, x, k);
}

/* !(len >= need) ? 3 : !(bytes from AT on cc k) ? verdict : 2; how many tests are left */
static unsigned int check_short(int need, int size, int cc, int k, int verdict)
{
	static struct jit j;
	unsigned int asked, left;

	memset(&j, 0, sizeof(j));
	pass_load(&j, EBPF_W, 6, 1, 0);
	pass_load(&j, EBPF_W, 4, 1, 4);
	jit_put(&j, EC_ALU64 | EBPF_MOV | EBPF_X, 3, 6, 0, 0);
	jit_put(&j, EC_ALU64 | EBPF_ADD, 3, 0, 0, need);
	jit_put(&j, EC_JMP | EBPF_JLE | EBPF_X, 3, 4, 2, 0);
	pass_exit(&j, 3);
	pass_load(&j, size, 5, 6, AT);
	pass_skip(&j, cc, 5, k, 2);
	pass_exit(&j, verdict);
	pass_open_until(&j, opt_short_run);
	for (int len = AT; len < AT + 6; len++)
		for (uint64_t x = 0; x < NUMBERS; x++)
			if (pass_verdict(&j, (struct packet){ x, (uint64_t)len }, &asked) != (len < need ? 3 : !holds(cc, x, (uint64_t)k) ? verdict : 2))
				fail_msg("%d bytes, then %d %d is wrong for %llu of %d", need, cc, k, (unsigned long long)x, len);
	left = pass_count(&j, IR_BR);
	jit_close(&j);
	return left;
}

static void short_packets_read_zero(void **state)
{
	static const int sizes[] = { EBPF_B, EBPF_H, EBPF_W };

	(void)state;
	for (int need = 13; need <= 17; need++)
		for (size_t size = 0; size < sizeof(sizes) / sizeof(*sizes); size++)
			for (size_t n = 0; n < sizeof(conditions) && need >= AT + (1 << size); n++)
				for (int k = 0; k <= 3; k++)
					for (int verdict = 3; verdict <= 4; verdict++)
						check_short(need, sizes[size], conditions[n], k, verdict);
}

static void the_length_is_not_asked(void **state)
{
	(void)state;
	assert_int_equal(check_short(14, EBPF_H, EBPF_JEQ, 3, 3), 1);
	assert_int_equal(check_short(14, EBPF_H, EBPF_JGT, 2, 3), 1);
	assert_int_equal(check_short(14, EBPF_B, EBPF_JGT, 2, 3), 1);
	assert_int_equal(check_short(13, EBPF_B, EBPF_JGT, 2, 3), 1);
	assert_int_equal(check_short(16, EBPF_W, EBPF_JGT, 2, 3), 1);
}

static void the_length_matters(void **state)
{
	(void)state;
	assert_int_equal(check_short(14, EBPF_H, EBPF_JEQ, 3, 4), 2);
	assert_int_equal(check_short(15, EBPF_H, EBPF_JEQ, 3, 3), 2);
	assert_int_equal(check_short(15, EBPF_B, EBPF_JEQ, 3, 3), 2);
	assert_int_equal(check_short(14, EBPF_H, EBPF_JNE, 3, 3), 2);
	assert_int_equal(check_short(17, EBPF_W, EBPF_JEQ, 3, 3), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(short_packets_read_zero),
		cmocka_unit_test(the_length_is_not_asked),
		cmocka_unit_test(the_length_matters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
