// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/*
 * bpf_loop(rounds, function, context, flags) becomes a call of a function made here, which counts and calls the callback: then all that
 * holds for loops and calls holds for it. Likewise bpf_for_each_map_elem(map, function, context, flags), and what routine.h is about. One is made
 * for each call, behind the program.
 */
#include "hw/spec/image.h"
#include "routine.h"
#include "verify.h"

enum { ERROR_INVALID = -22, ERROR_TOO_BIG = -7, ROUNDS_MOST = 1 << 23 };

#define INSN(c, dst, src, o, i) { (c), (uint8_t)((src) << 4 | (dst)), (o), (i) }
#define MOV(dst, src)    INSN(EC_ALU64 | EBPF_MOV | EBPF_X, dst, src, 0, 0)
#define MOV_K(dst, k)    INSN(EC_ALU64 | EBPF_MOV, dst, 0, 0, k)
#define EXIT             INSN(EC_JMP | EBPF_EXIT, 0, 0, 0, 0)

static const struct ebpf_insn rounds[] = {
	INSN(EC_JMP | EBPF_JNE, 4, 0, 12, 0),             /* flags */
	INSN(EC_ALU | EBPF_MOV | EBPF_X, 6, 1, 0, 0),     /* r6: rounds, 32 bits */
	INSN(EC_JMP | EBPF_JGT, 6, 0, 12, ROUNDS_MOST),
	MOV(7, 3),                                        /* r7: context */
	MOV_K(8, 0),                                      /* r8: round */
	INSN(EC_JMP | EBPF_JGE | EBPF_X, 8, 6, 5, 0),     /* LOOP_HEAD */
	MOV(1, 8),
	MOV(2, 7),
	INSN(EC_JMP | EBPF_CALL, 0, EBPF_CALL_LOCAL, 0, 0), /* ROUNDS_CALL */
	INSN(EC_ALU64 | EBPF_ADD, 8, 0, 0, 1),
	INSN(EC_JMP | EBPF_JEQ, 0, 0, -6, 0),
	MOV(0, 8),
	EXIT,
	MOV_K(0, ERROR_INVALID),
	EXIT,
	INSN(EC_ALU | EBPF_MOV, 0, 0, 0, ERROR_TOO_BIG), /* 32 bits, as Linux has it where flags are a constant 0 */
	EXIT,
};
enum { ROUNDS_CALL = 8, ROUNDS_INSNS = sizeof(rounds) / sizeof(*rounds) };

/* The helper it calls is our own form of it: the element in a slot, or NULL, with its key put on the stack. */
static const struct ebpf_insn each[] = {
	INSN(EC_JMP | EBPF_JNE, 4, 0, 22, 0),             /* flags */
	MOV(6, 1),                                        /* r6: map */
	MOV(7, 3),                                        /* r7: context */
	MOV_K(8, 0),                                      /* r8: slot */
	MOV_K(9, 0),                                      /* r9: elements */
	INSN(EC_JMP32 | EBPF_JGE, 8, 0, 15, 0),           /* LOOP_HEAD, and EACH_SLOTS */
	MOV(1, 6),
	MOV(2, 8),
	MOV(3, 10),
	INSN(EC_ALU64 | EBPF_ADD, 3, 0, 0, 0),            /* EACH_KEY */
	INSN(EC_JMP | EBPF_CALL, 0, EBPF_CALL_HELPER, 0, HELPER_FOR_EACH_MAP_ELEM),
	INSN(EC_ALU64 | EBPF_ADD, 8, 0, 0, 1),
	INSN(EC_JMP | EBPF_JEQ, 0, 0, -8, 0),
	MOV(1, 6),
	MOV(2, 10),
	INSN(EC_ALU64 | EBPF_ADD, 2, 0, 0, 0),            /* EACH_KEY_AGAIN */
	MOV(3, 0),
	MOV(4, 7),
	INSN(EC_JMP | EBPF_CALL, 0, EBPF_CALL_LOCAL, 0, 0), /* EACH_CALL */
	INSN(EC_ALU64 | EBPF_ADD, 9, 0, 0, 1),
	INSN(EC_JMP | EBPF_JEQ, 0, 0, -16, 0),
	MOV(0, 9),
	EXIT,
	MOV_K(0, ERROR_INVALID),
	EXIT,
};
enum { EACH_SLOTS = LOOP_HEAD, EACH_KEY = 9, EACH_KEY_AGAIN = 15, EACH_CALL = 18, EACH_INSNS = sizeof(each) / sizeof(*each) };

/* The helper that calls a function, or 0. */
static int calls_function(const struct ebpf_insn *i)
{
	if (i->code != (EC_JMP | EBPF_CALL) || ebpf_src(i) != EBPF_CALL_HELPER)
		return 0;
	return i->imm == HELPER_LOOP || i->imm == HELPER_FOR_EACH_MAP_ELEM ? i->imm : 0;
}

static int is_map(const struct ebpf_insn *i)
{
	return insn_is_wide(i) && ebpf_src(i) == EBPF_PSEUDO_MAP;
}

/* The 64-bit load of the register's value, by the code before the call: only a guess, which the verifier checks. UINT32_MAX: not known. */
static uint32_t find_load(const struct prog *p, uint32_t call, unsigned int reg, int (*is)(const struct ebpf_insn *i))
{
	for (uint32_t pc = call; pc-- > 0;) {
		const struct ebpf_insn *i = &p->insns[pc];

		if (insn_is_exit(i))
			break;
		if (ebpf_dst(i) != reg)
			continue;
		if (is(i))
			return pc;
		if (i->code == (EC_ALU64 | EBPF_MOV | EBPF_X) && !i->off)
			reg = ebpf_src(i);
	}
	return UINT32_MAX;
}

/* What is made for the call at pc; 0: nothing, as function or map are not known. */
static int plan(const struct prog *p, uint32_t pc, struct made *m)
{
	uint32_t load, map;

	*m = (struct made){ .call = pc, .map = LOOP_NO_MAP, .routine = routine_called(&p->insns[pc]) };
	if (m->routine) {
		m->size = m->routine->n_insns;
		return 1;
	}
	if (!calls_function(&p->insns[pc]))
		return 0;
	load = find_load(p, pc, 2, insn_is_function);
	if (load == UINT32_MAX || load + 1 + (uint32_t)p->insns[load].imm >= p->n_insns)
		return 0;
	m->callback = load + 1 + (uint32_t)p->insns[load].imm;
	m->size = ROUNDS_INSNS;
	if (p->insns[pc].imm == HELPER_LOOP)
		return 1;
	map = find_load(p, pc, 1, is_map);
	if (map == UINT32_MAX || (uint32_t)p->insns[map].imm >= p->n_maps)
		return 0;
	m->map = (uint32_t)p->insns[map].imm;
	m->size = EACH_INSNS;
	return 1;
}

static uint32_t count_made(const struct prog *p, uint32_t *n_insns)
{
	uint32_t n = 0;
	struct made m;

	for (uint32_t pc = 0; pc < p->n_insns; pc += 1 + insn_is_wide(&p->insns[pc]))
		if (plan(p, pc, &m)) {
			*n_insns += m.size;
			n++;
		}
	return n;
}

/* An array has an element in each slot, a hash one more slot than elements. */
static uint32_t slots_of(const struct target *t, const struct prog_map *m)
{
	return map_entries(t, m) + !image_map_is_array(m->type);
}

static void write_function(const struct compile *c, const struct prog *p, const struct made *m, struct ebpf_insn *to)
{
	const struct prog_map *map = &p->maps[m->map == LOOP_NO_MAP ? 0 : m->map];
	uint32_t call = m->map == LOOP_NO_MAP ? ROUNDS_CALL : EACH_CALL;

	if (m->routine) {
		memcpy(to, m->routine->insns, m->size * sizeof(*to));
		return;
	}
	memcpy(to, m->map == LOOP_NO_MAP ? rounds : each, m->size * sizeof(*to));
	to[call].imm = (int32_t)(m->callback - (m->first + call) - 1);
	if (m->map == LOOP_NO_MAP)
		return;
	to[EACH_SLOTS].imm = (int32_t)slots_of(c->target, map);
	to[EACH_KEY].imm = to[EACH_KEY_AGAIN].imm = -(int32_t)((map->key_size + 7) / 8 * 8);
}

int loop_expand(struct compile *c, struct loops *l)
{
	const struct prog *p = c->prog;
	uint32_t n_insns = p->n_insns, n = count_made(p, &n_insns), at = p->n_insns;
	struct ebpf_insn *insns;

	*l = (struct loops){ .insns = p->insns, .n_insns = n_insns };
	if (!n)
		return 0;
	insns = arena_alloc(c->arena, l->n_insns * sizeof(*insns));
	l->made = arena_alloc(c->arena, n * sizeof(*l->made));
	l->made_at = arena_alloc(c->arena, (n_insns - p->n_insns) * sizeof(*l->made_at));
	if (!insns || !l->made || !l->made_at)
		return -1;
	memcpy(insns, p->insns, p->n_insns * sizeof(*insns));
	for (uint32_t pc = 0; pc < p->n_insns; pc += 1 + insn_is_wide(&p->insns[pc])) {
		struct made *m = &l->made[l->n_made];

		if (l->n_made == n || !plan(p, pc, m))
			continue;
		m->first = at;
		write_function(c, p, m, &insns[at]);
		insns[pc].regs = EBPF_CALL_LOCAL << 4;
		insns[pc].imm = (int32_t)(at - pc - 1);
		for (uint32_t k = 0; k < m->size; k++)
			l->made_at[at++ - p->n_insns] = l->n_made;
		l->n_made++;
	}
	l->insns = insns;
	return 0;
}

int loop_is_head(const struct compile *c, uint32_t pc)
{
	const struct frame *f = frame_of(c, pc);

	if (c->insns[pc].code == EBPF_MAY_GOTO)
		return 1;
	if (f->routine)
		return f->routine->rounds && pc == f->first;
	return f->is_loop && pc == f->first + LOOP_HEAD;
}
