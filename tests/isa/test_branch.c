// SPDX-License-Identifier: Apache-2.0
/* Compare and branch on registers and immediates, and jumps, in every lane that can. */
#include "harness.h"

static const uint64_t edges[] = {
	0, 1, UINT64_MAX, 0x7fffffffffffffff, 0x8000000000000000, 0x80000000, 0x17fffffff, 5};
static const uint32_t imm_edges[] = {0, 1, 0xffffffff, 0x7fffffff, 0x80000000, 5};
static const uint8_t packet[64];
enum { EDGES = sizeof(edges) / sizeof(edges[0]), IMMS = sizeof(imm_edges) / sizeof(imm_edges[0]) };

static bool taken64(unsigned int op, uint64_t a, uint64_t b)
{
	switch (op) {
	case OP_JEQ: return a == b;
	case OP_JNE: return a != b;
	case OP_JGT: return a > b;
	case OP_JGE: return a >= b;
	case OP_JLT: return a < b;
	case OP_JLE: return a <= b;
	case OP_JSGT: return (int64_t)a > (int64_t)b;
	case OP_JSGE: return (int64_t)a >= (int64_t)b;
	case OP_JSLT: return (int64_t)a < (int64_t)b;
	case OP_JSLE: return (int64_t)a <= (int64_t)b;
	case OP_JSET: return (a & b) != 0;
	default: return (a & b) == 0;
	}
}

static bool taken32(unsigned int op, uint32_t a, uint32_t b)
{
	switch (op) {
	case OP_JSGT: return (int32_t)a > (int32_t)b;
	case OP_JSGE: return (int32_t)a >= (int32_t)b;
	case OP_JSLT: return (int32_t)a < (int32_t)b;
	case OP_JSLE: return (int32_t)a <= (int32_t)b;
	default: return taken64(op, a, b);
	}
}

static void add_case(struct machine *m, unsigned int lane, struct isa_word w, uint64_t a,
		     uint64_t b, bool taken)
{
	static unsigned int turn;
	unsigned int bank = turn++ % m->lanes;
	uint8_t operand[2] = {ISA_REG(bank, 0), ISA_REG((bank + 1) % m->lanes, 1)};
	uint64_t value[2] = {a, b};
	unsigned int bundle;

	if (!code_has_room(m, 8))
		code_run(m, packet, sizeof(packet));
	code_constants(m, 2, operand, value);
	bundle = code_bundle(m);
	w.a = operand[0];
	w.b = operand[1];
	w.target = bundle + 2;
	code_put(m, bundle, lane, &w);
	m->code.expect[bundle].next = taken ? bundle + 2 : bundle + 1;
	m->code.expect[code_bundle(m)].never = taken;
}

static void compare(struct machine *m, unsigned int op, unsigned int lane)
{
	for (unsigned int i = 0; i < EDGES; i++) {
		struct isa_word w = code_op(op);

		for (unsigned int j = 0; j < EDGES; j++) {
			w.w32 = 0;
			add_case(m, lane, w, edges[i], edges[j], taken64(op, edges[i], edges[j]));
			w.w32 = 1;
			add_case(m, lane, w, edges[i], edges[j], taken32(op, edges[i], edges[j]));
		}
		w.has_imm = 1;
		for (unsigned int j = 0; j < IMMS; j++) {
			w.imm = imm_edges[j];
			w.w32 = 0;
			add_case(m, lane, w, edges[i], 0,
				 taken64(op, edges[i], (uint64_t)(int64_t)(int32_t)imm_edges[j]));
			w.w32 = 1;
			add_case(m, lane, w, edges[i], 0, taken32(op, edges[i], imm_edges[j]));
		}
	}
}

void test_branch(struct machine *m)
{
	harness_group = "branches";
	code_clear(m);
	for (unsigned int lane = 0; lane < m->lanes; lane++) {
		if (lane < ISA_BRANCH_LANES)
			for (unsigned int op = OP_JEQ; op <= OP_JNSET; op++)
				compare(m, op, lane);
		add_case(m, lane, code_op(OP_JMP), 0, 0, true);
	}
	code_run(m, packet, sizeof(packet));
}
