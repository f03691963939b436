// SPDX-License-Identifier: Apache-2.0
/* A branch on packet bytes against a constant is one window compare, for every condition the machine has: on one or two bytes all, on
 * four equality; and only while the bytes are what they were when they were read. */
#include "pass.h"

/* The branch that compares the window, if there is one, after a compare of packet bytes with 5. */
static struct value *fused(struct jit *j, int size, int condition, int store_at)
{
	struct value *found = NULL;

	pass_program(j);
	pass_load(j, size, 3, 6, 16);
	if (store_at >= 0)
		pass_store(j, EBPF_B, 6, store_at, 7);
	pass_skip(j, condition, 3, 5, 2);
	pass_exit(j, 1);
	pass_open_until(j, opt_fuse_run);
	for (uint32_t n = 0; n < j->c.func->n_rpo; n++)
		if (j->c.func->rpo[n]->last->op == IR_WBR)
			found = j->c.func->rpo[n]->last;
	assert_int_equal((found != NULL) + pass_count(j, IR_BR), 2);      /* the other one looks for the packet's end */
	assert_int_equal(pass_count(j, IR_WIN), !found);
	return found;
}

static void check_stays(int size, int condition, int store_at)
{
	static struct jit j;

	assert_null(fused(&j, size, condition, store_at));
	jit_close(&j);
}

static void check_fused(int size, int condition, int op, int64_t k)
{
	static struct jit j;
	const struct value *v = fused(&j, size, condition, -1);

	assert_non_null(v);
	if (v->cc != op)
		fail_msg("condition %d became %d", condition, v->cc);
	assert_int_equal(v->imm, k);
	assert_int_equal(v->shift, 16);
	jit_close(&j);
}

static void compares_of_packet_bytes(void **state)
{
	static const struct { int condition, op, k; } conditions[] = {
		{ EBPF_JEQ, OP_WJEQ, 5 }, { EBPF_JNE, OP_WJNE, 5 }, { EBPF_JGT, OP_WJGT, 5 }, { EBPF_JLT, OP_WJLT, 5 },
		{ EBPF_JGE, OP_WJGT, 4 }, { EBPF_JLE, OP_WJLT, 6 },
	};

	(void)state;
	for (size_t c = 0; c < sizeof(conditions) / sizeof(*conditions); c++) {
		check_fused(EBPF_B, conditions[c].condition, conditions[c].op, conditions[c].k);
		check_fused(EBPF_H, conditions[c].condition, conditions[c].op, conditions[c].k);
		if (conditions[c].condition != EBPF_JEQ && conditions[c].condition != EBPF_JNE)
			check_stays(EBPF_W, conditions[c].condition, -1);
	}
	check_fused(EBPF_W, EBPF_JEQ, OP_WJEQ4, 5);
	check_fused(EBPF_W, EBPF_JNE, OP_WJNE4, 5);
}

/* The opposite of what never holds has no number that fits. Such a test may be left by passes behind the last fold. */
static void what_never_holds_stays(void **state)
{
	static const struct { int cc; int64_t k; } never[] = { { OP_JLT, 0 }, { OP_JGT, 0xffff } };
	static struct jit j;

	(void)state;
	for (size_t n = 0; n < sizeof(never) / sizeof(*never); n++) {
		pass_program(&j);
		pass_load(&j, EBPF_H, 3, 6, 16);
		pass_skip(&j, EBPF_JGT, 3, 5, 2);
		pass_exit(&j, 1);
		pass_open_until(&j, opt_short_run);
		for (uint32_t b = 0; b < j.c.func->n_rpo; b++) {
			struct value *v = j.c.func->rpo[b]->last;

			if (v->op != IR_BR || ir_resolve(v->arg[0])->op != IR_WIN)
				continue;
			v->cc = (uint8_t)never[n].cc;
			v->arg[1] = ir_const(j.c.func, (uint64_t)never[n].k);
		}
		assert_int_equal(opt_fuse_run(&j.c), 0);
		assert_int_equal(pass_count(&j, IR_WBR), 0);
		assert_int_equal(pass_count(&j, IR_WIN), 1);
		jit_close(&j);
	}
}

static void eight_bytes_stay(void **state)
{
	(void)state;
	check_stays(EBPF_DW, EBPF_JEQ, -1);
}

static void bytes_written_since(void **state)
{
	(void)state;
	check_stays(EBPF_W, EBPF_JEQ, 17);
	check_stays(EBPF_W, EBPF_JEQ, 19);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(compares_of_packet_bytes),
		cmocka_unit_test(what_never_holds_stays),
		cmocka_unit_test(eight_bytes_stay),
		cmocka_unit_test(bytes_written_since),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
