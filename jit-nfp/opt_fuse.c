// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* A branch on packet bytes against a constant becomes one window compare. */
#include "opt.h"

/* Condition and value so that only ==, !=, > and < are left; 0 when there is none. */
static int window_condition(int cc, uint64_t *k)
{
	switch (cc) {
	case OP_JEQ:
		return OP_WJEQ;
	case OP_JNE:
		return OP_WJNE;
	case OP_JGT:
		return OP_WJGT;
	case OP_JLT:
		return OP_WJLT;
	case OP_JGE: /* x >= k -> x > k - 1; k is not 0, or the branch would have been decided */
		--*k;
		return OP_WJGT;
	case OP_JLE:
		++*k;
		return OP_WJLT;
	default:
		return 0;
	}
}

/* Nothing is: the opposite could not be said. */
static int holds_never(int op, uint64_t field, uint64_t k)
{
	return op == OP_WJLT ? !k : op == OP_WJGT && k == field;
}

static void fuse(struct value *v, const struct value *win, int op, uint64_t mask, uint64_t k)
{
	v->op = IR_WBR;
	v->w = 0;
	v->cc = (uint8_t)op;
	v->shift = (uint8_t)win->imm;
	v->width = win->width;
	v->swap = win->swap;
	v->mask = (uint16_t)mask;
	v->imm = (int64_t)k;
	v->arg[0] = v->arg[1] = NULL;
}

static void try_branch(struct func *f, struct value *v)
{
	struct value *x = v->arg[0];
	uint64_t k, mask, field;
	int op;

	if (!ir_is_const(v->arg[1]))
		return;
	k = v->w ? (uint32_t)v->arg[1]->imm : (uint64_t)v->arg[1]->imm;
	mask = UINT64_MAX;
	if (x->op == IR_AND && ir_is_const(x->arg[1]) && (v->cc == OP_JEQ || v->cc == OP_JNE)) {
		mask = (uint64_t)x->arg[1]->imm;
		x = x->arg[0];
	}
	if (x->op != IR_WIN || x->sign || x->width > 4 ||
	    x->epoch != opt_mem_epoch(f, v->here, x->imm, x->width))
		return;
	field = (1ULL << x->len) - 1;
	if (v->cc == OP_JSET || v->cc == OP_JNSET) {
		mask = k;
		k = 0;
		op = v->cc == OP_JSET ? OP_WJNE : OP_WJEQ;
	} else {
		op = window_condition(v->cc, &k);
	}
	mask &= field;
	if (!op || k > field || holds_never(op, field, k))
		return;
	if (x->width <= 2)
		fuse(v, x, op, mask << x->shift, k << x->shift);
	else if (mask == 0xffffffff && (op == OP_WJEQ || op == OP_WJNE))
		fuse(v, x, op == OP_WJEQ ? OP_WJEQ4 : OP_WJNE4, 0, k);
}

int opt_fuse_run(struct compile *c)
{
	struct func *f = c->func;

	if (opt_mem_number(f))
		return -1;
	for (uint32_t n = 0; n < f->n_rpo; n++)
		if (f->rpo[n]->last->op == IR_BR)
			try_branch(f, f->rpo[n]->last);
	return opt_dead_run(c);
}
