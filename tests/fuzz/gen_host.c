// SPDX-License-Identifier: Apache-2.0
/* What a program tells its host, and where it sends packets. */
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
	bytes_address(g, 2, -STACK_SCRATCH);
	put(g, EC_ALU64 | EBPF_MOV | EBPF_K, 4, 0, 0, 0);
	load_map(g, map);
	call(g, HELPER_RINGBUF_OUTPUT);
	restore_after_call(g, false);
}

static void gen_redirect(struct gen *g, uint32_t map)
{
	small_number(g, 2, 3);
	put(g, EC_ALU64 | EBPF_MOV | EBPF_K, 3, 0, 0, (int32_t)below(g, 4));
	load_map(g, map);
	call(g, HELPER_REDIRECT_MAP);
	restore_after_call(g, false);
}

/* map: a ring buffer or a map of devices. */
void gen_tell(struct gen *g, uint32_t map)
{
	if (g->c->maps[map].type == MAP_TYPE_RINGBUF)
		gen_ring(g, map);
	else
		gen_redirect(g, map);
}
