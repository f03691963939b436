// SPDX-License-Identifier: Apache-2.0
/* Maps and queues of all kinds, and global data. */
#include "gen.h"

/* Up to the first byte of a word, or beyond all data; Linux keeps bits behind the prefix, which show, and the NIC does not: they are 0. */
static void gen_prefix(struct gen *g, uint32_t base, int32_t at, uint32_t key_size)
{
	int32_t words = (int32_t)key_size / 4 - 1, used = 1 + (int32_t)below(g, (uint32_t)words);
	bool is_long = base != 10; /* nobody knows what is in its words */

	for (int32_t n = used; n < words; n++)
		put(g, EC_ST | EBPF_MEM | EBPF_W, base, 0, (int16_t)(at + 4 + 4 * n), 0);
	put(g, EC_ST | EBPF_MEM | EBPF_W, base, 0, (int16_t)at, below(g, 12) ? 32 * used - (is_long || below(g, 2) ? 0 : 24) : 32 * words + 1);
}

/* r3 again and again, in words, or in pieces of all sizes, from the front or from the end. */
static void gen_key_bytes(struct gen *g, uint32_t base, int32_t at, uint32_t size, bool words)
{
	static const uint8_t code[] = { EBPF_B, EBPF_H, EBPF_W, EBPF_DW };
	uint32_t widest = words || below(g, 4) ? 2 : below(g, 4), backwards = !words && below(g, 4) == 0;

	for (uint32_t o = 0, n; o < size; o += 1u << n) {
		for (n = widest; o + (1u << n) > size || (backwards && (size - o) % (1u << n)); n--)
			;
		put(g, EC_STX | EBPF_MEM | code[n], base, 3, (int16_t)(at + (int32_t)(backwards ? size - o - (1u << n) : o)), 0);
	}
}

static void global_address(struct gen *g, uint32_t reg, uint32_t at)
{
	put(g, EC_LD | EBPF_IMM | EBPF_DW, reg, EBPF_PSEUDO_MAP_VALUE, 0, MAP_OUT);
	put(g, 0, 0, 0, 0, (int32_t)at);
}

static bool is_deep(const struct gen *g, const struct prog_map *m)
{
	return g->deep && m->key_size > STACK_KEY_BYTES && m->key_size <= DEEP_BYTES;
}

/* r2: deep on the stack or in global data; bytes here and there of what is 0 else. */
static void gen_long_key(struct gen *g, const struct prog_map *m)
{
	uint32_t size = m->key_size;
	const int16_t at[] = { 0, (int16_t)(size - 1), 128 };

	if (is_deep(g, m))
		stack_address(g, 2, -STACK_DEEP);
	else
		global_address(g, 2, OUT_BYTES);
	for (uint32_t o = 0; o < size && is_deep(g, m); o += 8)
		put(g, EC_ST | EBPF_MEM | EBPF_DW, 10, 0, (int16_t)(-STACK_DEEP + (int32_t)o), 0);
	for (uint32_t n = 1 + below(g, 2); n; n--)
		put(g, EC_STX | EBPF_MEM | EBPF_B, 2, 3, at[below(g, size > 128 ? 3 : 2)], 0);
}

/* A piece of the packet, which may change behind that. */
static void gen_key_from_packet(struct gen *g, int32_t at, uint32_t size)
{
	static const uint8_t code[] = { EBPF_B, EBPF_H, EBPF_W, EBPF_DW };
	uint32_t from = below(g, 3) ? 0 : below(g, g->room - size + 1), widest = 1 + below(g, 3);

	for (uint32_t o = 0, n; o < size; o += 1u << n) {
		for (n = widest; o + (1u << n) > size || (at + (int32_t)o) % (1 << n); n--)
			;
		put(g, EC_LDX | EBPF_MEM | code[n], 3, 7, (int16_t)(from + o), 0);
		put(g, EC_STX | EBPF_MEM | code[n], 10, 3, (int16_t)(at + (int32_t)o), 0);
	}
	if (below(g, 3) == 0)
		put(g, EC_STX | EBPF_MEM | EBPF_H, 7, 2 + below(g, 4), (int16_t)below(g, g->room - 1), 0);
}

/* r1 = map, r2 = a key: mostly on the stack and from a small domain, so that lookups hit; sometimes in the packet. */
void gen_key(struct gen *g, uint32_t map)
{
	const struct prog_map *m = &g->c->maps[map];
	bool array = image_map_is_array(m->type), is_long = m->key_size > STACK_KEY_BYTES;
	int32_t at = -STACK_KEY + (array ? 4 * (int32_t)below(g, 2) : 0);
	uint32_t reg = scalar_reg(g);

	put(g, EC_ALU64 | EBPF_MOV | EBPF_X, 3, reg, 0, 0);
	put(g, EC_ALU64 | EBPF_AND | EBPF_K, 3, 0, 0, array && below(g, 4) == 0 ? 15 : 3);
	if (is_long)
		gen_long_key(g, m);
	else if (!array && !is_trie(m) && m->key_size + 1 < g->room && below(g, 6) == 0)
		gen_key_from_packet(g, at, m->key_size);
	else
		gen_key_bytes(g, 10, at, m->key_size, is_trie(m));
	if (array && below(g, 4) == 0)
		put(g, EC_ST | EBPF_MEM | EBPF_W, 10, 0, (int16_t)at, (int32_t)below(g, 6));
	if (m->type == MAP_TYPE_PREFIXES)
		gen_prefix(g, is_long ? 2 : 10, is_long ? 0 : at, m->key_size);
	else if (m->type == MAP_TYPE_LPM_TRIE)
		put(g, EC_ST | EBPF_MEM | EBPF_W, 10, 0, (int16_t)at, below(g, 4) ? 8 * ((int32_t)m->key_size - 4) : (int32_t)below(g, 40));
	load_map(g, map);
	if (m->key_size <= g->room && !is_trie(m) && below(g, 6) == 0) {
		put(g, EC_ALU64 | EBPF_MOV | EBPF_X, 2, 7, 0, 0);
		put(g, EC_ALU64 | EBPF_ADD | EBPF_K, 2, 0, 0, (int32_t)below(g, g->room - m->key_size + 1));
	} else if (!is_long) {
		stack_address(g, 2, at);
	}
}

/* Those that programs may touch; a timer, a lock, or the one and the other lie behind them. */
uint32_t value_bytes(const struct prog_map *m)
{
	return m->timer ? m->timer - 1 : m->lock ? m->lock - 1 : m->value_size;
}

static bool is_per_cpu(const struct prog_map *m)
{
	return m->type == MAP_TYPE_PERCPU_ARRAY || m->type == MAP_TYPE_PERCPU_HASH || m->type == MAP_TYPE_LRU_PERCPU_HASH;
}

/* Prefixes are copied to the stack, below all functions. */
bool has_trie(const struct gen *g)
{
	for (uint32_t n = 0; n < g->c->n_maps; n++)
		if (is_trie(&g->c->maps[n]))
			return true;
	return false;
}

/* Then there is no room for functions. */
bool has_wide_trie(const struct gen *g)
{
	enum { BESIDE_FUNCTIONS = 128 };

	for (uint32_t n = 0; n < g->c->n_maps; n++)
		if (is_trie(&g->c->maps[n]) && g->c->maps[n].key_size > BESIDE_FUNCTIONS)
			return true;
	return false;
}

/* The jump that is taken when there is no entry, to be landed; else r0 is the value. */
static uint32_t gen_lookup_call(struct gen *g, uint32_t map)
{
	const struct prog_map *m = &g->c->maps[map];
	bool room = g->level == LEVEL_PROGRAM || (g->level == LEVEL_FUNCTION && !has_trie(g));
	uint32_t f = below(g, 8) == 0 && room ? new_function(g, LEVEL_FINDER) : FUNCTIONS_MAX;

	if (f < FUNCTIONS_MAX) {
		g->functions[f].map = map;
		put(g, EC_ALU64 | EBPF_MOV | EBPF_X, 1, scalar_reg(g), 0, 0);
		call_function(g, f);
	} else {
		gen_key(g, map);
		if (is_per_cpu(m) && below(g, 2)) { /* all runs on CPU 0; nobody has so many */
			put(g, EC_ALU64 | EBPF_MOV | EBPF_K, 3, 0, 0, below(g, 6) ? 0 : 100000);
			call(g, HELPER_MAP_LOOKUP_PERCPU_ELEM);
		} else {
			call(g, HELPER_MAP_LOOKUP_ELEM);
		}
	}
	restore_after_call(g, false);
	return put(g, EC_JMP | EBPF_JEQ | EBPF_K, 0, 0, 0, 0);
}

/* r0 points at so many bytes. */
void gen_value_bytes(struct gen *g, uint32_t size)
{
	g->value = size;
	gen_bytes(g);
	g->value = 0;
}

/* The key lies in the value that r0 points at, of the same map, and the new value too. */
static void gen_key_in_value(struct gen *g, uint32_t map)
{
	static const int32_t helpers[] = { HELPER_MAP_LOOKUP_ELEM, HELPER_MAP_UPDATE_ELEM, HELPER_MAP_DELETE_ELEM };
	const struct prog_map *m = &g->c->maps[map];
	int32_t at = (int32_t)below(g, value_bytes(m) - m->key_size + 1), helper = helpers[below(g, 3)];

	put(g, EC_ALU64 | EBPF_MOV | EBPF_X, 3, 9 - 7 * g->r9_taken, 0, 0);
	put(g, EC_ALU64 | EBPF_AND | EBPF_K, 3, 0, 0, 3);
	gen_key_bytes(g, 0, at, m->key_size, false);
	put(g, EC_ALU64 | EBPF_MOV | EBPF_X, 2, 0, 0, 0);
	put(g, EC_ALU64 | EBPF_ADD | EBPF_K, 2, 0, 0, at);
	put(g, EC_ALU64 | EBPF_MOV | EBPF_X, 3, 0, 0, 0);
	if (m->lock || m->timer) { /* nicjit makes such values of packet and stack */
		for (uint32_t o = 0; o < m->value_size; o += 8)
			put(g, EC_ST | EBPF_MEM | EBPF_DW, 10, 0, (int16_t)(-STACK_VALUE + (int32_t)o), imm(g));
		stack_address(g, 3, -STACK_VALUE);
	}
	put(g, EC_ALU64 | EBPF_MOV | EBPF_K, 4, 0, 0, 0);
	load_map(g, map);
	call(g, helper);
	restore_after_call(g, true);
}

static void gen_map_lookup(struct gen *g, uint32_t map)
{
	const struct prog_map *m = &g->c->maps[map];
	uint32_t skip = gen_lookup_call(g, map), size = value_bytes(m);

	for (uint32_t n = 1 + below(g, 4); n; n--) {
		if (below(g, 3) == 0)
			gen_change(g, 0, 0, size);
		else if (below(g, 2) && size >= 8)
			gen_atomic(g, 0, 0, size & ~7u);
		else if (below(g, 4) == 0)
			gen_indexed(g, 0, 0, size, false);
		else if (below(g, 4) == 0)
			gen_bounded(g, 0, 0, size);
		else if (below(g, 3) == 0)
			gen_value_bytes(g, size);
		else if (g->level <= LEVEL_FUNCTION && g->room && g->branches < BRANCH_MAX && below(g, 4) == 0)
			gen_value_helper(g, size);
		else
			gen_access(g, 0, 0, size, below(g, 2));
	}
	if (!is_trie(m) && m->key_size <= STACK_KEY_BYTES && m->key_size <= size && below(g, 8) == 0)
		gen_key_in_value(g, map);
	land(g, skip);
	set_scalar(g, 0);
	g->branches++;
}

static void gen_map_update(struct gen *g, uint32_t map)
{
	const struct prog_map *m = &g->c->maps[map];
	bool hides = m->lock || m->timer, from_packet = m->value_size <= g->room && below(g, hides ? 2 : 3) == 0 && !(hides && g->deep); /* a key in the packet, too, is copied to the stack */

	bool is_long = m->value_size > VALUE_MAX, deep = is_long && g->deep && (is_deep(g, m) ? m->key_size + 7 : 0) + m->value_size <= DEEP_BYTES;
	int32_t deep_at = -STACK_DEEP + DEEP_BYTES - (int32_t)((m->value_size + 7) & ~7u);

	if (is_long && !from_packet && !deep && m->value_size > g->c->maps[MAP_OUT].value_size) {
		gen_map_lookup(g, map);
		return;
	}
	for (uint32_t o = 0; o < m->value_size && !is_long && !from_packet; o += 8)
		put(g, EC_STX | EBPF_MEM | EBPF_DW, 10, scalar_reg(g), (int16_t)(-STACK_VALUE + (int32_t)o), 0);
	for (uint32_t o = 0, of_packet = below(g, 2); o < m->value_size && deep && !from_packet; o += 8) {
		if (of_packet && o + 8 <= g->room)
			put(g, EC_LDX | EBPF_MEM | EBPF_DW, 3, 7, (int16_t)o, 0);
		put(g, EC_STX | EBPF_MEM | EBPF_DW, 10, 3, (int16_t)(deep_at + (int32_t)o), 0);
	}
	gen_key(g, map);
	if (from_packet && hides && m->key_size <= g->room && below(g, 2)) {
		uint32_t most = g->room - m->key_size, at = value_bytes(m) - below(g, value_bytes(m) < m->key_size ? value_bytes(m) : m->key_size);

		put(g, EC_ALU64 | EBPF_MOV | EBPF_X, 2, 7, 0, 0); /* where what is hidden will be */
		put(g, EC_ALU64 | EBPF_ADD | EBPF_K, 2, 0, 0, (int32_t)(at < most ? at : most));
	}
	if (from_packet)
		put(g, EC_ALU64 | EBPF_MOV | EBPF_X, 3, 7, 0, 0);
	else if (deep)
		stack_address(g, 3, deep_at);
	else if (is_long)
		global_address(g, 3, below(g, g->c->maps[MAP_OUT].value_size - m->value_size + 1));
	else if (hides) /* nicjit makes them of packet and stack */
		stack_address(g, 3, -STACK_VALUE);
	else
		data_address(g, 3, -STACK_VALUE, m->value_size);
	put(g, EC_ALU64 | EBPF_MOV | EBPF_K, 4, 0, 0, below(g, 3) ? 0 : (int32_t)below(g, 8));
	put(g, EC_JMP | EBPF_CALL, 0, 0, 0, HELPER_MAP_UPDATE_ELEM);
	restore_after_call(g, false);
}

static void gen_map_delete(struct gen *g, uint32_t map)
{
	gen_key(g, map);
	put(g, EC_JMP | EBPF_CALL, 0, 0, 0, HELPER_MAP_DELETE_ELEM);
	restore_after_call(g, false);
}

static void save_value(struct gen *g)
{
	put(g, EC_STX | EBPF_MEM | EBPF_DW, 10, 0, -STACK_OLD, 0);
	set_scalar(g, 0);
}

/* The value's lock, held while the value is read and written. */
static void gen_locked(struct gen *g, uint32_t map)
{
	const struct prog_map *m = &g->c->maps[map];
	uint32_t skip = gen_lookup_call(g, map);

	save_value(g);
	for (uint32_t unlocks = 0; unlocks < 2; unlocks++) {
		put(g, EC_LDX | EBPF_MEM | EBPF_DW, 1, 10, -STACK_OLD, 0);
		put(g, EC_ALU64 | EBPF_ADD | EBPF_K, 1, 0, 0, (int32_t)m->lock - 1);
		call(g, unlocks ? HELPER_SPIN_UNLOCK : HELPER_SPIN_LOCK);
		restore_after_call(g, true);
		if (unlocks)
			break;
		put(g, EC_LDX | EBPF_MEM | EBPF_DW, 1, 10, -STACK_OLD, 0);
		for (uint32_t n = 1 + below(g, 4); n; n--) {
			if (below(g, 2))
				gen_change(g, 1, 0, value_bytes(m));
			else
				gen_access(g, 1, 0, value_bytes(m), below(g, 2));
		}
		put(g, EC_LDX | EBPF_MEM | EBPF_DW, 0, 10, -STACK_OLD, 0);
		if (below(g, 2))
			gen_value_bytes(g, value_bytes(m));
		set_scalar(g, 0);
	}
	land(g, skip);
	set_scalar(g, 0);
	g->branches++;
}

/* A value pointer that outlives updates and deletes of its own map. */
static void gen_map_old_pointer(struct gen *g, uint32_t map)
{
	const struct prog_map *m = &g->c->maps[map];
	uint32_t skip = gen_lookup_call(g, map);

	save_value(g);
	for (uint32_t n = 1 + below(g, 3); n; n--) {
		if (below(g, 2))
			gen_map_update(g, map);
		else
			gen_map_delete(g, map);
	}
	put(g, EC_LDX | EBPF_MEM | EBPF_DW, 1, 10, -STACK_OLD, 0);
	for (uint32_t n = 1 + below(g, 3); n; n--)
		gen_access(g, 1, 0, value_bytes(m), below(g, 2));
	set_scalar(g, 1);
	land(g, skip);
	set_scalar(g, 0);
	g->branches++;
}

bool is_looked_up(const struct prog_map *m)
{
	return !tells(m) && !is_queue(m) && !has_maps(m) && !is_constant(m);
}

/* Two values at once, of one map or of two; they may be the same one. */
static void gen_two_values(struct gen *g, uint32_t map)
{
	static const uint8_t code[] = { EBPF_B, EBPF_H, EBPF_W, EBPF_DW };
	uint32_t skip = gen_lookup_call(g, map), other = below(g, g->c->n_maps), skip_too;

	other = below(g, 2) && is_looked_up(&g->c->maps[other]) ? other : map;
	save_value(g);
	skip_too = gen_lookup_call(g, other);
	put(g, EC_LDX | EBPF_MEM | EBPF_DW, 1, 10, -STACK_OLD, 0);
	for (uint32_t n = 2 + below(g, 7); n; n--) {
		uint32_t base = below(g, 2), size = value_bytes(&g->c->maps[base ? map : other]), width = below(g, 4), reg = 2 + below(g, 4), how = below(g, 7), at;

		while (1u << width > size)
			width--;
		at = below(g, size - (1u << width) + 1);
		if (below(g, 4) || how == 6)
			at &= ~((1u << width) - 1);
		if (how == 6 && width >= 2) {
			put(g, EC_STX | EBPF_ATOMIC | code[width], base, reg, (int16_t)at, below(g, 2) ? EBPF_ADD : EBPF_XCHG);
			continue;
		}
		if (how < 4)
			put(g, EC_LDX | EBPF_MEM | code[width], reg, base, (int16_t)at, 0);
		if (how == 3)
			put(g, EC_ALU64 | EBPF_ADD, reg, 0, 0, imm(g));
		if (how >= 3)
			put(g, EC_STX | EBPF_MEM | code[width], base, reg, (int16_t)at, 0);
	}
	set_scalar(g, 1);
	land(g, skip_too);
	land(g, skip);
	set_scalar(g, 0);
	g->branches += 2;
}

/* Global data: a value addressed by a constant. */
void gen_global(struct gen *g)
{
	uint32_t at = 8 * below(g, 6);

	global_address(g, 1, at);
	for (uint32_t n = 1 + below(g, 3); n; n--) {
		if (below(g, 3) == 0)
			gen_change(g, 1, 0, 64 - at);
		else if (below(g, 3) == 0)
			gen_atomic(g, 1, 0, 64 - at);
		else
			gen_access(g, 1, 0, 64 - at, below(g, 2));
	}
	set_scalar(g, 1);
}

bool is_trie(const struct prog_map *m)
{
	return m->type == MAP_TYPE_LPM_TRIE || m->type == MAP_TYPE_PREFIXES;
}

bool is_queue(const struct prog_map *m)
{
	return m->type == MAP_TYPE_QUEUE || m->type == MAP_TYPE_STACK || m->type == MAP_TYPE_BLOOM_FILTER;
}

/* What comes out is kept where keys are, and goes to the scratch bytes in part. */
static void gen_queue(struct gen *g, uint32_t map)
{
	const struct prog_map *m = &g->c->maps[map];
	uint32_t how = below(g, 4), bloom = m->type == MAP_TYPE_BLOOM_FILTER;

	if (how < 2 || bloom) {
		for (uint32_t at = 0; at < m->value_size; at += 8)
			put(g, EC_STX | EBPF_MEM | EBPF_DW, 10, scalar_reg(g), (int16_t)(-STACK_VALUE + (int32_t)at), 0);
		data_address(g, 2, -STACK_VALUE, m->value_size);
		put(g, EC_ALU64 | EBPF_MOV | EBPF_K, 3, 0, 0, below(g, 4) ? 2 * (int32_t)below(g, 2) : (int32_t)below(g, 4));
		load_map(g, map);
		call(g, how < 2 ? HELPER_MAP_PUSH_ELEM : HELPER_MAP_PEEK_ELEM);
		restore_after_call(g, false);
		return;
	}
	if (below(g, 4) == 0) {
		data_address(g, 2, -STACK_VALUE, m->value_size);
		load_map(g, map);
		call(g, how == 2 ? HELPER_MAP_POP_ELEM : HELPER_MAP_PEEK_ELEM);
		restore_after_call(g, false);
		return;
	}
	stack_address(g, 2, -STACK_VALUE);
	load_map(g, map);
	call(g, how == 2 ? HELPER_MAP_POP_ELEM : HELPER_MAP_PEEK_ELEM);
	if (m->value_size >= 8)
		put(g, EC_LDX | EBPF_MEM | EBPF_DW, 9 - 4 * g->r9_taken, 10, -STACK_VALUE, 0);
	for (uint32_t r = 1; r <= 4; r++)
		set_scalar(g, r);
	if (m->value_size < 8 || !g->r9_taken)
		set_scalar(g, 5);
}

static void gen_timed(struct gen *g, uint32_t map)
{
	uint32_t skip;

	if (below(g, 2)) /* so that there is something */
		gen_map_update(g, map);
	skip = gen_lookup_call(g, map);
	gen_timer(g, map);
	land(g, skip);
	set_scalar(g, 0);
	g->branches++;
}

void gen_map(struct gen *g)
{
	gen_map_use(g, below(g, g->c->n_maps));
}

void gen_map_use(struct gen *g, uint32_t map)
{
	if (tells(&g->c->maps[map])) {
		gen_tell(g, map);
		return;
	}
	if (g->c->maps[map].type == MAP_TYPE_LPM_TRIE) { /* only its host changes it */
		gen_map_lookup(g, map);
		return;
	}
	if (is_queue(&g->c->maps[map])) {
		gen_queue(g, map);
		return;
	}
	if (is_constant(&g->c->maps[map])) {
		gen_constant(g, map);
		return;
	}
	if (has_maps(&g->c->maps[map])) {
		if (!g->inner)
			gen_inner(g, map);
		return;
	}
	if (g->c->maps[map].timer && g->level == LEVEL_PROGRAM && below(g, 2)) {
		gen_timed(g, map);
		return;
	}
	if (g->c->maps[map].lock && below(g, 3) == 0) {
		gen_locked(g, map);
		return;
	}
	switch (below(g, 8)) {
	case 7:
		gen_two_values(g, map);
		break;
	case 6:
		if (g->level < LEVEL_LEAF && !is_trie(&g->c->maps[map]) && !g->inner && g->c->maps[map].key_size <= STACK_KEY_BYTES)
			gen_each(g, map);
		else
			gen_map_lookup(g, map);
		break;
	case 0:
	case 1:
		gen_map_lookup(g, map);
		break;
	case 5:
		if (g->c->maps[map].type == MAP_TYPE_PREFIXES)
			gen_map_delete(g, map);
		else
			gen_map_old_pointer(g, map);
		break;
	case 2:
	case 3:
		gen_map_update(g, map);
		break;
	default:
		gen_map_delete(g, map);
	}
}
