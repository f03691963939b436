// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* A copy that a constant is added to, and that is compared then, as compilers test for a range:
 *   r1 = r8; r1 += -5; if r1 < -4 goto ..
 * Where nothing else leads in between, what the comparison teaches of the copy holds of its origin, too, less the constant. */
#include "verify.h"

enum { BACK_MAX = 8 };

/* May go on at the next instruction, with the registers that it leaves? Nothing is asked of those it jumps to. */
static int goes_on(const struct ebpf_insn *i)
{
	int class = EBPF_CLASS(i->code), op = EBPF_OP(i->code);

	return class != EC_LD && ((class != EC_JMP && class != EC_JMP32) || (op != EBPF_JA && op != EBPF_CALL && op != EBPF_EXIT));
}

/* The last instruction before pc that gives r, or -1; given: what those behind it give, too. */
static int64_t giver(const struct verify *v, uint32_t pc, unsigned int r, uint32_t *given)
{
	for (int n = 0; n < BACK_MAX && pc > v->frame->first && !v->meets[pc]; n++) {
		const struct ebpf_insn *i = &v->insns[--pc];

		if (!goes_on(i))
			return -1;
		*given |= insn_gives(i);
		if (insn_gives(i) >> r & 1)
			return pc;
	}
	return -1;
}

static int is_alu(const struct ebpf_insn *i, int op)
{
	return (EBPF_CLASS(i->code) == EC_ALU || EBPF_CLASS(i->code) == EC_ALU64) && (i->code & ~7) == op && !i->off;
}

int origin_find(const struct verify *v, unsigned int r, struct origin *o)
{
	uint32_t given = 0;
	int64_t add = v->pc < v->frame->body ? giver(v, v->pc, r, &given) : -1, mov;
	const struct ebpf_insn *i;

	if (add < 0 || !is_alu(&v->insns[add], EBPF_ADD))
		return 0;
	o->added = v->insns[add].imm;
	o->adds64 = EBPF_CLASS(v->insns[add].code) == EC_ALU64;
	mov = giver(v, (uint32_t)add, r, &given);
	if (mov < 0)
		return 0;
	i = &v->insns[mov];
	o->reg = ebpf_src(i);
	o->moves64 = EBPF_CLASS(i->code) == EC_ALU64;
	return is_alu(i, EBPF_MOV | EBPF_X) && !(given >> o->reg & 1) && v->cur->reg[o->reg].kind == R_SCALAR;
}

int origin_learn(const struct origin *o, const struct range *copy, struct range *origin)
{
	struct range was = *copy, added;

	range_const(&added, (uint64_t)o->added);
	if (!o->adds64)
		range_low32(&was);
	range_alu(&was, &added, EBPF_SUB, o->adds64, 0);
	return range_assume(origin, &was, EBPF_JEQ, 0, o->adds64 && o->moves64);
}
