// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* Lookup, update and delete. Array maps are plain memory, so their helpers become address arithmetic and the checks of the kernel. */
#include "build_lock.h"
#include "build_prefix.h"

enum { BPF_NOEXIST = 1, BPF_EXIST = 2, BPF_F_LOCK = 4 };
enum { E_2BIG = 7, E_EXIST = 17, E_INVAL = 22 };

static const struct image_map *map_at(const struct build *b)
{
	return &b->c->maps[fact_at(b)->arg[0].map];
}

/* Stack words must be aligned to be loaded whole, and a key need not be. */
static struct value *load_index(struct build *b)
{
	const struct arg_fact *key = &fact_at(b)->arg[1];
	struct value *pointer = b->var[2], *index = NULL;

	if (key->region != R_STACK || (key->off_known && key->off % 4 == 0))
		return load(b, key, pointer, 0, 4, 0);
	for (int n = 0; n < 4; n++) {
		struct arg_fact at = *key;
		struct value *byte;

		at.off += n;
		byte = load(b, &at, pointer, n, 1, 0);
		if (n)
			byte = emit(b, IR_LSH, byte, konst(b, 8U * (unsigned int)n));
		index = n ? emit(b, IR_OR, index, byte) : byte;
	}
	return index;
}

static int names_cpu(const struct build *b)
{
	return insn_at(b)->imm == HELPER_MAP_LOOKUP_PERCPU_ELEM;
}

/* The hardware thread's own value, or that of the one it names, of a value in the first plane. */
static struct value *in_own_plane(struct build *b, struct value *first)
{
	const struct image_map *m = map_at(b);
	struct value *cpu = names_cpu(b) ? b->var[3] : ir_special(b->f, SR_CPU);

	if (!m->plane)
		return first;
	return emit(b, IR_ADD, first, emit_w(b, IR_MUL, 1, cpu, konst(b, m->plane)));
}

static struct value *element(struct build *b, struct value *index)
{
	const struct image_map *m = map_at(b);
	unsigned int map = fact_at(b)->arg[0].map;
	struct value *base = map_is_template(b->c->prog, map) ? b->var[1] : konst(b, 3ULL << 60 | (uint64_t)map << 48 | m->values);
	struct value *offset = emit_w(b, IR_MUL, 1, index, konst(b, m->stride)); /* map memory has less than 2^32 bytes */

	return emit(b, IR_ADD, in_own_plane(b, base), offset); /* the index may be known late */
}

/* The checks in the kernel's order: array_map_update_elem(). Locked updates are for values with a lock in them. */
static int update_array(struct build *b)
{
	enum { N_BAD = 4 };
	struct block *bad[N_BAD], *after = ir_block(b->f, place(b));
	struct value *flags = b->var[4], *index, *value = b->var[3], *result[N_BAD + 1];
	static const int errnos[N_BAD] = { E_INVAL, E_2BIG, E_EXIST, E_INVAL };

	for (int n = 0; n < N_BAD; n++) {
		bad[n] = ir_block(b->f, place(b));
		if (!bad[n])
			return -1;
		result[n] = konst(b, (uint64_t)-errnos[n]);
	}
	check(b, OP_JGT, emit(b, IR_AND, flags, konst(b, ~(uint64_t)BPF_F_LOCK)), konst(b, BPF_EXIST), bad[0]);
	index = load_index(b);
	check(b, OP_JGE, index, konst(b, map_at(b)->max_entries), bad[1]);
	check(b, OP_JSET, flags, konst(b, BPF_NOEXIST), bad[2]);
	check(b, OP_JSET, flags, konst(b, BPF_F_LOCK), bad[3]);
	if (b->c->arena->failed || !after)
		return -1;
	emit_call(b, IR_CPY, element(b, index), value);
	b->at->last->region[0] = R_NONE; /* the element, which map orders */
	for (int n = 0; n < N_BAD; n++) {
		struct block *ok = b->at;

		b->at = bad[n];
		jump(b, after);
		b->at = ok;
	}
	result[N_BAD] = konst(b, 0);
	jump(b, after);
	join(b, after, result, N_BAD + 1);
	return 0;
}

/* A CPU that there is not has no values. */
static int check_cpu(struct build *b, struct block *miss)
{
	if (names_cpu(b))
		check(b, OP_JGE, b->var[3], konst(b, b->c->target->cpus), miss);
	return b->c->arena->failed ? -1 : 0;
}

/* A map of maps: the slot holds the pointer that stands for the map, or 0. */
static int found_map(struct build *b, struct value *slot, struct block *miss)
{
	struct value *word = load_map_word(b, 0, slot, 8);

	check(b, OP_JEQ, word, konst(b, 0), miss);
	return b->c->arena->failed ? -1 : two_ways(b, word, miss, konst(b, 0));
}

static int lookup_hash_of_maps(struct build *b)
{
	struct block *hit = ir_block(b->f, place(b)), *miss = ir_block(b->f, place(b));
	struct value *slot = emit_call(b, IR_LOOK, b->var[2], NULL);

	if (!hit || !miss)
		return -1;
	branch(b, OP_JEQ, slot, konst(b, 0), 1, miss, hit);
	b->at = hit;
	return found_map(b, slot, miss);
}

static int lookup_array(struct build *b)
{
	struct block *hit = ir_block(b->f, place(b)), *miss = ir_block(b->f, place(b));
	struct value *index, *at;

	if (!hit || !miss || check_cpu(b, miss))
		return -1;
	index = load_index(b);
	branch(b, OP_JLT, index, konst(b, map_at(b)->max_entries), ODDS_ONE - 1, hit, miss);
	b->at = hit;
	at = element(b, index);
	if (image_map_has_maps(map_at(b)->type))
		return found_map(b, at, miss);
	if (image_map_is_slots(map_at(b)->type))
		check(b, OP_JEQ, load_map_word(b, 0, at, 4), konst(b, 0), miss);
	return two_ways(b, at, miss, konst(b, 0));
}

/* The lookup gives the value in the first plane. */
static int lookup_percpu_hash(struct build *b)
{
	struct block *hit = ir_block(b->f, place(b)), *miss = ir_block(b->f, place(b));
	struct value *first;

	if (!hit || !miss || check_cpu(b, miss))
		return -1;
	first = emit_call(b, IR_LOOK, b->var[2], NULL);
	branch(b, OP_JEQ, first, konst(b, 0), 1, miss, hit);
	b->at = hit;
	return two_ways(b, in_own_plane(b, first), miss, konst(b, 0));
}

static int lookup_prefix(struct build *b)
{
	struct block *miss = ir_block(b->f, place(b));
	struct value *value = miss ? prefix_look(b, miss) : NULL;

	return value ? two_ways(b, value, miss, konst(b, 0)) : -1;
}

static int is_array(const struct build *b)
{
	return image_map_is_array(map_at(b)->type);
}

static int update(struct build *b)
{
	const struct prog_map *m = &b->c->prog->maps[fact_at(b)->arg[0].map];
	struct value *v;

	if (map_at(b)->type == MAP_TYPE_PREFIXES)
		return prefix_change(b);
	if (m->lock || m->timer)
		return is_array(b) ? hidden_update_array(b, load_index(b), element) : hidden_update_hash(b);
	if (is_array(b))
		return update_array(b);
	v = emit_call(b, IR_UPD, b->var[2], b->var[3]);
	if (!v)
		return -1;
	v->arg[2] = b->var[4];
	b->var[0] = v;
	return 0;
}

int build_map(struct build *b)
{
	switch (insn_at(b)->imm) {
	case HELPER_MAP_LOOKUP_ELEM: case HELPER_MAP_LOOKUP_PERCPU_ELEM:
		if (is_array(b))
			return lookup_array(b);
		if (image_map_has_maps(map_at(b)->type))
			return lookup_hash_of_maps(b);
		if (map_at(b)->plane)
			return lookup_percpu_hash(b);
		if (map_at(b)->type == MAP_TYPE_LPM_TRIE)
			return build_trie_lookup(b);
		if (map_at(b)->type == MAP_TYPE_PREFIXES)
			return lookup_prefix(b);
		b->var[0] = emit_call(b, IR_LOOK, b->var[2], NULL);
		return 0;
	case HELPER_MAP_UPDATE_ELEM:
		return update(b);
	default:
		if (map_at(b)->type == MAP_TYPE_PREFIXES)
			return prefix_change(b);
		if (!is_array(b) && b->c->prog->maps[fact_at(b)->arg[0].map].timer)
			return timer_delete(b);
		b->var[0] = is_array(b) ? konst(b, (uint64_t)-E_INVAL) : emit_call(b, IR_DEL, b->var[2], NULL);
		return 0;
	}
}
