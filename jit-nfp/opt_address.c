// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* Addresses in map memory. A map pointer is the map in the upper half and a byte address in the lower one; near the start of map memory, where
 * layout.c puts arrays, the lower half of a known address fits the offset of the access:
 *   [x + (map : k)] + off -> [map : x] + (k + off)     for x below 2^32, in one operation that needs no constant
 *   [map : k] + off       -> [map : 0] + (k + off) */
#include "opt.h"

enum { OFFSET_MAX = 1023, MAP_TAG = 3 };

static int is_map_access(const struct value *v)
{
	return v->op == IR_MLD || v->op == IR_MST || (v->op >= IR_MADD && v->op <= IR_MCAS);
}

/* map : x, computed where the sum is, once for all accesses */
static struct value *joined(struct func *f, struct value *sum, uint64_t upper)
{
	struct value *v = sum->prev;

	if (v && v->op == IR_MOVH && v->arg[0] == sum->arg[0] && v->imm == (int64_t)upper)
		return v;
	v = ir_new(f, IR_MOVH, sum->insn);
	if (!v)
		return NULL;
	v->arg[0] = sum->arg[0];
	v->imm = (int64_t)upper;
	ir_insert_before(sum, v);
	return v;
}

static void visit(struct func *f, struct value *v)
{
	struct value *base = v->arg[0] = ir_resolve(v->arg[0]), *k = base;
	uint64_t upper, lower;

	if (base->op == IR_ADD && !base->w) {
		base->arg[0] = ir_resolve(base->arg[0]);
		k = base->arg[1] = ir_resolve(base->arg[1]);
		if (base->arg[0]->bits > 32)
			return;
	}
	if (!ir_is_const(k) || (uint64_t)k->imm >> 60 != MAP_TAG)
		return;
	upper = (uint64_t)k->imm >> 32;
	lower = (uint32_t)k->imm;
	if ((int64_t)lower + v->imm > OFFSET_MAX)
		return;
	base = base == k ? ir_const(f, upper << 32) : joined(f, base, upper);
	if (!base)
		return;
	v->arg[0] = base;
	v->imm += (int64_t)lower;
}

int opt_address_run(struct compile *c)
{
	struct func *f = c->func;

	for (uint32_t n = 0; n < f->n_rpo; n++)
		for (struct value *v = f->rpo[n]->first; v; v = v->next)
			if (is_map_access(v))
				visit(f, v);
	return opt_dead_run(c);
}
