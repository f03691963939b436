/* SPDX-License-Identifier: Apache-2.0
 *
 * For the tests of one pass over values: a program by hand, all passes up to that one, and what is left afterwards.
 */
#ifndef TESTS_UNIT_PASS_H
#define TESTS_UNIT_PASS_H

#include "jit.h"

typedef int (*pass_run)(struct compile *c);

/* Runs the passes up to the first time this one has run. */
static inline void pass_until(struct jit *j, pass_run last)
{
	static const pass_run passes[] = {
		build_run, opt_fold_run, opt_copy_run, opt_branch_run, opt_first_run, opt_key_run, opt_stack_run, opt_store_run, opt_dead_run,
		opt_update_run, opt_address_run, opt_fuse_run, opt_split_run,
	};

	for (size_t n = 0; n < sizeof(passes) / sizeof(*passes); n++) {
		assert_int_equal(passes[n](&j->c), 0);
		if (passes[n] == last)
			return;
	}
	fail_msg("no such pass");
}

static inline unsigned int pass_count(const struct jit *j, int op)
{
	unsigned int found = 0;

	for (uint32_t n = 0; n < j->c.func->n_rpo; n++)
		for (const struct value *v = j->c.func->rpo[n]->first; v; v = v->next)
			found += v->op == op;
	return found;
}

/* r6 = data, r7 and r8 numbers, 64 bytes of packet: jit_start() */
static inline void pass_program(struct jit *j)
{
	memset(j, 0, sizeof(*j));
	jit_start(j);
}

static inline void pass_open(struct jit *j)
{
	jit_put(j, EC_ALU64 | EBPF_MOV, 0, 0, 0, 2);
	jit_put(j, EC_JMP | EBPF_EXIT, 0, 0, 0, 0);
	jit_finish(j);
	jit_open(j);
}

/* r0 = element 1 of the array, which is there */
static inline void pass_element(struct jit *j)
{
	jit_put(j, EC_ALU64 | EBPF_MOV, 3, 0, 0, 1);
	jit_put(j, EC_STX | EBPF_MEM | EBPF_W, 10, 3, -20, 0);
	jit_put(j, EC_ALU64 | EBPF_MOV | EBPF_X, 2, 10, 0, 0);
	jit_put(j, EC_ALU64 | EBPF_ADD, 2, 0, 0, -20);
	jit_put(j, EBPF_LDDW, 1, EBPF_PSEUDO_MAP, 0, ARRAY);
	jit_put(j, 0, 0, 0, 0, 0);
	jit_put(j, EC_JMP | EBPF_CALL, 0, 0, 0, HELPER_MAP_LOOKUP_ELEM);
	jit_put(j, EC_JMP | EBPF_JNE, 0, 0, 1, 0);
	jit_put(j, EC_JMP | EBPF_EXIT, 0, 0, 0, 0);
}

#endif
