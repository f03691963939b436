// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* The result of a WAIT word stands in x until the thread's next WAIT word. Readers in between read x itself, in the same trace or in one that a
 * branch of it alone leads to; for all others the result is copied to a register. */
#include "ir.h"

struct entry {                /* to a trace */
	uint32_t ways;
	struct mop *branch;   /* the last one seen that leads there */
	uint32_t in_x;        /* whose result stands in x at it, or 0 */
};

static void count_ways(const struct mach *m, struct entry *entry)
{
	for (uint32_t n = 0; n < m->n_traces; n++) {
		const struct trace *t = m->trace[n];

		if (t->next)
			entry[t->next->id].ways++;
		for (uint32_t k = 0; k < t->n_ops; k++)
			if (t->ops[k].target)
				entry[t->ops[k].target->id].ways++;
	}
}

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

static void find_readers(struct mach *m, struct trace *t, struct entry *entry, uint8_t *copied)
{
	struct mop *from = entry[t->id].ways == 1 ? entry[t->id].branch : NULL; /* NULL: not from a branch before this trace, or x is new */
	uint32_t in_x = from ? entry[t->id].in_x : 0;

	for (uint32_t n = 0; n < t->n_ops; n++) {
		struct mop *op = &t->ops[n];
		uint32_t src[3] = { op->a, op->b, op->c };

		for (int k = 0; k < 3; k++) {
			if (src[k] && src[k] == in_x) {
				read_x(op, in_x);
				if (from)
					from->keeps_x = 1;
			} else if (m->vreg[src[k]].waits)
				copied[src[k]] = 1;
		}
		if (op->target && !mop_ends(op)) {
			entry[op->target->id].branch = op;
			entry[op->target->id].in_x = from ? 0 : in_x; /* not through two branches */
		}
		if (isa_result_of(&op->w) == RESULT_WAIT) {
			in_x = op->dst;
			from = NULL;
		} else if (op->dst == in_x) {
			in_x = 0;
		}
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
	struct entry *entry = arena_alloc(c->arena, (m->n_traces + 1) * sizeof(*entry));

	if (!copied || !entry || !m->n_vregs)
		return copied && entry ? 0 : -1;
	count_ways(m, entry);
	for (uint32_t n = 0; n < m->n_traces; n++)
		find_readers(m, m->trace[n], entry, copied);
	for (uint32_t n = 0; n < m->n_traces; n++)
		if (add_copies(c, m->trace[n], copied))
			return -1;
	return 0;
}
