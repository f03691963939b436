// SPDX-License-Identifier: Apache-2.0
/*
 * Generates programs that the kernel's verifier accepts. Between two statements this holds: r6 is the context, r7 the packet with
 * `room` bytes proven, r8 the packet's end, r0..r5 and r9 are scalars, and the first SCRATCH bytes of the stack are written. A
 * statement may break it inside and restores it at its end, so statements nest and follow each other in any order. The functions that
 * are called start with the same, and have the address of their caller's scratch bytes; those they call in turn only work on numbers.
 */
#include "fuzz.h"
#include "hw/spec/image.h"
#include <string.h>

enum {
	STACK_SCRATCH = 64,      /* fp-64 .. fp-1: scalars */
	STACK_KEY = 96,          /* fp-96: keys, 32 bytes */
	STACK_VALUE = 160,       /* fp-160: values, 64 bytes */
	STACK_PTR = 168,         /* fp-168: a spilled packet pointer */
	STACK_OLD = 176,         /* fp-176: a map value pointer kept over other calls */
	STACK_CALLER = 184,      /* fp-184: of a function, the address of its caller's scratch bytes */
	STACK_ROUNDS = 192,      /* fp-192 and below: rounds of loops, by nesting */
	MAP_OUT = 0,             /* ARRAY that receives the registers at the end */
	NEST_MAX = 3,
	BRANCH_MAX = 9,          /* paths double with each: the kernel's verifier walks them all */
	LOOPS_MAX = 2,           /* one in the other */
	CALLS_MAX = 12, FUNCTIONS_MAX = 4
};

enum level { LEVEL_PROGRAM, LEVEL_FUNCTION, LEVEL_LEAF };

struct gen_function {
	enum level level;
	uint32_t start;
};

struct gen_call {
	uint32_t insn, function;
};

struct gen {
	struct fuzz_case *c;
	uint64_t state;
	bool v4;
	uint32_t room;           /* proven packet bytes */
	uint32_t branches;
	uint32_t loops;          /* open ones */
	bool r9_taken;           /* it counts the rounds of a loop */
	enum level level;
	struct gen_function functions[FUNCTIONS_MAX];
	struct gen_call calls[CALLS_MAX];
	uint32_t n_functions, n_calls;
};

static uint64_t rnd(struct gen *g)
{
	uint64_t z = g->state += 0x9e3779b97f4a7c15ull;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
	return z ^ (z >> 31);
}

static uint32_t below(struct gen *g, uint32_t n)
{
	return (uint32_t)(rnd(g) % n);
}

/* Values at the edges of widths and signs come up far more often than at random. */
static int32_t imm(struct gen *g)
{
	static const int32_t edge[] = { 0, 1, -1, 2, 7, 8, 31, 32, 63, 64, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x10000,
					0x7fffffff, INT32_MIN, -2, -128, -32768 };

	switch (below(g, 4)) {
	case 0:
		return (int32_t)rnd(g);
	case 1:
		return (int32_t)below(g, 256);
	default:
		return edge[below(g, sizeof(edge) / sizeof(edge[0]))];
	}
}

static uint32_t emit(struct gen *g, uint8_t code, uint32_t dst, uint32_t src, int16_t off, int32_t k)
{
	struct ebpf_insn *i = &g->c->insns[g->c->n_insns];

	i->code = code;
	i->regs = (uint8_t)(src << 4 | dst);
	i->off = off;
	i->imm = k;
	return g->c->n_insns++;
}

static void land(struct gen *g, uint32_t jump)
{
	g->c->insns[jump].off = (int16_t)(g->c->n_insns - jump - 1);
}

static uint32_t scalar_reg(struct gen *g)
{
	static const uint8_t regs[] = { 0, 1, 2, 3, 4, 5, 9 };

	return regs[below(g, sizeof(regs) - g->r9_taken)];
}

static void set_scalar(struct gen *g, uint32_t reg)
{
	switch (below(g, 4)) {
	case 0:
		emit(g, EC_LD | EBPF_IMM | EBPF_DW, reg, 0, 0, (int32_t)rnd(g));
		emit(g, 0, 0, 0, 0, (int32_t)rnd(g));
		break;
	case 1:
		emit(g, EC_LDX | EBPF_MEM | EBPF_DW, reg, 10, (int16_t)(-8 * (int)(1 + below(g, STACK_SCRATCH / 8))), 0);
		break;
	case 2:
		emit(g, EC_ALU | EBPF_MOV | EBPF_K, reg, 0, 0, imm(g));
		break;
	default:
		emit(g, EC_ALU64 | EBPF_MOV | EBPF_K, reg, 0, 0, imm(g));
	}
}

/* Helpers clobber r1..r5; r0 holds the result or a pointer. */
static void restore_after_call(struct gen *g, bool r0_too)
{
	for (uint32_t r = r0_too ? 0 : 1; r <= 5; r++)
		set_scalar(g, r);
}

static void gen_alu(struct gen *g)
{
	static const uint8_t ops[] = { EBPF_ADD, EBPF_SUB, EBPF_MUL, EBPF_DIV, EBPF_OR, EBPF_AND, EBPF_LSH, EBPF_RSH,
				       EBPF_NEG, EBPF_MOD, EBPF_XOR, EBPF_MOV, EBPF_ARSH, EBPF_END };
	static const int16_t sx[] = { 8, 16, 32 };
	uint8_t op = ops[below(g, sizeof(ops))];
	uint8_t class = below(g, 2) ? EC_ALU64 : EC_ALU;
	uint8_t source = below(g, 2) ? EBPF_X : EBPF_K;
	uint32_t dst = scalar_reg(g), src = source == EBPF_X ? scalar_reg(g) : 0;
	int32_t k = source == EBPF_X ? 0 : imm(g);
	int16_t off = 0;

	if (op == EBPF_END) {
		/* swap on both classes is v4; to little and big endian exist in EC_ALU only */
		class = g->v4 && below(g, 3) == 0 ? EC_ALU64 : EC_ALU;
		emit(g, class | op | (class == EC_ALU ? source : 0), dst, 0, 0, 16 << below(g, 3));
		return;
	}
	if (op == EBPF_NEG) {
		emit(g, class | op, dst, 0, 0, 0);
		return;
	}
	if (source == EBPF_K && (op == EBPF_LSH || op == EBPF_RSH || op == EBPF_ARSH))
		k &= class == EC_ALU64 ? 63 : 31; /* the kernel refuses others */
	if (source == EBPF_K && (op == EBPF_DIV || op == EBPF_MOD) && !k)
		k = 3;
	if (g->v4 && (op == EBPF_DIV || op == EBPF_MOD) && below(g, 2))
		off = 1;
	if (g->v4 && op == EBPF_MOV && source == EBPF_X && below(g, 2))
		off = sx[below(g, class == EC_ALU64 ? 3 : 2)];
	emit(g, class | op | source, dst, src, off, k);
}

static uint8_t size_of(struct gen *g, uint32_t *bytes)
{
	static const uint8_t code[] = { EBPF_B, EBPF_H, EBPF_W, EBPF_DW };
	uint32_t n = below(g, 4);

	*bytes = 1u << n;
	return code[n];
}

static uint8_t load_mode(struct gen *g, uint8_t size)
{
	return g->v4 && size != EBPF_DW && below(g, 3) == 0 ? EBPF_MEMSX : EBPF_MEM;
}

static uint32_t spare_reg(struct gen *g, uint32_t base)
{
	return !g->r9_taken ? 9 : base == 5 ? 4 : 5;
}

/* A load or store at base + [0, span); aligned when asked. */
static void gen_access(struct gen *g, uint32_t base, int32_t start, uint32_t span, bool aligned)
{
	uint32_t bytes, at, reg = scalar_reg(g);
	uint8_t size = size_of(g, &bytes);
	int16_t off;

	if (reg == base) /* r0 as the base must stay a pointer, and must not leak */
		reg = spare_reg(g, base);

	if (bytes > span)
		size = EBPF_B, bytes = 1;
	at = below(g, span - bytes + 1);
	if (aligned)
		at -= at % bytes;
	off = (int16_t)(start + (int32_t)at);
	switch (below(g, 5)) {
	case 0:
		emit(g, EC_ST | EBPF_MEM | size, base, 0, off, imm(g));
		break;
	case 1:
	case 2:
		emit(g, EC_STX | EBPF_MEM | size, base, reg, off, 0);
		break;
	default:
		emit(g, EC_LDX | load_mode(g, size) | size, reg, base, off, 0);
	}
}

static void gen_atomic(struct gen *g, uint32_t base, int32_t start, uint32_t span)
{
	static const int32_t ops[] = { EBPF_ADD, EBPF_OR, EBPF_AND, EBPF_XOR, EBPF_ADD | EBPF_FETCH, EBPF_OR | EBPF_FETCH,
				       EBPF_AND | EBPF_FETCH, EBPF_XOR | EBPF_FETCH, EBPF_XCHG, EBPF_CMPXCHG };
	uint32_t bytes = below(g, 2) ? 8 : 4;
	int32_t op = ops[below(g, sizeof(ops) / sizeof(ops[0]) - (base == 0 ? 1 : 0))]; /* cmpxchg needs r0 as a scalar */
	uint32_t src = scalar_reg(g);

	if (src == base)
		src = spare_reg(g, base);
	emit(g, EC_STX | EBPF_ATOMIC | (bytes == 8 ? EBPF_DW : EBPF_W), base, src,
	     (int16_t)(start + (int32_t)(below(g, span / bytes) * bytes)), op);
}

/* Load, change, store back: counters and flags. */
static void gen_change(struct gen *g, uint32_t base, int32_t start, uint32_t span)
{
	static const uint8_t ops[] = { EBPF_ADD, EBPF_ADD, EBPF_SUB, EBPF_OR, EBPF_AND, EBPF_XOR };
	uint32_t bytes, reg = spare_reg(g, base), other = scalar_reg(g);
	uint8_t size = size_of(g, &bytes), class = below(g, 3) ? EC_ALU64 : EC_ALU, op = ops[below(g, sizeof(ops))];
	int16_t off;

	if (bytes > span)
		size = EBPF_B, bytes = 1;
	off = (int16_t)(start + (int32_t)(below(g, 4) ? below(g, span / bytes) * bytes : below(g, span - bytes + 1)));
	if (other == base)
		other = reg;
	emit(g, EC_LDX | EBPF_MEM | size, reg, base, off, 0);
	if (below(g, 2))
		emit(g, class | op | EBPF_X, reg, other, 0, 0);
	else
		emit(g, class | op, reg, 0, 0, imm(g));
	if (below(g, 4) == 0)
		gen_access(g, base, start, span, true);
	emit(g, EC_STX | EBPF_MEM | size, base, reg, off, 0);
	if (below(g, 2)) /* nobody else reads it */
		set_scalar(g, reg);
}

static void gen_stack(struct gen *g)
{
	if (below(g, 4) == 0)
		gen_atomic(g, 10, -STACK_SCRATCH, STACK_SCRATCH);
	else
		gen_access(g, 10, -STACK_SCRATCH, STACK_SCRATCH, true);
}

/* Is the packet longer still? Every way to ask; what is too short skips, or ends. */
static void gen_more_room(struct gen *g)
{
	static const uint8_t short_if[] = { EBPF_JGT, EBPF_JGE }, short_from_end[] = { EBPF_JLT, EBPF_JLE };
	static const uint8_t long_if[] = { EBPF_JLE, EBPF_JLT }, long_from_end[] = { EBPF_JGE, EBPF_JGT };
	uint32_t room = 8 + below(g, 72), skip, past, strict = below(g, 2);
	bool end_first = below(g, 2), ends = below(g, 2);
	uint8_t op;

	g->branches++;
	emit(g, EC_ALU64 | EBPF_MOV | EBPF_X, 2, 7, 0, 0);
	if (below(g, 3) == 0) { /* the offset in a register */
		emit(g, EC_ALU64 | EBPF_MOV, 3, 0, 0, (int32_t)room);
		emit(g, EC_ALU64 | EBPF_ADD | EBPF_X, 2, 3, 0, 0);
	} else {
		emit(g, EC_ALU64 | EBPF_ADD, 2, 0, 0, (int32_t)room);
	}
	if (ends) {
		op = end_first ? long_from_end[strict] : long_if[strict];
		past = emit(g, EC_JMP | op | EBPF_X, end_first ? 8 : 2, end_first ? 2 : 8, 0, 0);
		emit(g, EC_ALU64 | EBPF_MOV, 0, 0, 0, (int32_t)below(g, 5));
		emit(g, EC_JMP | EBPF_EXIT, 0, 0, 0, 0);
		land(g, past);
		set_scalar(g, 2);
		gen_access(g, 7, 0, room, false);
		return;
	}
	op = end_first ? short_from_end[strict] : short_if[strict];
	skip = emit(g, EC_JMP | op | EBPF_X, end_first ? 8 : 2, end_first ? 2 : 8, 0, 0);
	set_scalar(g, 2);
	gen_access(g, 7, 0, room, false);
	land(g, skip);
	set_scalar(g, 2);
}

static void gen_packet(struct gen *g)
{
	uint32_t skip, reg;

	switch (below(g, 7)) {
	case 6:
		gen_more_room(g);
		break;
	case 0: /* variable offset: r3 = r7 + (scalar & 31), one to eight bytes checked */
		reg = scalar_reg(g);
		emit(g, EC_ALU64 | EBPF_MOV | EBPF_X, 3, reg, 0, 0);
		emit(g, EC_ALU64 | EBPF_AND | EBPF_K, 3, 0, 0, 31);
		emit(g, EC_ALU64 | EBPF_ADD | EBPF_X, 3, 7, 0, 0);
		emit(g, EC_ALU64 | EBPF_MOV | EBPF_X, 2, 3, 0, 0);
		emit(g, EC_ALU64 | EBPF_ADD | EBPF_K, 2, 0, 0, 8);
		skip = emit(g, EC_JMP | EBPF_JGT | EBPF_X, 2, 8, 0, 0);
		if (below(g, 2))
			emit(g, EC_LDX | EBPF_MEM | EBPF_DW, spare_reg(g, 3), 3, 0, 0);
		else
			emit(g, EC_STX | EBPF_MEM | EBPF_W, 3, spare_reg(g, 3), 4, 0);
		land(g, skip);
		set_scalar(g, 2);
		set_scalar(g, 3);
		g->branches++;
		break;
	case 1: /* spilled and filled packet pointer */
		emit(g, EC_STX | EBPF_MEM | EBPF_DW, 10, 7, -STACK_PTR, 0);
		emit(g, EC_LDX | EBPF_MEM | EBPF_DW, 4, 10, -STACK_PTR, 0);
		emit(g, EC_LDX | EBPF_MEM | EBPF_W, spare_reg(g, 4), 4, (int16_t)below(g, g->room - 3), 0);
		set_scalar(g, 4);
		break;
	case 2: /* packet length as a number */
		reg = scalar_reg(g);
		emit(g, EC_ALU64 | EBPF_MOV | EBPF_X, reg, 8, 0, 0);
		emit(g, EC_ALU64 | EBPF_SUB | EBPF_X, reg, 7, 0, 0);
		break;
	default:
		gen_access(g, 7, 0, g->room, false);
	}
}

static void gen_context(struct gen *g)
{
	static const int16_t fields[] = { 12, 16 }; /* ingress_ifindex, rx_queue_index */

	emit(g, EC_LDX | EBPF_MEM | EBPF_W, scalar_reg(g), 6, fields[below(g, 2)], 0);
}

static void call(struct gen *g, int32_t helper)
{
	emit(g, EC_JMP | EBPF_CALL, 0, 0, 0, helper);
}

static void load_map(struct gen *g, uint32_t map)
{
	emit(g, EC_LD | EBPF_IMM | EBPF_DW, 1, EBPF_PSEUDO_MAP, 0, (int32_t)map);
	emit(g, 0, 0, 0, 0, 0);
}

static void stack_address(struct gen *g, uint32_t reg, int32_t off)
{
	emit(g, EC_ALU64 | EBPF_MOV | EBPF_X, reg, 10, 0, 0);
	emit(g, EC_ALU64 | EBPF_ADD | EBPF_K, reg, 0, 0, off);
}

/* r1 = map, r2 = a key: mostly on the stack and from a small domain, so that lookups hit; sometimes in the packet. */
static void gen_key(struct gen *g, uint32_t map)
{
	const struct prog_map *m = &g->c->maps[map];
	bool array = image_map_is_array(m->type);
	int32_t at = -STACK_KEY + (array ? 4 * (int32_t)below(g, 2) : 0);
	uint32_t reg = scalar_reg(g);

	emit(g, EC_ALU64 | EBPF_MOV | EBPF_X, 3, reg, 0, 0);
	emit(g, EC_ALU64 | EBPF_AND | EBPF_K, 3, 0, 0, array && below(g, 4) == 0 ? 15 : 3);
	for (uint32_t o = 0; o < m->key_size; o += 4)
		emit(g, EC_STX | EBPF_MEM | EBPF_W, 10, 3, (int16_t)(at + (int32_t)o), 0);
	load_map(g, map);
	if (m->key_size <= g->room && below(g, 6) == 0) {
		emit(g, EC_ALU64 | EBPF_MOV | EBPF_X, 2, 7, 0, 0);
		emit(g, EC_ALU64 | EBPF_ADD | EBPF_K, 2, 0, 0, (int32_t)below(g, g->room - m->key_size + 1));
	} else {
		stack_address(g, 2, at);
	}
}

/* The jump that is taken when there is no entry, to be landed; else r0 is the value. */
static uint32_t gen_lookup_call(struct gen *g, uint32_t map)
{
	gen_key(g, map);
	emit(g, EC_JMP | EBPF_CALL, 0, 0, 0, HELPER_MAP_LOOKUP_ELEM);
	restore_after_call(g, false);
	return emit(g, EC_JMP | EBPF_JEQ | EBPF_K, 0, 0, 0, 0);
}

static void gen_map_lookup(struct gen *g, uint32_t map)
{
	const struct prog_map *m = &g->c->maps[map];
	uint32_t skip = gen_lookup_call(g, map);

	for (uint32_t n = 1 + below(g, 4); n; n--) {
		if (below(g, 3) == 0)
			gen_change(g, 0, 0, m->value_size);
		else if (below(g, 2) && m->value_size >= 8)
			gen_atomic(g, 0, 0, m->value_size & ~7u);
		else
			gen_access(g, 0, 0, m->value_size, below(g, 2));
	}
	land(g, skip);
	set_scalar(g, 0);
	g->branches++;
}

static void gen_map_update(struct gen *g, uint32_t map)
{
	const struct prog_map *m = &g->c->maps[map];
	bool from_packet = m->value_size <= g->room && below(g, 3) == 0;

	for (uint32_t o = 0; o < m->value_size; o += 8)
		emit(g, EC_STX | EBPF_MEM | EBPF_DW, 10, scalar_reg(g), (int16_t)(-STACK_VALUE + (int32_t)o), 0);
	gen_key(g, map);
	if (from_packet)
		emit(g, EC_ALU64 | EBPF_MOV | EBPF_X, 3, 7, 0, 0);
	else
		stack_address(g, 3, -STACK_VALUE);
	emit(g, EC_ALU64 | EBPF_MOV | EBPF_K, 4, 0, 0, below(g, 3) ? 0 : (int32_t)below(g, 4));
	emit(g, EC_JMP | EBPF_CALL, 0, 0, 0, HELPER_MAP_UPDATE_ELEM);
	restore_after_call(g, false);
}

static void gen_map_delete(struct gen *g, uint32_t map)
{
	gen_key(g, map);
	emit(g, EC_JMP | EBPF_CALL, 0, 0, 0, HELPER_MAP_DELETE_ELEM);
	restore_after_call(g, false);
}

/* A value pointer that outlives updates and deletes of its own map. */
static void gen_map_old_pointer(struct gen *g, uint32_t map)
{
	const struct prog_map *m = &g->c->maps[map];
	uint32_t skip = gen_lookup_call(g, map);

	emit(g, EC_STX | EBPF_MEM | EBPF_DW, 10, 0, -STACK_OLD, 0);
	set_scalar(g, 0);
	for (uint32_t n = 1 + below(g, 3); n; n--) {
		if (below(g, 2))
			gen_map_update(g, map);
		else
			gen_map_delete(g, map);
	}
	emit(g, EC_LDX | EBPF_MEM | EBPF_DW, 1, 10, -STACK_OLD, 0);
	for (uint32_t n = 1 + below(g, 3); n; n--)
		gen_access(g, 1, 0, m->value_size, below(g, 2));
	set_scalar(g, 1);
	land(g, skip);
	set_scalar(g, 0);
	g->branches++;
}

/* Global data: a value addressed by a constant. */
static void gen_global(struct gen *g)
{
	uint32_t at = 8 * below(g, 6);

	emit(g, EC_LD | EBPF_IMM | EBPF_DW, 1, EBPF_PSEUDO_MAP_VALUE, 0, MAP_OUT);
	emit(g, 0, 0, 0, 0, (int32_t)at);
	for (uint32_t n = 1 + below(g, 3); n; n--) {
		if (below(g, 3) == 0)
			gen_change(g, 1, 0, 64 - at);
		else if (below(g, 3) == 0)
			gen_atomic(g, 1, 0, 64 - at);
		else
			gen_access(g, 1, 0, 64 - at, below(g, 2));
	}
	set_scalar(g, 1);
}

static bool is_queue(const struct prog_map *m)
{
	return m->type == MAP_TYPE_QUEUE || m->type == MAP_TYPE_STACK;
}

/* What comes out is kept where keys are, and goes to the scratch bytes in part. */
static void gen_queue(struct gen *g, uint32_t map)
{
	const struct prog_map *m = &g->c->maps[map];
	uint32_t how = below(g, 4);

	if (how < 2) {
		for (uint32_t at = 0; at < m->value_size; at += 8)
			emit(g, EC_STX | EBPF_MEM | EBPF_DW, 10, scalar_reg(g), (int16_t)(-STACK_VALUE + (int32_t)at), 0);
		stack_address(g, 2, -STACK_VALUE);
		emit(g, EC_ALU64 | EBPF_MOV | EBPF_K, 3, 0, 0, below(g, 4) ? 2 * (int32_t)below(g, 2) : (int32_t)below(g, 4));
		load_map(g, map);
		call(g, HELPER_MAP_PUSH_ELEM);
		restore_after_call(g, false);
		return;
	}
	stack_address(g, 2, -STACK_VALUE);
	load_map(g, map);
	call(g, how == 2 ? HELPER_MAP_POP_ELEM : HELPER_MAP_PEEK_ELEM);
	if (m->value_size >= 8)
		emit(g, EC_LDX | EBPF_MEM | EBPF_DW, 9 - 4 * g->r9_taken, 10, -STACK_VALUE, 0);
	for (uint32_t r = 1; r <= 4; r++)
		set_scalar(g, r);
	if (m->value_size < 8 || !g->r9_taken)
		set_scalar(g, 5);
}

static void gen_map(struct gen *g)
{
	uint32_t map = below(g, g->c->n_maps);

	if (is_queue(&g->c->maps[map])) {
		gen_queue(g, map);
		return;
	}

	switch (below(g, 6)) {
	case 0:
	case 1:
		gen_map_lookup(g, map);
		break;
	case 5:
		gen_map_old_pointer(g, map);
		break;
	case 2:
	case 3:
		gen_map_update(g, map);
		break;
	default:
		gen_map_delete(g, map);
	}
}

/* ---- helpers on the packet ---- */

/* A number below 2^bits in a register, known or not. */
static void small_number(struct gen *g, uint32_t reg, uint32_t bits)
{
	if (below(g, 2)) {
		emit(g, EC_ALU64 | EBPF_MOV | EBPF_K, reg, 0, 0, (int32_t)below(g, 1u << bits));
		return;
	}
	emit(g, EC_ALU64 | EBPF_MOV | EBPF_X, reg, scalar_reg(g), 0, 0);
	emit(g, EC_ALU64 | EBPF_AND | EBPF_K, reg, 0, 0, (1 << bits) - 1);
}

static void gen_csum(struct gen *g)
{
	uint32_t from = 4 * below(g, 5), to = 4 * below(g, 4);
	bool of_packet = below(g, 2) && to && to <= g->room;

	emit(g, EC_ALU64 | EBPF_MOV | EBPF_X, 5, scalar_reg(g), 0, 0);
	emit(g, EC_ALU64 | EBPF_MOV | EBPF_K, 2, 0, 0, (int32_t)from);
	emit(g, EC_ALU64 | EBPF_MOV | EBPF_K, 4, 0, 0, (int32_t)to);
	if (of_packet)
		emit(g, EC_ALU64 | EBPF_MOV | EBPF_X, 3, 7, 0, 0);
	else
		stack_address(g, 3, -STACK_SCRATCH + 8 * (int32_t)below(g, 4));
	if (of_packet && below(g, 2))
		emit(g, EC_ALU64 | EBPF_ADD | EBPF_K, 3, 0, 0, (int32_t)below(g, g->room - to + 1));
	stack_address(g, 1, -STACK_SCRATCH + 4 * (int32_t)below(g, 8));
	call(g, HELPER_CSUM_DIFF);
	restore_after_call(g, false);
}

/* Offset and size known or not; what does not fit gives an error, and bytes that stay or become 0. */
static void gen_load_bytes(struct gen *g)
{
	small_number(g, 2, 7);
	small_number(g, 4, 4);
	emit(g, EC_ALU64 | EBPF_ADD | EBPF_K, 4, 0, 0, 1);
	stack_address(g, 3, -STACK_SCRATCH + 8 * (int32_t)below(g, 6));
	emit(g, EC_ALU64 | EBPF_MOV | EBPF_X, 1, 6, 0, 0);
	call(g, HELPER_XDP_LOAD_BYTES);
	restore_after_call(g, false);
}

/* Pointers to the packet are to be made anew. The packet may have become too short. */
static void packet_again(struct gen *g)
{
	uint32_t go;

	g->branches++;
	emit(g, EC_LDX | EBPF_MEM | EBPF_W, 7, 6, 0, 0);
	emit(g, EC_LDX | EBPF_MEM | EBPF_W, 8, 6, 4, 0);
	emit(g, EC_ALU64 | EBPF_MOV | EBPF_X, 2, 7, 0, 0);
	emit(g, EC_ALU64 | EBPF_ADD | EBPF_K, 2, 0, 0, (int32_t)g->room);
	go = emit(g, EC_JMP | EBPF_JLE | EBPF_X, 2, 8, 0, 0);
	emit(g, EC_ALU64 | EBPF_MOV | EBPF_K, 0, 0, 0, (int32_t)below(g, 5));
	emit(g, EC_JMP | EBPF_EXIT, 0, 0, 0, 0);
	land(g, go);
	restore_after_call(g, false);
}

static void gen_move(struct gen *g)
{
	static const int32_t head[] = { -8, 4, 8, 12, 0, 13 };
	bool is_head = below(g, 2);

	if (is_head)
		emit(g, EC_ALU64 | EBPF_MOV | EBPF_K, 2, 0, 0, head[below(g, 6)]);
	else
		emit(g, EC_ALU64 | EBPF_MOV | EBPF_K, 2, 0, 0, (int32_t)below(g, 30) - 15);
	emit(g, EC_ALU64 | EBPF_MOV | EBPF_X, 1, 6, 0, 0);
	call(g, is_head ? HELPER_XDP_ADJUST_HEAD : HELPER_XDP_ADJUST_TAIL);
	packet_again(g);
	if (is_head) /* what lay in front of the packet nobody knows */
		emit(g, EC_ST | EBPF_MEM | EBPF_DW, 7, 0, 0, imm(g));
}

static void gen_store_bytes(struct gen *g)
{
	small_number(g, 2, 7);
	small_number(g, 4, 4);
	emit(g, EC_ALU64 | EBPF_ADD | EBPF_K, 4, 0, 0, 1);
	stack_address(g, 3, -STACK_SCRATCH + 8 * (int32_t)below(g, 6));
	emit(g, EC_ALU64 | EBPF_MOV | EBPF_X, 1, 6, 0, 0);
	call(g, HELPER_XDP_STORE_BYTES);
	packet_again(g);
}

static void gen_helper(struct gen *g)
{
	switch (below(g, g->level == LEVEL_PROGRAM ? 6 : 3)) {
	case 0:
		gen_csum(g);
		break;
	case 1:
		gen_load_bytes(g);
		break;
	case 2:
		emit(g, EC_ALU64 | EBPF_MOV | EBPF_X, 1, 6, 0, 0);
		call(g, HELPER_XDP_GET_BUFF_LEN);
		restore_after_call(g, false);
		break;
	case 3:
		gen_store_bytes(g);
		break;
	default:
		gen_move(g);
	}
}

static void gen_block(struct gen *g, uint32_t statements, uint32_t nest);

static void gen_if(struct gen *g, uint32_t nest)
{
	static const uint8_t ops[] = { EBPF_JEQ, EBPF_JGT, EBPF_JGE, EBPF_JSET, EBPF_JNE, EBPF_JSGT, EBPF_JSGE,
				       EBPF_JLT, EBPF_JLE, EBPF_JSLT, EBPF_JSLE };
	uint8_t op = ops[below(g, sizeof(ops))];
	uint8_t class = below(g, 2) ? EC_JMP : EC_JMP32;
	bool reg = below(g, 2);
	uint32_t skip, out;

	g->branches++;
	skip = emit(g, class | op | (reg ? EBPF_X : EBPF_K), scalar_reg(g), reg ? scalar_reg(g) : 0, 0, reg ? 0 : imm(g));
	gen_block(g, 1 + below(g, 4), nest + 1);
	if (below(g, 2)) {
		out = emit(g, EC_JMP | EBPF_JA, 0, 0, 0, 0);
		land(g, skip);
		gen_block(g, 1 + below(g, 4), nest + 1);
		land(g, out);
	} else {
		if (below(g, 5) == 0) { /* a way out in the middle */
			emit(g, EC_ALU64 | EBPF_MOV | EBPF_X, 0, scalar_reg(g), 0, 0);
			emit(g, EC_JMP | EBPF_EXIT, 0, 0, 0, 0);
		}
		land(g, skip);
	}
}

/* One number of the packet against several constants, as parsers do. */
static void gen_switch(struct gen *g, uint32_t nest)
{
	static const int32_t types[] = { 0x0008, 0x0081, 0xdd86, 0xa888, 6, 17, 0 };
	uint32_t reg = scalar_reg(g), n = 2 + below(g, 3), out[4], past;

	emit(g, EC_LDX | EBPF_MEM | EBPF_H, reg, 7, below(g, 3) ? 12 : (int16_t)below(g, 12), 0);
	for (uint32_t k = 0; k < n; k++) {
		g->branches++;
		past = emit(g, EC_JMP | EBPF_JNE, reg, 0, 0, types[below(g, sizeof(types) / sizeof(types[0]))]);
		gen_block(g, 1 + below(g, 2), nest + 1);
		out[k] = emit(g, EC_JMP | EBPF_JA, 0, 0, 0, 0);
		land(g, past);
	}
	gen_block(g, 1, nest + 1);
	for (uint32_t k = 0; k < n; k++)
		land(g, out[k]);
}

/* Rounds are counted on the stack or in r9, up or down, and the loop may be left before its last one. */
static void gen_loop(struct gen *g, uint32_t nest)
{
	int16_t at = (int16_t)(-STACK_ROUNDS - 8 * (int)g->loops);
	int32_t rounds = 1 + (int32_t)below(g, 7);
	bool in_r9 = !g->r9_taken && below(g, 2), down = below(g, 3) == 0, leaves = below(g, 3) == 0;
	uint32_t head, out = 0, branches = g->branches, count = in_r9 ? 9 : 1;

	emit(g, EC_ALU64 | EBPF_MOV | EBPF_K, count, 0, 0, down ? rounds : 0);
	if (!in_r9)
		emit(g, EC_STX | EBPF_MEM | EBPF_DW, 10, 1, at, 0);
	set_scalar(g, 1);
	head = g->c->n_insns;
	g->loops++;
	g->r9_taken |= in_r9;
	if (below(g, 4)) /* branches in a loop multiply by its rounds */
		g->branches = BRANCH_MAX;
	gen_block(g, 1 + below(g, 4), nest + 1);
	if (leaves)
		out = emit(g, (below(g, 2) ? EC_JMP : EC_JMP32) | EBPF_JEQ | EBPF_K, scalar_reg(g), 0, 0, imm(g));
	if (!in_r9)
		emit(g, EC_LDX | EBPF_MEM | EBPF_DW, 1, 10, at, 0);
	emit(g, EC_ALU64 | EBPF_ADD | EBPF_K, count, 0, 0, down ? -1 : 1);
	if (!in_r9)
		emit(g, EC_STX | EBPF_MEM | EBPF_DW, 10, 1, at, 0);
	emit(g, EC_JMP | (down ? EBPF_JNE : EBPF_JLT) | EBPF_K, count, 0, (int16_t)(head - g->c->n_insns - 1), down ? 0 : rounds);
	if (leaves)
		land(g, out);
	g->loops--;
	g->r9_taken &= !in_r9;
	g->branches = branches + 2;
}

/* Over bytes of the packet, as far as they go: r3 moves on by a constant or by what it finds. */
static void gen_packet_loop(struct gen *g)
{
	int16_t at = (int16_t)(-STACK_ROUNDS - 8 * LOOPS_MAX);
	int32_t rounds = 1 + (int32_t)below(g, 8), step = 1 + (int32_t)below(g, 4);
	uint32_t head, out, sum = below(g, 2) ? 0 : 5;

	emit(g, EC_ST | EBPF_MEM | EBPF_DW, 10, 0, at, 0);
	emit(g, EC_ALU64 | EBPF_MOV | EBPF_X, 3, 7, 0, 0);
	head = g->c->n_insns;
	emit(g, EC_ALU64 | EBPF_MOV | EBPF_X, 2, 3, 0, 0);
	emit(g, EC_ALU64 | EBPF_ADD | EBPF_K, 2, 0, 0, 2);
	out = emit(g, EC_JMP | EBPF_JGT | EBPF_X, 2, 8, 0, 0);
	emit(g, EC_LDX | EBPF_MEM | EBPF_B, 4, 3, (int16_t)below(g, 2), 0);
	emit(g, (below(g, 2) ? EC_ALU64 : EC_ALU) | (below(g, 2) ? EBPF_ADD : EBPF_XOR) | EBPF_X, sum, 4, 0, 0);
	if (below(g, 3) == 0) {
		emit(g, EC_ALU64 | EBPF_AND | EBPF_K, 4, 0, 0, 7);
		emit(g, EC_ALU64 | EBPF_ADD | EBPF_X, 3, 4, 0, 0);
	}
	emit(g, EC_ALU64 | EBPF_ADD | EBPF_K, 3, 0, 0, step);
	emit(g, EC_LDX | EBPF_MEM | EBPF_DW, 1, 10, at, 0);
	emit(g, EC_ALU64 | EBPF_ADD | EBPF_K, 1, 0, 0, 1);
	emit(g, EC_STX | EBPF_MEM | EBPF_DW, 10, 1, at, 0);
	emit(g, EC_JMP | EBPF_JLT | EBPF_K, 1, 0, (int16_t)(head - g->c->n_insns - 1), rounds);
	land(g, out);
	for (uint32_t r = 1; r <= 4; r++)
		set_scalar(g, r);
	g->branches += 2;
}

/* One that is there, or a new one; it is written behind the program. */
static void gen_call(struct gen *g)
{
	enum level level = g->level == LEVEL_FUNCTION || below(g, 3) == 0 ? LEVEL_LEAF : LEVEL_FUNCTION;
	uint32_t f = below(g, g->n_functions + 1);

	if (f == FUNCTIONS_MAX || (f < g->n_functions && g->functions[f].level <= g->level))
		f = g->n_functions;
	if (f == FUNCTIONS_MAX || g->n_calls == CALLS_MAX)
		return;
	if (f == g->n_functions)
		g->functions[g->n_functions++].level = level;
	if (g->functions[f].level == LEVEL_FUNCTION) {
		for (uint32_t r = 1; r <= 3; r++)
			emit(g, EC_ALU64 | EBPF_MOV | EBPF_X, r, r + 5, 0, 0);
		stack_address(g, 5, -STACK_SCRATCH);
		g->branches += 3;
	}
	g->calls[g->n_calls].insn = emit(g, EC_JMP | EBPF_CALL, 0, EBPF_CALL_LOCAL, 0, 0);
	g->calls[g->n_calls++].function = f;
	restore_after_call(g, false);
}

/* Reads and writes the caller's scratch bytes. */
static void gen_caller_stack(struct gen *g)
{
	emit(g, EC_LDX | EBPF_MEM | EBPF_DW, 1, 10, -STACK_CALLER, 0);
	if (below(g, 4) == 0)
		gen_atomic(g, 1, 0, STACK_SCRATCH);
	else
		gen_access(g, 1, 0, STACK_SCRATCH, true);
	set_scalar(g, 1);
}

static void gen_block(struct gen *g, uint32_t statements, uint32_t nest)
{
	for (; statements; statements--) {
		bool may_branch = g->branches < BRANCH_MAX && g->c->n_insns < CASE_INSNS / 2;

		switch (below(g, 15)) {
		case 14:
			if (may_branch)
				gen_helper(g);
			break;
		case 0:
		case 1:
			if (may_branch && nest < NEST_MAX && below(g, 4) == 0)
				gen_switch(g, nest);
			else if (may_branch && nest < NEST_MAX)
				gen_if(g, nest);
			else
				gen_alu(g);
			break;
		case 12:
			if (may_branch && nest < NEST_MAX && g->loops < LOOPS_MAX)
				gen_loop(g, nest);
			else if (may_branch)
				gen_packet_loop(g);
			break;
		case 13:
			if (may_branch && g->level < LEVEL_LEAF)
				gen_call(g);
			else if (g->level == LEVEL_FUNCTION)
				gen_caller_stack(g);
			break;
		case 2:
			if (may_branch && g->c->n_maps)
				gen_map(g);
			else
				gen_alu(g);
			break;
		case 3:
		case 4:
			if (may_branch)
				gen_packet(g);
			else
				gen_access(g, 7, 0, g->room, false);
			break;
		case 5:
		case 6:
			gen_stack(g);
			break;
		case 7:
			if (below(g, 2))
				gen_context(g);
			else
				gen_global(g);
			break;
		default:
			gen_alu(g);
		}
	}
}

static void gen_maps(struct gen *g)
{
	static const char *const names[CASE_MAPS] = { "out", "m1", "m2", "m3" };
	static const uint32_t key_sizes[] = { 4, 8, 12, 16, 32 };

	g->c->n_maps = 1 + below(g, CASE_MAPS);
	for (uint32_t i = 0; i < g->c->n_maps; i++) {
		struct prog_map *m = &g->c->maps[i];
		bool array = i == MAP_OUT || below(g, 3) == 0;

		m->name = names[i];
		m->type = array ? MAP_TYPE_ARRAY : MAP_TYPE_HASH;
		if (i != MAP_OUT && below(g, 3) == 0)
			m->type = array ? MAP_TYPE_PERCPU_ARRAY : MAP_TYPE_PERCPU_HASH;
		if (i != MAP_OUT && below(g, 6) == 0)
			m->type = below(g, 2) ? MAP_TYPE_QUEUE : MAP_TYPE_STACK;
		m->key_size = is_queue(m) ? 0 : array ? 4 : key_sizes[below(g, 5)];
		m->value_size = i == MAP_OUT ? 64 : 1 + below(g, 64);
		m->max_entries = i == MAP_OUT ? 1 : 1 + below(g, 5);
	}
}

static void gen_packets(struct gen *g)
{
	g->c->n_packets = CASE_PACKETS;
	for (uint32_t i = 0; i < CASE_PACKETS; i++) {
		uint32_t len = i % 4 == 3 ? 14 + below(g, 60) : 60 + below(g, CASE_FRAME - 60);

		g->c->packet_len[i] = len;
		for (uint32_t b = 0; b < len; b++)
			g->c->packets[i][b] = below(g, 4) ? (uint8_t)rnd(g) : 0;
		if (i % 2) {
			g->c->packets[i][12] = 0x08; /* half of them look like IPv4 */
			g->c->packets[i][13] = 0x00;
		}
	}
}

static void gen_scratch(struct gen *g)
{
	for (int32_t at = 8; at <= STACK_SCRATCH; at += 8) {
		emit(g, EC_ALU64 | EBPF_MOV | EBPF_K, 9, 0, 0, imm(g));
		emit(g, EC_STX | EBPF_MEM | EBPF_DW, 10, 9, (int16_t)-at, 0);
	}
	for (uint32_t r = 0; r <= 5; r++)
		set_scalar(g, r);
}

static void gen_prologue(struct gen *g)
{
	uint32_t go;

	g->room = 14 + below(g, 60);
	emit(g, EC_ALU64 | EBPF_MOV | EBPF_X, 6, 1, 0, 0);
	emit(g, EC_LDX | EBPF_MEM | EBPF_W, 7, 6, 0, 0);
	emit(g, EC_LDX | EBPF_MEM | EBPF_W, 8, 6, 4, 0);
	emit(g, EC_ALU64 | EBPF_MOV | EBPF_X, 2, 7, 0, 0);
	emit(g, EC_ALU64 | EBPF_ADD | EBPF_K, 2, 0, 0, (int32_t)g->room);
	if (below(g, 2)) {
		go = emit(g, EC_JMP | EBPF_JLE | EBPF_X, 2, 8, 0, 0);
	} else {
		go = emit(g, EC_JMP | EBPF_JGE | EBPF_X, 8, 2, 0, 0);
	}
	emit(g, EC_ALU64 | EBPF_MOV | EBPF_K, 0, 0, 0, (int32_t)below(g, 5));
	emit(g, EC_JMP | EBPF_EXIT, 0, 0, 0, 0);
	land(g, go);
	gen_scratch(g);
	/* at least one register depends on the packet */
	emit(g, EC_LDX | EBPF_MEM | EBPF_B, 9, 7, (int16_t)below(g, g->room), 0);
}

/* Arguments: context, packet, its end, a number, the caller's scratch bytes. */
static void gen_function(struct gen *g)
{
	for (uint32_t r = 1; r <= 3; r++)
		emit(g, EC_ALU64 | EBPF_MOV | EBPF_X, r + 5, r, 0, 0);
	emit(g, EC_STX | EBPF_MEM | EBPF_DW, 10, 5, -STACK_CALLER, 0);
	emit(g, EC_STX | EBPF_MEM | EBPF_DW, 10, 4, -STACK_VALUE, 0);
	gen_scratch(g);
	emit(g, EC_LDX | EBPF_MEM | EBPF_DW, 9, 10, -STACK_VALUE, 0);
	g->branches = BRANCH_MAX - 3;
	gen_block(g, 2 + below(g, 8), 1);
	gen_caller_stack(g);
	emit(g, EC_ALU64 | EBPF_MOV | EBPF_X, 0, scalar_reg(g), 0, 0);
	emit(g, EC_JMP | EBPF_EXIT, 0, 0, 0, 0);
}

/* Numbers only, in r0 to r9; arguments are numbers too, but for those that are not looked at. */
static void gen_leaf(struct gen *g)
{
	emit(g, EC_ALU64 | EBPF_MOV | EBPF_K, 0, 0, 0, imm(g));
	for (uint32_t r = 6; r <= 9; r++)
		emit(g, EC_ALU64 | EBPF_MOV | EBPF_K, r, 0, 0, imm(g));
	if (below(g, 2))
		emit(g, EC_STX | EBPF_MEM | EBPF_DW, 10, 4, -8, 0);
	else
		emit(g, EC_ST | EBPF_MEM | EBPF_DW, 10, 0, -8, imm(g));
	emit(g, EC_LDX | EBPF_MEM | EBPF_DW, 5, 10, -8, 0);
	for (uint32_t r = 1; r <= 3; r++)
		emit(g, EC_ALU64 | EBPF_MOV | EBPF_X, r, below(g, 2) ? 4 : 5, 0, 0);
	for (uint32_t n = 1 + below(g, 8); n; n--)
		gen_alu(g);
	emit(g, EC_ALU64 | EBPF_XOR | EBPF_X, 0, 6 + below(g, 4), 0, 0);
	emit(g, EC_JMP | EBPF_EXIT, 0, 0, 0, 0);
}

/* Functions may bring others while they are written. */
static void gen_functions(struct gen *g)
{
	for (uint32_t f = 0; f < g->n_functions; f++) {
		g->level = g->functions[f].level;
		g->functions[f].start = g->c->n_insns;
		if (g->level == LEVEL_LEAF)
			gen_leaf(g);
		else
			gen_function(g);
	}
	for (uint32_t n = 0; n < g->n_calls; n++)
		g->c->insns[g->calls[n].insn].imm = (int32_t)(g->functions[g->calls[n].function].start - g->calls[n].insn - 1);
}

/* All scalars go to the stack, then to the out map and, mixed, to the verdict. */
static void gen_epilogue(struct gen *g)
{
	uint32_t skip;

	for (uint32_t r = 0; r <= 5; r++)
		emit(g, EC_STX | EBPF_MEM | EBPF_DW, 10, r, (int16_t)(-STACK_VALUE + 8 * (int)r), 0);
	emit(g, EC_STX | EBPF_MEM | EBPF_DW, 10, 9, -STACK_VALUE + 48, 0);
	emit(g, EC_ALU64 | EBPF_MOV | EBPF_K, 3, 0, 0, 0);
	emit(g, EC_STX | EBPF_MEM | EBPF_W, 10, 3, -STACK_KEY, 0);
	load_map(g, MAP_OUT);
	stack_address(g, 2, -STACK_KEY);
	emit(g, EC_JMP | EBPF_CALL, 0, 0, 0, HELPER_MAP_LOOKUP_ELEM);
	skip = emit(g, EC_JMP | EBPF_JEQ | EBPF_K, 0, 0, 0, 0);
	for (int16_t o = 0; o < 56; o += 8) {
		emit(g, EC_LDX | EBPF_MEM | EBPF_DW, 1, 10, (int16_t)(-STACK_VALUE + o), 0);
		emit(g, EC_STX | EBPF_MEM | EBPF_DW, 0, 1, o, 0);
	}
	/* a history of all packets, so that a difference in any of them lasts */
	emit(g, EC_LDX | EBPF_MEM | EBPF_DW, 2, 0, 56, 0);
	emit(g, EC_ALU64 | EBPF_MUL | EBPF_K, 2, 0, 0, 31);
	emit(g, EC_ALU64 | EBPF_ADD | EBPF_X, 2, 1, 0, 0);
	emit(g, EC_STX | EBPF_MEM | EBPF_DW, 0, 2, 56, 0);
	land(g, skip);
	emit(g, EC_LDX | EBPF_MEM | EBPF_DW, 0, 10, (int16_t)(-STACK_VALUE + 8 * (int)below(g, 7)), 0);
	if (below(g, 4))
		emit(g, EC_ALU64 | EBPF_AND | EBPF_K, 0, 0, 0, 7);
	emit(g, EC_JMP | EBPF_EXIT, 0, 0, 0, 0);
}

void gen_case(struct fuzz_case *c, uint64_t seed, bool v4)
{
	struct gen g = { .c = c, .state = seed, .v4 = v4 };

	memset(c, 0, sizeof(*c));
	c->seed = seed;
	gen_maps(&g);
	gen_packets(&g);
	gen_prologue(&g);
	for (uint32_t n = below(&g, 3); n; n--)
		gen_more_room(&g);
	gen_block(&g, 5 + below(&g, 40), 0);
	gen_epilogue(&g);
	gen_functions(&g);
}
