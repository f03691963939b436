// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* Operations on virtual registers: making and printing them. */
#include "ir.h"

struct mop *mop_append(struct compile *c, struct trace *t, enum isa_op op, uint32_t insn)
{
	struct mop *m;

	if (t->n_ops == t->cap_ops) {
		uint32_t cap = t->cap_ops ? 2 * t->cap_ops : 8;
		struct mop *grown = arena_alloc(c->arena, cap * sizeof(*grown));

		if (!grown)
			return NULL;
		if (t->n_ops)
			memcpy(grown, t->ops, t->n_ops * sizeof(*grown));
		t->ops = grown;
		t->cap_ops = cap;
	}
	m = &t->ops[t->n_ops++];
	memset(m, 0, sizeof(*m));
	m->w.op = (uint8_t)op;
	m->w.a = m->w.b = m->w.c = SR_ZERO;
	m->insn = insn;
	return m;
}

/* Room for at least one more. 0 or -1 */
static int grow_vregs(struct compile *c)
{
	struct mach *m = &c->func->mach;
	uint32_t cap = m->cap_vregs ? 2 * m->cap_vregs : 256;
	struct vreg *grown = arena_alloc(c->arena, cap * sizeof(*grown));

	if (!grown)
		return -1;
	if (m->n_vregs)
		memcpy(grown, m->vreg, m->n_vregs * sizeof(*grown));
	m->vreg = grown;
	m->cap_vregs = cap;
	return 0;
}

int mop_start(struct compile *c)
{
	if (grow_vregs(c))
		return -1;
	c->func->mach.n_vregs = 1; /* 0 is none */
	return 0;
}

uint32_t mop_vreg(struct compile *c)
{
	struct mach *m = &c->func->mach;

	if (m->n_vregs ? m->n_vregs == m->cap_vregs && grow_vregs(c) : mop_start(c))
		return 0;
	m->vreg[m->n_vregs].lanes = (uint8_t)((1U << c->target->lanes) - 1);
	m->vreg[m->n_vregs].lane = LANE_ANY;
	return m->n_vregs++;
}

int mop_is_control(const struct mop *m)
{
	return m->w.op >= OP_JEQ && m->w.op <= OP_JMPR;
}

int mop_ends(const struct mop *m)
{
	return m->w.op == OP_JMP || m->w.op == OP_EXIT || m->w.op == OP_JMPR;
}

int mop_may_load(const struct mop *m)
{
	uint32_t bits = m->w.len ? m->w.len : 64;

	return (m->w.op == OP_WUBFX || m->w.op == OP_WSBFX) && !m->w.shift && bits == 8U * m->w.width;
}

int mop_inverse(int op)
{
	static const uint8_t of[][2] = {
		{ OP_JEQ, OP_JNE }, { OP_JGT, OP_JLE }, { OP_JGE, OP_JLT }, { OP_JSGT, OP_JSLE }, { OP_JSGE, OP_JSLT },
		{ OP_JSET, OP_JNSET }, { OP_WJEQ, OP_WJNE }, { OP_WJGT, OP_WJLT }, { OP_WJEQ4, OP_WJNE4 },
	};

	for (size_t n = 0; n < sizeof(of) / sizeof(*of); n++)
		for (int k = 0; k < 2; k++)
			if (of[n][k] == op)
				return of[n][!k];
	return op;
}

int mop_reads_x(const struct mop *m)
{
	return m->keeps_x || (!m->a && m->w.a == SR_X) || (!m->b && !m->w.has_imm && m->w.b == SR_X) || (!m->c && m->w.c == SR_X);
}

static int is_store(const struct mop *m)
{
	return m->w.op == OP_ST || m->w.op == OP_ST6;
}

/* Packet bytes as the window gives them: whole ones, or at least those that are stored. */
static int is_plain(const struct isa_word *w, const struct mop *use)
{
	uint32_t bits = w->len ? w->len : 64;

	return w->op == OP_WUBFX && !w->shift && (bits == 8U * w->width || (is_store(use) && bits >= 8U * use->w.width));
}

/* Operations that read packet bytes beside them when they stand in the last lane. */
static int takes_packet(const struct mop *use)
{
	return (use->w.op >= OP_ADD && use->w.op <= OP_BSWAP) || use->w.op == OP_MLOOKR || use->w.op == OP_OADD || use->w.op == OP_FOLD || is_store(use);
}

int mop_may_take(const struct compile *c, const struct mop *def, const struct mop *use)
{
	if (is_store(use) && use->a == def->dst)
		return 0;
	return takes_packet(use) && c->target->lanes > ISA_WINDOW_LANES && is_plain(&def->w, use) && !c->func->mach.vreg[def->dst].many;
}

int mop_takes(const struct compile *c, const struct trace *t, uint32_t bundle, const struct mop *use, uint32_t vreg)
{
	uint32_t lanes = c->target->lanes;

	for (uint32_t lane = 0; vreg && takes_packet(use) && lane < ISA_WINDOW_LANES && lane < lanes; lane++) {
		uint32_t op = t->slots[bundle * lanes + lane];

		if (op && t->ops[op - 1].dst == vreg && mop_may_take(c, &t->ops[op - 1], use))
			return 1;
	}
	return 0;
}

/* ---- text ---- */

struct operand { uint32_t vreg; uint8_t code; };

static void dump_operand(struct compile *c, struct operand o, int registers)
{
	static const struct { uint8_t code; const char *text; } specials[] = {
#define SPECIAL(NAME, number, text, doc) { number, text },
#include "hw/spec/isa.def"
	};
	const struct vreg *v = o.vreg ? &c->func->mach.vreg[o.vreg] : NULL;

	if (v && registers)
		dump_text(c, "%c%u", 'a' + v->lane, v->reg);
	else if (v)
		dump_text(c, "v%u", o.vreg);
	for (size_t n = 0; !v && n < sizeof(specials) / sizeof(*specials); n++)
		if (specials[n].code == o.code)
			dump_text(c, "%s", specials[n].text);
}

static void dump_offset(struct compile *c, int off)
{
	if (off)
		dump_text(c, "%s%d", off < 0 ? "" : "+", off);
}

/* The syntax of isa.def with virtual registers for operands. */
static void dump_letter(struct compile *c, const struct mop *m, char letter, int registers)
{
	const struct isa_word *w = &m->w;

	switch (letter) {
	case 'd': dump_operand(c, (struct operand){ m->dst, 0 }, registers); break;
	case 'a': dump_operand(c, (struct operand){ m->a, w->a }, registers); break;
	case 'c': dump_operand(c, (struct operand){ m->c, w->c }, registers); break;
	case 'b':
	case 'r':
		if (w->has_imm)
			dump_text(c, "%d", (int32_t)w->imm);
		else
			dump_operand(c, (struct operand){ m->b, w->b }, registers);
		break;
	case 't': dump_text(c, "t%u", m->target ? m->target->id : 0); break;
	case 'k': dump_text(c, "%u", w->woff); break;
	case 'o':
	case 'O': dump_offset(c, w->off); break;
	case 's': dump_text(c, "%u", w->shift); break;
	case 'l': dump_text(c, "%u", w->len); break;
	case 'm': dump_text(c, "%u", w->map); break;
	case 'v':
	case 'C': dump_text(c, "0x%x", w->imm); break;
	case 'M': dump_text(c, "0x%x", w->mask); break;
	case 'I': dump_text(c, "0x%x", w->imm); break;
	case 'n': dump_text(c, "%u", w->width); break;
	case 'w': dump_text(c, "%s", w->w32 ? ".w" : ""); break;
	case 'e': dump_text(c, "%s", w->swap ? ".be" : ""); break;
	case 'p': dump_text(c, "%s", w->spec ? ".s" : ""); break;
	case 'f': dump_text(c, "%s", w->fetch ? ".f" : ""); break;
	case 'h': dump_text(c, "%u", w->width); break;
	}
}

static void dump_mop(struct compile *c, const struct mop *m, int registers)
{
	const char *s = isa_lookup(m->w.op)->syntax;

	dump_text(c, "%s", m->w.guard ? "?" : "");
	for (; *s; s++) {
		if (*s == '%')
			dump_letter(c, m, *++s, registers);
		else
			dump_text(c, "%c", *s);
	}
}

void mop_dump(struct compile *c)
{
	struct mach *m = &c->func->mach;

	for (uint32_t n = 0; n < m->n_traces; n++) {
		const struct trace *t = m->trace[n];

		dump_text(c, "t%u:\n", t->id);
		for (uint32_t k = 0; k < t->n_ops; k++) {
			const struct mop *op = &t->ops[k];

			dump_text(c, "\t");
			if (op->dst && isa_lookup(op->w.op)->result != RESULT_NEXT)
				dump_text(c, "v%u = ", op->dst);
			dump_mop(c, op, 0);
			dump_text(c, "\n");
		}
		if (t->next)
			dump_text(c, "\t; to t%u\n", t->next->id);
	}
}

void mop_dump_bundles(struct compile *c, int registers)
{
	struct mach *m = &c->func->mach;

	for (uint32_t n = 0; n < m->n_traces; n++) {
		const struct trace *t = m->trace[n];

		dump_text(c, "t%u:\n", t->id);
		for (uint32_t b = 0; b < t->n_bundles; b++) {
			for (uint32_t lane = 0; lane < c->target->lanes; lane++) {
				uint32_t op = t->slots[b * c->target->lanes + lane];

				dump_text(c, "%s", lane ? " | " : "\t");
				if (op)
					dump_mop(c, &t->ops[op - 1], registers);
				else
					dump_text(c, "nop");
			}
			dump_text(c, "\n");
		}
	}
}
