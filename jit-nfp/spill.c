// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* Registers that found no number in their bank. One that another lane can write is kept out of this bank from now on. One that only this
 * lane can write is moved to another bank behind its write. What gives the same wherever it is done, as a constant, is done again before
 * each read. The rest goes to memory: each write is followed by a store to the thread's stack, below what the program uses, and each read
 * preceded by a load. */
#include "regalloc.h"

enum way { WAY_NONE, WAY_OTHER_BANK, WAY_MOVE, WAY_AGAIN, WAY_MEMORY };

struct spill {
	struct compile *c;
	struct mach *m;
	struct trace *t;
	uint32_t n_vregs;     /* before spilling */
	uint8_t *way;         /* per vreg: enum way */
	int16_t *slot;        /* per vreg: offset from fp */
	const struct mop **again; /* per vreg: the one operation that writes it, when it can be done again */
};

static void find_again(struct spill *s, const uint8_t *spilled)
{
	for (uint32_t n = 0; n < s->m->n_traces; n++) {
		const struct trace *t = s->m->trace[n];

		for (uint32_t k = 0; k < t->n_ops; k++) {
			const struct mop *m = &t->ops[k];

			if (m->dst && spilled[m->dst] && m->again && !s->m->vreg[m->dst].many)
				s->again[m->dst] = m;
		}
	}
}

static enum way way_out(struct spill *s, uint32_t vreg, enum spill_kind kind)
{
	struct vreg *v = &s->m->vreg[vreg];
	uint8_t all = (uint8_t)((1U << s->c->target->lanes) - 1), others = (uint8_t)(all & ~(1U << v->lane));

	if (kind == SPILL_BANK && (v->lanes & others)) {
		v->lanes &= others;
		return WAY_OTHER_BANK;
	}
	if (s->again[vreg])
		return WAY_AGAIN;
	if (kind == SPILL_BANK && !v->moved && others) {
		v->moved = 1;
		return WAY_MOVE;
	}
	return WAY_MEMORY;
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
	if (s->again[vreg]) {
		m = mop_append(s->c, s->t, (enum isa_op)s->again[vreg]->w.op, insn);
		if (m)
			*m = *s->again[vreg];
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

		if (vreg >= s->n_vregs || s->way[vreg] < WAY_AGAIN)
			continue;
		with = reload(s, vreg, m->insn);
		for (int j = k; j < 3; j++)
			if (*src[j] == vreg)
				*src[j] = with;
	}
}

/* What comes behind the write of a register: from is what it was written to instead. */
static int put_away(struct spill *s, uint32_t vreg, const struct mop *write)
{
	struct mop *m;

	if (s->way[vreg] == WAY_MOVE) {
		m = mop_append(s->c, s->t, OP_MOV, write->insn);
		if (!m)
			return -1;
		m->b = write->dst;
		m->dst = vreg;
		return 0;
	}
	m = access(s, OP_ST, vreg, write->insn);
	if (!m)
		return -1;
	m->b = write->dst;
	m->stays = STAYS_PUT;
	return 0;
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
		enum way way = op.dst < s->n_vregs ? s->way[op.dst] : WAY_NONE;
		uint32_t dst = op.dst;

		if (way == WAY_AGAIN)
			continue;
		reload_sources(s, &op);
		if (way == WAY_MOVE || way == WAY_MEMORY)
			op.dst = temporary(s, dst);
		m = mop_append(s->c, t, (enum isa_op)op.w.op, op.insn);
		if (!m)
			return -1;
		*m = op;
		if (op.dst != dst && put_away(s, dst, &op))
			return -1;
	}
	return s->c->arena->failed ? -1 : 0;
}

int spill_run(struct compile *c, const uint8_t *spilled)
{
	struct mach *m = &c->func->mach;
	struct spill s = { .c = c, .m = m, .n_vregs = m->n_vregs };
	int rewrites = 0, narrower = 0;
	uint8_t *to_memory;

	s.slot = arena_alloc(c->arena, m->n_vregs * sizeof(*s.slot));
	s.again = arena_alloc(c->arena, m->n_vregs * sizeof(*s.again));
	s.way = arena_alloc(c->arena, m->n_vregs);
	to_memory = arena_alloc(c->arena, m->n_vregs);
	if (!s.slot || !s.again || !s.way || !to_memory)
		return -1;
	find_again(&s, spilled);
	for (uint32_t v = 1; v < s.n_vregs; v++) {
		if (!spilled[v])
			continue;
		s.way[v] = (uint8_t)way_out(&s, v, (enum spill_kind)spilled[v]);
		rewrites |= s.way[v] != WAY_OTHER_BANK;
		to_memory[v] = s.way[v] == WAY_MEMORY;
		if (s.way[v] >= WAY_AGAIN && m->ahead > 1)
			narrower = 1;
	}
	if (narrower)
		m->ahead /= 2;
	if (spill_slots(c, to_memory, s.slot))
		return -1;
	for (uint32_t n = 0; n < m->n_traces && rewrites; n++)
		if (rewrite(&s, m->trace[n]))
			return -1;
	for (uint32_t v = 1; v < s.n_vregs; v++)
		if (s.way[v] == WAY_MOVE)
			m->vreg[v].lanes = (uint8_t)(((1U << c->target->lanes) - 1) & ~(1U << m->vreg[v].lane));
	return 0;
}
