// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* Tail calls: a PROG_ARRAY has the first bundle of a program in each slot, or 0. */
#include "build.h"

enum { TAIL_CALLS_MAX = 33, COUNT_BITS = 16 }; /* above the count: VAR_FRONT, where it is kept */

struct value *front_so_far(struct build *b)
{
	return emit_field(b, IR_UBFX, emit(b, IR_CALLS, NULL, NULL), COUNT_BITS, COUNT_BITS);
}

/* Where there is nothing to call, or too much has been called, the program goes on. */
int build_tail(struct build *b)
{
	const struct image_map *m = &b->c->maps[fact_at(b)->arg[1].map];
	struct block *on = ir_block(b->f, place(b));
	struct value *index = emit_field(b, IR_UBFX, b->var[3], 0, 32), *calls = emit(b, IR_CALLS, NULL, NULL), *slot, *left;

	if (!on)
		return -1;
	if (b->f->keeps_front)
		calls = emit_field(b, IR_UBFX, calls, 0, COUNT_BITS);
	check(b, OP_JGE, index, konst(b, m->max_entries), on);
	check(b, OP_JGE, calls, konst(b, TAIL_CALLS_MAX), on);
	slot = load_map_word(b, 1, slot_of(b, 1, index), 8);
	check(b, OP_JEQ, slot, konst(b, 0), on);
	left = emit(b, IR_ADD, calls, konst(b, 1));
	if (b->f->keeps_front)
		left = emit(b, IR_OR, left, emit(b, IR_LSH, b->var[VAR_FRONT], konst(b, COUNT_BITS)));
	emit(b, IR_TAIL, slot, left);
	b->at = on;
	b->var[0] = konst(b, 0);
	return 0;
}
