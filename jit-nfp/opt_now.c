// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* A place of the packet that a program has asked for is an operand of the machine as long as the packet has not moved; where it has, it is in a
 * register from the time it was asked for. A verdict is taken from a register: it may share a bundle with the move. */
#include "opt.h"

static struct value *operand(struct func *f, struct value *v, uint32_t here)
{
	v = ir_resolve(v);
	return v && v->op == IR_NOW && v->epoch == here ? ir_special(f, (enum isa_special)v->imm) : v;
}

static void visit(struct func *f, struct value *v, uint32_t here)
{
	if (v->op == IR_EXIT)
		return;
	if (v->op == IR_PHI)
		for (uint32_t n = 0; n < v->block->n_pred; n++)
			v->phi[n] = operand(f, v->phi[n], v->block->pred[n]->epoch_out);
	for (int n = 0; n < 3; n++)
		v->arg[n] = operand(f, v->arg[n], here);
}

int opt_now_run(struct compile *c)
{
	struct func *f = c->func;

	if (!f->moves)
		return 0;
	opt_mem_number_places(f);
	for (uint32_t n = 0; n < f->n_rpo; n++) {
		uint32_t here = f->rpo[n]->epoch_in;

		for (struct value *v = f->rpo[n]->first; v; v = v->next) {
			visit(f, v, here);
			here = v->here;
		}
	}
	return opt_dead_run(c);
}
