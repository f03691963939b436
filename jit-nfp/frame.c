// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* How much of its stack the program still uses once its variables are values: the rest is free for spills. */
#include "ir.h"

/* Bytes below fp that this use of fp can reach; UINT32_MAX when that is not known. */
static uint32_t reach(const struct value *v, int arg)
{
	int is_access = v->op == IR_LD || v->op == IR_ST;

	if (is_access && arg == 0)
		return (uint32_t)-v->imm;
	if (v->op == IR_ADD && !v->w && ir_is_const(v->arg[1]) && v->arg[1]->imm < 0 && v->arg[1]->imm >= -EBPF_STACK_BYTES)
		return (uint32_t)-v->arg[1]->imm;
	return UINT32_MAX;
}

static int goes_below_its_base(const struct value *v)
{
	return (v->op == IR_LD || v->op == IR_ST) && v->region[0] == R_STACK && v->imm < 0 && !ir_is_special(v->arg[0], SR_FP);
}

static uint32_t reach_of(struct value *v)
{
	uint32_t most = 0;

	for (int n = 0; n < 3; n++) {
		uint32_t r;

		v->arg[n] = ir_resolve(v->arg[n]);
		if (!v->arg[n] || !ir_is_special(v->arg[n], SR_FP))
			continue;
		r = reach(v, n);
		most = r > most ? r : most;
	}
	for (uint32_t n = 0; v->op == IR_PHI && n < v->block->n_pred; n++)
		if (ir_is_special(ir_resolve(v->phi[n]), SR_FP))
			return UINT32_MAX;
	return goes_below_its_base(v) ? UINT32_MAX : most;
}

int frame_run(struct compile *c)
{
	struct func *f = c->func;
	uint32_t most = 0;

	for (uint32_t n = 0; n < f->n_rpo; n++)
		for (struct value *v = f->rpo[n]->first; v; v = v->next) {
			uint32_t r = reach_of(v);

			most = r > most ? r : most;
		}
	if (c->stack_used > most)
		c->stack_used = most;
	if (has_tail_calls(c) && c->stack_used > EBPF_STACK_BYTES - TAIL_CALL_BYTES) {
		error(c, -1, "%s uses %u bytes of stack, and programs that tail calls lead to or from have %d", c->prog->name, c->stack_used,
		      EBPF_STACK_BYTES - TAIL_CALL_BYTES);
		return error_note(c, "keep large variables in a map, for example in an array of one entry");
	}
	return 0;
}
