// SPDX-License-Identifier: Apache-2.0
/* What a program tells its host, and where it sends packets. */
#include <linux/bpf.h>
#include "gen.h"

/* A record that is written where it lies, and kept or not. */
static void gen_reserve(struct gen *g, uint32_t map)
{
	static const int32_t sizes[] = { 1, 8, 20, 64, 200, 1000, 4088, 5000 };
	int32_t size = sizes[below(g, below(g, 3) ? 4 : 8)];
	uint32_t span = size < 64 ? (uint32_t)size : 64, skip;

	put(g, EC_ALU64 | EBPF_MOV | EBPF_K, 2, 0, 0, size);
	put(g, EC_ALU64 | EBPF_MOV | EBPF_K, 3, 0, 0, 0);
	load_map(g, map);
	call(g, HELPER_RINGBUF_RESERVE);
	restore_after_call(g, false);
	skip = put(g, EC_JMP | EBPF_JEQ | EBPF_K, 0, 0, 0, 0);
	for (uint32_t n = 1 + below(g, 4); n; n--)
		gen_access(g, 0, below(g, 2) ? size - (int32_t)span : 0, span, true);
	if (below(g, 2))
		gen_value_bytes(g, span);
	put(g, EC_ALU64 | EBPF_MOV | EBPF_X, 1, 0, 0, 0);
	put(g, EC_ALU64 | EBPF_MOV | EBPF_K, 2, 0, 0, 0);
	call(g, below(g, 4) ? HELPER_RINGBUF_SUBMIT : HELPER_RINGBUF_DISCARD);
	restore_after_call(g, true);
	land(g, skip);
	set_scalar(g, 0);
	g->branches++;
}

static void gen_ring(struct gen *g, uint32_t map)
{
	uint32_t how = below(g, 4);

	if (how < 2) {
		gen_reserve(g, map);
		return;
	}
	if (how == 2) {
		put(g, EC_ALU64 | EBPF_MOV | EBPF_K, 2, 0, 0, (int32_t)below(g, 5));
		load_map(g, map);
		call(g, HELPER_RINGBUF_QUERY);
		restore_after_call(g, false);
		return;
	}
	small_number(g, 3, 5);
	put(g, EC_ALU64 | EBPF_ADD | EBPF_K, 3, 0, 0, 1);
	data_address(g, 2, -STACK_SCRATCH, 32);
	put(g, EC_ALU64 | EBPF_MOV | EBPF_K, 4, 0, 0, 0);
	load_map(g, map);
	call(g, HELPER_RINGBUF_OUTPUT);
	restore_after_call(g, false);
}

static bool leads(const struct prog_map *m)
{
	return m->type == MAP_TYPE_DEVMAP || m->type == MAP_TYPE_DEVMAP_HASH || m->type == MAP_TYPE_CPUMAP || m->type == MAP_TYPE_XSKMAP;
}

/* Whether there is something, and which interface. */
static void gen_place(struct gen *g, uint32_t map)
{
	uint32_t skip;

	gen_key(g, map);
	call(g, HELPER_MAP_LOOKUP_ELEM);
	restore_after_call(g, false);
	skip = put(g, EC_JMP | EBPF_JEQ | EBPF_K, 0, 0, 0, 0);
	if (g->c->maps[map].type == MAP_TYPE_XSKMAP)
		set_scalar(g, 5);
	else
		put(g, EC_LDX | EBPF_MEM | EBPF_W, 5, 0, 0, 0);
	land(g, skip);
	put(g, EC_ALU64 | EBPF_MOV | EBPF_K, 0, 0, 0, imm(g));
	g->branches++;
}

/* The packet ends where a test says so, with what is in r0 or a verdict that is known. */
static void gen_end(struct gen *g, bool known)
{
	uint32_t skip, reg = 1 + below(g, 5);

	if (g->level != LEVEL_PROGRAM || below(g, 3) == 0)
		return;
	g->branches++;
	if (below(g, 2)) /* the answer takes its time */
		put(g, EC_ALU64 | EBPF_MUL | EBPF_X, reg, scalar_reg(g), 0, 0);
	skip = put(g, EC_JMP | EBPF_JSET | EBPF_K, reg, 0, 0, 1 << below(g, 8) | 1 << below(g, 8));
	if (known)
		put(g, EC_ALU64 | EBPF_MOV | EBPF_K, 0, 0, 0, (int32_t)(below(g, 3) ? below(g, 4) : XDP_REDIRECT));
	put(g, EC_JMP | EBPF_EXIT, 0, 0, 0, 0);
	land(g, skip);
}

/* Mostly with a verdict for where the map has nothing; bits 3 and 4 are BPF_F_BROADCAST and BPF_F_EXCLUDE_INGRESS, bit 2 is not known. */
static void gen_redirect_map(struct gen *g, uint32_t map)
{
	small_number(g, 2, 3);
	if (below(g, 3) == 0)
		small_number(g, 3, 2 + below(g, 4));
	else
		put(g, EC_ALU64 | EBPF_MOV | EBPF_K, 3, 0, 0, (int32_t)(below(g, 4) | below(g, 4) << 3));
	load_map(g, map);
	call(g, HELPER_REDIRECT_MAP);
}

static void gen_one_redirect(struct gen *g, uint32_t map)
{
	gen_end(g, true);
	if (!leads(&g->c->maps[map])) {
		small_number(g, 1, 3);
		put(g, EC_ALU64 | EBPF_MOV | EBPF_K, 2, 0, 0, below(g, 6) == 0);
		call(g, HELPER_REDIRECT);
	} else {
		gen_redirect_map(g, map);
	}
	restore_after_call(g, false);
	gen_end(g, false);
}

/* To an interface, or one of a map that has some. The last one of several counts. */
void gen_redirect(struct gen *g, uint32_t map)
{
	do
		gen_one_redirect(g, map);
	while (below(g, 3) == 0);
}

/* Bytes, and as many of the packet as bits 32 to 51 of the flags say; the low half is the CPU, of which the map has one. */
static void gen_event(struct gen *g, uint32_t map)
{
	static const int32_t packet[] = { 0, 0, 1, 14, 30, 64, 2000 };
	static const uint32_t cpu[] = { UINT32_MAX, UINT32_MAX, UINT32_MAX, 0, 1 };

	small_number(g, 5, 5);
	if (below(g, 2)) { /* known */
		put(g, EC_LD | EBPF_IMM | EBPF_DW, 3, 0, 0, (int32_t)cpu[below(g, 5)]);
		put(g, 0, 0, 0, 0, packet[below(g, 7)] | (below(g, 8) ? 0 : 1 << 20));
	} else {
		small_number(g, 3, 6);
		put(g, EC_ALU64 | EBPF_LSH | EBPF_K, 3, 0, 0, 32);
	}
	data_address(g, 4, -STACK_SCRATCH, 32);
	load_map(g, map);
	put(g, EC_ALU64 | EBPF_MOV | EBPF_X, 2, 1, 0, 0);
	put(g, EC_ALU64 | EBPF_MOV | EBPF_X, 1, 6, 0, 0);
	call(g, HELPER_PERF_EVENT_OUTPUT);
	restore_after_call(g, false);
}

/* Where the slot has no program, or there were enough calls, it goes on. */
void gen_tail_call(struct gen *g, uint32_t map)
{
	small_number(g, 3, 2);
	load_map(g, map);
	put(g, EC_ALU64 | EBPF_MOV | EBPF_X, 2, 1, 0, 0);
	put(g, EC_ALU64 | EBPF_MOV | EBPF_X, 1, 6, 0, 0);
	call(g, HELPER_TAIL_CALL);
	restore_after_call(g, true);
}

bool tells(const struct prog_map *m)
{
	return m->type == MAP_TYPE_RINGBUF || m->type == MAP_TYPE_PERF_EVENT_ARRAY || m->type == MAP_TYPE_PROG_ARRAY || leads(m);
}

/* map: one that tells() */
void gen_tell(struct gen *g, uint32_t map)
{
	switch (g->c->maps[map].type) {
	case MAP_TYPE_RINGBUF:
		gen_ring(g, map);
		break;
	case MAP_TYPE_PERF_EVENT_ARRAY:
		if (g->loops || g->level != LEVEL_PROGRAM || g->events == EVENTS_MAX)
			break;
		g->events++;
		gen_event(g, map);
		break;
	case MAP_TYPE_PROG_ARRAY:
		if (g->level == LEVEL_PROGRAM)
			gen_tail_call(g, map);
		break;
	default:
		if (g->c->maps[map].type != MAP_TYPE_CPUMAP && below(g, 3) == 0)
			gen_place(g, map);
		else
			gen_redirect(g, map);
	}
}
