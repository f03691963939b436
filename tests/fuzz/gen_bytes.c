// SPDX-License-Identifier: Apache-2.0
/* Bytes as compilers of C handle them: fields put together of bytes and taken apart, copies, checksums, tests of fields. Most are as they
 * should be, some are not quite: what looks at such patterns must see the difference. */
#include "gen.h"
#include <string.h>

struct area { uint32_t base; int32_t start; uint32_t span; bool aligned; };

/* Of packet, scratch bytes or global data; for the last r1 is taken. */
static struct area any_area(struct gen *g, bool may_be_global)
{
	uint32_t which = below(g, 6);

	if (g->value >= 16 && below(g, 2))
		return (struct area){ 0, 0, g->value, false };
	if (which == 0 && may_be_global) {
		put(g, EC_LD | EBPF_IMM | EBPF_DW, 1, EBPF_PSEUDO_MAP_VALUE, 0, MAP_OUT);
		put(g, 0, 0, 0, 0, 0);
		return (struct area){ 1, 0, 64, false };
	}
	return which < 3 || g->room < 8 ? (struct area){ 10, -STACK_SCRATCH, STACK_SCRATCH, true } : (struct area){ 7, 0, g->room, false };
}

static int16_t place(struct gen *g, const struct area *a, uint32_t bytes, uint32_t align)
{
	uint32_t at = below(g, a->span - bytes + 1);

	return (int16_t)(a->start + (int32_t)(a->aligned ? at - at % align : at));
}

static uint8_t code_of(uint32_t bytes)
{
	return bytes == 1 ? EBPF_B : bytes == 2 ? EBPF_H : bytes == 4 ? EBPF_W : EBPF_DW;
}

static uint32_t small_reg(struct gen *g, uint32_t not)
{
	uint32_t r = 2 + below(g, 4);

	return r == not ? (r == 5 ? 2 : r + 1) : r;
}

static void disturb(struct gen *g, const struct area *a)
{
	if (below(g, 8) == 0)
		put(g, EC_STX | EBPF_MEM | EBPF_B, a->base, 5, place(g, a, 1, 1), 0);
}

static int32_t nearly(struct gen *g, int32_t shift)
{
	return below(g, 24) ? shift : shift ^ (1 << below(g, 5));
}

/* x = p[0] | p[1] << 8 | .., in either order, of pieces of one or two bytes */
static void gen_gather(struct gen *g)
{
	struct area a = any_area(g, true);
	uint32_t piece = 1 + below(g, 2), n = 2 << below(g, piece == 1 ? 3 : 2), to = small_reg(g, 1), tmp = small_reg(g, to), first = below(g, n);
	uint8_t class = n * piece == 8 || below(g, 2) ? EC_ALU64 : EC_ALU;
	static const uint8_t ops[] = { EBPF_OR, EBPF_OR, EBPF_OR, EBPF_ADD, EBPF_XOR };
	uint8_t op = ops[below(g, 5)];
	int16_t at = place(g, &a, n * piece, piece);
	bool big = below(g, 2), inside = below(g, 4) == 0; /* shifted when more has come in */

	for (uint32_t k = 0; k < n; k++) {
		uint32_t which = inside ? (big ? k : n - 1 - k) : (first + k) % n;
		uint32_t reg = k ? tmp : to;
		int32_t shift = (int32_t)(8 * piece * (big ? n - 1 - which : which));

		put(g, EC_LDX | EBPF_MEM | code_of(piece), reg, a.base, (int16_t)(at + (int32_t)(which * piece)), 0);
		if (inside && k)
			put(g, class | EBPF_LSH, to, 0, 0, nearly(g, (int32_t)(8 * piece)));
		else if (!inside && shift)
			put(g, class | EBPF_LSH, reg, 0, 0, nearly(g, shift) & (class == EC_ALU ? 31 : 63));
		if (k)
			put(g, class | op | EBPF_X, to, tmp, 0, 0);
		disturb(g, &a);
	}
	if (a.base == 1)
		set_scalar(g, 1);
}

/* p[0] = x; p[1] = x >> 8; .. */
static void gen_scatter(struct gen *g)
{
	struct area a = any_area(g, true);
	uint32_t piece = 1 << below(g, 3), n = 2 + below(g, 8 / piece - 1), from = small_reg(g, 1), tmp = small_reg(g, from), first = below(g, n);
	int16_t at = place(g, &a, n * piece, piece);
	bool big = below(g, 2), swaps = below(g, 4) == 0;

	if (below(g, 2))
		put(g, EC_LDX | EBPF_MEM | EBPF_DW, from, 10, (int16_t)(-8 * (int)(1 + below(g, 8))), 0);
	for (uint32_t k = 0; k < n; k++) {
		uint32_t which = (first + k) % n;
		int32_t shift = (int32_t)(8 * piece * (big ? n - 1 - which : which));

		put(g, EC_ALU64 | EBPF_MOV | EBPF_X, tmp, from, 0, 0);
		if (shift)
			put(g, (below(g, 4) || shift > 31 ? EC_ALU64 : EC_ALU) | EBPF_RSH, tmp, 0, 0, nearly(g, shift) & (shift > 31 ? 63 : 31));
		if (swaps && piece > 1)
			put(g, EC_ALU | EBPF_END | EBPF_X, tmp, 0, 0, (int32_t)(8 * piece));
		put(g, EC_STX | EBPF_MEM | code_of(piece), a.base, tmp, (int16_t)(at + (int32_t)(which * piece)), 0);
		disturb(g, &a);
	}
	if (a.base == 1)
		set_scalar(g, 1);
}

/* *p = *q for several words; all loads first, or each with its store. Places may overlap. */
static void gen_copy(struct gen *g)
{
	struct area to = any_area(g, true), from = any_area(g, to.base != 1);
	uint32_t width = 1u << below(g, 4), most = (to.span < from.span ? to.span : from.span) / width, n, back;
	int16_t p, q;
	bool early = below(g, 2), down = below(g, 3) == 0;

	n = 1 + below(g, early ? 4 : 8);
	n = n > most ? most : n;
	p = place(g, &to, n * width, width);
	q = place(g, &from, n * width, width);
	back = below(g, n + 1);
	for (uint32_t k = 0; k < n; k++) {
		uint32_t which = down ? n - 1 - k : k, reg = early ? 2 + k : 2 + below(g, 4);
		int16_t at = (int16_t)(q + (int32_t)(which * width));

		put(g, EC_LDX | EBPF_MEM | code_of(width), reg, from.base, at, 0);
		if (!early) {
			put(g, EC_STX | EBPF_MEM | code_of(width), to.base, reg, (int16_t)(p + (int32_t)(which * width)), 0);
			disturb(g, &from);
		}
	}
	for (uint32_t k = 0; early && k < n; k++) {
		uint32_t which = (down ? n - 1 - k : k);

		put(g, EC_STX | EBPF_MEM | code_of(width), to.base, 2 + (k + back) % n, (int16_t)(p + (int32_t)(which * width)), 0);
	}
	if (to.base == 1 || from.base == 1)
		set_scalar(g, 1);
}

/* Two fields change their places, as addresses and ports do in answers. */
static void gen_swap(struct gen *g)
{
	struct area a = any_area(g, true);
	static const uint8_t sizes[] = { 2, 4, 6, 8, 16 };
	uint32_t size = sizes[below(g, 5)], width = size == 6 ? 2 : below(g, 2) && size > 4 ? 4 : size > 8 ? 8 : size;
	int16_t p, q;

	if (2 * size > a.span)
		size = width = 2;
	p = place(g, &a, 2 * size, width);
	q = (int16_t)(p + (int32_t)(below(g, 6) ? size : width));
	for (uint32_t at = 0; at < size; at += width) {
		put(g, EC_LDX | EBPF_MEM | code_of(width), 2, a.base, (int16_t)(p + (int32_t)at), 0);
		put(g, EC_LDX | EBPF_MEM | code_of(width), 3, a.base, (int16_t)(q + (int32_t)at), 0);
		put(g, EC_STX | EBPF_MEM | code_of(width), a.base, 3, (int16_t)(p + (int32_t)at), 0);
		put(g, EC_STX | EBPF_MEM | code_of(width), a.base, 2, (int16_t)(q + (int32_t)at), 0);
		disturb(g, &a);
	}
	if (a.base == 1)
		set_scalar(g, 1);
}

static void fold(struct gen *g, uint32_t reg, uint32_t tmp, uint8_t class)
{
	put(g, class | EBPF_MOV | EBPF_X, tmp, reg, 0, 0);
	put(g, class | EBPF_RSH, tmp, 0, 0, nearly(g, 16));
	if (below(g, 3))
		put(g, EC_ALU64 | EBPF_AND, reg, 0, 0, below(g, 20) ? 0xffff : 0x1ffff);
	put(g, class | EBPF_ADD | EBPF_X, reg, tmp, 0, 0);
}

/* A one's complement sum of 16-bit words, folded, and perhaps put into the packet. */
static void gen_sum(struct gen *g)
{
	struct area a = any_area(g, false);
	uint32_t width = 2u << below(g, 2), n = 1 + below(g, 10), sum = small_reg(g, 1), tmp = small_reg(g, sum);
	uint8_t class = below(g, 4) ? EC_ALU64 : EC_ALU;
	bool mixed = below(g, 4) == 0;
	int16_t at;

	n = n * width > a.span ? a.span / width : n;
	at = place(g, &a, n * width, width);
	if (below(g, 2))
		put(g, class | EBPF_MOV, sum, 0, 0, below(g, 2) ? 0 : imm(g));
	else
		put(g, EC_LDX | EBPF_MEM | EBPF_H, sum, a.base, place(g, &a, 2, 2), 0);
	for (uint32_t k = 0; k < n; k++) {
		if (below(g, 10) == 0)
			put(g, EC_STX | EBPF_MEM | EBPF_H, a.base, small_reg(g, 1), place(g, &a, 2, 2), 0);
		put(g, EC_LDX | EBPF_MEM | code_of(mixed && below(g, 2) ? 2 : width), tmp, a.base, (int16_t)(at + (int32_t)(k * width)), 0);
		if (below(g, 8) == 0)
			put(g, EC_ALU64 | EBPF_XOR, tmp, 0, 0, below(g, 2) ? 0xffff : -1);
		if (below(g, 16) == 0)
			put(g, EC_ALU | EBPF_END | EBPF_X, tmp, 0, 0, 16);
		put(g, class | (below(g, 20) ? EBPF_ADD : EBPF_SUB) | EBPF_X, sum, tmp, 0, 0);
	}
	for (uint32_t k = below(g, 4); k < 4; k++)
		fold(g, sum, tmp, class);
	if (below(g, 2))
		put(g, class | EBPF_XOR, sum, 0, 0, below(g, 2) ? 0xffff : -1);
	if (below(g, 3) == 0)
		put(g, EC_ALU64 | EBPF_AND, sum, 0, 0, 0xffff);
	if (below(g, 2))
		put(g, EC_STX | EBPF_MEM | EBPF_H, a.base, sum, place(g, &a, 2, 2), 0);
}

/* A field of the packet against what one of the packets has there. */
void gen_field(struct gen *g, uint32_t nest)
{
	static const uint8_t ops[] = { EBPF_JEQ, EBPF_JNE, EBPF_JEQ, EBPF_JNE, EBPF_JSET, EBPF_JGT, EBPF_JLT, EBPF_JSGT };
	uint32_t bytes = 1u << below(g, 4), bits = 8 * bytes, reg = small_reg(g, 1), skip, shift = below(g, bits), len = 1 + below(g, bits - shift);
	const uint8_t *packet = g->c->packets[below(g, g->c->n_packets)];
	uint64_t value = 0, mask = len < 64 ? (1ull << len) - 1 : UINT64_MAX;
	uint8_t class;
	int16_t at;

	if (bytes > g->room)
		return;
	at = (int16_t)below(g, g->room - bytes + 1);
	put(g, EC_LDX | EBPF_MEM | code_of(bytes), reg, 7, at, 0);
	memcpy(&value, packet + at, bytes);
	if (bytes > 1 && below(g, 3) == 0) {
		put(g, EC_ALU | EBPF_END | EBPF_X, reg, 0, 0, (int32_t)bits);
		value = __builtin_bswap64(value) >> (64 - bits);
	}
	if (below(g, 2) && len < 32) { /* mask in place, then compare */
		mask <<= shift;
		mask = mask > INT32_MAX ? 0x7fff0000 : mask;
		put(g, EC_ALU64 | EBPF_AND, reg, 0, 0, (int32_t)mask);
		value &= mask;
	} else {
		put(g, EC_ALU64 | EBPF_RSH, reg, 0, 0, (int32_t)shift);
		value >>= shift;
		if (len < 31 && below(g, 2)) {
			put(g, EC_ALU64 | EBPF_AND, reg, 0, 0, (int32_t)mask);
			value &= mask;
		}
	}
	class = value > INT32_MAX || below(g, 2) ? EC_JMP32 : EC_JMP;
	g->branches++;
	skip = put(g, class | ops[below(g, 8)], reg, 0, 0, (int32_t)value);
	gen_block(g, 1 + below(g, 3), nest + 1);
	land(g, skip);
}

/* r3 = base + a number that may be negative, of one of so many words. Returns how far below base that can lead. */
static int32_t signed_index(struct gen *g, uint32_t base, uint32_t reg, uint32_t words, bool aligned)
{
	int32_t bits = 31 - __builtin_clz(words < 32 ? words : 32);

	if (!aligned && g->v4 && below(g, 2)) {
		put(g, (below(g, 2) ? EC_ALU64 : EC_ALU) | EBPF_MOV | EBPF_X, 4, reg, 8, 0);
		put(g, EC_ALU64 | EBPF_MOV | EBPF_X, 4, 4, 8, 0);
		put(g, EC_ALU64 | EBPF_ARSH, 4, 0, 0, 5 - bits);
	} else {
		put(g, EC_ALU64 | EBPF_MOV | EBPF_X, 4, reg, 0, 0);
		put(g, EC_ALU64 | EBPF_LSH, 4, 0, 0, 64 - bits);
		put(g, EC_ALU64 | EBPF_ARSH, 4, 0, 0, 61 - bits);
	}
	put(g, EC_ALU64 | EBPF_MOV | EBPF_X, 3, base, 0, 0);
	put(g, EC_ALU64 | EBPF_ADD | EBPF_X, 3, 4, 0, 0);
	return 4 << bits;
}

/* base + [0, span) at a place that a register says; r3 is the address. */
void gen_indexed(struct gen *g, uint32_t base, int32_t start, uint32_t span, bool aligned)
{
	uint32_t bytes, mask;
	uint8_t size = size_of(g, &bytes);
	uint32_t reg = scalar_reg(g);

	if (bytes > span)
		size = EBPF_B, bytes = 1;
	for (mask = 1; 2 * mask <= span - bytes + 1; mask *= 2)
		;
	mask = (mask - 1) >> below(g, 2);
	if (aligned || below(g, 2))
		mask &= ~(bytes - 1);
	if (reg == base)
		reg = spare_reg(g, base);
	if (base == 10 && span >= 16 && below(g, 6) == 0) { /* of other memory Linux wants none below 0 */
		start += signed_index(g, base, reg, (span - bytes) / 8 + 1, aligned);
	} else if (below(g, 2) || (base == 10 && g->level != LEVEL_PROGRAM)) { /* Linux 6.18 takes number + r10 for the stack of the first function (sim/ref/README.md) */
		put(g, EC_ALU64 | EBPF_MOV | EBPF_X, 4, reg, 0, 0);
		put(g, EC_ALU64 | EBPF_AND, 4, 0, 0, (int32_t)mask);
		put(g, EC_ALU64 | EBPF_MOV | EBPF_X, 3, base, 0, 0);
		put(g, EC_ALU64 | EBPF_ADD | EBPF_X, 3, 4, 0, 0);
	} else {
		put(g, EC_ALU64 | EBPF_MOV | EBPF_X, 3, reg, 0, 0);
		put(g, EC_ALU64 | EBPF_AND, 3, 0, 0, (int32_t)mask);
		put(g, EC_ALU64 | EBPF_ADD | EBPF_X, 3, base, 0, 0);
	}
	if (below(g, 3) == 0)
		put(g, EC_ST | EBPF_MEM | size, 3, 0, (int16_t)start, imm(g));
	else if (below(g, 2))
		put(g, EC_STX | EBPF_MEM | size, 3, spare_reg(g, 3), (int16_t)start, 0);
	else
		put(g, EC_LDX | load_mode(g, size) | size, spare_reg(g, 3), 3, (int16_t)start, 0);
	set_scalar(g, 3);
}

/* r4 is at most so much where the jumps that are returned, or the only one, are not taken. Compilers ask in all these ways. */
static uint32_t gen_limit(struct gen *g, uint32_t reg, int32_t most, uint32_t *jumps)
{
	uint32_t how = below(g, g->v4 ? 7 : 6), n = 0;
	uint8_t class = how < 3 ? EC_ALU64 : EC_ALU;

	if (below(g, 3) || reg == 4) {
		put(g, class | EBPF_MOV | EBPF_X, 4, reg, 0, 0);
	} else { /* a range from another number on; Linux 6.18 takes a copy plus a constant for a pointer's offset, and refuses it */
		put(g, class | EBPF_MOV | EBPF_K, 4, 0, 0, imm(g));
		put(g, class | EBPF_ADD | EBPF_X, 4, reg, 0, 0);
	}
	switch (how) {
	case 0:
		jumps[n++] = put(g, EC_JMP | EBPF_JGT | EBPF_K, 4, 0, 0, most);
		break;
	case 1:
		put(g, EC_ALU64 | EBPF_MOV | EBPF_K, 5, 0, 0, most + 1);
		jumps[n++] = put(g, EC_JMP | EBPF_JGE | EBPF_X, 4, 5, 0, 0);
		break;
	case 2:
		jumps[n++] = put(g, EC_JMP | EBPF_JSLT | EBPF_K, 4, 0, 0, 0);
		jumps[n++] = put(g, EC_JMP | EBPF_JSGT | EBPF_K, 4, 0, 0, most);
		break;
	case 3:
		jumps[n++] = put(g, EC_JMP32 | EBPF_JGT | EBPF_K, 4, 0, 0, most);
		break;
	case 4:
		jumps[n++] = put(g, EC_JMP32 | EBPF_JSGT | EBPF_K, 4, 0, 0, most);
		jumps[n++] = put(g, EC_JMP32 | EBPF_JSLT | EBPF_K, 4, 0, 0, 0);
		break;
	case 6:
		class = below(g, 2) ? EC_ALU64 : EC_ALU;
		put(g, class | EBPF_MOV | EBPF_X, 4, 4, below(g, 2) ? 8 : 16, 0);
		jumps[n++] = put(g, (class == EC_ALU64 || below(g, 2) ? EC_JMP : EC_JMP32) | EBPF_JGT | EBPF_K, 4, 0, 0, most);
		break;
	default:
		put(g, EC_ALU | EBPF_MOV | EBPF_K, 5, 0, 0, most);
		jumps[n++] = put(g, EC_JMP32 | EBPF_JLT | EBPF_X, 5, 4, 0, 0);
	}
	if (how >= 3 && below(g, 2))
		put(g, EC_ALU | EBPF_MOV | EBPF_X, 4, 4, 0, 0);
	return n;
}

/* As gen_indexed(), by a number that comparisons keep small. */
void gen_bounded(struct gen *g, uint32_t base, int32_t start, uint32_t span)
{
	uint32_t bytes, shift, jumps[2], n, reg = scalar_reg(g);
	uint8_t size = size_of(g, &bytes);

	if (bytes > span)
		size = EBPF_B, bytes = 1;
	shift = (uint32_t)__builtin_ctz(bytes);
	n = gen_limit(g, reg == base ? spare_reg(g, base) : reg, (int32_t)below(g, (span - bytes) / bytes + 1), jumps);
	put(g, EC_ALU64 | EBPF_LSH | EBPF_K, 4, 0, 0, (int32_t)shift);
	put(g, EC_ALU64 | EBPF_MOV | EBPF_X, 3, base, 0, 0);
	put(g, EC_ALU64 | EBPF_ADD | EBPF_X, 3, 4, 0, 0);
	if (below(g, 2))
		put(g, EC_STX | EBPF_MEM | size, 3, spare_reg(g, 3), (int16_t)start, 0);
	else
		put(g, EC_LDX | load_mode(g, size) | size, spare_reg(g, 3), 3, (int16_t)start, 0);
	while (n--)
		land(g, jumps[n]);
	for (uint32_t r = 3; r <= 5; r++)
		set_scalar(g, r);
	g->branches++;
}

/* A number that was known until it went to global data for another one. */
static void exchanged(struct gen *g, uint32_t reg)
{
	put(g, EC_ALU64 | EBPF_MOV | EBPF_K, reg, 0, 0, (int32_t)below(g, 40));
	put(g, EC_LD | EBPF_IMM | EBPF_DW, 1, EBPF_PSEUDO_MAP_VALUE, 0, MAP_OUT);
	put(g, 0, 0, 0, 0, 8 * (int32_t)below(g, 7));
	if (below(g, 2))
		put(g, EC_ST | EBPF_MEM | EBPF_DW, 1, 0, 0, (int32_t)below(g, 100));
	put(g, EC_STX | EBPF_ATOMIC | EBPF_DW, 1, reg, 0, below(g, 2) ? EBPF_XCHG : EBPF_ADD | EBPF_FETCH);
	set_scalar(g, 1);
}

/* The same of the packet, which may not be so long. */
void gen_bounded_packet(struct gen *g)
{
	uint32_t jumps[3], n, need = 8 + below(g, 8), bytes, reg = scalar_reg(g);
	uint8_t size = size_of(g, &bytes);
	bool number_first = below(g, 2);

	if (below(g, 4) == 0) {
		reg = small_reg(g, 4);
		exchanged(g, reg);
	}
	n = gen_limit(g, reg, (int32_t)below(g, 100), jumps);
	put(g, EC_ALU64 | EBPF_MOV | EBPF_X, 3, number_first ? 4 : 7, 0, 0);
	put(g, EC_ALU64 | EBPF_ADD | EBPF_X, 3, number_first ? 7 : 4, 0, 0);
	put(g, EC_ALU64 | EBPF_MOV | EBPF_X, 2, 3, 0, 0);
	put(g, EC_ALU64 | EBPF_ADD | EBPF_K, 2, 0, 0, (int32_t)need);
	jumps[n] = put(g, EC_JMP | EBPF_JGT | EBPF_X, 2, 8, 0, 0);
	for (uint32_t k = 1 + below(g, 3); k; k--)
		if (below(g, 2))
			put(g, EC_STX | EBPF_MEM | size, 3, spare_reg(g, 3), (int16_t)below(g, need - bytes + 1), 0);
		else
			put(g, EC_LDX | load_mode(g, size) | size, spare_reg(g, 3), 3, (int16_t)below(g, need - bytes + 1), 0);
	land(g, jumps[n]);
	while (n--)
		land(g, jumps[n]);
	for (uint32_t r = 2; r <= 5; r++)
		set_scalar(g, r);
	g->branches += 2;
}

/* Bytes by their place and by r3, of which nobody knows where it points there: a variable place, or one of two. */
static void gen_alias(struct gen *g)
{
	struct area a = any_area(g, true), near = { 3, a.start, 8, a.aligned };
	uint32_t mask = 1, skip, check = 0, reg = small_reg(g, 3);

	if (a.span < 16)
		return;
	if (below(g, 2)) /* so that they meet */
		a.span = 16;
	while (2 * mask + 8 <= a.span)
		mask *= 2;
	mask = (mask - 1) & ~7u; /* stack words stay aligned */
	put(g, EC_ALU64 | EBPF_MOV | EBPF_X, 3, a.base, 0, 0);
	if (below(g, 2)) {
		put(g, EC_ALU64 | EBPF_AND, reg, 0, 0, (int32_t)(a.aligned ? mask : mask | 7));
		put(g, EC_ALU64 | EBPF_ADD | EBPF_X, 3, reg, 0, 0);
	} else {
		skip = put(g, EC_JMP | EBPF_JSET | EBPF_K, reg, 0, 0, imm(g));
		put(g, EC_ALU64 | EBPF_ADD, 3, 0, 0, (int32_t)(8 * below(g, mask / 8 + 1)));
		land(g, skip);
		g->branches++;
	}
	if (a.base == 7) {
		put(g, EC_ALU64 | EBPF_MOV | EBPF_X, 2, 3, 0, 0);
		put(g, EC_ALU64 | EBPF_ADD, 2, 0, 0, 8);
		check = put(g, EC_JMP | EBPF_JGT | EBPF_X, 2, 8, 0, 0);
		set_scalar(g, 2);
		g->branches++;
	}
	for (uint32_t n = 2 + below(g, 6); n; n--) {
		const struct area *at = below(g, 2) ? &a : &near;
		uint32_t width = 1u << below(g, 4);

		reg = small_reg(g, 3);
		if (below(g, 2))
			put(g, EC_LDX | EBPF_MEM | code_of(width), reg, at->base, place(g, at, width, width), 0);
		else
			put(g, EC_STX | EBPF_MEM | code_of(width), at->base, reg, place(g, at, width, width), 0);
	}
	if (check)
		land(g, check);
	set_scalar(g, 2);
	set_scalar(g, 3);
	if (a.base == 1)
		set_scalar(g, 1);
}

/* Headers of a length that they say themselves. */
static void gen_behind(struct gen *g)
{
	uint32_t skip, need = 8 + below(g, 33), reg = small_reg(g, 3);
	int32_t mask = below(g, 2) ? 15 : 255;

	if (!g->room)
		return;
	if (below(g, 6))
		put(g, EC_LDX | EBPF_MEM | EBPF_B, reg, 7, (int16_t)below(g, g->room), 0);
	else
		exchanged(g, reg);
	put(g, EC_ALU64 | EBPF_AND, reg, 0, 0, mask);
	put(g, (below(g, 2) ? EC_ALU64 : EC_ALU) | EBPF_LSH, reg, 0, 0, (int32_t)below(g, 4));
	put(g, EC_ALU64 | EBPF_MOV | EBPF_X, 3, 7, 0, 0);
	if (below(g, 2))
		put(g, EC_ALU64 | EBPF_ADD, 3, 0, 0, (int32_t)below(g, 40));
	put(g, EC_ALU64 | EBPF_ADD | EBPF_X, 3, reg, 0, 0);
	put(g, EC_ALU64 | EBPF_MOV | EBPF_X, 2, 3, 0, 0);
	put(g, EC_ALU64 | EBPF_ADD, 2, 0, 0, (int32_t)need);
	skip = put(g, EC_JMP | EBPF_JGT | EBPF_X, 2, 8, 0, 0);
	set_scalar(g, 2);
	for (uint32_t n = 1 + below(g, 4); n; n--) {
		uint32_t bytes;
		uint8_t size = size_of(g, &bytes);
		int16_t at = (int16_t)below(g, need - bytes + 1);

		if (below(g, 3))
			put(g, EC_LDX | load_mode(g, size) | size, below(g, 2) ? 4 : 5, 3, at, 0);
		else
			put(g, EC_STX | EBPF_MEM | size, 3, below(g, 2) ? 4 : 0, at, 0);
	}
	land(g, skip);
	set_scalar(g, 2);
	set_scalar(g, 3);
	g->branches++;
}

void gen_bytes(struct gen *g)
{
	if (below(g, 6) == 0 && g->branches < BRANCH_MAX) {
		gen_alias(g);
		return;
	}
	switch (below(g, g->value ? 6 : 8)) {
	case 0:
	case 1:
		gen_gather(g);
		break;
	case 2:
		gen_scatter(g);
		break;
	case 3:
		gen_copy(g);
		break;
	case 4:
		gen_swap(g);
		break;
	case 5:
		gen_sum(g);
		break;
	case 6:
		gen_indexed(g, 10, -STACK_SCRATCH, STACK_SCRATCH, true);
		break;
	default:
		if (g->branches < BRANCH_MAX)
			gen_behind(g);
		else
			gen_gather(g);
	}
}
