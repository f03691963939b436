// SPDX-License-Identifier: Apache-2.0
/* Loads from one word of a map value become one, where nothing in between may change it, and nowhere else.
 * Also of opt_mem.c. */
#include "pass.h"

struct load {
	int size, off;
};

enum { NOTHING = -1, ACQUIRE = -2 };

/* Two loads through r0, in between a store of a byte through r0, or a load that acquires; how many loads are left? */
static unsigned int left(struct load a, struct load b, int between)
{
	static struct jit j;
	unsigned int n;

	pass_program(&j);
	pass_element(&j);
	jit_put(&j, EC_LDX | EBPF_MEM | a.size, 3, 0, a.off, 0);
	if (between == ACQUIRE)
		jit_put(&j, EC_STX | EBPF_ATOMIC | EBPF_W, 8, 0, 8, EBPF_LOAD_ACQUIRE);
	else if (between != NOTHING)
		jit_put(&j, EC_STX | EBPF_MEM | EBPF_B, 0, 8, between, 0);
	jit_put(&j, EC_LDX | EBPF_MEM | b.size, 4, 0, b.off, 0);
	jit_put(&j, EC_ALU64 | EBPF_ADD | EBPF_X, 3, 4, 0, 0);
	if (between == ACQUIRE)
		jit_put(&j, EC_ALU64 | EBPF_ADD | EBPF_X, 3, 8, 0, 0);
	jit_put(&j, EC_STX | EBPF_MEM | EBPF_DW, 6, 3, 8, 0);
	pass_open(&j);
	pass_until(&j, opt_dead_run);
	n = pass_count(&j, IR_MLD);
	jit_close(&j);
	return n;
}

static void one_word_is_loaded_once(void **state)
{
	(void)state;
	assert_int_equal(left((struct load){ EBPF_B, 0 }, (struct load){ EBPF_B, 7 }, NOTHING), 1);
	assert_int_equal(left((struct load){ EBPF_W, 12 }, (struct load){ EBPF_H, 8 }, NOTHING), 1);
	assert_int_equal(left((struct load){ EBPF_DW, 8 }, (struct load){ EBPF_W, 12 }, NOTHING), 1);
	assert_int_equal(left((struct load){ EBPF_DW, 0 }, (struct load){ EBPF_DW, 0 }, NOTHING), 1);
	assert_int_equal(left((struct load){ EBPF_B, 0 }, (struct load){ EBPF_B, 7 }, 6), 1);
	assert_int_equal(left((struct load){ EBPF_B, 0 }, (struct load){ EBPF_B, 7 }, 0), 1);
}

static void others_stay(void **state)
{
	(void)state;
	assert_int_equal(left((struct load){ EBPF_B, 7 }, (struct load){ EBPF_B, 8 }, NOTHING), 2);
	assert_int_equal(left((struct load){ EBPF_W, 2 }, (struct load){ EBPF_W, 6 }, NOTHING), 2); /* the second lies in two words */
	assert_int_equal(left((struct load){ EBPF_B, 0 }, (struct load){ EBPF_B, 7 }, 7), 2); /* changed in between */
	assert_int_equal(left((struct load){ EBPF_DW, 0 }, (struct load){ EBPF_DW, 0 }, 3), 2);
	assert_int_equal(left((struct load){ EBPF_DW, 0 }, (struct load){ EBPF_DW, 0 }, ACQUIRE), 3);
	assert_int_equal(left((struct load){ EBPF_W, 8 }, (struct load){ EBPF_W, 12 }, ACQUIRE), 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_word_is_loaded_once),
		cmocka_unit_test(others_stay),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
