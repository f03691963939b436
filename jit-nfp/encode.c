// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* Bundles to words: traces one after the other, registers and branch targets filled in. */
#include "asm.h"
#include "ir.h"
#include "hw/spec/regs.h"

static uint8_t code_of(const struct mach *m, uint32_t vreg, uint8_t code)
{
	return vreg ? ISA_REG(m->vreg[vreg].lane, m->vreg[vreg].reg) : code;
}

static int has(const char *fields, char letter)
{
	for (; *fields; fields++)
		if (*fields == letter)
			return 1;
	return 0;
}

/* Operands the format does not have are 0. */
static void drop_unused(struct isa_word *w)
{
	const char *fields = isa_lookup(w->op)->fields;

	if (!has(fields, 'a'))
		w->a = 0;
	if (w->has_imm || (!has(fields, 'b') && !has(fields, 'r')))
		w->b = 0;
	if (!has(fields, 'c'))
		w->c = 0;
	if (!has(fields, 'n') && !has(fields, 'h'))
		w->width = 0;
}

/* A read of the packet is a load where no window is; behind the packet's end it gives 0, too.
 *   wubfx2.be c0, pkt[12], 0, 16 -> ld2.be.s c0, [data+12] */
static struct isa_word word_in(const struct compile *c, const struct mop *m)
{
	struct isa_word w = m->w;

	if (!mop_may_load(m) || isa_slot_allows(isa_lookup(w.op)->slot, m->lane, (int)c->target->lanes))
		return w;
	w.op = w.op == OP_WSBFX && w.width < 8 ? OP_LDS : OP_LD;
	w.a = SR_DATA;
	w.off = w.woff;
	w.woff = w.len = 0;
	w.spec = 1;
	return w;
}

static int encode_op(struct compile *c, const struct trace *t, uint32_t bundle, const struct mop *op, uint64_t *word)
{
	struct mach *m = &c->func->mach;
	struct isa_word w = word_in(c, op);
	const char *wrong;

	w.a = mop_takes(c, t, bundle, op, op->a) ? SR_WIN : code_of(m, op->a, w.a);
	w.b = mop_takes(c, t, bundle, op, op->b) ? SR_WIN : code_of(m, op->b, w.b);
	w.c = code_of(m, op->c, w.c);
	w.dst = op->dst ? m->vreg[op->dst].reg : 0;
	if (op->target)
		w.target = (uint16_t)(c->base + (op->goes_on ? t->start + bundle + 1 : op->target->start));
	drop_unused(&w);
	wrong = isa_check(&w);
	if (wrong)
		return error(c, (int)op->insn, "the word %s has a %s out of range: this is a fault of nicjit",
			     isa_lookup(w.op)->name, wrong);
	*word = isa_encode(&w);
	return 0;
}

static int encode_trace(struct compile *c, const struct trace *t)
{
	struct mach *m = &c->func->mach;
	uint32_t lanes = c->target->lanes;
	uint64_t nop = isa_encode(&(struct isa_word){ .op = OP_NOP });

	for (uint32_t slot = 0; slot < t->n_bundles * lanes; slot++) {
		const struct mop *op = t->slots[slot] ? &t->ops[t->slots[slot] - 1] : NULL;
		uint32_t bundle = t->start + slot / lanes;

		m->words[t->start * lanes + slot] = nop;
		if (!op)
			continue;
		if (insn_source(c, op->insn) < m->insn[bundle])
			m->insn[bundle] = insn_source(c, op->insn);
		if (encode_op(c, t, slot / lanes, op, &m->words[t->start * lanes + slot]))
			return -1;
	}
	return 0;
}

int encode_no_room(struct compile *c, uint32_t bundles)
{
	c->diag->bundles = bundles;
	error(c, -1, "the program takes %u bundles, and the NIC has room for %u", bundles, c->target->bundles);
	return error_note(c, "make the program smaller, or unroll less%s",
			  c->target->bundles < REG_IMEM_COUNT - NIC_IMEM_FIRST ? ", or compile for a NIC with more (--bundles)" : "");
}

int encode_run(struct compile *c)
{
	struct mach *m = &c->func->mach;

	m->n_bundles = 0;
	for (uint32_t n = 0; n < m->n_traces; n++) {
		m->trace[n]->start = m->n_bundles;
		m->n_bundles += m->trace[n]->n_bundles;
	}
	if (c->base + m->n_bundles > c->target->bundles) {
		c->no_room = 1;
		c->diag->full = c->follows;
		return encode_no_room(c, c->base + m->n_bundles);
	}
	m->words = arena_alloc(c->arena, (size_t)m->n_bundles * c->target->lanes * sizeof(*m->words));
	m->insn = arena_alloc(c->arena, m->n_bundles * sizeof(*m->insn));
	if (!m->words || !m->insn)
		return -1;
	for (uint32_t n = 0; n < m->n_bundles; n++)
		m->insn[n] = NO_INSN;
	for (uint32_t n = 0; n < m->n_traces; n++)
		if (encode_trace(c, m->trace[n]))
			return -1;
	return 0;
}

void encode_dump(struct compile *c)
{
	const struct mach *m = &c->func->mach;
	uint32_t lanes = c->target->lanes;
	char text[ASM_BUNDLE_TEXT];

	for (uint32_t n = 0; n < m->n_bundles; n++) {
		disasm_bundle(text, sizeof(text), c->base + n, m->words + n * lanes, (int)lanes);
		dump_text(c, "%s\n", text);
	}
}
