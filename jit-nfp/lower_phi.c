// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* Phis: copies at the end of the blocks that lead to them, or one register for the phi and what makes its argument. */
#include "lower.h"

enum { COPIES_MAX = 64 };

struct copy { uint32_t to; struct value *from; uint32_t from_vreg; }; /* from_vreg 0: constant or special */

static void emit_copy(struct lower *l, const struct copy *k)
{
	struct value *from = k->from;
	struct mop *m;

	if (!k->from_vreg && from->op == IR_CONST) {
		lower_const(l, k->to, (uint64_t)from->imm);
		return;
	}
	m = lower_emit(l, OP_MOV);
	if (!m)
		return;
	lower_set_b(m, (struct operand){ k->from_vreg, k->from_vreg ? 0 : (uint8_t)from->imm });
	lower_set_dst(l, m, k->to);
}

static int is_read(const struct copy *copies, int n, uint32_t vreg)
{
	for (int k = 0; k < n; k++)
		if (copies[k].from_vreg == vreg)
			return 1;
	return 0;
}

/* All at once, in an order such that nothing is overwritten before it is read; a ring needs a register more. */
static void emit_copies(struct lower *l, struct copy *copies, int n)
{
	while (n) {
		int k = 0;

		while (k < n && is_read(copies, n, copies[k].to))
			k++;
		if (k == n) {
			struct copy aside = { mop_vreg(l->c), NULL, copies[0].to };

			emit_copy(l, &aside);
			for (int j = 0; j < n; j++)
				if (copies[j].from_vreg == copies[0].to)
					copies[j].from_vreg = aside.to;
			k = 0;
		}
		emit_copy(l, &copies[k]);
		copies[k] = copies[--n];
	}
}

void lower_phis(struct lower *l, struct block *from, struct block *to)
{
	struct copy copies[COPIES_MAX];
	uint32_t pred = 0;
	int n = 0;

	while (to->pred[pred] != from)
		pred++;
	for (struct value *phi = to->first; phi->op == IR_PHI; phi = phi->next) {
		struct value *x = phi->phi[pred] = ir_resolve(phi->phi[pred]);
		struct copy k = { lower_vreg(l, phi), x, 0 };

		if (x->op != IR_CONST && x->op != IR_SPECIAL)
			k.from_vreg = lower_vreg(l, x);
		if (k.from_vreg == k.to)
			continue;
		if (n == COPIES_MAX) {
			error(l->c, (int)to->insn, "too many values meet here");
			return;
		}
		copies[n++] = k;
	}
	emit_copies(l, copies, n);
}

/* Is x, the phi's argument from block b, made in b for the phi alone, after b has read the phi's old value for the last time? */
static int can_share(const struct value *phi, const struct value *x, const struct block *b, const struct block *to)
{
	if (ir_kinds[x->op] == KIND_LEAF || x->op == IR_PHI || x->block != b || x->uses != 1 || x->vreg)
		return 0;
	for (const struct value *v = x->next; v; v = v->next)
		for (int k = 0; k < 3; k++)
			if (v->arg[k] == phi)
				return 0;
	for (const struct value *v = to->first; v->op == IR_PHI; v = v->next)
		for (uint32_t n = 0; n < to->n_pred; n++)
			if (to->pred[n] == b && v->phi[n] == phi && v != phi)
				return 0;
	return 1;
}

static uint8_t lanes_for(const struct lower *l, const struct value *x)
{
	switch (x->op) {
	case IR_MUL: case IR_LD: case IR_RDT: case IR_RND: case IR_OADD: case IR_FOLD: case IR_ADJ:
		return lower_lanes(l, OP_LD);
	case IR_WIN:
		return lower_lanes(l, OP_WUBFX);
	default:
		return lower_lanes(l, OP_MOV);
	}
}

void lower_share(struct lower *l, struct block *to)
{
	struct mach *m = &l->f->mach;

	for (struct value *phi = to->first; phi->op == IR_PHI; phi = phi->next) {
		uint32_t vreg = lower_vreg(l, phi);

		if (!vreg)
			return;
		m->vreg[vreg].many = 1;
		for (uint32_t n = 0; n < to->n_pred; n++) {
			struct value *x = phi->phi[n];

			if (!can_share(phi, x, to->pred[n], to) || !(lanes_for(l, x) & m->vreg[vreg].lanes))
				continue;
			x->vreg = vreg;
			m->vreg[vreg].lanes &= lanes_for(l, x);
		}
	}
}
