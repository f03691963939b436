// SPDX-License-Identifier: Apache-2.0
/* Functions, what they are called with, and callbacks. */
#include <linux/bpf.h>
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

/* FUNCTIONS_MAX: there is no room for another, or for its call. */
uint32_t new_function(struct gen *g, enum level level)
{
	if (g->deep || has_wide_trie(g) || g->n_functions == FUNCTIONS_MAX || g->n_calls == CALLS_MAX)
		return FUNCTIONS_MAX;
	g->functions[g->n_functions] = (struct gen_function){ .level = level };
	return g->n_functions++;
}

void call_function(struct gen *g, uint32_t function)
{
	g->calls[g->n_calls].insn = put(g, EC_JMP | EBPF_CALL, 0, EBPF_CALL_LOCAL, 0, 0);
	g->calls[g->n_calls++].function = function;
}

void name_function(struct gen *g, uint32_t reg, uint32_t function)
{
	g->calls[g->n_calls].insn = put(g, EBPF_LDDW, reg, EBPF_PSEUDO_FUNC, 0, 0);
	g->calls[g->n_calls++].function = function;
	put(g, 0, 0, 0, 0, 0);
}

/* One that is there, or a new one; it is written behind the program. */
void gen_call(struct gen *g)
{
	enum level level = g->level == LEVEL_FUNCTION || below(g, 3) == 0 ? LEVEL_LEAF : LEVEL_FUNCTION;
	uint32_t f = below(g, g->n_functions + 1);

	if (f == g->n_functions || g->n_calls == CALLS_MAX || g->functions[f].level <= g->level || g->functions[f].level > LEVEL_LEAF)
		f = new_function(g, level);
	if (f == FUNCTIONS_MAX)
		return;
	if (g->functions[f].level == LEVEL_FUNCTION) {
		for (uint32_t r = 1; r <= 3; r++)
			put(g, EC_ALU64 | EBPF_MOV | EBPF_X, r, r + 5, 0, 0);
		stack_address(g, 5, -STACK_SCRATCH);
		g->branches += 3;
	}
	call_function(g, f);
	restore_after_call(g, false);
}

/* Functions that call each other in a row; each keeps its addresses on its stack meanwhile. */
void gen_chain(struct gen *g)
{
	uint32_t f = has_trie(g) ? FUNCTIONS_MAX : new_function(g, LEVEL_CHAIN); /* prefixes are copied to the stack, below all functions */

	if (f == FUNCTIONS_MAX)
		return;
	g->functions[f].left = below(g, CHAIN_MAX);
	g->functions[f].span[0] = g->room;
	g->functions[f].span[1] = STACK_SCRATCH;
	g->functions[f].aligned[1] = true;
	put(g, EC_ALU64 | EBPF_MOV | EBPF_X, 4, scalar_reg(g), 0, 0);
	put(g, EC_ALU64 | EBPF_MOV | EBPF_X, 3, scalar_reg(g), 0, 0);
	put(g, EC_ALU64 | EBPF_MOV | EBPF_X, 1, 7, 0, 0);
	stack_address(g, 2, -STACK_SCRATCH);
	call_function(g, f);
	restore_after_call(g, false);
}

/* bpf_loop(): some rounds of a new callback, which may end them. */
void gen_bpf_loop(struct gen *g)
{
	uint32_t f = new_function(g, LEVEL_CALLBACK);

	if (f == FUNCTIONS_MAX)
		return;
	g->functions[f].maps = g->level == LEVEL_PROGRAM && g->c->n_maps && below(g, 2);
	small_number(g, 1, 3);
	name_function(g, 2, f);
	stack_address(g, 3, -STACK_SCRATCH);
	put(g, EC_ALU64 | EBPF_MOV | EBPF_K, 4, 0, 0, below(g, 8) == 0);
	call(g, HELPER_LOOP);
	restore_after_call(g, false);
	g->branches += 2;
}

/* bpf_for_each_map_elem() with a new callback. */
void gen_each(struct gen *g, uint32_t map)
{
	uint32_t f = new_function(g, LEVEL_EACH);

	if (f == FUNCTIONS_MAX)
		return;
	g->functions[f].map = map;
	name_function(g, 2, f);
	load_map(g, map);
	stack_address(g, 3, -STACK_SCRATCH);
	put(g, EC_ALU64 | EBPF_MOV | EBPF_K, 4, 0, 0, below(g, 16) == 0);
	call(g, HELPER_FOR_EACH_MAP_ELEM);
	restore_after_call(g, false);
	g->branches += 2;
}

static void call_kernel(struct gen *g, enum case_kfunc f)
{
	put(g, EC_JMP | EBPF_CALL, 0, EBPF_CALL_KFUNC, 0, f);
}

/* bpf_for(): numbers of a range that is known or not, and may be empty; the body has no ways to choose, for the kernel walks them all. */
void gen_numbers(struct gen *g)
{
	uint32_t head, out, leave = 0, branches = g->branches;

	small_number(g, 3, 3);
	stack_address(g, 1, -STACK_CALLER);
	put(g, EC_ALU64 | EBPF_MOV | EBPF_K, 2, 0, 0, (int32_t)below(g, 8) - 3);
	call_kernel(g, KFUNC_NUM_NEW);
	restore_after_call(g, true);
	head = g->c->n_insns;
	stack_address(g, 1, -STACK_CALLER);
	call_kernel(g, KFUNC_NUM_NEXT);
	restore_after_call(g, false);
	out = put(g, EC_JMP | EBPF_JEQ | EBPF_K, 0, 0, 0, 0);
	put(g, EC_LDX | EBPF_MEM | EBPF_W, 0, 0, 0, 0);
	g->branches = BRANCH_MAX;
	for (uint32_t n = 1 + below(g, 5); n; n--)
		if (below(g, 2))
			gen_alu(g);
		else
			gen_bytes(g);
	if (below(g, 3) == 0)
		leave = put(g, EC_JMP | EBPF_JSET | EBPF_K, scalar_reg(g), 0, 0, imm(g));
	put(g, EC_JMP | EBPF_JA, 0, 0, (int16_t)(head - g->c->n_insns - 1), 0);
	land(g, out);
	if (leave)
		land(g, leave);
	stack_address(g, 1, -STACK_CALLER);
	call_kernel(g, KFUNC_NUM_DESTROY);
	restore_after_call(g, true);
	g->branches = branches + 3;
}

/* The packet as a dynptr where keys are else; its bytes are looked at or copied, within it and behind its end. */
void gen_dynptr(struct gen *g)
{
	uint32_t how = below(g, 5), size = 1u << below(g, 4), skip;

	put(g, EC_ALU64 | EBPF_MOV | EBPF_X, 1, 6, 0, 0);
	put(g, EC_ALU64 | EBPF_MOV | EBPF_K, 2, 0, 0, 0);
	stack_address(g, 3, -STACK_KEY);
	call_kernel(g, KFUNC_FROM_XDP);
	restore_after_call(g, false);
	if (below(g, 4) == 0) {
		small_number(g, 2, 4);
		stack_address(g, 1, -STACK_KEY);
		put(g, EC_ALU64 | EBPF_MOV | EBPF_K, 3, 0, 0, (int32_t)below(g, 80));
		call_kernel(g, KFUNC_ADJUST);
		restore_after_call(g, false);
	}
	switch (how) {
	case 0:
		stack_address(g, 1, -STACK_KEY);
		call_kernel(g, KFUNC_SIZE);
		restore_after_call(g, false);
		break;
	case 1:
	case 2:
		small_number(g, 2, 2 + below(g, 5));
		stack_address(g, 1, -STACK_KEY);
		stack_address(g, 3, -STACK_SCRATCH);
		put(g, EC_ALU64 | EBPF_MOV | EBPF_K, 4, 0, 0, (int32_t)size);
		call_kernel(g, how == 1 ? KFUNC_SLICE : KFUNC_SLICE_RDWR);
		restore_after_call(g, false);
		skip = put(g, EC_JMP | EBPF_JEQ | EBPF_K, 0, 0, 0, 0);
		for (uint32_t n = 1 + below(g, 3); n; n--)
			if (how == 1)
				put(g, EC_LDX | EBPF_MEM | EBPF_B, 2 + below(g, 4), 0, (int16_t)below(g, size), 0);
			else
				gen_access(g, 0, 0, size, false);
		land(g, skip);
		set_scalar(g, 0);
		g->branches++;
		break;
	case 3:
		small_number(g, 4, 2 + below(g, 5));
		stack_address(g, 1, -STACK_SCRATCH + 8 * (int32_t)below(g, 6));
		put(g, EC_ALU64 | EBPF_MOV | EBPF_K, 2, 0, 0, 1 + (int32_t)below(g, 16));
		stack_address(g, 3, -STACK_KEY);
		put(g, EC_ALU64 | EBPF_MOV | EBPF_K, 5, 0, 0, 0);
		call(g, BPF_FUNC_dynptr_read);
		restore_after_call(g, false);
		break;
	default:
		small_number(g, 2, 2 + below(g, 5));
		stack_address(g, 1, -STACK_KEY);
		stack_address(g, 3, -STACK_SCRATCH + 8 * (int32_t)below(g, 6));
		put(g, EC_ALU64 | EBPF_MOV | EBPF_K, 4, 0, 0, 1 + (int32_t)below(g, 16));
		put(g, EC_ALU64 | EBPF_MOV | EBPF_K, 5, 0, 0, 0);
		call(g, BPF_FUNC_dynptr_write);
		packet_again(g);
	}
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

enum { CHAIN_ADDRESS = 16, CHAIN_NUMBERS = 32 }; /* at the frame's end: two addresses, two numbers */

/* Through one of the two addresses, which comes back from the stack. */
static void gen_chain_access(struct gen *g, const struct gen_function *f)
{
	uint32_t which = below(g, 2);

	put(g, EC_LDX | EBPF_MEM | EBPF_DW, 1, 10, (int16_t)(8 * (int)which - CHAIN_ADDRESS), 0);
	gen_access(g, 1, 0, f->span[which], f->aligned[which]);
	put(g, EC_LDX | EBPF_MEM | EBPF_DW, 1, 10, -CHAIN_NUMBERS, 0);
}

/* Two addresses, two numbers. */
static void gen_chain_link(struct gen *g, struct gen_function *f)
{
	uint32_t keep = below(g, 2), next = f->left ? new_function(g, LEVEL_CHAIN) : FUNCTIONS_MAX;
	struct gen_function *n = &g->functions[next];

	for (uint32_t r = 1; r <= 2; r++)
		put(g, EC_STX | EBPF_MEM | EBPF_DW, 10, r, (int16_t)(8 * ((int)r - 1) - CHAIN_ADDRESS), 0);
	for (uint32_t r = 3; r <= 4; r++)
		put(g, EC_STX | EBPF_MEM | EBPF_DW, 10, r, (int16_t)(8 * ((int)r - 3) - CHAIN_NUMBERS), 0);
	if (keep)
		put(g, EC_ALU64 | EBPF_MOV | EBPF_X, 6, 1, 0, 0);
	put(g, EC_ALU64 | EBPF_MOV | EBPF_X, 9, 3, 0, 0);
	for (uint32_t r = 0; r <= 5; r++)
		if (r < 3 || r > 4)
			put(g, EC_ALU64 | EBPF_MOV | EBPF_K, r, 0, 0, imm(g));
	for (uint32_t k = below(g, 4); k; k--)
		gen_alu(g);
	gen_chain_access(g, f);
	if (next < FUNCTIONS_MAX) {
		bool own = below(g, 2);

		*n = (struct gen_function){ .level = LEVEL_CHAIN, .left = f->left - 1, .span = { f->span[0], own ? 16 : f->span[1] }, .aligned = { f->aligned[0], true } };
		if (keep)
			put(g, EC_ALU64 | EBPF_MOV | EBPF_X, 1, 6, 0, 0);
		else
			put(g, EC_LDX | EBPF_MEM | EBPF_DW, 1, 10, -CHAIN_ADDRESS, 0);
		if (own)
			stack_address(g, 2, -CHAIN_NUMBERS);
		else
			put(g, EC_LDX | EBPF_MEM | EBPF_DW, 2, 10, 8 - CHAIN_ADDRESS, 0);
		call_function(g, next);
		for (uint32_t r = 1; r <= 5; r++)
			put(g, EC_LDX | EBPF_MEM | EBPF_DW, r, 10, (int16_t)(8 * (int)below(g, 2) - CHAIN_NUMBERS), 0);
	}
	for (uint32_t k = 1 + below(g, 3); k; k--)
		gen_chain_access(g, f);
	for (uint32_t k = below(g, 4); k; k--)
		gen_alu(g);
	put(g, EC_ALU64 | EBPF_MOV | EBPF_X, 0, scalar_reg(g), 0, 0);
	put(g, EC_JMP | EBPF_EXIT, 0, 0, 0, 0);
}

/* Of bpf_loop(): the round, and its caller's scratch bytes; whether to stop. */
static void gen_callback(struct gen *g, bool maps)
{
	uint32_t room = g->room;

	put(g, EC_ALU64 | EBPF_MOV | EBPF_X, 6, 2, 0, 0);
	put(g, EC_ALU64 | EBPF_MOV | EBPF_X, 7, 1, 0, 0);
	if (maps)
		gen_scratch(g);
	for (uint32_t r = 0; r <= 5 && !maps; r++)
		put(g, EC_ALU64 | EBPF_MOV | EBPF_K, r, 0, 0, imm(g));
	put(g, EC_ALU64 | EBPF_MOV | EBPF_X, 9, 7, 0, 0);
	g->room = 0;
	g->branches = BRANCH_MAX - 2;
	for (uint32_t n = 1 + below(g, 6); n; n--)
		if (maps && below(g, 3) == 0 && g->branches < BRANCH_MAX)
			gen_map(g);
		else if (below(g, 3))
			gen_alu(g);
		else
			gen_access(g, 6, 0, STACK_SCRATCH, true);
	g->room = room;
	put(g, EC_ALU64 | EBPF_MOV | EBPF_X, 0, scalar_reg(g), 0, 0);
	put(g, EC_ALU64 | EBPF_AND | EBPF_K, 0, 0, 0, (int32_t)below(g, 2));
	put(g, EC_JMP | EBPF_EXIT, 0, 0, 0, 0);
}

/* A number gives the value that is looked up with it. */
static void gen_finder(struct gen *g, uint32_t map)
{
	uint32_t room = g->room;

	put(g, EC_ALU64 | EBPF_MOV | EBPF_X, 9, 1, 0, 0);
	gen_scratch(g);
	g->room = 0;
	gen_key(g, map);
	g->room = room;
	call(g, HELPER_MAP_LOOKUP_ELEM);
	put(g, EC_JMP | EBPF_EXIT, 0, 0, 0, 0);
}

/* Map, key, value and its caller's scratch bytes. Entries of hashes come in an order of each side's own: what is done adds up. */
static void gen_each_one(struct gen *g, uint32_t map)
{
	const struct prog_map *m = &g->c->maps[map];
	bool ordered = image_map_is_array(m->type);

	put(g, EC_ALU64 | EBPF_MOV | EBPF_X, 6, 4, 0, 0);
	put(g, EC_ALU64 | EBPF_MOV | EBPF_X, 7, 3, 0, 0);
	put(g, EC_LDX | EBPF_MEM | (m->key_size >= 4 ? EBPF_W : EBPF_B), 9, 2, 0, 0);
	for (uint32_t r = 0; r <= 5; r++)
		put(g, EC_ALU64 | EBPF_MOV | EBPF_K, r, 0, 0, imm(g));
	for (uint32_t n = 1 + below(g, 4); n; n--)
		if (below(g, 2))
			gen_change(g, 7, 0, value_bytes(m));
		else if (ordered)
			gen_access(g, 6, 0, STACK_SCRATCH, true);
		else
			gen_alu(g);
	put(g, EC_LDX | EBPF_MEM | EBPF_DW, 1, 6, 8, 0);
	put(g, EC_ALU64 | (below(g, 2) ? EBPF_ADD : EBPF_XOR) | EBPF_X, 1, scalar_reg(g), 0, 0);
	put(g, EC_STX | EBPF_MEM | EBPF_DW, 6, 1, 8, 0);
	put(g, EC_ALU64 | EBPF_MOV | EBPF_X, 0, scalar_reg(g), 0, 0);
	put(g, EC_ALU64 | EBPF_AND | EBPF_K, 0, 0, 0, ordered && below(g, 2));
	put(g, EC_JMP | EBPF_EXIT, 0, 0, 0, 0);
}

/* What a program ends with: a tail call, and behind it nothing but an end. */
static void gen_last(struct gen *g, uint32_t map)
{
	put(g, EC_ALU64 | EBPF_MOV | EBPF_X, 6, 1, 0, 0);
	gen_scratch(g);
	gen_tail_call(g, map);
	put(g, EC_ALU64 | EBPF_MOV | EBPF_X, 0, scalar_reg(g), 0, 0);
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
			gen_callback(g, g->functions[f].maps);
		else if (g->level == LEVEL_FINDER)
			gen_finder(g, g->functions[f].map);
		else if (g->level == LEVEL_EACH)
			gen_each_one(g, g->functions[f].map);
		else if (g->level == LEVEL_TIMER)
			gen_timer_function(g, g->functions[f].map);
		else if (g->level == LEVEL_CHAIN)
			gen_chain_link(g, &g->functions[f]);
		else if (g->level == LEVEL_LAST)
			gen_last(g, g->functions[f].map);
		else
			gen_function(g);
	}
	for (uint32_t n = 0; n < g->n_calls; n++)
		g->c->insns[g->calls[n].insn].imm = (int32_t)(g->functions[g->calls[n].function].start - g->calls[n].insn - 1);
}
