// SPDX-License-Identifier: Apache-2.0
/* Registers to memory: each write is followed by a store to the thread's stack, below what the program uses, and each read preceded by a
 * load. A constant is made anew before each read instead. */
#include "regalloc.h"

struct spill {
	struct compile *c;
	struct mach *m;
	struct trace *t;
	uint32_t n_vregs;     /* before spilling */
	const uint8_t *spilled;
	int16_t *slot;        /* per vreg: offset from fp */
	const struct mop **constant; /* per vreg: the one move of an immediate that writes it, or NULL */
};

static int is_constant(const struct mop *m)
{
	return m->w.op == OP_MOV && !m->b && (m->w.has_imm || m->w.b != SR_X);
}

static int give_slots(struct spill *s)
{
	uint32_t used = (s->c->stack_used + 7) / 8 * 8;

	for (uint32_t v = 1; v < s->n_vregs; v++) {
		if (!s->spilled[v] || s->constant[v])
			continue;
		s->m->spill_bytes += 8;
		if (used + s->m->spill_bytes > s->c->target->stack) {
			error(s->c, -1, "the program keeps too many values at once: with %u bytes of stack there is no room for them",
			      s->c->stack_used);
			return error_note(s->c, "use less stack, or keep fewer values across branches");
		}
		s->slot[v] = (int16_t)-(int32_t)(used + s->m->spill_bytes);
	}
	return 0;
}

static void find_constants(struct spill *s)
{
	for (uint32_t n = 0; n < s->m->n_traces; n++) {
		const struct trace *t = s->m->trace[n];

		for (uint32_t k = 0; k < t->n_ops; k++) {
			const struct mop *m = &t->ops[k];

			if (m->dst && s->spilled[m->dst] && is_constant(m) && !s->m->vreg[m->dst].many)
				s->constant[m->dst] = m;
		}
	}
}

static struct mop *access(struct spill *s, enum isa_op op, uint32_t vreg, uint32_t insn)
{
	struct mop *m = mop_append(s->c, s->t, op, insn);

	if (!m)
		return NULL;
	m->w.a = SR_FP;
	m->w.off = s->slot[vreg];
	m->w.width = 8;
	m->region[0] = R_STACK;
	return m;
}

static uint32_t temporary(struct spill *s, uint32_t vreg)
{
	uint32_t v = mop_vreg(s->c);

	if (v) {
		s->m->vreg[v].spill = 1;
		s->m->vreg[v].lanes = s->m->vreg[vreg].lanes;
	}
	return v;
}

static uint32_t reload(struct spill *s, uint32_t vreg, uint32_t insn)
{
	uint32_t v = temporary(s, vreg), lanes = s->c->target->lanes;
	struct mop *m;

	if (!v)
		return 0;
	if (s->constant[vreg]) {
		m = mop_append(s->c, s->t, OP_MOV, insn);
		if (m)
			*m = *s->constant[vreg];
	} else {
		m = access(s, OP_LD, vreg, insn);
		s->m->vreg[v].lanes = (uint8_t)(1U << (lanes - 1));
	}
	if (m)
		m->dst = v;
	return v;
}

static void reload_sources(struct spill *s, struct mop *m)
{
	uint32_t *src[3] = { &m->a, &m->b, &m->c };

	for (int k = 0; k < 3; k++) {
		uint32_t vreg = *src[k], with;

		if (vreg >= s->n_vregs || !s->spilled[vreg])
			continue;
		with = reload(s, vreg, m->insn);
		for (int j = k; j < 3; j++)
			if (*src[j] == vreg)
				*src[j] = with;
	}
}

static int rewrite(struct spill *s, struct trace *t)
{
	const struct mop *ops = t->ops;
	uint32_t n_ops = t->n_ops;

	s->t = t;
	t->ops = NULL;
	t->n_ops = t->cap_ops = 0;
	for (uint32_t n = 0; n < n_ops; n++) {
		struct mop op = ops[n], *m;
		uint32_t dst = op.dst < s->n_vregs && s->spilled[op.dst] ? op.dst : 0;

		if (dst && s->constant[dst])
			continue;
		reload_sources(s, &op);
		if (dst)
			op.dst = temporary(s, dst);
		m = mop_append(s->c, t, (enum isa_op)op.w.op, op.insn);
		if (!m)
			return -1;
		*m = op;
		if (!dst)
			continue;
		m = access(s, OP_ST, dst, op.insn);
		if (!m)
			return -1;
		m->b = op.dst;
		m->stays = STAYS_PUT;
	}
	return s->c->arena->failed ? -1 : 0;
}

int spill_run(struct compile *c, const uint8_t *spilled)
{
	struct mach *m = &c->func->mach;
	struct spill s = { .c = c, .m = m, .spilled = spilled, .n_vregs = m->n_vregs };

	s.slot = arena_alloc(c->arena, m->n_vregs * sizeof(*s.slot));
	s.constant = arena_alloc(c->arena, m->n_vregs * sizeof(*s.constant));
	if (!s.slot || !s.constant)
		return -1;
	find_constants(&s);
	if (give_slots(&s))
		return -1;
	for (uint32_t n = 0; n < m->n_traces; n++)
		if (rewrite(&s, m->trace[n]))
			return -1;
	return 0;
}
