// SPDX-License-Identifier: Apache-2.0
/* Load, add, store back becomes one addition in memory: x = [p]; x += k; [p] = x -> [p] += k, when nobody else reads x. What other threads
 * add in between is then no longer lost, which the program could not rely on. */
#include "opt.h"

enum { BACK_MAX = 64 };

/* Atomic operations fault where a plain access would not: at addresses that are no multiple of the width. Values start at multiples of 8. */
static int is_aligned(const struct value *base, int64_t off, uint32_t width)
{
	const struct value *x = base->op == IR_ADD ? ir_resolve(base->arg[0]) : NULL;

	if (off % width)
		return 0;
	if (base->op == IR_LOOK)
		return 1;
	if (ir_is_const(base))
		return base->imm % width == 0;
	if (!x || base->w || !ir_is_const(base->arg[1]) || base->arg[1]->imm % width)
		return 0;
	if (x->op == IR_LSH && !x->w && ir_is_const(x->arg[1]))
		return x->arg[1]->imm >= 3;
	return x->op == IR_MUL && !x->w && ir_is_const(x->arg[1]) && x->arg[1]->imm % 8 == 0;
}

static int touches(const struct value *v, const struct value *access)
{
	switch (v->op) {
	case IR_MST: case IR_MADD: case IR_MAND: case IR_MOR: case IR_MXOR: case IR_MXCHG: case IR_MCAS:
		return opt_mem_overlap(v, access);
	case IR_UPD: case IR_DEL: case IR_CPY:
		return 1;
	default:
		return 0;
	}
}

/* Nothing between the load and the store writes there. */
static int is_undisturbed(const struct value *load, const struct value *store)
{
	int n = 0;

	for (const struct value *v = store->prev; v && n < BACK_MAX; v = v->prev, n++) {
		if (v == load)
			return 1;
		if (touches(v, load))
			return 0;
	}
	return 0;
}

static void try_store(struct value *store)
{
	struct value *sum = store->arg[1], *load, *other;

	if (sum->op != IR_ADD || sum->uses != 1 || (sum->w && store->width != 4) || store->width < 4 || store->swap)
		return;
	for (int n = 0; n < 2; n++) {
		load = sum->arg[n];
		other = sum->arg[1 - n];
		if (load->op != IR_MLD || load->uses != 1 || load->arg[0] != store->arg[0] || load->imm != store->imm ||
		    load->width != store->width || load->swap || !is_aligned(store->arg[0], store->imm, store->width) ||
		    !is_undisturbed(load, store))
			continue;
		store->op = IR_MADD;
		store->w = store->width == 4;
		store->arg[1] = other;
		return;
	}
}

int opt_update_run(struct compile *c)
{
	struct func *f = c->func;

	opt_count_uses(f);
	for (uint32_t n = 0; n < f->n_rpo; n++)
		for (struct value *v = f->rpo[n]->first; v; v = v->next)
			if (v->op == IR_MST)
				try_store(v);
	return opt_dead_run(c);
}
