/* SPDX-License-Identifier: Apache-2.0
 *
 * Generates programs that the kernel's verifier accepts. Between two statements this holds: r6 is the context, r7 the packet with
 * `room` bytes proven, r8 the packet's end, r0..r5 and r9 are scalars, and the first SCRATCH bytes of the stack are written. A
 * statement may break it inside and restores it at its end, so statements nest and follow each other in any order. The functions that
 * are called start with the same, and have the address of their caller's scratch bytes; those they call in turn only work on numbers.
 */
#ifndef TESTS_FUZZ_GEN_H
#define TESTS_FUZZ_GEN_H

#include "fuzz.h"
#include "hw/spec/image.h"

enum {
	VALUE_MAX = 64,          /* bytes of values that programs give to maps */
	STACK_SCRATCH = 64,      /* fp-64 .. fp-1: scalars */
	STACK_KEY = 96, STACK_KEY_BYTES = 32, /* fp-96: keys; longer ones are in global data */
	STACK_VALUE = 160,       /* fp-160: values, 64 bytes */
	STACK_PTR = 168,         /* fp-168: a spilled packet pointer, or that to a map in a map */
	STACK_OLD = 176,         /* fp-176: a map value pointer kept over other calls */
	STACK_CALLER = 184,      /* fp-184: of a function, the address of its caller's scratch bytes; of a program, an iterator */
	STACK_ROUNDS = 192,      /* fp-192 and below: rounds of loops, by nesting */
	STACK_DEEP = 504, DEEP_BYTES = 288, /* fp-504: long keys, or values, of programs without functions; tail calls lead to no deeper ones */
	MAP_OUT = 0,             /* ARRAY that receives the registers at the end */
	OUT_BYTES = 64, OUT_KEY = 512, /* of which these; behind them long keys are made */
	NEST_MAX = 3,
	BRANCH_MAX = 9,          /* paths double with each: the kernel's verifier walks them all */
	LOOPS_MAX = 2,           /* one in the other */
	CALLS_MAX = 32, FUNCTIONS_MAX = 16,
	CHAIN_MAX = 6,           /* functions one calling the other: 8 frames at most, of 512 bytes together */
	EVENTS_MAX = 2           /* calls that send an event, not in loops: the NIC's ring is to hold those of a packet */
};

enum level { LEVEL_PROGRAM, LEVEL_FUNCTION, LEVEL_LEAF, LEVEL_CALLBACK, LEVEL_FINDER, LEVEL_EACH, LEVEL_TIMER, LEVEL_LAST, LEVEL_CHAIN };

struct gen_function {
	enum level level;
	uint32_t start;
	uint32_t map;            /* of a finder, of a callback of a map, of a tail call */
	bool maps;               /* of a callback: it may use maps, there is stack enough */
	uint32_t left, span[2];  /* of a chain: how many it calls; bytes at the two addresses that it gets */
	bool aligned[2];
};

struct gen_call {
	uint32_t insn, function;
};

struct gen {
	struct fuzz_case *c;
	uint64_t state;
	bool v4;
	bool bytes;              /* much of it works on bytes */
	bool network;            /* much of it asks the host's network */
	uint32_t often;          /* a map that much of it uses; MAP_OUT: none */
	bool redirects;          /* much of it is about where packets go */
	bool stack_fetch;        /* atomics on the stack give the old value; then the kernel is not asked */
	uint32_t room;           /* proven packet bytes */
	uint32_t inner;          /* a map that another one holds, + 1: its address is on the stack */
	uint32_t value;          /* bytes of a map value that r0 points at, else 0 */
	uint32_t kept;           /* the same of the pointer that is kept at STACK_OLD */
	bool deep;               /* no functions: all of the stack is the program's own */
	bool has_metadata;       /* has had, or has: nobody knows what it holds until it is written */
	uint32_t branches;
	uint32_t loops;          /* open ones */
	uint32_t events;
	bool r9_taken;           /* it counts the rounds of a loop */
	enum level level;
	struct gen_function functions[FUNCTIONS_MAX];
	struct gen_call calls[CALLS_MAX];
	uint32_t n_functions, n_calls;
};

uint64_t rnd(struct gen *g);
uint32_t below(struct gen *g, uint32_t n);
int32_t imm(struct gen *g);
uint32_t put(struct gen *g, uint8_t code, uint32_t dst, uint32_t src, int16_t off, int32_t k);
void land(struct gen *g, uint32_t jump);
uint32_t scalar_reg(struct gen *g);
void set_scalar(struct gen *g, uint32_t reg);
void restore_after_call(struct gen *g, bool r0_too);
void gen_alu(struct gen *g);
uint8_t size_of(struct gen *g, uint32_t *bytes);
uint32_t spare_reg(struct gen *g, uint32_t base);
uint8_t load_mode(struct gen *g, uint8_t size);
void gen_access(struct gen *g, uint32_t base, int32_t start, uint32_t span, bool aligned);
void gen_atomic(struct gen *g, uint32_t base, int32_t start, uint32_t span);
void gen_change(struct gen *g, uint32_t base, int32_t start, uint32_t span);
void call(struct gen *g, int32_t helper);
void load_map(struct gen *g, uint32_t map);
void stack_address(struct gen *g, uint32_t reg, int32_t off);
void data_address(struct gen *g, uint32_t reg, int32_t off, uint32_t size);
void gen_more_room(struct gen *g);
void gen_packet(struct gen *g);
void gen_helper(struct gen *g);
void gen_value_helper(struct gen *g, uint32_t size);
void small_number(struct gen *g, uint32_t reg, uint32_t bits);
void packet_again(struct gen *g);
void gen_global(struct gen *g);
void gen_map(struct gen *g);
void gen_map_use(struct gen *g, uint32_t map);
bool has_maps(const struct prog_map *m);
uint32_t inner_of(struct gen *g, uint32_t map);
uint32_t any_inner(struct gen *g, uint32_t outer);
void gen_inner(struct gen *g, uint32_t outer);
void gen_constants(struct gen *g);
bool is_constant(const struct prog_map *m);
void gen_constant(struct gen *g, uint32_t map);
void gen_clock(struct gen *g);
void gen_network(struct gen *g);
void gen_timer(struct gen *g, uint32_t map);
void gen_timer_function(struct gen *g, uint32_t map);
bool is_queue(const struct prog_map *m);
bool is_trie(const struct prog_map *m);
bool has_trie(const struct gen *g);
bool has_wide_trie(const struct gen *g);
bool is_looked_up(const struct prog_map *m);
void gen_meta(struct gen *g);
bool tells(const struct prog_map *m);
void gen_redirect(struct gen *g, uint32_t map);
void gen_tell(struct gen *g, uint32_t map);
void gen_tail_call(struct gen *g, uint32_t map);
void gen_block(struct gen *g, uint32_t statements, uint32_t nest);
void gen_scratch(struct gen *g);
uint32_t new_function(struct gen *g, enum level level);
void call_function(struct gen *g, uint32_t function);
void name_function(struct gen *g, uint32_t reg, uint32_t function);
uint32_t value_bytes(const struct prog_map *m);
void gen_key(struct gen *g, uint32_t map);
void gen_each(struct gen *g, uint32_t map);
void gen_call(struct gen *g);
void gen_chain(struct gen *g);
void gen_caller_stack(struct gen *g);
void gen_bpf_loop(struct gen *g);
void gen_functions(struct gen *g);
void gen_bytes(struct gen *g);
void gen_value_bytes(struct gen *g, uint32_t size);
void gen_numbers(struct gen *g);
void gen_dynptr(struct gen *g);
void gen_field(struct gen *g, uint32_t nest);
void gen_indexed(struct gen *g, uint32_t base, int32_t start, uint32_t span, bool aligned);
void gen_bounded(struct gen *g, uint32_t base, int32_t start, uint32_t span);
void gen_bounded_packet(struct gen *g);
void gen_advance(struct gen *g);

#endif
