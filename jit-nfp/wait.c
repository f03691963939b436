// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* The result of a WAIT word stands in x until the thread's next WAIT word. Readers in between, in the same trace, read x itself; for all
 * others the result is copied to a register. */
#include "ir.h"

static void read_x(struct mop *m, uint32_t vreg)
{
	if (m->a == vreg) {
		m->a = 0;
		m->w.a = SR_X;
	}
	if (m->b == vreg) {
		m->b = 0;
		m->w.b = SR_X;
	}
	if (m->c == vreg) {
		m->c = 0;
		m->w.c = SR_X;
	}
}

static void find_readers(struct mach *m, struct trace *t, uint8_t *copied)
{
	uint32_t in_x = 0;

	for (uint32_t n = 0; n < t->n_ops; n++) {
		struct mop *op = &t->ops[n];
		uint32_t src[3] = { op->a, op->b, op->c };

		for (int k = 0; k < 3; k++) {
			if (src[k] && src[k] == in_x)
				read_x(op, in_x);
			else if (m->vreg[src[k]].waits)
				copied[src[k]] = 1;
		}
		if (isa_result_of(&op->w) == RESULT_WAIT)
			in_x = op->dst;
		else if (op->dst == in_x)
			in_x = 0;
	}
}

static int add_copies(struct compile *c, struct trace *t, const uint8_t *copied)
{
	const struct mop *ops = t->ops;
	uint32_t n_ops = t->n_ops;

	t->ops = NULL;
	t->n_ops = t->cap_ops = 0;
	for (uint32_t n = 0; n < n_ops; n++) {
		struct mop *m = mop_append(c, t, (enum isa_op)ops[n].w.op, ops[n].insn);
		uint32_t dst = ops[n].dst;

		if (!m)
			return -1;
		*m = ops[n];
		if (!dst || isa_result_of(&m->w) != RESULT_WAIT)
			continue;
		m->dst = 0;
		if (!copied[dst])
			continue;
		m = mop_append(c, t, OP_MOV, m->insn);
		if (!m)
			return -1;
		m->dst = dst;
		m->w.b = SR_X;
	}
	return 0;
}

int wait_run(struct compile *c)
{
	struct mach *m = &c->func->mach;
	uint8_t *copied = arena_alloc(c->arena, m->n_vregs + 1);

	if (!copied || !m->n_vregs)
		return copied ? 0 : -1;
	for (uint32_t n = 0; n < m->n_traces; n++)
		find_readers(m, m->trace[n], copied);
	for (uint32_t n = 0; n < m->n_traces; n++)
		if (add_copies(c, m->trace[n], copied))
			return -1;
	return 0;
}
