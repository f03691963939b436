// SPDX-License-Identifier: Apache-2.0
/* Every block is in one trace, which is entered at its top only, and goes on by the likely way. */
#include "pass.h"

static struct trace *trace_of(struct jit *j, const struct block *b)
{
	assert_non_null(b->trace);
	assert_ptr_equal(j->c.func->mach.trace[b->trace->id], b->trace);
	return b->trace;
}

static void check_trace(struct jit *j, const struct trace *t, uint8_t *seen)
{
	for (const struct block *b = t->blocks; b; b = b->in_trace) {
		assert_int_equal(seen[b->rpo]++, 0);
		assert_ptr_equal(trace_of(j, b), t);
		if (!b->in_trace)
			continue;
		assert_true(b->in_trace == b->succ[0] || b->in_trace == b->succ[1]);
		assert_int_equal(b->in_trace->n_pred, 1);
		/* not into a mere exit when the other way could be gone as well */
		for (int way = 0; way < 2; way++)
			if (b->in_trace->first->op == IR_EXIT && b->succ[way] && b->succ[way] != b->in_trace && b->succ[way]->n_pred == 1)
				assert_true(b->succ[way]->first->op == IR_EXIT || b->succ[way]->trace->id < t->id);
	}
}

static void every_block_has_its_trace(void **state)
{
	static struct jit j;
	uint32_t longer = 0;

	(void)state;
	for (uint32_t seed = 1; seed <= JIT_PROGRAMS; seed++) {
		uint8_t *seen;

		jit_program(&j, seed, 1 + seed % 40);
		jit_open(&j);
		pass_until(&j, opt_split_run);
		assert_int_equal(trace_run(&j.c), 0);
		seen = calloc(j.c.func->n_rpo, 1);
		for (uint32_t n = 0; n < j.c.func->mach.n_traces; n++) {
			assert_int_equal(j.c.func->mach.trace[n]->id, n);
			check_trace(&j, j.c.func->mach.trace[n], seen);
			longer += j.c.func->mach.trace[n]->blocks->in_trace != NULL;
		}
		for (uint32_t n = 0; n < j.c.func->n_rpo; n++)
			assert_int_equal(seen[n], 1);
		assert_ptr_equal(j.c.func->mach.trace[0]->blocks, j.c.func->entry);
		free(seen);
		jit_close(&j);
	}
	assert_true(longer > 0);
}

/* x == likely or not: both ways do something, the likely one belongs to the trace of the question. */
static void the_likely_way_is_gone(void **state)
{
	static struct jit j;
	static const struct { int cc, k, taken; } cases[] = {
		{ EBPF_JEQ, 0x0008, 1 }, { EBPF_JNE, 0x0008, 0 }, { EBPF_JEQ, 0x1234, 0 }, { EBPF_JNE, 0x1234, 1 },
	};

	(void)state;
	for (size_t n = 0; n < sizeof(cases) / sizeof(*cases); n++) {
		const struct block *b;

		pass_program(&j);
		pass_load(&j, EBPF_H, 3, 6, 12);
		pass_skip(&j, cases[n].cc, 3, cases[n].k, 3);
		pass_store(&j, EBPF_DW, 6, 16, 7);            /* some work on either way */
		pass_exit(&j, 3);
		pass_store(&j, EBPF_DW, 6, 24, 7);
		pass_open_until(&j, opt_split_run);
		assert_int_equal(trace_run(&j.c), 0);
		for (b = j.c.func->entry; b->last->op != IR_WBR && b->in_trace; b = b->in_trace)
			;
		assert_int_equal(b->last->op, IR_WBR);
		assert_non_null(b->in_trace);
		assert_int_equal(b->in_trace->first->imm == 24, cases[n].taken);
		jit_close(&j);
	}
}

/* A lookup finds something, and that is the end: the exit stands beside the question, though the other way has more to do. */
static void the_exit_behind_a_lookup_is_gone_to(void **state)
{
	static struct jit j;
	const struct block *b;

	(void)state;
	pass_program(&j);
	pass_store(&j, EBPF_W, 10, -20, 7);
	pass_map_and_key(&j, HASH, -20);
	jit_put(&j, EC_JMP | EBPF_CALL, 0, 0, 0, HELPER_MAP_LOOKUP_ELEM);
	pass_skip(&j, EBPF_JEQ, 0, 0, 2);
	pass_exit(&j, 3);
	pass_store(&j, EBPF_DW, 6, 16, 7);
	pass_store(&j, EBPF_DW, 6, 32, 8);
	pass_open_until(&j, opt_split_run);
	assert_int_equal(trace_run(&j.c), 0);
	for (b = j.c.func->entry; b->last->op != IR_BR || ir_resolve(b->last->arg[0])->op != IR_LOOKR; b = b->in_trace)
		assert_non_null(b->in_trace);
	assert_non_null(b->in_trace);
	assert_int_equal(b->in_trace->first->op, IR_EXIT);
	jit_close(&j);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_block_has_its_trace),
		cmocka_unit_test(the_likely_way_is_gone),
		cmocka_unit_test(the_exit_behind_a_lookup_is_gone_to),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
