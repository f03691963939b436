// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* Arithmetic instructions and 64-bit immediates; RFC 9669 sections 4.1, 4.2 and 5.4. */
#include "build.h"

const struct ebpf_insn *insn_at(const struct build *b)
{
	return &b->c->insns[b->pc];
}

const struct fact *fact_at(const struct build *b)
{
	return &b->c->facts[b->pc];
}

struct value *emit_w(struct build *b, enum ir_op op, int w, struct value *x, struct value *y)
{
	struct value *v = ir_new(b->f, op, place(b));

	if (!v)
		return NULL;
	v->w = (uint8_t)w;
	v->arg[0] = x;
	v->arg[1] = y;
	ir_append(b->at, v);
	return v;
}

struct value *emit(struct build *b, enum ir_op op, struct value *x, struct value *y)
{
	return emit_w(b, op, 0, x, y);
}

struct value *emit_place(struct build *b, enum isa_special code)
{
	struct value *v;

	if (!b->f->moves)
		return ir_special(b->f, code);
	v = emit(b, IR_NOW, NULL, NULL);
	if (v)
		v->imm = (int64_t)code;
	return v;
}

struct value *emit_field(struct build *b, enum ir_op op, struct value *x, uint32_t shift, uint32_t len)
{
	struct value *v = emit(b, op, x, NULL);

	if (v) {
		v->shift = (uint8_t)shift;
		v->len = (uint8_t)len;
	}
	return v;
}

struct value *konst(struct build *b, uint64_t imm)
{
	return ir_const(b->f, imm);
}

struct value *imm_of(struct build *b, const struct ebpf_insn *i)
{
	return konst(b, (uint64_t)(int64_t)i->imm);
}

static struct value *frame_pointer(struct build *b)
{
	struct value *fp = ir_special(b->f, SR_FP);
	int32_t off = b->node->frame->fp;

	return off ? emit(b, IR_ADD, fp, konst(b, (uint64_t)(int64_t)off)) : fp;
}

struct value **reg_at(struct build *b, unsigned int r)
{
	if (r == EBPF_REGS - 1 && !b->var[r])
		b->var[r] = frame_pointer(b);
	return &b->var[reg_var(b->node->frame, r)];
}

static struct value *build_move(struct build *b, const struct ebpf_insn *i, int w, struct value *src)
{
	if (i->off && (i->code & EBPF_X))
		src = emit_field(b, IR_SBFX, src, 0, (uint32_t)i->off);
	return w ? emit_field(b, IR_UBFX, src, 0, 32) : src;
}

/* To little-endian truncates, to big-endian also swaps; the ALU64 form swaps. */
static struct value *build_swap(struct build *b, const struct ebpf_insn *i, int w, struct value *x)
{
	struct value *v;

	if (w && !(i->code & EBPF_X))
		return i->imm == 64 ? x : emit_field(b, IR_UBFX, x, 0, (uint32_t)i->imm);
	v = emit(b, IR_BSWAP, x, NULL);
	if (v)
		v->width = (uint8_t)(i->imm / 8);
	return v;
}

int build_alu(struct build *b)
{
	static const uint8_t ops[16] = {
		[EBPF_ADD >> 4] = IR_ADD, [EBPF_SUB >> 4] = IR_SUB, [EBPF_MUL >> 4] = IR_MUL, [EBPF_OR >> 4] = IR_OR,
		[EBPF_AND >> 4] = IR_AND, [EBPF_LSH >> 4] = IR_LSH, [EBPF_RSH >> 4] = IR_RSH, [EBPF_XOR >> 4] = IR_XOR,
		[EBPF_ARSH >> 4] = IR_ARSH,
	};
	const struct ebpf_insn *i = insn_at(b);
	int w = EBPF_CLASS(i->code) == EC_ALU, op = EBPF_OP(i->code);
	struct value **dst = reg_at(b, ebpf_dst(i));
	struct value *src = i->code & EBPF_X ? *reg_at(b, ebpf_src(i)) : imm_of(b, i);

	switch (op) {
	case EBPF_MOV:
		*dst = build_move(b, i, w, src);
		break;
	case EBPF_END:
		*dst = build_swap(b, i, w, *dst);
		break;
	case EBPF_NEG:
		*dst = emit_w(b, IR_SUB, w, konst(b, 0), *dst);
		break;
	case EBPF_DIV:
		*dst = emit_w(b, i->off ? IR_DIVS : IR_DIVU, w, *dst, src);
		break;
	case EBPF_MOD:
		*dst = emit_w(b, i->off ? IR_MODS : IR_MODU, w, *dst, src);
		break;
	default:
		*dst = emit_w(b, (enum ir_op)ops[op >> 4], w, *dst, src);
	}
	return 0;
}

struct value *map_byte(struct build *b, unsigned int map, uint32_t off)
{
	return konst(b, 3ULL << 60 | (uint64_t)map << 48 | (b->c->maps[map].values + off));
}

int build_wide(struct build *b)
{
	const struct ebpf_insn *i = insn_at(b);
	uint64_t imm = (uint32_t)i[0].imm | (uint64_t)(uint32_t)i[1].imm << 32;

	if (ebpf_src(i) == EBPF_PSEUDO_FUNC) /* which only timers ask for when the program runs */
		imm = timer_number(b->c, place(b) + 1 + (uint32_t)i[0].imm);
	*reg_at(b, ebpf_dst(i)) = ebpf_src(i) == EBPF_PSEUDO_MAP_VALUE ? map_byte(b, (unsigned int)i[0].imm, (uint32_t)i[1].imm) : konst(b, imm);
	return 0;
}
