// SPDX-License-Identifier: Apache-2.0
/* Numbers at random, and single instructions. */
#include "gen.h"

uint64_t rnd(struct gen *g)
{
	uint64_t z = g->state += 0x9e3779b97f4a7c15ull;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
	return z ^ (z >> 31);
}

uint32_t below(struct gen *g, uint32_t n)
{
	return (uint32_t)(rnd(g) % n);
}

/* Values at the edges of widths and signs come up far more often than at random. */
int32_t imm(struct gen *g)
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

uint32_t put(struct gen *g, uint8_t code, uint32_t dst, uint32_t src, int16_t off, int32_t k)
{
	struct ebpf_insn *i = &g->c->insns[g->c->n_insns];

	i->code = code;
	i->regs = (uint8_t)(src << 4 | dst);
	i->off = off;
	i->imm = k;
	return g->c->n_insns++;
}

void land(struct gen *g, uint32_t jump)
{
	struct ebpf_insn *i = &g->c->insns[jump];
	uint32_t distance = g->c->n_insns - jump - 1;

	if (i->code == (EC_JMP32 | EBPF_JA))
		i->imm = (int32_t)distance;
	else
		i->off = (int16_t)distance;
}

uint32_t scalar_reg(struct gen *g)
{
	static const uint8_t regs[] = { 0, 1, 2, 3, 4, 5, 9 };

	return regs[below(g, sizeof(regs) - g->r9_taken)];
}

void set_scalar(struct gen *g, uint32_t reg)
{
	switch (below(g, 4)) {
	case 0:
		put(g, EC_LD | EBPF_IMM | EBPF_DW, reg, 0, 0, (int32_t)rnd(g));
		put(g, 0, 0, 0, 0, (int32_t)rnd(g));
		break;
	case 1:
		put(g, EC_LDX | EBPF_MEM | EBPF_DW, reg, 10, (int16_t)(-8 * (int)(1 + below(g, STACK_SCRATCH / 8))), 0);
		break;
	case 2:
		put(g, EC_ALU | EBPF_MOV | EBPF_K, reg, 0, 0, imm(g));
		break;
	default:
		put(g, EC_ALU64 | EBPF_MOV | EBPF_K, reg, 0, 0, imm(g));
	}
}

/* Helpers clobber r1..r5; r0 holds the result or a pointer. */
void restore_after_call(struct gen *g, bool r0_too)
{
	for (uint32_t r = r0_too ? 0 : 1; r <= 5; r++)
		set_scalar(g, r);
}

void gen_alu(struct gen *g)
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
		put(g, class | op | (class == EC_ALU ? source : 0), dst, 0, 0, 16 << below(g, 3));
		return;
	}
	if (op == EBPF_NEG) {
		put(g, class | op, dst, 0, 0, 0);
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
	put(g, class | op | source, dst, src, off, k);
}

uint8_t size_of(struct gen *g, uint32_t *bytes)
{
	static const uint8_t code[] = { EBPF_B, EBPF_H, EBPF_W, EBPF_DW };
	uint32_t n = below(g, 4);

	*bytes = 1u << n;
	return code[n];
}

uint8_t load_mode(struct gen *g, uint8_t size)
{
	return g->v4 && size != EBPF_DW && below(g, 3) == 0 ? EBPF_MEMSX : EBPF_MEM;
}

uint32_t spare_reg(struct gen *g, uint32_t base)
{
	return !g->r9_taken ? 9 : base == 5 ? 4 : 5;
}

/* A load or store at base + [0, span); aligned when asked. */
void gen_access(struct gen *g, uint32_t base, int32_t start, uint32_t span, bool aligned)
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
		put(g, EC_ST | EBPF_MEM | size, base, 0, off, imm(g));
		break;
	case 1:
	case 2:
		put(g, EC_STX | EBPF_MEM | size, base, reg, off, 0);
		break;
	default:
		put(g, EC_LDX | load_mode(g, size) | size, reg, base, off, 0);
	}
}

/* A load that acquires or a store that releases. */
static void gen_ordered(struct gen *g, uint32_t base, int32_t start, uint32_t span)
{
	uint32_t bytes, reg = scalar_reg(g);
	uint8_t size = size_of(g, &bytes);
	int16_t off;

	if (reg == base)
		reg = spare_reg(g, base);
	off = (int16_t)(start + (int32_t)(below(g, span / bytes) * bytes));
	if (below(g, 2))
		put(g, EC_STX | EBPF_ATOMIC | size, reg, base, off, EBPF_LOAD_ACQUIRE);
	else
		put(g, EC_STX | EBPF_ATOMIC | size, base, reg, off, EBPF_STORE_RELEASE);
}

void gen_atomic(struct gen *g, uint32_t base, int32_t start, uint32_t span)
{
	static const int32_t ops[] = { EBPF_ADD, EBPF_OR, EBPF_AND, EBPF_XOR, EBPF_ADD | EBPF_FETCH, EBPF_OR | EBPF_FETCH,
				       EBPF_AND | EBPF_FETCH, EBPF_XOR | EBPF_FETCH, EBPF_XCHG, EBPF_CMPXCHG };
	uint32_t bytes = below(g, 2) ? 8 : 4;
	uint32_t kinds = base == 10 && !g->stack_fetch ? 4 : sizeof(ops) / sizeof(ops[0]) - (base == 0 ? 1 : 0); /* cmpxchg needs r0 as a scalar */
	int32_t op = ops[below(g, kinds)];
	uint32_t src = scalar_reg(g);

	if (below(g, 4) == 0) {
		gen_ordered(g, base, start, span);
		return;
	}
	if (src == base)
		src = spare_reg(g, base);
	put(g, EC_STX | EBPF_ATOMIC | (bytes == 8 ? EBPF_DW : EBPF_W), base, src,
	     (int16_t)(start + (int32_t)(below(g, span / bytes) * bytes)), op);
}

/* Load, change, store back: counters and flags. */
void gen_change(struct gen *g, uint32_t base, int32_t start, uint32_t span)
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
	put(g, EC_LDX | EBPF_MEM | size, reg, base, off, 0);
	if (below(g, 2))
		put(g, class | op | EBPF_X, reg, other, 0, 0);
	else
		put(g, class | op, reg, 0, 0, imm(g));
	if (below(g, 4) == 0)
		gen_access(g, base, start, span, true);
	put(g, EC_STX | EBPF_MEM | size, base, reg, off, 0);
	if (below(g, 2)) /* nobody else reads it */
		set_scalar(g, reg);
}

void call(struct gen *g, int32_t helper)
{
	put(g, EC_JMP | EBPF_CALL, 0, 0, 0, helper);
}

void load_map(struct gen *g, uint32_t map)
{
	if (g->inner == map + 1) {
		put(g, EC_LDX | EBPF_MEM | EBPF_DW, 1, 10, -STACK_PTR, 0);
		return;
	}
	put(g, EC_LD | EBPF_IMM | EBPF_DW, 1, EBPF_PSEUDO_MAP, 0, (int32_t)map);
	put(g, 0, 0, 0, 0, 0);
}

void stack_address(struct gen *g, uint32_t reg, int32_t off)
{
	put(g, EC_ALU64 | EBPF_MOV | EBPF_X, reg, 10, 0, 0);
	put(g, EC_ALU64 | EBPF_ADD | EBPF_K, reg, 0, 0, off);
}

/* Bytes that a helper reads or fills: of the stack, of global data, or of a value that was looked up. A multiple of 8 from their begin on. */
void data_address(struct gen *g, uint32_t reg, int32_t off, uint32_t size)
{
	if (g->kept >= size && below(g, 4)) {
		put(g, EC_LDX | EBPF_MEM | EBPF_DW, reg, 10, -STACK_OLD, 0);
		put(g, EC_ALU64 | EBPF_ADD | EBPF_K, reg, 0, 0, 8 * (int32_t)below(g, (g->kept - size) / 8 + 1));
	} else if (size > OUT_BYTES || below(g, 4)) {
		stack_address(g, reg, off);
	} else {
		put(g, EC_LD | EBPF_IMM | EBPF_DW, reg, EBPF_PSEUDO_MAP_VALUE, 0, MAP_OUT);
		put(g, 0, 0, 0, 0, 8 * (int32_t)below(g, (OUT_BYTES - size) / 8 + 1));
	}
}
