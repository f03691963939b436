// SPDX-License-Identifier: Apache-2.0
/* A whole case: statements in blocks, branches, loops and functions, and what stands before and behind them. */
#include "gen.h"
#include <string.h>

static void gen_stack(struct gen *g)
{
	if (g->deep && below(g, 3) == 0)
		gen_access(g, 10, -STACK_DEEP, DEEP_BYTES, true);
	else if (below(g, 4) == 0)
		gen_atomic(g, 10, -STACK_SCRATCH, STACK_SCRATCH);
	else
		gen_access(g, 10, -STACK_SCRATCH, STACK_SCRATCH, true);
}

static void gen_context(struct gen *g)
{
	static const int16_t fields[] = { 12, 16 }; /* ingress_ifindex, rx_queue_index */

	put(g, EC_LDX | EBPF_MEM | EBPF_W, scalar_reg(g), 6, fields[below(g, 2)], 0);
}


static void gen_if(struct gen *g, uint32_t nest)
{
	static const uint8_t ops[] = { EBPF_JEQ, EBPF_JGT, EBPF_JGE, EBPF_JSET, EBPF_JNE, EBPF_JSGT, EBPF_JSGE,
				       EBPF_JLT, EBPF_JLE, EBPF_JSLT, EBPF_JSLE };
	uint8_t op = ops[below(g, sizeof(ops))];
	uint8_t class = below(g, 2) ? EC_JMP : EC_JMP32;
	bool reg = below(g, 2);
	uint32_t skip, out, x = scalar_reg(g), y = scalar_reg(g);

	g->branches++;
	if (below(g, 8) == 0) { /* both numbers are known, and often about the same */
		int32_t k = imm(g);

		put(g, (below(g, 2) ? EC_ALU64 : EC_ALU) | EBPF_MOV | EBPF_K, x, 0, 0, k);
		if (x != y)
			put(g, (below(g, 2) ? EC_ALU64 : EC_ALU) | EBPF_MOV | EBPF_K, y, 0, 0, below(g, 3) ? (int32_t)((uint32_t)k + below(g, 3) - 1) : imm(g));
	}
	skip = put(g, class | op | (reg ? EBPF_X : EBPF_K), x, reg ? y : 0, 0, reg ? 0 : imm(g));
	gen_block(g, 1 + below(g, 4), nest + 1);
	if (below(g, 2)) {
		out = put(g, g->v4 && below(g, 2) ? EC_JMP32 | EBPF_JA : EC_JMP | EBPF_JA, 0, 0, 0, 0);
		land(g, skip);
		gen_block(g, 1 + below(g, 4), nest + 1);
		land(g, out);
	} else {
		if (below(g, 5) == 0) { /* a way out in the middle */
			put(g, EC_ALU64 | EBPF_MOV | EBPF_X, 0, scalar_reg(g), 0, 0);
			put(g, EC_JMP | EBPF_EXIT, 0, 0, 0, 0);
		}
		land(g, skip);
	}
}

static uint32_t gen_is(struct gen *g, uint32_t reg)
{
	return put(g, (below(g, 2) ? EC_JMP : EC_JMP32) | (below(g, 2) ? EBPF_JEQ : EBPF_JNE) | EBPF_K, reg, 0, 0, (int32_t)below(g, 3));
}

/* What several ways say, a number from each, and with what to end: as functions do that were copied to where they are called. */
static void gen_answer(struct gen *g)
{
	uint32_t ways = 2 + below(g, 2), out[3], answer = 1 + below(g, 5), result = below(g, 3) ? 0 : scalar_reg(g), go, past = 0;

	for (uint32_t k = 0; k < ways; k++) {
		if (k + 1 < ways)
			past = put(g, EC_JMP | EBPF_JSET | EBPF_K, below(g, 3) ? 9 : scalar_reg(g), 0, 0, 1 << below(g, 8));
		if (below(g, 4)) {
			put(g, EC_ALU64 | EBPF_MOV | EBPF_K, answer, 0, 0, (int32_t)below(g, 3));
		} else { /* not the same in 32 bits */
			put(g, EC_LD | EBPF_IMM | EBPF_DW, answer, 0, 0, (int32_t)below(g, 3));
			put(g, 0, 0, 0, 0, (int32_t)below(g, 2));
		}
		if (result == answer || below(g, 4) == 0)
			set_scalar(g, 0);
		else
			put(g, EC_ALU64 | EBPF_MOV | EBPF_X, 0, result, 0, 0);
		if (below(g, 3) == 0)
			gen_alu(g);
		out[k] = put(g, EC_JMP | EBPF_JA, 0, 0, 0, 0);
		if (k + 1 < ways)
			land(g, past);
	}
	for (uint32_t k = 0; k < ways; k++)
		land(g, out[k]);
	go = gen_is(g, answer);
	if (below(g, 2))
		gen_alu(g);
	put(g, EC_JMP | EBPF_EXIT, 0, 0, 0, 0);
	land(g, go);
	if (below(g, 2)) { /* and once more */
		go = gen_is(g, answer);
		gen_alu(g);
		land(g, go);
		g->branches++;
	}
	if (below(g, 3)) { /* nobody else asks for them */
		set_scalar(g, 0);
		set_scalar(g, answer);
	}
	g->branches += ways;
}

/* One number of the packet against several constants, as parsers do. */
static void gen_switch(struct gen *g, uint32_t nest)
{
	static const int32_t types[] = { 0x0008, 0x0081, 0xdd86, 0xa888, 6, 17, 0, 100, 511 };
	static const uint8_t ops[] = { EBPF_JEQ, EBPF_JGT, EBPF_JGE, EBPF_JLT, EBPF_JLE, EBPF_JSET, EBPF_JSLT, EBPF_JSGT };
	uint32_t reg = scalar_reg(g), n = 2 + below(g, 3), out[4], past;

	put(g, EC_LDX | EBPF_MEM | EBPF_H, reg, 7, below(g, 3) ? 12 : (int16_t)below(g, 12), 0);
	for (uint32_t k = 0; k < n; k++) {
		g->branches++;
		past = put(g, (below(g, 6) ? EC_JMP : EC_JMP32) | (below(g, 6) ? EBPF_JNE : ops[below(g, sizeof(ops))]), reg, 0, 0, types[below(g, sizeof(types) / sizeof(types[0]))]);
		gen_block(g, 1 + below(g, 2), nest + 1);
		out[k] = put(g, EC_JMP | EBPF_JA, 0, 0, 0, 0);
		land(g, past);
	}
	gen_block(g, 1, nest + 1);
	for (uint32_t k = 0; k < n; k++)
		land(g, out[k]);
}

/* Rounds are counted on the stack or in r9, up or down, and the loop may be left before its last one. */
static void gen_loop(struct gen *g, uint32_t nest)
{
	int16_t at = (int16_t)(-STACK_ROUNDS - 8 * (int)g->loops);
	int32_t rounds = 1 + (int32_t)below(g, 7);
	bool in_r9 = !g->r9_taken && below(g, 2), down = below(g, 3) == 0, leaves = below(g, 3) == 0;
	bool enters = below(g, 8) == 0, goes_on = below(g, 6) == 0;
	uint32_t head, in = 0, on = 0, out = 0, done, branches = g->branches, count = in_r9 ? 9 : 1;

	put(g, EC_ALU64 | EBPF_MOV | EBPF_K, count, 0, 0, down ? rounds : 0);
	if (!in_r9)
		put(g, EC_STX | EBPF_MEM | EBPF_DW, 10, 1, at, 0);
	set_scalar(g, 1);
	g->r9_taken |= in_r9;
	if (enters) /* a second way in, into the middle */
		in = put(g, (below(g, 2) ? EC_JMP : EC_JMP32) | EBPF_JSGT | EBPF_K, scalar_reg(g), 0, 0, imm(g));
	head = g->c->n_insns;
	g->loops++;
	if (below(g, 4)) /* branches in a loop multiply by its rounds */
		g->branches = BRANCH_MAX;
	if (goes_on)
		on = put(g, EC_JMP | EBPF_JSET | EBPF_K, scalar_reg(g), 0, 0, imm(g));
	gen_block(g, 1 + below(g, 4), nest + 1);
	if (enters) {
		land(g, in);
		gen_block(g, 1 + below(g, 2), nest + 1);
	}
	if (goes_on)
		land(g, on);
	if (leaves)
		out = put(g, (below(g, 2) ? EC_JMP : EC_JMP32) | EBPF_JEQ | EBPF_K, scalar_reg(g), 0, 0, imm(g));
	if (!in_r9)
		put(g, EC_LDX | EBPF_MEM | EBPF_DW, 1, 10, at, 0);
	put(g, EC_ALU64 | EBPF_ADD | EBPF_K, count, 0, 0, down ? -1 : 1);
	if (!in_r9)
		put(g, EC_STX | EBPF_MEM | EBPF_DW, 10, 1, at, 0);
	if (g->v4 && below(g, 2)) {
		done = put(g, EC_JMP | (down ? EBPF_JEQ : EBPF_JGE) | EBPF_K, count, 0, 0, down ? 0 : rounds);
		put(g, EC_JMP32 | EBPF_JA, 0, 0, 0, (int32_t)(head - g->c->n_insns - 1));
		land(g, done);
	} else {
		put(g, EC_JMP | (down ? EBPF_JNE : EBPF_JLT) | EBPF_K, count, 0, (int16_t)(head - g->c->n_insns - 1), down ? 0 : rounds);
	}
	if (leaves)
		land(g, out);
	g->loops--;
	g->r9_taken &= !in_r9;
	g->branches = branches + 2;
}

/* A number says when it ends, and may_goto that it does. */
static void gen_counted_loop(struct gen *g, uint32_t nest)
{
	int16_t at = (int16_t)(-STACK_ROUNDS - 8 * (int)g->loops);
	uint32_t head, out, done, branches = g->branches;

	put(g, EC_ALU64 | EBPF_MOV | EBPF_X, 1, scalar_reg(g), 0, 0);
	put(g, EC_ALU64 | EBPF_AND | EBPF_K, 1, 0, 0, 0xffff);
	put(g, EC_STX | EBPF_MEM | EBPF_DW, 10, 1, at, 0);
	set_scalar(g, 1);
	head = put(g, EBPF_MAY_GOTO, 0, 0, 0, 0);
	g->loops++;
	g->branches = BRANCH_MAX;
	gen_block(g, 1 + below(g, 3), nest + 1);
	put(g, EC_LDX | EBPF_MEM | EBPF_DW, 1, 10, at, 0);
	done = put(g, EC_JMP | EBPF_JEQ | EBPF_K, 1, 0, 0, 0);
	put(g, EC_ALU64 | EBPF_RSH | EBPF_K, 1, 0, 0, 1 + (int32_t)below(g, 4));
	put(g, EC_STX | EBPF_MEM | EBPF_DW, 10, 1, at, 0);
	out = put(g, EC_JMP | EBPF_JSET | EBPF_K, scalar_reg(g), 0, 0, imm(g));
	put(g, EC_JMP | EBPF_JA, 0, 0, (int16_t)(head - g->c->n_insns - 1), 0);
	land(g, head);
	land(g, done);
	land(g, out);
	g->loops--;
	g->branches = branches + 3;
}

/* Over bytes of the packet, as far as they go: r3 moves on by a constant or by what it finds. */
static void gen_packet_loop(struct gen *g)
{
	int16_t at = (int16_t)(-STACK_ROUNDS - 8 * LOOPS_MAX);
	int32_t rounds = 1 + (int32_t)below(g, 8), step = 1 + (int32_t)below(g, 4);
	uint32_t head, out, sum = below(g, 2) ? 0 : 5;

	put(g, EC_ST | EBPF_MEM | EBPF_DW, 10, 0, at, 0);
	put(g, EC_ALU64 | EBPF_MOV | EBPF_X, 3, 7, 0, 0);
	head = g->c->n_insns;
	put(g, EC_ALU64 | EBPF_MOV | EBPF_X, 2, 3, 0, 0);
	put(g, EC_ALU64 | EBPF_ADD | EBPF_K, 2, 0, 0, 2);
	out = put(g, EC_JMP | EBPF_JGT | EBPF_X, 2, 8, 0, 0);
	put(g, EC_LDX | EBPF_MEM | EBPF_B, 4, 3, (int16_t)below(g, 2), 0);
	put(g, (below(g, 2) ? EC_ALU64 : EC_ALU) | (below(g, 2) ? EBPF_ADD : EBPF_XOR) | EBPF_X, sum, 4, 0, 0);
	if (below(g, 3) == 0) {
		put(g, EC_ALU64 | EBPF_AND | EBPF_K, 4, 0, 0, 7);
		put(g, EC_ALU64 | EBPF_ADD | EBPF_X, 3, 4, 0, 0);
	}
	put(g, EC_ALU64 | EBPF_ADD | EBPF_K, 3, 0, 0, step);
	put(g, EC_LDX | EBPF_MEM | EBPF_DW, 1, 10, at, 0);
	put(g, EC_ALU64 | EBPF_ADD | EBPF_K, 1, 0, 0, 1);
	put(g, EC_STX | EBPF_MEM | EBPF_DW, 10, 1, at, 0);
	put(g, EC_JMP | EBPF_JLT | EBPF_K, 1, 0, (int16_t)(head - g->c->n_insns - 1), rounds);
	land(g, out);
	for (uint32_t r = 1; r <= 4; r++)
		set_scalar(g, r);
	g->branches += 2;
}

void gen_block(struct gen *g, uint32_t statements, uint32_t nest)
{
	for (; statements; statements--) {
		bool may_branch = g->branches < BRANCH_MAX && g->c->n_insns - g->c->start[g->c->n_programs - 1] < CASE_INSNS / CASE_PROGRAMS / 2;

		if (g->network && may_branch && g->level == LEVEL_PROGRAM && below(g, 3) == 0) {
			gen_network(g);
			continue;
		}
		if (g->often && may_branch && below(g, 3) == 0) {
			gen_map_use(g, g->often);
			continue;
		}
		if (g->redirects && may_branch && below(g, 3) == 0) {
			gen_redirect(g, below(g, g->c->n_maps));
			continue;
		}
		switch (g->bytes && below(g, 2) ? 15 : below(g, 21)) {
		case 15:
		case 16:
			gen_bytes(g);
			break;
		case 17:
			if (may_branch && nest < NEST_MAX)
				gen_field(g, nest);
			else
				gen_bytes(g);
			break;
		case 14:
			if (may_branch && g->level == LEVEL_PROGRAM && below(g, 6) == 0)
				gen_meta(g);
			else if (may_branch && g->level < LEVEL_LEAF && below(g, 5) == 0)
				gen_bpf_loop(g);
			else if (may_branch && g->level == LEVEL_PROGRAM && !g->loops && below(g, 5) == 0)
				gen_numbers(g);
			else if (may_branch && g->level == LEVEL_PROGRAM && below(g, 5) == 0)
				gen_dynptr(g);
			else if (may_branch)
				gen_helper(g);
			break;
		case 0:
		case 1:
			if (may_branch && nest < NEST_MAX && below(g, 4) == 0)
				gen_switch(g, nest);
			else if (may_branch && below(g, 6) == 0)
				gen_answer(g);
			else if (may_branch && nest < NEST_MAX)
				gen_if(g, nest);
			else
				gen_alu(g);
			break;
		case 12:
			if (may_branch && nest < NEST_MAX && g->loops < LOOPS_MAX)
				(below(g, 4) ? gen_loop : gen_counted_loop)(g, nest);
			else if (may_branch)
				gen_packet_loop(g);
			break;
		case 13:
			if (may_branch && g->level == LEVEL_PROGRAM && below(g, 4) == 0)
				gen_chain(g);
			else if (may_branch && g->level < LEVEL_LEAF)
				gen_call(g);
			else if (g->level == LEVEL_FUNCTION)
				gen_caller_stack(g);
			break;
		case 2:
		case 18:
		case 19:
		case 20:
			if (may_branch && g->c->n_maps)
				gen_map(g);
			else
				gen_alu(g);
			break;
		case 3:
		case 4:
			if (may_branch)
				gen_packet(g);
			else
				gen_access(g, 7, 0, g->room, false);
			break;
		case 5:
			if (may_branch && nest == 0 && g->level == LEVEL_PROGRAM && below(g, 6) == 0) {
				gen_advance(g);
				break;
			}
			/* fall through */
		case 6:
			if (may_branch && below(g, 5) == 0)
				gen_bounded(g, 10, -STACK_SCRATCH, STACK_SCRATCH);
			else
				gen_stack(g);
			break;
		case 7:
			if (below(g, 2))
				gen_context(g);
			else
				gen_global(g);
			break;
		default:
			gen_alu(g);
		}
	}
}

/* Kinds of maps: how often, and how many entries. The least recently used one never has to go: which it is, each side may say. */
static const struct kind {
	uint32_t type, weight, key, entries; /* key: bytes, or 0: any of a hash */
} kinds[] = {
	{ MAP_TYPE_ARRAY, 6, 4, 5 }, { MAP_TYPE_HASH, 8, 0, 5 }, { MAP_TYPE_PERCPU_ARRAY, 2, 4, 5 }, { MAP_TYPE_PERCPU_HASH, 4, 0, 5 },
	{ MAP_TYPE_QUEUE, 2, 0, 5 }, { MAP_TYPE_STACK, 2, 0, 5 }, { MAP_TYPE_BLOOM_FILTER, 1, 0, 5 }, { MAP_TYPE_LRU_HASH, 2, 0, 512 }, { MAP_TYPE_LRU_PERCPU_HASH, 1, 0, 64 }, { MAP_TYPE_LPM_TRIE, 2, 0, 5 }, { MAP_TYPE_PREFIXES, 2, 0, 5 },
	{ MAP_TYPE_DEVMAP, 2, 4, 5 }, { MAP_TYPE_DEVMAP_HASH, 1, 4, 5 }, { MAP_TYPE_RINGBUF, 3, 0, 4096 }, { MAP_TYPE_PERF_EVENT_ARRAY, 2, 4, 1 },
	{ MAP_TYPE_PROG_ARRAY, 2, 4, CASE_SLOTS }, { MAP_TYPE_CPUMAP, 1, 4, 2 }, { MAP_TYPE_XSKMAP, 1, 4, 5 }, { MAP_TYPE_ARRAY_OF_MAPS, 2, 4, 5 }, { MAP_TYPE_HASH_OF_MAPS, 2, 0, 5 },
};

static const struct kind *any_kind(struct gen *g)
{
	uint32_t sum = 0, at;

	for (size_t k = 0; k < sizeof(kinds) / sizeof(*kinds); k++)
		sum += kinds[k].weight;
	at = below(g, sum);
	for (size_t k = 0;; at -= kinds[k++].weight)
		if (at < kinds[k].weight)
			return &kinds[k];
}

/* Long keys and values are made there. */
static void long_data(struct gen *g)
{
	g->c->maps[MAP_OUT].value_size = OUT_BYTES + OUT_KEY;
}

/* Of hashes; a long one takes more global data, where it is made. */
static uint32_t key_bytes(struct gen *g)
{
	static const uint32_t key_sizes[] = { 4, 8, 12, 16, 32, 4, 8, 1, 2, 6, 7, 13 };

	if (below(g, 12))
		return key_sizes[below(g, sizeof(key_sizes) / sizeof(*key_sizes))];
	long_data(g);
	return below(g, 8) ? STACK_KEY_BYTES + 1 + below(g, OUT_KEY - STACK_KEY_BYTES) : OUT_KEY;
}

/* What is hidden at the end of a value. */
static void hide(struct gen *g, struct prog_map *m)
{
	if (below(g, 4) == 0 && m->type != MAP_TYPE_LRU_HASH) {
		m->value_size = 8 + 4 * below(g, 15);
		m->lock = m->value_size - 3;
	} else if (below(g, 5) == 0 && m->key_size <= STACK_KEY_BYTES) {
		m->timer = 8 + 8 * below(g, 5) + 1;
		m->value_size = m->timer - 1 + TIMER_BYTES;
		if (m->type != MAP_TYPE_LRU_HASH && below(g, 3) == 0) {
			m->lock = m->value_size + 1;
			m->value_size += 4;
		}
	}
}

static bool is_plain_hash(const struct prog_map *m)
{
	return m->type == MAP_TYPE_HASH || m->type == MAP_TYPE_PERCPU_HASH;
}

static void gen_one_map(struct gen *g, uint32_t i)
{
	struct prog_map *m = &g->c->maps[i];
	const struct kind *k = any_kind(g);

	*m = (struct prog_map){ .type = k->type, .key_size = k->key, .value_size = 1 + below(g, 64), .max_entries = k->entries };
	if (k->entries == CASE_ENTRIES)
		m->max_entries = 1 + below(g, CASE_ENTRIES);
	if (has_maps(m) && !inner_of(g, i))
		m->type = MAP_TYPE_ARRAY, m->key_size = 4;
	if (!m->key_size && !is_queue(m))
		m->key_size = key_bytes(g);
	if (m->type == MAP_TYPE_PERCPU_ARRAY && below(g, 2)) /* those of up to two words have a form of their own */
		m->value_size = 4 + 4 * below(g, 4);
	else if (image_map_is_array(m->type) && k->entries == CASE_ENTRIES && below(g, 5) == 0)
		m->value_size = VALUE_MAX + 1 + below(g, 512 - VALUE_MAX);
	switch (m->type) {
	case MAP_TYPE_BLOOM_FILTER:
		m->flags = 0x40; /* BPF_F_ZERO_SEED: all hash alike */
		break;
	case MAP_TYPE_LPM_TRIE:
	case MAP_TYPE_PREFIXES:
		m->key_size = 8 + 4 * below(g, k->type == MAP_TYPE_PREFIXES ? 7 : 4);
		if (m->type == MAP_TYPE_PREFIXES && below(g, 4) == 0) {
			long_data(g);
			m->key_size = 36 + 4 * below(g, 57); /* copied to the stack, below all functions */
		}
		m->flags = 1; /* BPF_F_NO_PREALLOC */
		break;
	case MAP_TYPE_ARRAY_OF_MAPS:
	case MAP_TYPE_HASH_OF_MAPS:
		m->model = inner_of(g, i);
		m->value_size = 4;
		break;
	case MAP_TYPE_DEVMAP:
	case MAP_TYPE_DEVMAP_HASH:
	case MAP_TYPE_CPUMAP:
	case MAP_TYPE_XSKMAP:
	case MAP_TYPE_PERF_EVENT_ARRAY:
	case MAP_TYPE_PROG_ARRAY:
		m->value_size = 4;
		break;
	case MAP_TYPE_RINGBUF:
		m->key_size = m->value_size = 0;
		break;
	case MAP_TYPE_ARRAY:
		if (below(g, 2)) {
			m->flags = 0x80; /* BPF_F_RDONLY_PROG: constant data */
			m->max_entries = 1;
			m->value_size = CASE_CONSTANTS;
			break;
		}
		/* fall through */
	case MAP_TYPE_HASH:
	case MAP_TYPE_LRU_HASH:
		hide(g, m);
		/* fall through */
	case MAP_TYPE_PERCPU_HASH:
	case MAP_TYPE_LRU_PERCPU_HASH:
		if (is_plain_hash(m) && below(g, 3) == 0)
			m->flags = 1; /* BPF_F_NO_PREALLOC */
		if (!m->lock && !m->timer && k->entries == CASE_ENTRIES && below(g, 8) == 0) {
			long_data(g);
			m->value_size = VALUE_MAX + 1 + below(g, OUT_KEY);
		}
	}
}

static void gen_maps(struct gen *g)
{
	static const char *const names[CASE_MAPS] = { "out", "m1", "m2", "m3", "m4", "m5" };

	g->c->maps[MAP_OUT] = (struct prog_map){ .name = names[0], .type = MAP_TYPE_ARRAY, .key_size = 4, .value_size = OUT_BYTES, .max_entries = 1 };
	g->c->n_maps = 1 + below(g, CASE_MAPS);
	gen_constants(g);
	for (uint32_t i = 1; i < g->c->n_maps; i++) {
		struct prog_map *m = &g->c->maps[i];

		if (i > 1 && below(g, 8) == 0 && is_looked_up(m - 1) && m[-1].model == 0) /* one that is like it: for maps of maps */
			*m = m[-1];
		else
			gen_one_map(g, i);
		m->name = names[i];
	}
}

/* What the host puts in a map, or takes out; keys are those that programs use. */
static void gen_step(struct gen *g, struct case_step *s, uint32_t before)
{
	const struct prog_map *m = &g->c->maps[s->map];
	uint32_t word = below(g, 4), bits, inner;

	s->before = before;
	s->deletes = below(g, 4) == 0;
	for (uint32_t o = 0; o < m->key_size && m->key_size <= STACK_KEY_BYTES; o += 4)
		memcpy(s->key + o, &word, 4);
	if (m->key_size > STACK_KEY_BYTES)
		s->key[below(g, 2) ? m->key_size - 1 : 0] = (uint8_t)word;
	for (uint32_t o = 0; o < m->value_size; o++)
		s->value[o] = (uint8_t)rnd(g);
	if (m->type == MAP_TYPE_DEVMAP || m->type == MAP_TYPE_DEVMAP_HASH)
		memcpy(s->value, &(uint32_t){ 1 }, 4); /* the loopback, which every kernel has */
	if (m->type == MAP_TYPE_CPUMAP) {
		memset(s->key, 0, 4); /* as has this processor */
		memcpy(s->value, &(uint32_t){ 1 + below(g, 8) }, 4);
	}
	if (m->model) {
		inner = any_inner(g, s->map);
		memcpy(s->value, &inner, sizeof(inner));
	}
	if (!is_trie(m))
		return;
	bits = below(g, 8 * (m->key_size - 4) + 1);
	memcpy(s->key, &bits, 4);
	for (uint32_t b = bits; b < 8 * (m->key_size - 4); b++) /* what is behind the prefix does not count, but shows */
		s->key[4 + b / 8] &= (uint8_t)~(0x80 >> b % 8);
}

static void gen_steps(struct gen *g)
{
	uint32_t before = 0, map;

	while (g->c->n_maps > 1 && g->c->n_steps < CASE_STEPS && (before += below(g, 3)) < CASE_PACKETS) {
		map = 1 + below(g, g->c->n_maps - 1);
		if (!g->c->maps[map].key_size || g->c->maps[map].type == MAP_TYPE_PROG_ARRAY || g->c->maps[map].type == MAP_TYPE_PERF_EVENT_ARRAY ||
		    g->c->maps[map].type == MAP_TYPE_XSKMAP || is_constant(&g->c->maps[map]))
			continue;
		g->c->steps[g->c->n_steps].map = map;
		gen_step(g, &g->c->steps[g->c->n_steps++], before);
	}
}

static void gen_packets(struct gen *g)
{
	g->c->n_packets = CASE_PACKETS;
	for (uint32_t i = 0; i < CASE_PACKETS; i++) {
		uint32_t len = i % 4 == 3 ? 14 + below(g, 60) : 60 + below(g, below(g, 4) ? 100 : 1455);

		g->c->packet_len[i] = len;
		for (uint32_t b = 0; b < len; b++)
			g->c->packets[i][b] = below(g, 4) ? (uint8_t)rnd(g) : 0;
		if (below(g, 3) == 0) /* where sums carry */
			memset(g->c->packets[i] + below(g, 64), 0xff, 4 + below(g, 30));
		if (i % 2) {
			g->c->packets[i][12] = 0x08; /* half of them look like IPv4 */
			g->c->packets[i][13] = 0x00;
		}
	}
}

static void gen_prologue(struct gen *g)
{
	uint32_t go;

	g->room = 14 + below(g, 60);
	put(g, EC_ALU64 | EBPF_MOV | EBPF_X, 6, 1, 0, 0);
	put(g, EC_LDX | EBPF_MEM | EBPF_W, 7, 6, 0, 0);
	put(g, EC_LDX | EBPF_MEM | EBPF_W, 8, 6, 4, 0);
	put(g, EC_ALU64 | EBPF_MOV | EBPF_X, 2, 7, 0, 0);
	put(g, EC_ALU64 | EBPF_ADD | EBPF_K, 2, 0, 0, (int32_t)g->room);
	if (below(g, 2)) {
		go = put(g, EC_JMP | EBPF_JLE | EBPF_X, 2, 8, 0, 0);
	} else {
		go = put(g, EC_JMP | EBPF_JGE | EBPF_X, 8, 2, 0, 0);
	}
	put(g, EC_ALU64 | EBPF_MOV | EBPF_K, 0, 0, 0, (int32_t)below(g, 5));
	put(g, EC_JMP | EBPF_EXIT, 0, 0, 0, 0);
	land(g, go);
	gen_scratch(g);
	for (int32_t at = 0; g->deep && at < DEEP_BYTES; at += 8)
		put(g, EC_ST | EBPF_MEM | EBPF_DW, 10, 0, (int16_t)(at - STACK_DEEP), imm(g));
	/* at least one register depends on the packet */
	put(g, EC_LDX | EBPF_MEM | EBPF_B, 9, 7, (int16_t)below(g, g->room), 0);
}

/* A program may end with a function that makes a tail call. */
static void gen_last_call(struct gen *g)
{
	uint32_t map = below(g, g->c->n_maps), f;

	if (g->c->maps[map].type != MAP_TYPE_PROG_ARRAY || below(g, 2))
		return;
	f = new_function(g, LEVEL_LAST);
	if (f == FUNCTIONS_MAX)
		return;
	g->functions[f].map = map;
	put(g, EC_ALU64 | EBPF_MOV | EBPF_X, 1, 6, 0, 0);
	call_function(g, f);
}

/* All scalars go to the stack, then to the out map and, mixed, to the verdict. */
static void gen_epilogue(struct gen *g)
{
	uint32_t skip;

	for (uint32_t r = 0; r <= 5; r++)
		put(g, EC_STX | EBPF_MEM | EBPF_DW, 10, r, (int16_t)(-STACK_VALUE + 8 * (int)r), 0);
	put(g, EC_STX | EBPF_MEM | EBPF_DW, 10, 9, -STACK_VALUE + 48, 0);
	put(g, EC_ALU64 | EBPF_MOV | EBPF_K, 3, 0, 0, 0);
	put(g, EC_STX | EBPF_MEM | EBPF_W, 10, 3, -STACK_KEY, 0);
	load_map(g, MAP_OUT);
	stack_address(g, 2, -STACK_KEY);
	put(g, EC_JMP | EBPF_CALL, 0, 0, 0, HELPER_MAP_LOOKUP_ELEM);
	skip = put(g, EC_JMP | EBPF_JEQ | EBPF_K, 0, 0, 0, 0);
	for (int16_t o = 0; o < 56; o += 8) {
		put(g, EC_LDX | EBPF_MEM | EBPF_DW, 1, 10, (int16_t)(-STACK_VALUE + o), 0);
		put(g, EC_STX | EBPF_MEM | EBPF_DW, 0, 1, o, 0);
	}
	/* a history of all packets, so that a difference in any of them lasts */
	put(g, EC_LDX | EBPF_MEM | EBPF_DW, 2, 0, 56, 0);
	put(g, EC_ALU64 | EBPF_MUL | EBPF_K, 2, 0, 0, 31);
	put(g, EC_ALU64 | EBPF_ADD | EBPF_X, 2, 1, 0, 0);
	put(g, EC_STX | EBPF_MEM | EBPF_DW, 0, 2, 56, 0);
	land(g, skip);
	put(g, EC_LDX | EBPF_MEM | EBPF_DW, 0, 10, (int16_t)(-STACK_VALUE + 8 * (int)below(g, 7)), 0);
	if (below(g, 4))
		put(g, EC_ALU64 | EBPF_AND | EBPF_K, 0, 0, 0, 7);
	gen_last_call(g);
	put(g, EC_JMP | EBPF_EXIT, 0, 0, 0, 0);
}

static void gen_program(struct gen *g)
{
	g->c->start[g->c->n_programs++] = g->c->n_insns;
	g->deep = below(g, 8) == 0 && !has_trie(g); /* prefixes are copied to the stack, below all else */
	gen_prologue(g);
	for (uint32_t n = below(g, 4); n; n--)
		if (below(g, 4))
			gen_more_room(g);
		else
			gen_bounded_packet(g);
	gen_block(g, 5 + below(g, 40), 0);
	gen_epilogue(g);
	gen_functions(g);
}

void gen_case(struct fuzz_case *c, uint64_t seed, bool v4)
{
	struct gen g = { .c = c, .state = seed, .v4 = v4 };

	memset(c, 0, sizeof(*c));
	c->seed = seed;
	gen_maps(&g);
	gen_packets(&g);
	gen_steps(&g);
	g.stack_fetch = below(&g, 5) == 0;
	g.bytes = below(&g, 4) == 0;
	g.network = below(&g, 12) == 0;
	g.often = below(&g, 2) ? below(&g, c->n_maps) : MAP_OUT;
	g.redirects = below(&g, 8) == 0;
	gen_program(&g);
	for (uint32_t n = case_calls(c, HELPER_TAIL_CALL) ? 1 + below(&g, CASE_PROGRAMS - 1) : 0; n; n--) {
		struct gen next = { .c = c, .state = g.state + n, .v4 = v4, .stack_fetch = g.stack_fetch };

		gen_program(&next);
	}
}
