// SPDX-License-Identifier: Apache-2.0
/*
 * bpf_loop(rounds, function, context, flags) becomes a call of a function made here, which counts and calls the callback: then all that
 * holds for loops and calls holds for it. One is made for each call, behind the program.
 */
#include "verify.h"

enum { ERROR_INVALID = -22, ERROR_TOO_BIG = -7, ROUNDS_MOST = 1 << 23 };

#define INSN(c, dst, src, o, i) { (c), (uint8_t)((src) << 4 | (dst)), (o), (i) }
#define MOV(dst, src)    INSN(EC_ALU64 | EBPF_MOV | EBPF_X, dst, src, 0, 0)
#define MOV_K(dst, k)    INSN(EC_ALU64 | EBPF_MOV, dst, 0, 0, k)
#define EXIT             INSN(EC_JMP | EBPF_EXIT, 0, 0, 0, 0)

static const struct ebpf_insn driver[LOOP_INSNS] = {
	INSN(EC_JMP | EBPF_JNE, 4, 0, 12, 0),             /* flags */
	INSN(EC_ALU | EBPF_MOV | EBPF_X, 6, 1, 0, 0),     /* r6: rounds, 32 bits */
	INSN(EC_JMP | EBPF_JGT, 6, 0, 12, ROUNDS_MOST),
	MOV(7, 3),                                        /* r7: context */
	MOV_K(8, 0),                                      /* r8: round */
	INSN(EC_JMP | EBPF_JGE | EBPF_X, 8, 6, 5, 0),     /* LOOP_HEAD */
	MOV(1, 8),
	MOV(2, 7),
	INSN(EC_JMP | EBPF_CALL, 0, EBPF_CALL_LOCAL, 0, 0), /* LOOP_CALL */
	INSN(EC_ALU64 | EBPF_ADD, 8, 0, 0, 1),
	INSN(EC_JMP | EBPF_JEQ, 0, 0, -6, 0),
	MOV(0, 8),
	EXIT,
	MOV_K(0, ERROR_INVALID),
	EXIT,
	INSN(EC_ALU | EBPF_MOV, 0, 0, 0, ERROR_TOO_BIG), /* 32 bits, as Linux has it where flags are a constant 0 */
	EXIT,
};
enum { LOOP_CALL = 8 };

static int is_loop(const struct ebpf_insn *i)
{
	return i->code == (EC_JMP | EBPF_CALL) && ebpf_src(i) == EBPF_CALL_HELPER && i->imm == HELPER_LOOP;
}

static int is_function(const struct ebpf_insn *i)
{
	return i->code == EBPF_LDDW && ebpf_src(i) == EBPF_PSEUDO_FUNC;
}

/* Where the callback starts, by the code before the call: only a guess, which the verifier checks. UINT32_MAX: not known. */
static uint32_t find_callback(const struct prog *p, uint32_t call)
{
	unsigned int reg = 2;

	for (uint32_t pc = call; pc-- > 0;) {
		const struct ebpf_insn *i = &p->insns[pc];

		if (insn_is_exit(i))
			break;
		if (ebpf_dst(i) != reg)
			continue;
		if (is_function(i))
			return pc + 1 + (uint32_t)i->imm;
		if (i->code == (EC_ALU64 | EBPF_MOV | EBPF_X) && !i->off)
			reg = ebpf_src(i);
	}
	return UINT32_MAX;
}

static uint32_t count_loops(const struct prog *p)
{
	uint32_t n = 0;

	for (uint32_t pc = 0; pc < p->n_insns; pc += 1 + insn_is_wide(&p->insns[pc]))
		n += is_loop(&p->insns[pc]) && find_callback(p, pc) < p->n_insns;
	return n;
}

int loop_expand(struct compile *c, struct loops *l)
{
	const struct prog *p = c->prog;
	uint32_t n = count_loops(p), at = p->n_insns;
	struct ebpf_insn *insns;

	*l = (struct loops){ .insns = p->insns, .n_insns = p->n_insns };
	if (!n)
		return 0;
	l->n_insns += n * LOOP_INSNS;
	insns = arena_alloc(c->arena, l->n_insns * sizeof(*insns));
	l->calls = arena_alloc(c->arena, n * sizeof(*l->calls));
	if (!insns || !l->calls)
		return -1;
	memcpy(insns, p->insns, p->n_insns * sizeof(*insns));
	for (uint32_t pc = 0; pc < p->n_insns; pc += 1 + insn_is_wide(&p->insns[pc])) {
		uint32_t callback = is_loop(&p->insns[pc]) ? find_callback(p, pc) : UINT32_MAX;

		if (callback >= p->n_insns)
			continue;
		memcpy(&insns[at], driver, sizeof(driver));
		insns[at + LOOP_CALL].imm = (int32_t)(callback - (at + LOOP_CALL) - 1);
		insns[pc].regs = EBPF_CALL_LOCAL << 4;
		insns[pc].imm = (int32_t)(at - pc - 1);
		l->calls[l->n_calls++] = pc;
		at += LOOP_INSNS;
	}
	l->insns = insns;
	return 0;
}

int loop_is_head(const struct compile *c, uint32_t pc)
{
	const struct frame *f = frame_of(c, pc);

	return f->is_loop && pc == f->first + LOOP_HEAD;
}
