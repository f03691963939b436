// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* Load, change, store back becomes one atomic operation in map memory: x = [p]; x += k; [p] = x -> [p] += k, also for & | ^, when nobody
 * else reads x. What other threads add in between is then no longer lost, which the program could not rely on; what the thread itself does with
 * the same bytes stays in order. */
#include "opt.h"

enum { BETWEEN_MAX = 64, DEPTH_MAX = 6, VALUES_MAX = 64 }; /* values looked back over; operations an address is followed through, and all of them */

static unsigned int zeros(struct value *v, int depth, int *left);

/* Where many ways meet, or the walk gets long, nothing is known. */
static unsigned int phi_zeros(const struct value *v, int depth, int *left)
{
	unsigned int least = 64;

	for (uint32_t n = 0; n < v->block->n_pred && least; n++) {
		unsigned int x = v->phi[n] ? zeros(v->phi[n], depth + 2, left) : 0;

		least = x < least ? x : least;
	}
	return least;
}

static unsigned int zeros(struct value *v, int depth, int *left)
{
	unsigned int x, y;

	v = ir_resolve(v);
	if (ir_is_const(v))
		return v->imm ? (unsigned int)__builtin_ctzll((uint64_t)v->imm) : 64;
	if (v->op == IR_LOOK || v->op == IR_LOOKR) /* values start at words */
		return 3;
	if (depth >= DEPTH_MAX || !--*left)
		return 0;
	if (v->op == IR_PHI)
		return phi_zeros(v, depth, left);
	if (!ir_args[v->op] || ir_kinds[v->op] != KIND_PURE)
		return 0;
	x = zeros(v->arg[0], depth + 1, left);
	switch (v->op) {
	case IR_ADD: case IR_SUB: case IR_OR: case IR_XOR:
		y = zeros(v->arg[1], depth + 1, left);
		return x < y ? x : y;
	case IR_MUL:
		return x + zeros(v->arg[1], depth + 1, left);
	case IR_LSH:
		return ir_is_const(v->arg[1]) ? x + (unsigned int)(v->arg[1]->imm & (v->w ? 31 : 63)) : x;
	default:
		return 0;
	}
}

unsigned int opt_low_zeros(struct value *v)
{
	int left = VALUES_MAX;

	return zeros(v, 0, &left);
}

/* Atomic operations fault where a plain access does not: at addresses that are no multiple of the width. */
static int is_aligned(const struct value *store)
{
	unsigned int bits = store->width == 8 ? 3 : 2;

	return store->imm % store->width == 0 && opt_low_zeros(store->arg[0]) >= bits;
}

/* Is the load before the store in its block, with nothing between that it may not be moved over? */
static int is_undisturbed(const struct value *load, const struct value *store)
{
	int n = 0;

	for (const struct value *v = store->prev; v && n < BETWEEN_MAX; v = v->prev, n++) {
		if (v == load)
			return 1;
		if (opt_mem_changes_map(v, load))
			return 0;
	}
	return 0;
}

static enum ir_op atomic_of(int op)
{
	switch (op) {
	case IR_ADD:
		return IR_MADD;
	case IR_AND:
		return IR_MAND;
	case IR_OR:
		return IR_MOR;
	case IR_XOR:
		return IR_MXOR;
	default:
		return IR_NONE;
	}
}

static void try_store(struct value *store)
{
	struct value *sum = store->arg[1];
	enum ir_op op = atomic_of(sum->op);

	if (op == IR_NONE || sum->uses != 1 || store->swap || store->width < 4 || (sum->w && store->width != 4) || !is_aligned(store))
		return;
	for (int n = 0; n < 2; n++) {
		struct value *load = sum->arg[n];

		if (load->op != IR_MLD || load->uses != 1 || load->arg[0] != store->arg[0] || load->imm != store->imm ||
		    load->width != store->width || load->swap || load->fence || !is_undisturbed(load, store))
			continue;
		store->op = (uint8_t)op;
		store->w = store->width == 4;
		store->arg[1] = sum->arg[1 - n];
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
