// SPDX-License-Identifier: Apache-2.0
/* r6 = data and 64 bytes of packet are there; r0, r2 to r5 and r7 to r9 are numbers at the start of each part, as are 8 words of stack. */
#include <string.h>

#include "compile_shapes.h"

enum { ARRAY, HASH, WORDS = 8, KEY = -4, FIRST_WORD = -16 };

const struct prog_map shape_maps[SHAPE_MAPS] = {
	[ARRAY] = { .name = "array", .type = MAP_TYPE_ARRAY, .key_size = 4, .value_size = 16, .max_entries = 64 },
	[HASH] = { .name = "hash", .type = MAP_TYPE_HASH, .key_size = 4, .value_size = 16, .max_entries = 64 },
};

static const uint8_t numbers[] = { 0, 2, 3, 4, 5, 7, 8, 9 };

static uint32_t any(struct shape_program *p, uint32_t below)
{
	p->seed = p->seed * 1664525u + 1013904223u;
	return (uint32_t)((uint64_t)(p->seed >> 8) * below >> 24);
}

static unsigned int number(struct shape_program *p)
{
	return numbers[any(p, sizeof(numbers))];
}

static void put(struct shape_program *p, int code, unsigned int dst, unsigned int src, int off, int imm)
{
	p->insns[p->n++] = (struct ebpf_insn){ .code = (uint8_t)code, .regs = (uint8_t)(src << 4 | dst), .off = (int16_t)off, .imm = imm };
}

static void start(struct shape_program *p)
{
	put(p, EC_LDX | EBPF_MEM | EBPF_W, 6, 1, 0, 0);
	put(p, EC_LDX | EBPF_MEM | EBPF_W, 2, 1, 4, 0);
	put(p, EC_ALU64 | EBPF_MOV | EBPF_X, 3, 6, 0, 0);
	put(p, EC_ALU64 | EBPF_ADD, 3, 0, 0, 64);
	put(p, EC_JMP | EBPF_JLE | EBPF_X, 3, 2, 2, 0);
	put(p, EC_ALU64 | EBPF_MOV, 0, 0, 0, 1);
	put(p, EC_JMP | EBPF_EXIT, 0, 0, 0, 0);
	for (unsigned int n = 0; n < sizeof(numbers); n++)
		put(p, EC_LDX | EBPF_MEM | EBPF_W, numbers[n], 6, (int)n * 4, 0);
	for (int n = 0; n < WORDS; n++)
		put(p, EC_STX | EBPF_MEM | EBPF_DW, 10, number(p), FIRST_WORD - 8 * n, 0);
}

static void alu(struct shape_program *p)
{
	static const uint8_t ops[] = { EBPF_ADD, EBPF_SUB, EBPF_XOR, EBPF_AND, EBPF_OR, EBPF_MUL };

	put(p, EC_ALU64 | ops[any(p, sizeof(ops))] | EBPF_X, number(p), number(p), 0, 0);
}

static void load(struct shape_program *p)
{
	put(p, EC_LDX | EBPF_MEM | EBPF_W, number(p), 6, (int)any(p, 15) * 4, 0);
}

static void store(struct shape_program *p)
{
	put(p, EC_STX | EBPF_MEM | EBPF_W, 6, number(p), (int)any(p, 15) * 4, 0);
}

static void word(struct shape_program *p, int load)
{
	int off = FIRST_WORD - 8 * (int)any(p, WORDS);

	if (load)
		put(p, EC_LDX | EBPF_MEM | EBPF_DW, number(p), 10, off, 0);
	else
		put(p, EC_STX | EBPF_MEM | EBPF_DW, 10, number(p), off, 0);
}

static void straight(struct shape_program *p)
{
	load(p);
	for (int n = 0; n < 4; n++)
		alu(p);
	store(p);
	word(p, 1);
	word(p, 0);
}

/* As a parser does: what is not wanted leaves. */
static void exits(struct shape_program *p)
{
	load(p);
	put(p, EC_JMP | EBPF_JNE, number(p), 0, 2, (int)any(p, 1000));
	put(p, EC_ALU64 | EBPF_MOV, 0, 0, 0, (int)any(p, 4));
	put(p, EC_JMP | EBPF_EXIT, 0, 0, 0, 0);
	alu(p);
	store(p);
}

/* Ways meet every few instructions, and each brings another number. */
static void joins(struct shape_program *p)
{
	uint32_t jump = p->n;

	put(p, EC_JMP | EBPF_JGT, number(p), 0, 0, (int)any(p, 1000));
	for (uint32_t n = 1 + any(p, 4); n; n--)
		alu(p);
	if (any(p, 2))
		word(p, 0);
	p->insns[jump].off = (int16_t)(p->n - jump - 1);
	word(p, 1);
}

/* Long ways that meet again: of each two, one is gone. */
static void ladder(struct shape_program *p)
{
	uint32_t jump = p->n, over;

	put(p, EC_JMP | EBPF_JGT, number(p), 0, 0, (int)any(p, 1000));
	for (int n = 0; n < 15; n++)
		alu(p);
	over = p->n;
	put(p, EC_JMP | EBPF_JA, 0, 0, 0, 0);
	p->insns[jump].off = (int16_t)(p->n - jump - 1);
	for (int n = 0; n < 15; n++)
		(n % 3 ? alu : load)(p);
	p->insns[over].off = (int16_t)(p->n - over - 1);
}

static void lookup(struct shape_program *p)
{
	int map = (int)any(p, SHAPE_MAPS);

	put(p, EC_STX | EBPF_MEM | EBPF_W, 10, number(p), KEY, 0);
	put(p, EC_ALU64 | EBPF_MOV | EBPF_X, 2, 10, 0, 0);
	put(p, EC_ALU64 | EBPF_ADD, 2, 0, 0, KEY);
	put(p, EBPF_LDDW, 1, EBPF_PSEUDO_MAP, 0, map);
	put(p, 0, 0, 0, 0, 0);
	put(p, EC_JMP | EBPF_CALL, 0, 0, 0, HELPER_MAP_LOOKUP_ELEM);
	put(p, EC_JMP | EBPF_JEQ, 0, 0, 3, 0);
	put(p, EC_LDX | EBPF_MEM | EBPF_DW, 7, 0, 8, 0);
	put(p, EC_ALU64 | EBPF_ADD, 7, 0, 0, 1);
	put(p, EC_STX | EBPF_MEM | EBPF_DW, 0, 7, 8, 0);
	put(p, EC_ALU64 | EBPF_MOV | EBPF_X, 0, 9, 0, 0);
	for (unsigned int r = 2; r <= 5; r++)
		put(p, EC_LDX | EBPF_MEM | EBPF_W, r, 6, (int)any(p, 15) * 4, 0);
	alu(p);
}

/* A checksum over the packet, unrolled: the sum, its carry. */
static void unrolled(struct shape_program *p)
{
	put(p, EC_LDX | EBPF_MEM | EBPF_H, 3, 6, (int)any(p, 30) * 2, 0);
	put(p, EC_ALU64 | EBPF_ADD | EBPF_X, 7, 3, 0, 0);
	put(p, EC_ALU64 | EBPF_MOV | EBPF_X, 4, 7, 0, 0);
	put(p, EC_ALU64 | EBPF_RSH, 4, 0, 0, 16);
	put(p, EC_ALU64 | EBPF_AND, 7, 0, 0, 0xffff);
	put(p, EC_ALU64 | EBPF_ADD | EBPF_X, 7, 4, 0, 0);
}

/* A switch: many cases, each with its constant, that all meet in the end. */
static void cases(struct shape_program *p)
{
	enum { CASES = 12 };
	uint32_t jump[CASES];

	load(p);
	for (int n = 0; n < CASES; n++) {
		put(p, EC_JMP | EBPF_JNE, 5, 0, 4, (int)any(p, 100000));
		put(p, EC_ALU64 | EBPF_MOV, 7, 0, 0, (int)any(p, 1000));
		put(p, EC_ALU64 | EBPF_MOV, 8, 0, 0, (int)any(p, 1000));
		put(p, EC_ALU64 | EBPF_ADD, 8, 0, 0, (int)any(p, 1000));
		jump[n] = p->n;
		put(p, EC_JMP | EBPF_JA, 0, 0, 0, 0);
	}
	for (int n = 0; n < CASES; n++)
		p->insns[jump[n]].off = (int16_t)(p->n - jump[n] - 1);
	put(p, EC_ALU64 | EBPF_ADD | EBPF_X, 9, 7, 0, 0);
	put(p, EC_ALU64 | EBPF_XOR | EBPF_X, 5, 8, 0, 0);
	store(p);
}

const struct shape shapes[] = {
	{ "straight", "arithmetic, packet and stack", straight },
	{ "exits", "a test and an exit every few instructions", exits },
	{ "joins", "ways meet every few instructions", joins },
	{ "ladder", "of two long ways, again and again", ladder },
	{ "cases", "a switch of 12 cases, again and again", cases },
	{ "lookups", "map lookups, tested and used", lookup },
	{ "unrolled", "a checksum loop, unrolled", unrolled },
	{ NULL, NULL, NULL },
};

void shape_make(struct shape_program *p, const struct shape *s, uint32_t n)
{
	enum { PART_MAX = 100, END = 3 };

	memset(p, 0, sizeof(*p));
	p->seed = 1;
	start(p);
	while (p->n + END < n && p->n + PART_MAX < SHAPE_INSNS_MAX)
		s->part(p);
	put(p, EC_STX | EBPF_MEM | EBPF_DW, 6, 7, 8, 0);
	put(p, EC_ALU64 | EBPF_MOV, 0, 0, 0, 2);
	put(p, EC_JMP | EBPF_EXIT, 0, 0, 0, 0);
}
