// SPDX-License-Identifier: Apache-2.0
/* Timers in map values. They fire behind the packet or behind the last one, each side in an order of its own: what their functions do adds up. */
#include <linux/bpf.h>
#include "gen.h"

enum { ABSOLUTE = 1, PINNED = 2, UNKNOWN = 4, AGAIN_NS = 1000 };

static void number64(struct gen *g, uint32_t reg, uint64_t n)
{
	put(g, EC_LD | EBPF_IMM | EBPF_DW, reg, 0, 0, (int32_t)n);
	put(g, 0, 0, 0, 0, (int32_t)(n >> 32));
}

/* At once, that is behind the packet, or never so soon that it would fire between packets. */
static void start_arguments(struct gen *g)
{
	if (below(g, 5) == 0) {
		put(g, EC_ALU64 | EBPF_MOV | EBPF_K, 3, 0, 0, (int32_t)below(g, 4)); /* the clock began before */
		put(g, EC_ALU64 | EBPF_MOV | EBPF_K, 2, 0, 0, (int32_t)below(g, 3) * 500);
		return;
	}
	put(g, EC_ALU64 | EBPF_MOV | EBPF_K, 3, 0, 0, below(g, 16) ? PINNED * (int32_t)below(g, 2) : UNKNOWN);
	number64(g, 2, below(g, 16) ? CASE_TIMER_NS : 1ull << 50);
	if (below(g, 6))
		return;
	call(g, BPF_FUNC_ktime_get_ns);
	number64(g, 2, CASE_TIMER_NS);
	put(g, EC_ALU64 | EBPF_ADD | EBPF_X, 2, 0, 0, 0);
	put(g, EC_ALU64 | EBPF_MOV | EBPF_K, 3, 0, 0, ABSOLUTE);
}

/* what: of the helpers from bpf_timer_init on. */
static void gen_use(struct gen *g, uint32_t map, uint32_t what)
{
	static const int32_t clocks[] = { 0, 7, 2, 17 };
	uint32_t function = what == 1 ? new_function(g, LEVEL_TIMER) : 0;

	if (function == FUNCTIONS_MAX)
		return;
	switch (what) {
	case 0:
		load_map(g, map);
		put(g, EC_ALU64 | EBPF_MOV | EBPF_X, 2, 1, 0, 0);
		put(g, EC_ALU64 | EBPF_MOV | EBPF_K, 3, 0, 0, below(g, 6) ? 1 : clocks[below(g, 4)]);
		break;
	case 1:
		g->functions[function].map = map;
		name_function(g, 2, function);
		break;
	case 2:
		start_arguments(g);
	}
	put(g, EC_LDX | EBPF_MEM | EBPF_DW, 1, 10, -STACK_OLD, 0);
	put(g, EC_ALU64 | EBPF_ADD | EBPF_K, 1, 0, 0, (int32_t)g->c->maps[map].timer - 1);
	call(g, BPF_FUNC_timer_init + (int32_t)what);
	put(g, EC_STX | EBPF_MEM | EBPF_DW, 10, 0, (int16_t)(-8 * (1 + (int32_t)below(g, STACK_SCRATCH / 8))), 0);
	restore_after_call(g, false);
}

/* r0: a value with a timer in it. */
void gen_timer(struct gen *g, uint32_t map)
{
	uint32_t whole = below(g, 3);

	put(g, EC_STX | EBPF_MEM | EBPF_DW, 10, 0, -STACK_OLD, 0);
	set_scalar(g, 0);
	for (uint32_t n = 0; n < 3; n++)
		gen_use(g, map, whole ? n : below(g, 4));
	if (below(g, 6) == 0)
		gen_use(g, map, 3);
}

/* So that all of it adds up, whichever comes first. */
static void count_in_global(struct gen *g)
{
	put(g, EC_LD | EBPF_IMM | EBPF_DW, 1, EBPF_PSEUDO_MAP_VALUE, 0, MAP_OUT);
	put(g, 0, 0, 0, 0, 8 * (int32_t)below(g, 7));
	put(g, EC_ALU64 | EBPF_MOV | EBPF_K, 2, 0, 0, imm(g));
	put(g, EC_STX | EBPF_ATOMIC | EBPF_DW, 1, 2, 0, EBPF_ADD);
	put(g, EC_ALU64 | EBPF_MOV | EBPF_K, 1, 0, 0, 0);
}

static void timer_of_value(struct gen *g, const struct prog_map *m)
{
	put(g, EC_ALU64 | EBPF_MOV | EBPF_X, 1, 6, 0, 0);
	put(g, EC_ALU64 | EBPF_ADD | EBPF_K, 1, 0, 0, (int32_t)m->timer - 1);
}

/* A few times one after the other, which the value's first byte counts. */
static void gen_again(struct gen *g, const struct prog_map *m)
{
	uint32_t enough;

	put(g, EC_LDX | EBPF_MEM | EBPF_B, 1, 6, 0, 0);
	put(g, EC_ALU64 | EBPF_AND | EBPF_K, 1, 0, 0, 3);
	put(g, EC_ALU64 | EBPF_ADD | EBPF_K, 1, 0, 0, 1);
	put(g, EC_STX | EBPF_MEM | EBPF_B, 6, 1, 0, 0);
	enough = put(g, EC_JMP | EBPF_JGT | EBPF_K, 1, 0, 0, 3);
	timer_of_value(g, m);
	put(g, EC_ALU64 | EBPF_MOV | EBPF_K, 2, 0, 0, AGAIN_NS);
	put(g, EC_ALU64 | EBPF_MOV | EBPF_K, 3, 0, 0, 0);
	call(g, BPF_FUNC_timer_start);
	land(g, enough);
}

/* Map, key, value. */
void gen_timer_function(struct gen *g, uint32_t map)
{
	const struct prog_map *m = &g->c->maps[map];
	uint32_t how = below(g, 4);

	put(g, EC_ALU64 | EBPF_MOV | EBPF_X, 6, 3, 0, 0);
	put(g, EC_ALU64 | EBPF_MOV | EBPF_X, 7, 2, 0, 0);
	put(g, EC_ALU64 | EBPF_MOV | EBPF_X, 8, 1, 0, 0);
	put(g, EC_LDX | EBPF_MEM | (m->key_size >= 4 ? EBPF_W : EBPF_B), 9, 7, 0, 0);
	for (uint32_t r = 0; r <= 5; r++)
		put(g, EC_ALU64 | EBPF_MOV | EBPF_K, r, 0, 0, imm(g));
	count_in_global(g);
	for (uint32_t n = below(g, 4); n && how; n--)
		gen_change(g, 6, 0, value_bytes(m));
	if (how == 0) {
		gen_again(g, m);
	} else if (how == 1) {
		timer_of_value(g, m);
		call(g, BPF_FUNC_timer_cancel);
		put(g, EC_STX | EBPF_MEM | EBPF_B, 6, 0, 0, 0);
	} else if (how == 2 && !image_map_is_array(m->type)) {
		put(g, EC_ALU64 | EBPF_MOV | EBPF_X, 1, 8, 0, 0);
		put(g, EC_ALU64 | EBPF_MOV | EBPF_X, 2, 7, 0, 0);
		call(g, HELPER_MAP_DELETE_ELEM);
	}
	put(g, EC_ALU64 | EBPF_MOV | EBPF_K, 0, 0, 0, 0);
	put(g, EC_JMP | EBPF_EXIT, 0, 0, 0, 0);
}
