// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* Text of the stages. */
#include "asm.h"
#include "ir.h"

int dump_wanted(struct compile *c, const char *stage)
{
	return c->dump && c->dump->write && c->dump->stage && !strcmp(c->dump->stage, stage);
}

void dump_text(struct compile *c, const char *fmt, ...)
{
	char text[ASM_BUNDLE_TEXT];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = text_vformat(text, sizeof(text), fmt, ap);
	va_end(ap);
	c->dump->write(c->dump->arg, text, (size_t)n < sizeof(text) ? (size_t)n : sizeof(text) - 1);
}

static const char *const ir_names[] = {
	"none",
#define IR(NAME, args, kind, doc) #NAME,
#include "ir_ops.def"
};

static const char *special_name(int64_t code)
{
	switch (code) {
#define SPECIAL(NAME, number, text, doc) case number: return text;
#include "hw/spec/isa.def"
	}
	return "?";
}

static void dump_lower(struct compile *c, const char *name)
{
	char text[16];
	size_t n;

	for (n = 0; n < sizeof(text) - 1 && name[n]; n++)
		text[n] = name[n] >= 'A' && name[n] <= 'Z' ? (char)(name[n] + 32) : name[n];
	text[n] = 0;
	dump_text(c, "%s", text);
}

static void dump_arg(struct compile *c, struct value *v, const char *before)
{
	v = ir_resolve(v);
	if (!v)
		dump_text(c, "%s-", before);
	else if (v->op == IR_CONST && v->imm > -65536 && v->imm < 65536)
		dump_text(c, "%s%lld", before, (long long)v->imm);
	else if (v->op == IR_CONST)
		dump_text(c, "%s0x%llx", before, (unsigned long long)v->imm);
	else if (v->op == IR_SPECIAL)
		dump_text(c, "%s%s", before, special_name(v->imm));
	else
		dump_text(c, "%s%%%u", before, v->id);
}

static void dump_details(struct compile *c, const struct value *v)
{
	switch (v->op) {
	case IR_UBFX:
	case IR_SBFX:
		dump_text(c, ", %u, %u", v->shift, v->len);
		break;
	case IR_WIN:
		dump_text(c, " %s%u%s pkt[%lld], %u, %u", v->sign ? "s" : "u", v->width, v->swap ? ".be" : "",
			  (long long)v->imm, v->shift, v->len);
		break;
	case IR_LD:
	case IR_MLD:
		dump_text(c, " + %lld, %s%u%s", (long long)v->imm, v->sign ? "s" : "u", v->width, v->swap ? ".be" : "");
		break;
	case IR_ST:
	case IR_MST:
		dump_text(c, " + %lld, %u%s", (long long)v->imm, v->width, v->swap ? ".be" : "");
		break;
	case IR_BSWAP:
		dump_text(c, ", %u", v->width);
		break;
	case IR_MOVH:
		dump_text(c, ", 0x%llx", (unsigned long long)v->imm);
		break;
	case IR_MADD: case IR_MAND: case IR_MOR: case IR_MXOR: case IR_MXCHG: case IR_MCAS:
		dump_text(c, " + %lld%s", (long long)v->imm, v->fetch ? " fetch" : "");
		break;
	case IR_LOOK: case IR_LOOKS: case IR_UPD: case IR_DEL: case IR_CPY:
		dump_text(c, " map %u", v->map);
		break;
	case IR_WBR:
		dump_text(c, " u%u%s pkt[%lld] & 0x%x, 0x%x", v->width, v->swap ? ".be" : "", (long long)v->shift,
			  v->mask, (uint32_t)v->imm);
		break;
	}
}

static void dump_value(struct compile *c, struct value *v)
{
	if (ir_kinds[v->op] == KIND_END || v->op == IR_ST || v->op == IR_MST || v->op == IR_CPY)
		dump_text(c, "\t");
	else
		dump_text(c, "\t%%%u = ", v->id);
	if (v->op == IR_BR || v->op == IR_WBR)
		dump_lower(c, isa_lookup(v->cc)->name);
	else
		dump_lower(c, ir_names[v->op]);
	dump_text(c, "%s", v->w ? ".w" : "");
	if (v->op == IR_PHI)
		for (uint32_t n = 0; n < v->block->n_pred; n++) {
			dump_text(c, "%s b%u", n ? "," : "", v->block->pred[n]->id);
			dump_arg(c, v->phi[n], " ");
		}
	for (int n = 0; n < ir_args[v->op]; n++)
		dump_arg(c, v->arg[n], n ? ", " : " ");
	dump_details(c, v);
	for (int way = 0; way < 2 && ir_kinds[v->op] == KIND_END; way++)
		if (v->block->succ[way])
			dump_text(c, "%sb%u", way || v->op == IR_BR || v->op == IR_WBR ? ", " : " ", v->block->succ[way]->id);
	dump_text(c, "\n");
}

void ir_dump(struct func *f)
{
	for (uint32_t n = 0; n < f->n_rpo; n++) {
		struct block *b = f->rpo[n];

		dump_text(f->c, "b%u:\t; insn %u\n", b->id, b->insn);
		for (struct value *v = b->first; v; v = v->next)
			dump_value(f->c, v);
	}
}
