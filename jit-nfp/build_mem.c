// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* Loads, stores and atomics; RFC 9669 sections 5.1 to 5.3. The facts say which memory an access goes to. */
#include "build.h"
#include "ctx.h"

enum { OFFSET_MIN = -1024, OFFSET_MAX = 1023 }; /* what a microcode word holds */

uint32_t insn_bytes(const struct ebpf_insn *i)
{
	switch (EBPF_SIZE(i->code)) {
	case EBPF_B:
		return 1;
	case EBPF_H:
		return 2;
	case EBPF_W:
		return 4;
	default:
		return 8;
	}
}

struct place {                /* of an access: base value and offset, or a variable */
	struct value *base;
	int64_t off;
	int var;              /* -1: memory */
};

static struct place place_of(struct build *b, const struct arg_fact *where, struct value *base, int32_t off, uint32_t size)
{
	struct place p = { base, off, -1 };

	if (where->region == R_STACK && where->off_known) {
		p.var = cell_of(b, where->off, size);
		p.base = ir_special(b->f, SR_FP);
		p.off = where->off;
	}
	if (where->region == R_PKT && where->off_known && where->off <= OFFSET_MAX) {
		p.base = ir_special(b->f, SR_DATA);
		p.off = where->off;
	}
	if (p.var < 0 && (p.off < OFFSET_MIN || p.off > OFFSET_MAX)) {
		p.base = emit(b, IR_ADD, p.base, konst(b, (uint64_t)p.off));
		p.off = 0;
	}
	return p;
}

static struct value *access(struct build *b, enum ir_op op, const struct arg_fact *where, struct place p, uint32_t size)
{
	struct value *v = emit(b, op, p.base, NULL);

	if (!v)
		return NULL;
	v->imm = p.off;
	v->width = (uint8_t)size;
	v->region[0] = where->region == R_PKT_META ? R_PKT : where->region;
	v->map = (uint8_t)where->map;
	return v;
}

static struct value *load_window(struct build *b, int64_t off, uint32_t size, int sign)
{
	struct value *v = emit_field(b, IR_WIN, NULL, 0, 8 * size);

	if (!v)
		return NULL;
	v->imm = off;
	v->width = (uint8_t)size;
	v->sign = (uint8_t)sign;
	v->region[0] = R_PKT;
	return v;
}

/* Read-only data of which the program holds the contents: 1 and its value. */
static int constant_data(const struct build *b, const struct arg_fact *where, uint32_t size, int sign, uint64_t *value)
{
	const struct prog_map *m = &b->c->prog->maps[where->map];

	if (where->region != R_MAP_VALUE || !where->off_known || !map_is_constant(m) || where->off < 0 || where->off + size > m->init_size)
		return 0;
	*value = 0;
	for (uint32_t n = 0; n < size; n++)
		*value |= (uint64_t)m->init[where->off + n] << 8 * n;
	if (sign)
		*value = (uint64_t)((int64_t)(*value << (64 - 8 * size)) >> (64 - 8 * size));
	return 1;
}

struct value *load(struct build *b, const struct arg_fact *where, struct value *base, int32_t off, uint32_t size, int sign)
{
	struct place p = place_of(b, where, base, off, size);
	uint64_t constant;
	struct value *v;

	if (constant_data(b, where, size, sign, &constant))
		return konst(b, constant);
	if (p.var >= 0)
		return size == 8 ? b->var[p.var] : emit_field(b, sign ? IR_SBFX : IR_UBFX, b->var[p.var], 0, 8 * size);
	if (where->region == R_PKT && where->off_known && where->off >= 0 && where->off + size <= ISA_WINDOW_BYTES)
		return load_window(b, where->off, size, sign);
	v = access(b, where->region == R_MAP_VALUE ? IR_MLD : IR_LD, where, p, size);
	if (v)
		v->sign = (uint8_t)sign;
	return v;
}

void store(struct build *b, const struct arg_fact *where, struct value *base, int32_t off, uint32_t size, struct value *data)
{
	struct place p = place_of(b, where, base, off, size);
	struct value *v;

	if (p.var >= 0) {
		b->var[p.var] = data;
		if (!b->cells.cell[p.var - (int)b->cells.first].by_address)
			return;
	}
	if (p.off < OFFSET_MIN || p.off > OFFSET_MAX) {
		p.base = emit(b, IR_ADD, p.base, konst(b, (uint64_t)p.off));
		p.off = 0;
	}
	v = access(b, where->region == R_MAP_VALUE ? IR_MST : IR_ST, where, p, size);
	if (v)
		v->arg[1] = data;
}

/* The fields are 32 bits wide in the program's eyes; the pointers among them are whole here. */
static int load_context(struct build *b)
{
	const struct ebpf_insn *i = insn_at(b);
	const struct arg_fact *where = &fact_at(b)->mem;
	const struct ctx_field *f = ctx_field(b->c->prog, where->off, insn_bytes(i));
	uint32_t size = insn_bytes(i);
	struct value *v;

	if (!where->off_known || !f) {
		error(b->c, (int)place(b), "different fields of the context are read on different paths");
		return error_note(b->c, "read each field with a statement of its own");
	}
	switch (f->what) {
	case CTX_PACKET:
		v = emit_place(b, SR_DATA);
		break;
	case CTX_PACKET_END:
		v = emit_place(b, SR_DATA_END);
		break;
	case CTX_METADATA:
		v = emit_place(b, SR_META);
		break;
	case CTX_IFINDEX:
		v = ir_special(b->f, SR_IFINDEX);
		break;
	case CTX_RXQ:
		v = ir_special(b->f, SR_RXQ);
		break;
	case CTX_LENGTH:
		v = emit_place(b, SR_LEN);
		break;
	default:
		v = konst(b, 0);
	}
	if (EBPF_MODE(i->code) == EBPF_MEMSX || size < 4)
		v = emit_field(b, EBPF_MODE(i->code) == EBPF_MEMSX ? IR_SBFX : IR_UBFX, v, (uint32_t)(where->off - f->off) * 8, 8 * size);
	*reg_at(b, ebpf_dst(i)) = v;
	return 0;
}

int build_load(struct build *b)
{
	const struct ebpf_insn *i = insn_at(b);
	const struct arg_fact *where = &fact_at(b)->mem;

	if (where->region == R_CTX)
		return load_context(b);
	*reg_at(b, ebpf_dst(i)) = load(b, where, *reg_at(b, ebpf_src(i)), i->off, insn_bytes(i), EBPF_MODE(i->code) == EBPF_MEMSX);
	return 0;
}

int build_store(struct build *b)
{
	const struct ebpf_insn *i = insn_at(b);
	struct value *data = EBPF_CLASS(i->code) == EC_ST ? imm_of(b, i) : *reg_at(b, ebpf_src(i));

	store(b, &fact_at(b)->mem, *reg_at(b, ebpf_dst(i)), i->off, insn_bytes(i), data);
	return 0;
}

/* old == expected ? data : old, without a branch: the difference's sign, smeared over all bits, selects. */
static struct value *exchanged_if(struct build *b, int w, struct value *old, struct value *expected, struct value *data)
{
	struct value *d = emit_w(b, IR_XOR, w, old, expected);
	struct value *differs = emit(b, IR_OR, d, emit(b, IR_SUB, konst(b, 0), d));
	struct value *keep = emit(b, IR_ARSH, differs, konst(b, 63));

	return emit(b, IR_XOR, data, emit(b, IR_AND, emit(b, IR_XOR, data, old), keep));
}

/* The stack is the thread's own, so plain accesses are atomic. */
static void build_stack_atomic(struct build *b)
{
	const struct ebpf_insn *i = insn_at(b);
	const struct arg_fact *where = &fact_at(b)->mem;
	uint32_t size = insn_bytes(i);
	struct value *base = *reg_at(b, ebpf_dst(i)), *data = *reg_at(b, ebpf_src(i)), *result;
	struct value *old = load(b, where, base, i->off, size, 0);

	switch (i->imm & ~EBPF_FETCH) {
	case EBPF_ADD:
		result = emit(b, IR_ADD, old, data);
		break;
	case EBPF_OR:
		result = emit(b, IR_OR, old, data);
		break;
	case EBPF_AND:
		result = emit(b, IR_AND, old, data);
		break;
	case EBPF_XOR:
		result = emit(b, IR_XOR, old, data);
		break;
	case EBPF_XCHG & ~EBPF_FETCH:
		result = data;
		break;
	default:
		result = exchanged_if(b, size == 4, old, b->var[0], data);
	}
	store(b, where, base, i->off, size, result);
	if (i->imm == EBPF_CMPXCHG)
		b->var[0] = old;
	else if (i->imm & EBPF_FETCH)
		*reg_at(b, ebpf_src(i)) = old;
}

static enum ir_op atomic_op(int32_t imm)
{
	switch (imm & ~EBPF_FETCH) {
	case EBPF_ADD:
		return IR_MADD;
	case EBPF_OR:
		return IR_MOR;
	case EBPF_AND:
		return IR_MAND;
	case EBPF_XOR:
		return IR_MXOR;
	case EBPF_XCHG & ~EBPF_FETCH:
		return IR_MXCHG;
	default:
		return IR_MCAS;
	}
}

/* Other accesses to maps stay on their side of it. The stack is the thread's own. */
static int build_ordered(struct build *b)
{
	const struct value *before = b->at->last;
	int result = ebpf_class(insn_at(b)) == EC_LDX ? build_load(b) : build_store(b);
	struct value *access = b->at->last;

	if (access && access != before && (access->op == IR_MLD || access->op == IR_MST))
		access->fence = 1;
	return result;
}

int build_atomic(struct build *b)
{
	const struct ebpf_insn *i = insn_at(b);
	const struct arg_fact *where = &fact_at(b)->mem;
	uint32_t size = insn_bytes(i);
	struct value *v;

	if (ebpf_is_ordered(i))
		return build_ordered(b);
	if (where->region == R_STACK) {
		build_stack_atomic(b);
		return 0;
	}
	v = access(b, atomic_op(i->imm), where, place_of(b, where, *reg_at(b, ebpf_dst(i)), i->off, size), size);
	if (!v)
		return -1;
	v->w = size == 4;
	v->fetch = i->imm & EBPF_FETCH;
	v->arg[1] = *reg_at(b, ebpf_src(i));
	if (v->op == IR_MCAS)
		v->arg[2] = b->var[0];
	if (v->op == IR_MCAS)
		b->var[0] = v;
	else if (v->fetch)
		*reg_at(b, ebpf_src(i)) = v;
	return 0;
}
