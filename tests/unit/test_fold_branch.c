// SPDX-License-Identifier: Apache-2.0
/* A test of a number shifted left becomes one of the number; it stays the same question. */
#include "pass.h"

enum { AT = 12, LENGTH = 64, NUMBER_MAX = 20 };

/* (pkt[AT] << n) cc k ? 2 : 3 */
static unsigned int check_shifted(int cc, int micro, int class, int size, int n, int64_t k)
{
	static struct jit j;
	unsigned int asked, left;

	pass_program(&j);
	pass_load(&j, size, 5, 6, AT);
	jit_put(&j, (class == EC_JMP ? EC_ALU64 : EC_ALU) | EBPF_LSH, 5, 0, 0, n);
	jit_put(&j, class | cc, 5, 0, 2, k);
	pass_exit(&j, 3);
	pass_open_until(&j, opt_fold_run);
	for (uint64_t x = 0; x <= NUMBER_MAX; x++) {
		uint64_t shifted = class == EC_JMP ? x << n : (uint32_t)(x << n);

		if (pass_verdict(&j, (struct packet){ x, LENGTH }, &asked) != (ir_holds(micro, class == EC_JMP32, shifted, (uint64_t)k) ? 2 : 3))
			fail_msg("%llu << %d against %lld is wrong", (unsigned long long)x, n, (long long)k);
	}
	opt_dead_run(&j.c);
	left = pass_count(&j, IR_LSH);
	jit_close(&j);
	return left;
}

static void shifted_numbers(void **state)
{
	static const struct { int cc, micro; } of[] = {
		{ EBPF_JEQ, OP_JEQ }, { EBPF_JNE, OP_JNE }, { EBPF_JGT, OP_JGT }, { EBPF_JGE, OP_JGE }, { EBPF_JLT, OP_JLT }, { EBPF_JLE, OP_JLE },
		{ EBPF_JSGT, OP_JSGT }, { EBPF_JSLE, OP_JSLE }, { EBPF_JSET, OP_JSET },
	};

	(void)state;
	for (size_t c = 0; c < sizeof(of) / sizeof(*of); c++)
		for (int class = EC_JMP; class <= EC_JMP32; class += EC_JMP32 - EC_JMP)
			for (int n = 0; n <= 12; n += 4)
				for (int64_t k = -1; k <= 10 << n; k += n ? (1 << (n - 1)) - 1 : 1)
					for (int size = EBPF_W; size <= EBPF_B; size += EBPF_B - EBPF_W)
						check_shifted(of[c].cc, of[c].micro, class, size, n, k);
}

static void shifts_go(void **state)
{
	(void)state;
	assert_int_equal(check_shifted(EBPF_JLT, OP_JLT, EC_JMP, EBPF_B, 8, 1536), 0);
	assert_int_equal(check_shifted(EBPF_JGT, OP_JGT, EC_JMP, EBPF_B, 8, 1535), 0);
	assert_int_equal(check_shifted(EBPF_JLT, OP_JLT, EC_JMP32, EBPF_W, 8, 1536), 1); /* bits are lost */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shifted_numbers),
		cmocka_unit_test(shifts_go),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
