// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* Lookups in LPM tries by a key that lies in a map: the NIC takes such keys from packet and stack only, so the key is copied below the stack that
 * the program uses. */
#include "build_ring.h"
#include "hw/spec/regs.h"

/* Keys lie at one place, as large as the largest. */
int key_reserve(struct build *b, uint32_t bytes, const char *why)
{
	struct compile *c = b->c;
	uint32_t used = b->key_room ? (uint32_t)b->key_at - b->key_room : (c->stack_used + 7) / 8 * 8;

	if (b->key_room >= bytes)
		return 0;
	b->key_at = (int)(used + bytes);
	b->key_room = bytes;
	if (b->key_at > EBPF_STACK_BYTES) {
		error(c, (int)b->pc, "a key that %s is copied to the stack, and there are only %u bytes of it left", why,
		      EBPF_STACK_BYTES - used);
		return error_note(c, "use less stack");
	}
	c->stack_used = (uint32_t)b->key_at;
	return 0;
}

int build_trie_lookup(struct build *b)
{
	const struct arg_fact *key = &fact_at(b)->arg[1];
	struct arg_fact copy = { .region = R_STACK, .off_known = 1 };
	struct value *at;

	if (key->region == R_MAP_VALUE) {
		if (key_reserve(b, NIC_LOOK_BYTES, "is in a map"))
			return -1;
		copy.off = -b->key_at;
		copy_out(b, &copy, ir_special(b->f, SR_FP), b->var[2], key->map, b->c->maps[fact_at(b)->arg[0].map].key_size);
		at = emit(b, IR_ADD, ir_special(b->f, SR_FP), konst(b, (uint64_t)(int64_t)-b->key_at));
	} else {
		at = b->var[2];
	}
	b->var[0] = emit_call(b, IR_LOOK, at, NULL);
	if (b->var[0] && key->region == R_MAP_VALUE)
		b->var[0]->region[0] = R_STACK;
	return 0;
}
