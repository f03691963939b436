// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* Which registers are read from an instruction on, on any way: what a path need not keep where ways meet. Variables are the registers of
 * all frames, see var_of(). */
#include "routine.h"
#include "verify.h"

struct effect {               /* bit per register */
	uint32_t use, def;
};

enum { ARGS = 0x3e, R0 = 1, SAVED = REGS_SAVED };

static uint32_t reg_bit(unsigned int r)
{
	return 1U << r;
}

static struct effect of_store(const struct ebpf_insn *i)
{
	struct effect e = { reg_bit(ebpf_dst(i)), 0 };

	if (EBPF_CLASS(i->code) == EC_STX)
		e.use |= reg_bit(ebpf_src(i));
	if (!ebpf_is_atomic(i))
		return e;
	if (i->imm == EBPF_CMPXCHG) {
		e.use |= R0;
		e.def = R0;
	} else if (i->imm & EBPF_FETCH) {
		e.def = reg_bit(ebpf_src(i));
	}
	return e;
}

static struct effect of_alu(const struct ebpf_insn *i)
{
	int op = EBPF_OP(i->code);
	struct effect e = { 0, reg_bit(ebpf_dst(i)) };

	if (op != EBPF_MOV)
		e.use |= e.def;
	if (op != EBPF_NEG && op != EBPF_END && (i->code & EBPF_X))
		e.use |= reg_bit(ebpf_src(i));
	return e;
}

static struct effect of_jump(const struct ebpf_insn *i)
{
	if (i->code == (EC_JMP | EBPF_CALL))
		return (struct effect){ ARGS & ((2U << (ebpf_src(i) == EBPF_CALL_KFUNC ? 5 : call_args(i->imm))) - 1), R0 | ARGS };
	if (EBPF_OP(i->code) == EBPF_JA || i->code == EBPF_MAY_GOTO)
		return (struct effect){ 0, 0 };
	return (struct effect){ reg_bit(ebpf_dst(i)) | (i->code & EBPF_X ? reg_bit(ebpf_src(i)) : 0), 0 };
}

static struct effect effect_of(const struct ebpf_insn *i, unsigned int depth)
{
	if (insn_is_exit(i))
		return depth ? (struct effect){ 0, ARGS } : (struct effect){ R0, 0 };
	switch (ebpf_class(i)) {
	case EC_LD:
		return (struct effect){ 0, reg_bit(ebpf_dst(i)) };
	case EC_LDX:
		return (struct effect){ reg_bit(ebpf_src(i)), reg_bit(ebpf_dst(i)) };
	case EC_ST:
	case EC_STX:
		return of_store(i);
	case EC_ALU:
	case EC_ALU64:
		return of_alu(i);
	default:
		return of_jump(i);
	}
}

uint32_t insn_gives(const struct ebpf_insn *i)
{
	return effect_of(i, 0).def;
}

/* All arguments of a routine are looked at, whether its code reads them or not. */
static uint64_t looked_at(const struct verify *v, uint32_t pc)
{
	const struct routine *r = frame_of(v->c, insn_target(&v->insns[pc], pc))->routine;

	return r ? ARGS & ((2U << strlen(r->args)) - 1) : 0;
}

static uint64_t live_before(const struct verify *v, uint32_t pc, uint64_t out)
{
	const struct ebpf_insn *i = &v->insns[pc];
	unsigned int depth = v->depth[pc];
	struct effect e;

	if (insn_is_local_call(i)) /* the function starts with no registers but its arguments */
		return (out & ~(vars_of(SAVED, depth + 1) | R0)) | looked_at(v, pc);
	e = effect_of(i, depth);
	return vars_of(e.use, depth) | (out & ~vars_of(e.def, depth));
}

int verify_live(struct verify *v)
{
	int changed = 1;

	v->live = arena_alloc(v->c->arena, v->n_insns * sizeof(*v->live));
	if (!v->live)
		return -1;
	while (changed) {
		changed = 0;
		for (uint32_t k = 0; k < v->n_order; k++) {
			uint32_t pc = v->order[k], to[2];
			uint64_t out = 0;

			for (int n = insn_successors(v->c, pc, to); n--;)
				out |= v->live[to[n]];
			out = live_before(v, pc, out);
			changed |= out != v->live[pc];
			v->live[pc] = out;
		}
	}
	return 0;
}
