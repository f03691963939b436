// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* The elements of a map by slot, for bpf_for_each_map_elem() (verify_loop.c). Entries of a hash that was deleted or never used still look like ones: only the one that its
 * own key leads to is an element. */
#include "build_ring.h"

enum { ENTRY_KEY = 8, REFERENCE = 1 };

static struct value *in_own_plane(struct build *b, const struct image_map *m, struct value *first)
{
	return m->plane ? emit(b, IR_ADD, first, emit_w(b, IR_MUL, 1, ir_special(b->f, SR_CPU), konst(b, m->plane))) : first;
}

/* The index is the key. */
static int array_element(struct build *b, unsigned int map, struct value *slot)
{
	const struct image_map *m = &b->c->maps[map];
	struct arg_fact to = fact_at(b)->arg[2];

	to.off_known = 0; /* in memory, where the callback may look for it by a pointer */
	store(b, &to, b->var[3], 0, 4, slot);
	b->var[0] = in_own_plane(b, m, slot_of(b, 0, slot));
	return 0;
}

/* The lookup of a key marks an entry of an LRU map as used, which a walk does not. */
static void forget_use(struct build *b, unsigned int map, struct value *entry, struct value *head)
{
	struct block *after = when(b, OP_JNSET, head, konst(b, REFERENCE));

	map_access(b, IR_MAND, map, entry, 0, 4, konst(b, ~(uint64_t)REFERENCE & 0xffffffff));
	end_when(b, after);
}

static int is_lru(const struct image_map *m)
{
	return m->type == MAP_TYPE_LRU_HASH || m->type == MAP_TYPE_LRU_PERCPU_HASH;
}

static int hash_element(struct build *b, unsigned int map, struct value *slot)
{
	const struct image_map *m = &b->c->maps[map];
	const struct arg_fact *to = &fact_at(b)->arg[2];
	struct value *entry = slot_of(b, 0, slot), *key = emit(b, IR_ADD, entry, konst(b, ENTRY_KEY)), *value, *head = NULL, *found, *result[2];
	struct block *none = ir_block(b->f, place(b)), *after = ir_block(b->f, place(b));

	if (!none || !after)
		return -1;
	if (is_lru(m))
		head = map_access(b, IR_MLD, map, entry, 0, 8, NULL);
	found = emit(b, IR_LOOK, key, NULL);
	if (!found)
		return -1;
	found->map = (uint8_t)map;
	found->region[0] = R_MAP_VALUE;
	found->region[1] = R_NONE;
	value = emit(b, IR_ADD, key, konst(b, (m->key_size + 7) & ~7U));
	check(b, OP_JNE, found, value, none);
	if (is_lru(m))
		forget_use(b, map, entry, head);
	copy_out(b, to, b->var[3], key, map, m->key_size);
	result[0] = in_own_plane(b, m, value);
	result[1] = konst(b, 0);
	jump(b, after);
	b->at = none;
	jump(b, after);
	join(b, after, result, 2);
	return b->c->arena->failed ? -1 : 0;
}

/* r1 map, r2 slot, r3 where the key goes */
int build_each(struct build *b)
{
	unsigned int map = fact_at(b)->arg[0].map;
	struct value *slot = emit_field(b, IR_UBFX, b->var[2], 0, 32);

	return image_map_is_array(b->c->maps[map].type) ? array_element(b, map, slot) : hash_element(b, map, slot);
}
