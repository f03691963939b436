// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* Where a packet with verdict XDP_REDIRECT goes: to the port with an interface index, to several, or to a host queue. */
#include "build.h"

enum { XDP_ABORTED = 0, XDP_REDIRECT = 4, VERDICTS = 3, ACT_SHOT = 2, ACT_REDIRECT = 7 };
enum { BROADCAST = 8, EXCLUDE_INGRESS = 16, EXCLUDE_INGRESS_BIT = 4, BUT_OWN_BIT = 29 };
#define TO_QUEUE 0x80000000u
#define TO_SET   0xc0000000u

/* Bit 31 of the NIC's target selects a host queue, and no interface has a negative index: 0 is nobody's. */
static struct value *as_ifindex(struct build *b, struct value *x)
{
	struct value *sign = emit_w(b, IR_ARSH, 1, x, konst(b, 31));

	return emit_w(b, IR_AND, 1, x, emit_w(b, IR_XOR, 1, sign, konst(b, (uint64_t)-1)));
}

/* No flag is known to the kernel. */
static int redirect(struct build *b)
{
	struct block *bad = ir_block(b->f, place(b)), *after = ir_block(b->f, place(b)), *good;
	int tc = b->c->prog->tc;
	struct value *result[2] = { konst(b, tc ? ACT_REDIRECT : XDP_REDIRECT), konst(b, tc ? ACT_SHOT : XDP_ABORTED) };

	if (!bad || !after)
		return -1;
	check(b, OP_JNE, b->var[2], konst(b, 0), bad);
	emit(b, IR_RDIR, as_ifindex(b, b->var[1]), NULL);
	good = b->at;
	jump(b, after);
	b->at = bad;
	jump(b, after);
	b->at = good;
	join(b, after, result, 2);
	return 0;
}

/* The target that the map has at key, after a branch to miss where it has none. */
static struct value *target_of(struct build *b, const struct image_map *m, struct value *key, struct block *miss)
{
	struct value *slot;

	if (m->type == MAP_TYPE_DEVMAP_HASH) {
		slot = emit_call(b, IR_LOOKR, key, konst(b, 0));
		if (!slot)
			return NULL;
		slot->region[0] = slot->region[1] = R_NONE;
		check(b, OP_JEQ, slot, konst(b, 0), miss);
		return load_map_word(b, 0, slot, 4);
	}
	check(b, OP_JGE, key, konst(b, m->max_entries), miss);
	slot = load_map_word(b, 0, slot_of(b, 0, key), 4);
	check(b, OP_JEQ, slot, konst(b, 0), miss);
	if (m->type == MAP_TYPE_DEVMAP)
		return slot;
	if (m->type == MAP_TYPE_XSKMAP)
		key = emit(b, IR_SUB, slot, konst(b, 1));
	return emit_w(b, IR_OR, 1, key, konst(b, TO_QUEUE));
}

/* To all ports in the map, for which the host keeps a word; but not to the one the packet came from, if the flags say so. */
static struct value *set_of(struct build *b, const struct image_map *m, struct value *flags)
{
	struct value *set = load_map_word(b, 0, konst(b, 3ULL << 60 | (uint64_t)fact_at(b)->arg[0].map << 48 | image_map_set(m)), 4);
	struct value *but = emit_w(b, IR_LSH, 1, emit_field(b, IR_UBFX, flags, EXCLUDE_INGRESS_BIT, 1), konst(b, BUT_OWN_BIT));

	return emit_w(b, IR_OR, 1, emit_w(b, IR_OR, 1, set, konst(b, TO_SET)), but);
}

/* Where the map has nothing, the low bits of the flags are the verdict. */
static int redirect_map(struct build *b)
{
	const struct image_map *m = &b->c->maps[fact_at(b)->arg[0].map];
	uint64_t known = VERDICTS | (image_map_is_ports(m->type) ? BROADCAST | EXCLUDE_INGRESS : 0);
	struct block *bad = ir_block(b->f, place(b)), *miss = ir_block(b->f, place(b)), *after = ir_block(b->f, place(b)), *all = ir_block(b->f, place(b)), *good;
	struct value *key = emit_field(b, IR_UBFX, b->var[2], 0, 32), *result[4];

	if (!bad || !miss || !after || !all)
		return -1;
	check(b, OP_JNE, emit(b, IR_AND, b->var[3], konst(b, ~known)), konst(b, 0), bad);
	if (known & BROADCAST)
		check(b, OP_JNE, emit(b, IR_AND, b->var[3], konst(b, BROADCAST)), konst(b, 0), all);
	result[0] = konst(b, XDP_REDIRECT);
	result[1] = emit(b, IR_AND, b->var[3], konst(b, VERDICTS)); /* here, for the map may have nothing from here on */
	emit(b, IR_RDIR, target_of(b, m, key, miss), NULL);
	result[2] = konst(b, XDP_ABORTED);
	result[3] = result[0];
	good = b->at;
	jump(b, after);
	b->at = miss;
	jump(b, after);
	b->at = bad;
	jump(b, after);
	if (known & BROADCAST) {
		b->at = all;
		emit(b, IR_RDIR, set_of(b, m, b->var[3]), NULL);
		jump(b, after);
	}
	b->at = good;
	join(b, after, result, known & BROADCAST ? 4 : 3);
	return 0;
}

int build_redirect(struct build *b)
{
	return insn_at(b)->imm == HELPER_REDIRECT ? redirect(b) : redirect_map(b);
}
