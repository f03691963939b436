/* SPDX-License-Identifier: Apache-2.0
 *
 * For the tests of the compiler's passes: random programs the verifier takes, and a compile that stops where it is asked to.
 */
#ifndef TESTS_UNIT_JIT_H
#define TESTS_UNIT_JIT_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "ir.h"

enum { JIT_INSNS = 2048, JIT_PROGRAMS = 150, ARRAY = 0, HASH = 1 };

static const struct prog_map jit_maps[] = {
	[ARRAY] = { .name = "array", .type = MAP_TYPE_ARRAY, .key_size = 4, .value_size = 16, .max_entries = 8 },
	[HASH] = { .name = "hash", .type = MAP_TYPE_HASH, .key_size = 4, .value_size = 8, .max_entries = 64 },
};

struct jit {
	struct ebpf_insn insns[JIT_INSNS];
	uint32_t n;
	uint32_t seed;
	struct prog prog;
	struct target target;
	struct diag diag;
	struct arena arena;
	struct compile c;
	void *mem;
};

static inline uint32_t jit_random(struct jit *j, uint32_t below)
{
	j->seed = j->seed * 1664525u + 1013904223u;
	return (uint32_t)((uint64_t)(j->seed >> 8) * below >> 24);
}

static inline void jit_put(struct jit *j, int code, unsigned int dst, unsigned int src, int off, int64_t imm)
{
	j->insns[j->n++] = (struct ebpf_insn){
		.code = (uint8_t)code, .regs = (uint8_t)(src << 4 | dst), .off = (int16_t)off, .imm = (int32_t)imm,
	};
}

/* r6 = data, r0 and r2 to r5 and r7 to r9 are numbers, 64 bytes of packet and 16 of stack exist */
static inline void jit_start(struct jit *j)
{
	jit_put(j, EC_LDX | EBPF_MEM | EBPF_W, 6, 1, 0, 0);
	jit_put(j, EC_LDX | EBPF_MEM | EBPF_W, 2, 1, 4, 0);
	jit_put(j, EC_LDX | EBPF_MEM | EBPF_W, 7, 1, 12, 0);
	jit_put(j, EC_LDX | EBPF_MEM | EBPF_W, 8, 1, 16, 0);
	jit_put(j, EC_ALU64 | EBPF_MOV | EBPF_X, 3, 6, 0, 0);
	jit_put(j, EC_ALU64 | EBPF_ADD, 3, 0, 0, 64);
	jit_put(j, EC_JMP | EBPF_JLE | EBPF_X, 3, 2, 2, 0);
	jit_put(j, EC_ALU64 | EBPF_MOV, 0, 0, 0, 1);
	jit_put(j, EC_JMP | EBPF_EXIT, 0, 0, 0, 0);
	jit_put(j, EC_ALU64 | EBPF_MOV | EBPF_X, 9, 7, 0, 0);
	for (unsigned int r = 0; r <= 5; r++)
		jit_put(j, EC_ALU64 | EBPF_MOV, r, 0, 0, (int)(r * 77));
	jit_put(j, EC_STX | EBPF_MEM | EBPF_DW, 10, 7, -8, 0);
	jit_put(j, EC_STX | EBPF_MEM | EBPF_DW, 10, 8, -16, 0);
}

static inline unsigned int jit_number(struct jit *j)
{
	static const uint8_t regs[] = { 0, 2, 3, 4, 5, 7, 8, 9 };

	return regs[jit_random(j, sizeof(regs))];
}

static inline void jit_lookup(struct jit *j, int map)
{
	unsigned int r = jit_number(j);

	jit_put(j, EC_STX | EBPF_MEM | EBPF_W, 10, r, -4, 0);
	jit_put(j, EC_ALU64 | EBPF_MOV | EBPF_X, 2, 10, 0, 0);
	jit_put(j, EC_ALU64 | EBPF_ADD, 2, 0, 0, -4);
	jit_put(j, EBPF_LDDW, 1, EBPF_PSEUDO_MAP, 0, map);
	jit_put(j, 0, 0, 0, 0, 0);
	jit_put(j, EC_JMP | EBPF_CALL, 0, 0, 0, HELPER_MAP_LOOKUP_ELEM);
	jit_put(j, EC_JMP | EBPF_JEQ, 0, 0, 3, 0);
	jit_put(j, EC_STX | EBPF_ATOMIC | EBPF_DW, 0, 7, 0, EBPF_ADD);
	jit_put(j, EC_LDX | EBPF_MEM | EBPF_W, 8, 0, 4, 0);
	jit_put(j, EC_STX | EBPF_MEM | EBPF_H, 0, 9, 2, 0);
	for (unsigned int k = 0; k <= 5; k++)
		jit_put(j, EC_ALU64 | EBPF_MOV | EBPF_X, k, k % 2 ? 8 : 9, 0, 0);
}

/* After a way out with a verdict that is known. */
static inline void jit_redirect(struct jit *j)
{
	jit_put(j, EC_JMP | EBPF_JSET, jit_number(j), 0, 2, 3 << jit_random(j, 8));
	jit_put(j, EC_ALU64 | EBPF_MOV, 0, 0, 0, (int)jit_random(j, 5));
	jit_put(j, EC_JMP | EBPF_EXIT, 0, 0, 0, 0);
	jit_put(j, EC_ALU64 | EBPF_MOV | EBPF_X, 1, jit_number(j), 0, 0);
	jit_put(j, EC_ALU64 | EBPF_MOV, 2, 0, 0, 0);
	jit_put(j, EC_JMP | EBPF_CALL, 0, 0, 0, HELPER_REDIRECT);
	for (unsigned int k = 1; k <= 5; k++)
		jit_put(j, EC_ALU64 | EBPF_MOV | EBPF_X, k, 7 + k % 3, 0, 0);
}

static inline void jit_step(struct jit *j)
{
	static const uint8_t alu[] = {
		EBPF_ADD, EBPF_SUB, EBPF_MUL, EBPF_OR, EBPF_AND, EBPF_LSH, EBPF_RSH, EBPF_XOR, EBPF_MOV, EBPF_ARSH, EBPF_DIV, EBPF_MOD,
	};
	static const uint8_t sizes[] = { EBPF_B, EBPF_H, EBPF_W, EBPF_DW };
	unsigned int d = jit_number(j), s = jit_number(j), op = alu[jit_random(j, sizeof(alu))];
	int class = jit_random(j, 3) ? EC_ALU64 : EC_ALU, size = sizes[jit_random(j, 4)];

	switch (jit_random(j, 10)) {
	case 0:
	case 1:
		jit_put(j, class | (int)op | EBPF_X, d, s, 0, 0);
		break;
	case 2:
	case 3:
		jit_put(j, class | (int)op, d, 0, 0, (int)jit_random(j, 31) + 1);
		break;
	case 4:
	case 5:
		jit_put(j, EC_LDX | EBPF_MEM | size, d, 6, (int)jit_random(j, 7) * 8, 0);
		break;
	case 6:
		jit_put(j, EC_STX | EBPF_MEM | size, 6, s, (int)jit_random(j, 7) * 8, 0);
		break;
	case 7:
		jit_put(j, EC_LDX | EBPF_MEM | EBPF_DW, d, 10, jit_random(j, 2) ? -8 : -16, 0);
		break;
	case 8: /* six bytes */
		for (int n = 0, from = (int)jit_random(j, 7) * 8, to = (int)jit_random(j, 8) * 6; n < 2; n++) {
			jit_put(j, EC_LDX | EBPF_MEM | (n ? EBPF_H : EBPF_W), 4, 6, from + 4 * n, 0);
			jit_put(j, EC_STX | EBPF_MEM | (n ? EBPF_H : EBPF_W), 6, 4, to + 4 * n, 0);
		}
		break;
	default:
		jit_put(j, EC_STX | EBPF_MEM | EBPF_DW, 10, s, jit_random(j, 2) ? -8 : -16, 0);
	}
}

static inline void jit_finish(struct jit *j)
{
	j->prog = (struct prog){
		.name = "random", .section = "xdp", .insns = j->insns, .n_insns = j->n, .maps = jit_maps, .n_maps = 2,
	};
	j->target = target_default;
}

/* A program of n parts; a part jumps over the next one, or not. */
static inline void jit_program(struct jit *j, uint32_t seed, uint32_t parts)
{
	static const uint8_t conditions[] = { EBPF_JEQ, EBPF_JGT, EBPF_JSET, EBPF_JNE, EBPF_JSLT, EBPF_JLE };

	memset(j, 0, sizeof(*j));
	j->seed = seed;
	jit_start(j);
	for (uint32_t p = 0; p < parts; p++) {
		uint32_t jump = j->n;

		jit_put(j, (jit_random(j, 2) ? EC_JMP : EC_JMP32) | conditions[jit_random(j, sizeof(conditions))], jit_number(j), 0, 0,
			(int)jit_random(j, 5) * 50);
		for (uint32_t k = jit_random(j, 6) + 1; k; k--)
			jit_step(j);
		if (!jit_random(j, 6))
			jit_lookup(j, (int)jit_random(j, 2));
		if (!jit_random(j, 6))
			jit_redirect(j);
		j->insns[jump].off = (int16_t)(j->n - jump - 1);
	}
	jit_put(j, EC_JMP | EBPF_EXIT, 0, 0, 0, 0);
	jit_finish(j);
}

/* Straight code that keeps as many numbers at once as there are stack cells, with a branch and a call here and there. */
static inline void jit_crowd(struct jit *j, uint32_t seed, uint32_t cells, uint32_t steps)
{
	memset(j, 0, sizeof(*j));
	j->seed = seed;
	jit_start(j);
	for (uint32_t n = 0; n < cells; n++) {
		jit_put(j, EC_LDX | EBPF_MEM | EBPF_W, 0, 6, (int)n, 0);
		jit_put(j, EC_STX | EBPF_MEM | EBPF_DW, 10, 0, -24 - 8 * (int)n, 0);
	}
	for (uint32_t n = 0; n < steps; n++) {
		static const uint8_t alu[] = { EBPF_ADD, EBPF_SUB, EBPF_MUL, EBPF_XOR, EBPF_LSH, EBPF_DIV };
		int to = -24 - 8 * (int)jit_random(j, cells);

		for (unsigned int r = 4; r <= 5; r++)
			jit_put(j, EC_LDX | EBPF_MEM | EBPF_DW, r, 10, -24 - 8 * (int)jit_random(j, cells), 0);
		if (!jit_random(j, 8))
			jit_put(j, EC_JMP | EBPF_JGT | EBPF_X, 4, 5, 1, 0);
		jit_put(j, EC_ALU64 | alu[jit_random(j, sizeof(alu))] | EBPF_X, 4, 5, 0, 0);
		jit_put(j, EC_STX | EBPF_MEM | EBPF_DW, 10, 4, to, 0);
		if (!jit_random(j, 12))
			jit_lookup(j, (int)jit_random(j, 2));
	}
	for (uint32_t n = 0; n < cells; n++) {
		jit_put(j, EC_LDX | EBPF_MEM | EBPF_DW, 5, 10, -24 - 8 * (int)n, 0);
		jit_put(j, EC_ALU64 | EBPF_XOR | EBPF_X, 0, 5, 0, 0);
	}
	jit_put(j, EC_JMP | EBPF_EXIT, 0, 0, 0, 0);
	jit_finish(j);
}

/* Ready for the passes; verified. */
static inline void jit_open(struct jit *j)
{
	size_t size = 4 * nicjit_mem_size(j->prog.n_insns, j->prog.n_maps); /* nobody starts again with more care here */

	j->mem = malloc(size);
	arena_init(&j->arena, j->mem, size);
	j->diag.insn = -1;
	j->c = (struct compile){ .arena = &j->arena, .prog = &j->prog, .target = &j->target, .diag = &j->diag };
	if (verify_run(&j->c) || layout_run(&j->c))
		fail_msg("instruction %d: %s", j->diag.insn, j->diag.text);
}

static inline void jit_close(struct jit *j)
{
	free(j->mem);
}

typedef int (*jit_pass)(struct compile *c);

/* The passes up to wait_run(), as compile.c has them. */
static const jit_pass jit_passes[] = {
	build_run, opt_fold_run, opt_copy_run, opt_branch_run, opt_reload_run, opt_look_run, opt_load_run, opt_move_run, opt_fold_run, opt_copy_run, opt_first_run, opt_dead_run, opt_branch_run,
	opt_load_run, opt_key_run, opt_stack_run, opt_sum_run, opt_over_run, opt_store_run, opt_pack_run, opt_copy_run, opt_dead_run, opt_update_run, opt_address_run, opt_own_run, opt_sink_run, opt_short_run, opt_fuse_run, opt_split_run, opt_now_run, opt_order_run,
	frame_run, trace_run, lower_run, wait_run,
};
enum { JIT_PASSES = sizeof(jit_passes) / sizeof(*jit_passes) };

/* ---- what holds after every pass over values ---- */

static inline void jit_check_made_before(struct value *x, const struct block *at, const struct value *user)
{
	x = ir_resolve(x);
	assert_non_null(x);
	assert_int_not_equal(x->op, IR_NONE);
	if (ir_kinds[x->op] == KIND_LEAF)
		return;
	if (x->block == at && user)
		assert_true(x->order < user->order);
	else
		assert_true(cfg_dominates(x->block, at));
}

static inline void jit_check_value(struct value *v, const struct block *b)
{
	assert_ptr_equal(v->block, b);
	assert_int_equal(ir_kinds[v->op] == KIND_END, v == b->last);
	for (int n = 0; n < ir_args[v->op]; n++)
		jit_check_made_before(v->arg[n], b, v);
	for (uint32_t n = 0; v->op == IR_PHI && n < b->n_pred; n++)
		jit_check_made_before(v->phi[n], b->pred[n], NULL);
	if (v->op == IR_PHI && v->prev)
		assert_int_equal(v->prev->op, IR_PHI);
}

static inline void jit_check_ways(const struct block *b)
{
	int leaves = b->last->op == IR_EXIT || b->last->op == IR_TAIL, ways = leaves ? 0 : b->last->op == IR_JMP ? 1 : 2;

	assert_int_equal(b->succ[0] != NULL, ways > 0);
	assert_int_equal(b->succ[1] != NULL, ways > 1);
	for (int way = 0; way < ways; way++) {
		uint32_t found = 0;

		for (uint32_t n = 0; n < b->succ[way]->n_pred; n++)
			found += b->succ[way]->pred[n] == b;
		assert_true(found >= 1);
	}
}

static inline void jit_check_ssa(struct func *f)
{
	for (uint32_t n = 0; n < f->n_rpo; n++) {
		uint32_t order = 0;

		for (struct value *v = f->rpo[n]->first; v; v = v->next)
			v->order = order++;
	}
	for (uint32_t n = 0; n < f->n_rpo; n++) {
		jit_check_ways(f->rpo[n]);
		for (struct value *v = f->rpo[n]->first; v; v = v->next)
			jit_check_value(v, f->rpo[n]);
	}
}

/* The passes over values, each followed by the checks. */
static inline void jit_check_passes(struct jit *j)
{
	for (size_t n = 0; n < JIT_PASSES && jit_passes[n] != frame_run; n++) {
		assert_int_equal(jit_passes[n](&j->c), 0);
		jit_check_ssa(j->c.func);
	}
}

static inline void jit_lower(struct jit *j)
{
	for (size_t n = 0; n < JIT_PASSES; n++)
		assert_int_equal(jit_passes[n](&j->c), 0);
	j->c.func->mach.ahead = 96;
}

enum { JIT_ROUNDS = 48 };     /* what compile.c gives register allocation */

/* Opens it, and all passes up to regalloc_run(), as often as it asks for. */
static inline void jit_allocate(struct jit *j)
{
	int again = 1;

	jit_open(j);
	jit_lower(j);
	for (int round = 0; again; round++) {
		assert_true(round < JIT_ROUNDS);
		assert_int_equal(live_run(&j->c) || sched_run(&j->c), 0);
		again = regalloc_run(&j->c);
		assert_true(again >= 0);
	}
}

#endif
