// SPDX-License-Identifier: Apache-2.0
/* Functions, what they are called with, and callbacks. */
#include "gen.h"

void gen_scratch(struct gen *g)
{
	for (int32_t at = 8; at <= STACK_SCRATCH; at += 8) {
		put(g, EC_ALU64 | EBPF_MOV | EBPF_K, 9, 0, 0, imm(g));
		put(g, EC_STX | EBPF_MEM | EBPF_DW, 10, 9, (int16_t)-at, 0);
	}
	for (uint32_t r = 0; r <= 5; r++)
		set_scalar(g, r);
}

/* One that is there, or a new one; it is written behind the program. */
void gen_call(struct gen *g)
{
	enum level level = g->level == LEVEL_FUNCTION || below(g, 3) == 0 ? LEVEL_LEAF : LEVEL_FUNCTION;
	uint32_t f = below(g, g->n_functions + 1);

	if (f < g->n_functions && g->functions[f].level == LEVEL_CALLBACK)
		f = g->n_functions;
	if (f == FUNCTIONS_MAX || (f < g->n_functions && g->functions[f].level <= g->level))
		f = g->n_functions;
	if (f == FUNCTIONS_MAX || g->n_calls == CALLS_MAX)
		return;
	if (f == g->n_functions)
		g->functions[g->n_functions++].level = level;
	if (g->functions[f].level == LEVEL_FUNCTION) {
		for (uint32_t r = 1; r <= 3; r++)
			put(g, EC_ALU64 | EBPF_MOV | EBPF_X, r, r + 5, 0, 0);
		stack_address(g, 5, -STACK_SCRATCH);
		g->branches += 3;
	}
	g->calls[g->n_calls].insn = put(g, EC_JMP | EBPF_CALL, 0, EBPF_CALL_LOCAL, 0, 0);
	g->calls[g->n_calls++].function = f;
	restore_after_call(g, false);
}

/* bpf_loop(): some rounds of a new callback, which may end them. */
void gen_bpf_loop(struct gen *g)
{
	if (g->n_functions == FUNCTIONS_MAX || g->n_calls == CALLS_MAX)
		return;
	small_number(g, 1, 3);
	g->functions[g->n_functions].level = LEVEL_CALLBACK;
	g->calls[g->n_calls].insn = put(g, EBPF_LDDW, 2, EBPF_PSEUDO_FUNC, 0, 0);
	g->calls[g->n_calls++].function = g->n_functions++;
	put(g, 0, 0, 0, 0, 0);
	stack_address(g, 3, -STACK_SCRATCH);
	put(g, EC_ALU64 | EBPF_MOV | EBPF_K, 4, 0, 0, below(g, 8) == 0);
	call(g, HELPER_LOOP);
	restore_after_call(g, false);
	g->branches += 2;
}

/* Reads and writes the caller's scratch bytes. */
void gen_caller_stack(struct gen *g)
{
	put(g, EC_LDX | EBPF_MEM | EBPF_DW, 1, 10, -STACK_CALLER, 0);
	if (below(g, 4) == 0)
		gen_atomic(g, 1, 0, STACK_SCRATCH);
	else
		gen_access(g, 1, 0, STACK_SCRATCH, true);
	set_scalar(g, 1);
}

/* Arguments: context, packet, its end, a number, the caller's scratch bytes. */
static void gen_function(struct gen *g)
{
	for (uint32_t r = 1; r <= 3; r++)
		put(g, EC_ALU64 | EBPF_MOV | EBPF_X, r + 5, r, 0, 0);
	put(g, EC_STX | EBPF_MEM | EBPF_DW, 10, 5, -STACK_CALLER, 0);
	put(g, EC_STX | EBPF_MEM | EBPF_DW, 10, 4, -STACK_VALUE, 0);
	gen_scratch(g);
	put(g, EC_LDX | EBPF_MEM | EBPF_DW, 9, 10, -STACK_VALUE, 0);
	g->branches = BRANCH_MAX - 3;
	gen_block(g, 2 + below(g, 8), 1);
	gen_caller_stack(g);
	put(g, EC_ALU64 | EBPF_MOV | EBPF_X, 0, scalar_reg(g), 0, 0);
	put(g, EC_JMP | EBPF_EXIT, 0, 0, 0, 0);
}

/* Numbers only, in r0 to r9; arguments are numbers too, but for those that are not looked at. */
static void gen_leaf(struct gen *g)
{
	put(g, EC_ALU64 | EBPF_MOV | EBPF_K, 0, 0, 0, imm(g));
	for (uint32_t r = 6; r <= 9; r++)
		put(g, EC_ALU64 | EBPF_MOV | EBPF_K, r, 0, 0, imm(g));
	if (below(g, 2))
		put(g, EC_STX | EBPF_MEM | EBPF_DW, 10, 4, -8, 0);
	else
		put(g, EC_ST | EBPF_MEM | EBPF_DW, 10, 0, -8, imm(g));
	put(g, EC_LDX | EBPF_MEM | EBPF_DW, 5, 10, -8, 0);
	for (uint32_t r = 1; r <= 3; r++)
		put(g, EC_ALU64 | EBPF_MOV | EBPF_X, r, below(g, 2) ? 4 : 5, 0, 0);
	for (uint32_t n = 1 + below(g, 8); n; n--)
		gen_alu(g);
	put(g, EC_ALU64 | EBPF_XOR | EBPF_X, 0, 6 + below(g, 4), 0, 0);
	put(g, EC_JMP | EBPF_EXIT, 0, 0, 0, 0);
}

/* Of bpf_loop(): the round, and its caller's scratch bytes; whether to stop. */
static void gen_callback(struct gen *g)
{
	put(g, EC_ALU64 | EBPF_MOV | EBPF_X, 6, 2, 0, 0);
	for (uint32_t r = 0; r <= 5; r++)
		if (r != 1)
			put(g, EC_ALU64 | EBPF_MOV | EBPF_K, r, 0, 0, imm(g));
	put(g, EC_ALU64 | EBPF_MOV | EBPF_X, 9, 1, 0, 0);
	for (uint32_t n = 1 + below(g, 6); n; n--)
		if (below(g, 3))
			gen_alu(g);
		else
			gen_access(g, 6, 0, STACK_SCRATCH, true);
	put(g, EC_ALU64 | EBPF_MOV | EBPF_X, 0, scalar_reg(g), 0, 0);
	put(g, EC_ALU64 | EBPF_AND | EBPF_K, 0, 0, 0, (int32_t)below(g, 2));
	put(g, EC_JMP | EBPF_EXIT, 0, 0, 0, 0);
}

/* Functions may bring others while they are written. */
void gen_functions(struct gen *g)
{
	for (uint32_t f = 0; f < g->n_functions; f++) {
		g->level = g->functions[f].level;
		g->functions[f].start = g->c->n_insns;
		if (g->level == LEVEL_LEAF)
			gen_leaf(g);
		else if (g->level == LEVEL_CALLBACK)
			gen_callback(g);
		else
			gen_function(g);
	}
	for (uint32_t n = 0; n < g->n_calls; n++)
		g->c->insns[g->calls[n].insn].imm = (int32_t)(g->functions[g->calls[n].function].start - g->calls[n].insn - 1);
}
