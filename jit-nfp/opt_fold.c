// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* Constant folding, algebraic identities, bit fields: runs the rules of fold_*.c over the program until nothing changes. */
#include "fold.h"

static void strip_arg(struct value *v, int n)
{
	const struct value *x = v->arg[n];

	if (x && x->op == IR_UBFX && !x->shift && x->len >= 32)
		v->arg[n] = ir_resolve(x->arg[0]);
}

/* A w operation looks at low halves only. */
static void strip_w_args(struct value *v)
{
	for (int n = 0; v->w && n < 2; n++)
		strip_arg(v, n);
}

static struct value *fold_phi(struct value *v)
{
	struct value *one = NULL;

	for (uint32_t n = 0; n < v->block->n_pred; n++) {
		struct value *x = v->phi[n] = ir_resolve(v->phi[n]);

		if (x == v)
			continue;
		if (one && one != x)
			return NULL;
		one = x;
	}
	return one;
}

static struct value *fold_value(struct fold *o)
{
	struct value *v = o->v;

	switch (v->op) {
	case IR_PHI:
		return fold_phi(v);
	case IR_UBFX:
	case IR_SBFX:
		return fold_field(o);
	case IR_BSWAP:
		return fold_swap(o);
	case IR_WIN:
		return fold_window(o);
	case IR_OADD:
	case IR_FOLD:
		return fold_sum(o);
	case IR_LD:
	case IR_MLD:
		return fold_load(o);
	case IR_ST: case IR_MST:
	case IR_MADD: case IR_MAND: case IR_MOR: case IR_MXOR: case IR_MXCHG: case IR_MCAS:
		return fold_store(o);
	case IR_EXIT: /* verdicts and targets have 32 bits */
	case IR_RDIR:
		strip_arg(v, 0);
		return NULL;
	case IR_BR:
		strip_w_args(v);
		return fold_branch(o);
	default:
		if (v->op < IR_ADD || v->op > IR_MODS)
			return NULL;
		strip_w_args(v);
		return fold_alu(o);
	}
}

enum { ROUNDS_MAX = 4 };      /* of rules on one value; of passes over the program */

/* Returns 1 when the ways between blocks have changed. */
static int fold_one(struct fold *o)
{
	struct value *v = o->v;

	for (int n = 0; n < 3; n++)
		v->arg[n] = ir_resolve(v->arg[n]);
	for (int round = 0; round < ROUNDS_MAX; round++) {
		struct value before = *v, *with = fold_value(o);

		if (o->f->c->arena->failed)
			return 0;
		if (with == v)
			return 1;
		if (with) {
			ir_replace(v, with);
			return 0;
		}
		if (!memcmp(&before, v, sizeof(before)))
			break;
	}
	opt_bits(v);
	return 0;
}

static int fold_block(struct func *f, struct block *b)
{
	struct fold o = { f, NULL, b->epoch_in };
	struct value *next;
	int changed = 0;

	for (struct value *v = b->first; v; v = next) {
		next = v->next;
		o.v = v;
		changed |= fold_one(&o);
		if (opt_mem_writes_packet(v))
			o.here = v->epoch;
	}
	return changed;
}

int opt_fold_run(struct compile *c)
{
	struct func *f = c->func;
	int changed = 1;

	for (int round = 0; changed && round < ROUNDS_MAX; round++) {
		if (opt_mem_number(f))
			return -1;
		changed = 0;
		for (uint32_t n = 0; n < f->n_rpo; n++)
			changed |= fold_block(f, f->rpo[n]);
		if (c->arena->failed || (changed && cfg_order(f)))
			return -1;
	}
	return 0;
}
