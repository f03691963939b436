// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* Addresses in map memory. A map pointer is the map in the upper half and a byte address in the lower one; near the start of map memory, where
 * layout.c puts arrays, the lower half of a known address fits the offset of the access:
 *   [x + (map : k)] + off -> [map : x] + (k + off)     for x below 2^32, in one operation that needs no constant
 *   [map : k] + off       -> [map : 0] + (k + off)
 * The sum may be part of a longer one. */
#include "opt.h"

enum { OFFSET_MAX = 1023, MAP_TAG = 3, DEPTH_MAX = 4, WAYS_MAX = 8 };

static int is_map_access(const struct value *v)
{
	return v->op == IR_MLD || v->op == IR_MST || (v->op >= IR_MADD && v->op <= IR_MCAS);
}

/* Of the same operation and arguments where the sum is, once for all accesses. */
static struct value *beside(struct func *f, struct value *sum, enum ir_op op, struct value *x, struct value *y, uint64_t imm)
{
	struct value *v = sum->prev;

	if (v && v->op == op && v->arg[0] == x && v->arg[1] == y && v->imm == (int64_t)imm && !v->w)
		return v;
	v = ir_new(f, op, sum->insn);
	if (!v)
		return NULL;
	v->arg[0] = x;
	v->arg[1] = y;
	v->imm = (int64_t)imm;
	ir_insert_before(sum, v);
	opt_bits(v);
	return v;
}

static int is_address(const struct value *v)
{
	return ir_is_const(v) && (uint64_t)v->imm >> 60 == MAP_TAG;
}

static struct value *strip(struct func *f, struct value *v, int64_t most, int64_t *lower, int depth);

/* Addresses of several ways, all with the same lower half of the constant. */
static struct value *strip_phi(struct func *f, struct value *phi, int64_t most, int64_t *lower, int depth)
{
	struct value *v, *part[WAYS_MAX];

	for (uint32_t n = 0; n < phi->block->n_pred; n++) {
		int64_t k = 0;

		if (n == WAYS_MAX)
			return NULL;
		part[n] = phi->phi[n] ? strip(f, ir_resolve(phi->phi[n]), most, &k, depth + 1) : NULL;
		if (!part[n] || (n && k != *lower))
			return NULL;
		*lower = k;
	}
	v = phi->prev;
	if (v && v->op == IR_PHI && !memcmp(v->phi, part, phi->block->n_pred * sizeof(*part)))
		return v;
	v = ir_new(f, IR_PHI, phi->insn);
	if (!v)
		return NULL;
	v->phi = arena_alloc(f->c->arena, phi->block->n_pred * sizeof(*part));
	if (!v->phi)
		return NULL;
	memcpy(v->phi, part, phi->block->n_pred * sizeof(*part));
	ir_insert_before(phi, v);
	opt_bits(v);
	return v;
}

/* The address without the lower half of the constant in it, which *lower becomes; NULL when there is none or it is more than `most`. */
static struct value *strip(struct func *f, struct value *v, int64_t most, int64_t *lower, int depth)
{
	uint64_t upper = (uint64_t)v->imm >> 32;

	if (is_address(v)) {
		*lower = (uint32_t)v->imm;
		return *lower <= most ? ir_const(f, upper << 32) : NULL;
	}
	if (v->op == IR_PHI && depth < DEPTH_MAX)
		return strip_phi(f, v, most, lower, depth);
	if (v->op != IR_ADD || v->w || depth == DEPTH_MAX)
		return NULL;
	for (int n = 0; n < 2; n++)
		v->arg[n] = ir_resolve(v->arg[n]);
	if (is_address(v->arg[1]) && v->arg[0]->bits <= 32) {
		*lower = (uint32_t)v->arg[1]->imm;
		return *lower <= most ? beside(f, v, IR_MOVH, v->arg[0], NULL, (uint64_t)v->arg[1]->imm >> 32) : NULL;
	}
	for (int n = 0; n < 2; n++) {
		struct value *part = strip(f, v->arg[n], most, lower, depth + 1);

		if (part)
			return beside(f, v, IR_ADD, part, v->arg[1 - n], 0);
	}
	return NULL;
}

static void visit(struct func *f, struct value *v)
{
	int64_t lower = 0;
	struct value *base;

	v->arg[0] = ir_resolve(v->arg[0]);
	base = strip(f, v->arg[0], OFFSET_MAX - v->imm, &lower, 0);
	if (!base)
		return;
	v->arg[0] = base;
	v->imm += lower;
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
