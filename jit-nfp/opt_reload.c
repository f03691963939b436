// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* What was stored to the stack and is loaded again, on the only way that leads there, need not be loaded. Only stores change the stack.
 *   st [fp - 8], x, 8; y = ld [fp - 6], 2 -> y = x[31:16] */
#include "opt.h"

enum { BACK_MAX = 128 }; /* values looked back over */

static int is_stack_store(const struct value *v)
{
	return v->op == IR_ST && v->region[0] == R_STACK;
}

/* Of the same place or a wider one around it; NULL when what the load reads is not known. */
static const struct value *store_of(const struct value *load)
{
	const struct block *b = load->block;
	const struct value *v = load->prev;

	for (int n = 0; n < BACK_MAX; n++) {
		while (!v && b->n_pred == 1) {
			b = b->pred[0];
			v = b->last;
		}
		if (!v)
			return NULL;
		if (is_stack_store(v)) {
			if (!ir_is_special(ir_resolve(v->arg[0]), SR_FP))
				return NULL;
			if (v->imm <= load->imm && load->imm + load->width <= v->imm + v->width)
				return v->swap ? NULL : v;
			if (v->imm < load->imm + load->width && load->imm < v->imm + v->width)
				return NULL;
		}
		v = v->prev;
	}
	return NULL;
}

static int visit(struct func *f, struct value *load)
{
	const struct value *store = store_of(load);
	struct value *v;

	if (!store)
		return 0;
	if (load->width == 8) {
		ir_replace(load, ir_resolve(store->arg[1]));
		return 0;
	}
	v = ir_new(f, load->sign ? IR_SBFX : IR_UBFX, load->insn);
	if (!v)
		return -1;
	v->arg[0] = ir_resolve(store->arg[1]);
	v->shift = (uint8_t)(8 * (load->imm - store->imm));
	v->len = (uint8_t)(8 * load->width);
	ir_insert_before(load, v);
	opt_bits(v);
	ir_replace(load, v);
	return 0;
}

int opt_reload_run(struct compile *c)
{
	struct func *f = c->func;

	if (c->careful)
		return 0; /* values live longer */
	for (uint32_t n = 0; n < f->n_rpo; n++)
		for (struct value *v = f->rpo[n]->first, *next; v; v = next) {
			next = v->next;
			if (v->op == IR_LD && v->region[0] == R_STACK && !v->swap && ir_is_special(ir_resolve(v->arg[0]), SR_FP) && visit(f, v))
				return -1;
		}
	return c->arena->failed ? -1 : 0;
}
