// SPDX-License-Identifier: Apache-2.0
/* Arithmetic, bit fields and moves: results from plain C expressions, edge values, every lane,
 * destination equal to a source or not. */
#include "harness.h"

#include <stddef.h>

static const uint64_t edges[] = {
	0,
	1,
	UINT64_MAX,
	0x7fffffffffffffff,
	0x8000000000000000,
	0x80000000,
	0x7fffffff,
	0x0123456789abcdef,
	63,
	32,
};
static const uint32_t imm_edges[] = {0,		 1,  0xffffffff, 0x7fffffff, 0x80000000,
				     0x12345678, 31, 33,	 63,	     64};
enum {
	EDGES = sizeof(edges) / sizeof(edges[0]),
	IMMS = sizeof(imm_edges) / sizeof(imm_edges[0]),
	CASE_BUNDLES = 12
};

static const uint8_t packet[64];

static uint64_t expect64(unsigned int op, uint64_t a, uint64_t b)
{
	switch (op) {
	case OP_ADD: return a + b;
	case OP_SUB: return a - b;
	case OP_AND: return a & b;
	case OP_OR: return a | b;
	case OP_XOR: return a ^ b;
	case OP_LSH: return a << b % 64;
	case OP_RSH: return a >> b % 64;
	case OP_ARSH: return (uint64_t)((int64_t)a >> b % 64);
	case OP_MUL: return a * b;
	default: return b; /* MOV */
	}
}

static uint32_t expect32(unsigned int op, uint32_t a, uint32_t b)
{
	switch (op) {
	case OP_ADD: return a + b;
	case OP_SUB: return a - b;
	case OP_AND: return a & b;
	case OP_OR: return a | b;
	case OP_XOR: return a ^ b;
	case OP_LSH: return a << b % 32;
	case OP_RSH: return a >> b % 32;
	case OP_ARSH: return (uint32_t)((int32_t)a >> b % 32);
	case OP_MUL: return a * b;
	default: return b;
	}
}

/* Puts a word into a bundle behind constants for its sources; its result is read by all lanes in
 * the next bundle. */
static void add_case(struct machine *m, unsigned int lane, struct isa_word w, uint64_t a,
		     uint64_t b, uint64_t result)
{
	static unsigned int turn;
	unsigned int reg = turn % (m->registers - 2), bank = turn / 2 % m->lanes;
	uint8_t operand[2] = {ISA_REG(bank, reg),
			      ISA_REG((bank + 1) % m->lanes, m->lanes > 1 ? reg : reg + 1)};
	uint64_t value[2] = {a, b};
	unsigned int bundle;

	turn++;
	if (!code_has_room(m, CASE_BUNDLES))
		code_run(m, packet, sizeof(packet));
	code_constants(m, 2, operand, value);
	bundle = code_bundle(m);
	w.a = operand[0];
	w.b = w.has_imm ? 0 : operand[1];
	w.dst = turn % 3 ? reg
			 : (reg +
			    2) % (m->registers -
				  1); /* two of three overwrite a source when the bank is theirs */
	code_put(m, bundle, lane, &w);
	code_value(m, bundle, lane, result);
	code_see(m, ISA_REG(lane, w.dst), result);
}

static void arithmetic(struct machine *m, unsigned int op, unsigned int lane)
{
	for (unsigned int i = 0; i < EDGES; i++)
		for (unsigned int j = 0; j < EDGES; j++) {
			struct isa_word w = code_op(op);

			add_case(m, lane, w, edges[i], edges[j], expect64(op, edges[i], edges[j]));
			w.w32 = 1;
			add_case(m, lane, w, edges[i], edges[j], expect32(op, edges[i], edges[j]));
		}
	for (unsigned int i = 0; i < EDGES; i += 3)
		for (unsigned int j = 0; j < IMMS; j++) {
			struct isa_word w = code_op(op);

			w.has_imm = 1;
			w.imm = imm_edges[j];
			add_case(m, lane, w, edges[i], 0,
				 expect64(op, edges[i], (uint64_t)(int64_t)(int32_t)imm_edges[j]));
			w.w32 = 1;
			add_case(m, lane, w, edges[i], 0, expect32(op, edges[i], imm_edges[j]));
		}
}

/* Bit by bit, so that nothing is shared with how a machine does it. */
static uint64_t field_of(uint64_t a, unsigned int shift, unsigned int len, bool sign)
{
	uint64_t v = 0;

	for (unsigned int i = 0; i < 64; i++) {
		unsigned int bit = i < len ? i : len - 1;

		if ((i < len || sign) && shift + bit < 64 && (a >> (shift + bit) & 1))
			v |= 1ull << i;
	}
	return v;
}

static void fields(struct machine *m, unsigned int op, unsigned int lane)
{
	static const uint8_t shifts[] = {0, 1, 7, 31, 32, 40, 63},
			     lens[] = {1, 2, 8, 16, 31, 32, 33, 63, 64};

	for (unsigned int i = 0; i < EDGES; i++)
		for (unsigned int s = 0; s < sizeof(shifts); s++)
			for (unsigned int l = i % 2; l < sizeof(lens); l += 2) {
				struct isa_word w = code_op(op);

				w.shift = shifts[s];
				w.len = lens[l];
				add_case(m, lane, w, edges[i], 0,
					 field_of(edges[i], shifts[s], lens[l], op == OP_SBFX));
			}
}

static void others(struct machine *m, unsigned int lane)
{
	for (unsigned int i = 0; i < EDGES; i++) {
		struct isa_word movh = code_op(OP_MOVH), swap = code_op(OP_BSWAP);

		for (unsigned int j = 0; j < IMMS; j++) {
			movh.imm = imm_edges[j];
			add_case(m, lane, movh, edges[i], 0,
				 (uint64_t)imm_edges[j] << 32 | (uint32_t)edges[i]);
		}
		for (unsigned int n = 1; n <= 8; n *= 2) {
			uint64_t v = 0;

			for (unsigned int k = 0; k < n; k++)
				v = v << 8 | (edges[i] >> 8 * k & 0xff);
			swap.width = n;
			add_case(m, lane, swap, edges[i], 0, v);
		}
	}
}

/* One's complement: a carry is worth 1. The words of a fold are added one by one. */
static void sums(struct machine *m, uint64_t a, uint64_t b)
{
	struct isa_word imm = code_op(OP_OADD);
	unsigned __int128 sum = (unsigned __int128)a + b;
	uint32_t words = 0;

	add_case(m, m->lanes - 1, code_op(OP_OADD), a, b, (uint64_t)sum + (uint64_t)(sum >> 64));
	imm.has_imm = 1;
	imm.imm = b;
	sum = (unsigned __int128)a + (uint64_t)(int64_t)(int32_t)b;
	add_case(m, m->lanes - 1, imm, a, 0, (uint64_t)sum + (uint64_t)(sum >> 64));
	for (unsigned int i = 0; i < 4; i++) {
		words += a >> 16 * i & 0xffff;
		words = words > 0xffff ? words - 0xffff : words;
	}
	add_case(m, m->lanes - 1, code_op(OP_FOLD), a, 0, words);
}

static void all_sums(struct machine *m)
{
	for (unsigned int i = 0; i < EDGES; i++)
		for (unsigned int j = 0; j < EDGES; j++)
			sums(m, edges[i], edges[j]);
	for (unsigned int i = 0; i < 200; i++) {
		uint64_t a = harness_random();

		sums(m, a, i % 4 ? harness_random() : ~a);
		sums(m, a & 0xffff0000ffff0000, a | 0xffff0000ffffffff);
	}
}

/* Lanes read before any lane writes: three lanes pass their values round, twice. */
static void exchange(struct machine *m)
{
	uint8_t operand[ISA_LANES_MAX];
	uint64_t value[ISA_LANES_MAX];

	for (unsigned int lane = 0; lane < m->lanes; lane++) {
		operand[lane] = ISA_REG(lane, 0);
		value[lane] = 0x1111111111111111 * (lane + 1);
	}
	code_constants(m, m->lanes, operand, value);
	for (unsigned int turn = 1; turn <= 2 * m->lanes; turn++) {
		unsigned int bundle = code_bundle(m);

		for (unsigned int lane = 0; lane < m->lanes; lane++) {
			struct isa_word w = code_op(OP_ADD);

			w.a = ISA_REG((lane + 1) % m->lanes, 0);
			code_put(m, bundle, lane, &w);
			code_value(m, bundle, lane, value[(lane + turn) % m->lanes]);
		}
	}
}

void test_alu(struct machine *m)
{
	harness_group = "arithmetic";
	code_clear(m);
	for (unsigned int lane = 0; lane < m->lanes; lane++) {
		for (unsigned int op = OP_ADD; op <= OP_MOV; op++)
			if (isa_slot_allows(isa_lookup(op)->slot, lane, m->lanes))
				arithmetic(m, op, lane);
		fields(m, OP_UBFX, lane);
		fields(m, OP_SBFX, lane);
		others(m, lane);
	}
	all_sums(m);
	exchange(m);
	code_run(m, packet, sizeof(packet));
}
