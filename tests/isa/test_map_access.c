// SPDX-License-Identifier: Apache-2.0
/* Loads, stores and atomics on map memory, at every alignment, against a model of the memory
 * beside. */
#include "harness.h"

#include <string.h>

enum { MAP = 5, SIZE = 256, CASE_BUNDLES = 16 };

static const uint8_t packet[64];
static uint8_t memory[SIZE];
static uint32_t values; /* first byte of the map */

static uint64_t pointer(unsigned int at)
{
	return (uint64_t)NIC_TAG_MAP << 60 | (uint64_t)MAP << 48 | (values + at);
}

static void describe(struct machine *m)
{
	uint32_t at = REG_MAPDESC + MAP * REG_MAPDESC_STRIDE;
	const uint32_t words[] = {2 | 4 << 16, 8, values, values + SIZE, 0, 0, 8, 0};

	for (unsigned int i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		machine_put(m, at + 4 * i, words[i]);
	nic_maps_write_bytes(&m->regs, values, memory, SIZE);
}

static void compare_memory(struct machine *m)
{
	for (unsigned int i = 0; i < SIZE; i += 8) {
		uint64_t v;

		memcpy(&v, memory + i, 8);
		harness_check(nic_maps_read_word(&m->regs, values + i) == v,
			      "map memory word at %x", values + i);
	}
}

static uint64_t assemble(const uint8_t *p, unsigned int width, bool swap, bool sign)
{
	uint64_t v = 0;

	for (unsigned int i = 0; i < width; i++)
		v |= (uint64_t)p[i] << 8 * (swap ? width - 1 - i : i);
	if (sign && width < 8 && v >> (8 * width - 1))
		v -= 1ull << 8 * width;
	return v;
}

/* Address, b and c into registers, then the word. */
static void add_word(struct machine *m, struct isa_word w, unsigned int at, uint64_t b, uint64_t c)
{
	uint8_t operand[3] = {ISA_REG(harness_random() % m->lanes, 0),
			      ISA_REG(harness_random() % m->lanes, 1),
			      ISA_REG(harness_random() % m->lanes, 2)};
	uint64_t value[3];
	unsigned int bundle;

	w.off = (int)(harness_random() % 2048) - 1024;
	w.a = operand[0];
	w.b = operand[1];
	w.c = operand[2];
	value[0] = pointer(at) - (uint64_t)(int64_t)w.off;
	value[1] = b;
	value[2] = c;
	if (!code_has_room(m, CASE_BUNDLES))
		code_run(m, packet, sizeof(packet));
	code_constants(m, 3, operand, value);
	bundle = code_bundle(m);
	code_put(m, bundle, m->lanes - 1, &w);
	m->code.expect[bundle].command = w.op;
}

static void load(struct machine *m, unsigned int op, unsigned int at, unsigned int width, bool swap)
{
	struct isa_word w = code_op(op);

	if (at + width > SIZE)
		return;
	w.width = width;
	w.swap = swap;
	add_word(m, w, at, 0, 0);
	code_see(m, SR_X, assemble(memory + at, width, swap, op == OP_MLDS));
}

static void store(struct machine *m, unsigned int at, unsigned int width, bool swap)
{
	struct isa_word w = code_op(OP_MST);
	uint64_t v = harness_random();

	if (at + width > SIZE)
		return;
	w.width = width;
	w.swap = swap;
	w.has_imm = harness_random() & 1;
	w.imm = harness_random();
	add_word(m, w, at, v, 0);
	v = w.has_imm ? (uint64_t)(int64_t)(int32_t)w.imm : v;
	for (unsigned int i = 0; i < width; i++)
		memory[at + i] = v >> 8 * (swap ? width - 1 - i : i);
	load(m, OP_MLD, at & ~7u, 8, false); /* right behind a posted store */
}

static uint64_t atomic_result(unsigned int op, uint64_t old, uint64_t b, uint64_t c)
{
	switch (op) {
	case OP_MADD: return old + b;
	case OP_MAND: return old & b;
	case OP_MOR: return old | b;
	case OP_MXOR: return old ^ b;
	case OP_MXCHG: return b;
	default: return old == c ? b : old;
	}
}

static void atomic(struct machine *m, unsigned int op, unsigned int i)
{
	struct isa_word w = code_op(op);
	unsigned int width = i & 1 ? 4 : 8, at = harness_random() % SIZE / width * width;
	uint64_t mask = width == 4 ? UINT32_MAX : UINT64_MAX;
	uint64_t old = assemble(memory + at, width, false, false), b = harness_random(),
		 c = i & 4 ? old : harness_random(), v;
	w.has_imm = op != OP_MCAS && i & 8;
	w.imm = w.has_imm ? (uint32_t)b : 0;
	w.w32 = width == 4;
	w.fetch = i >> 1 & 1;
	v = atomic_result(op, old, (w.has_imm ? (uint64_t)(int64_t)(int32_t)w.imm : b) & mask, c & mask);
	if (width == 4)
		c |= 0xabcd00000000;
	add_word(m, w, at, b, c);
	for (unsigned int k = 0; k < width; k++)
		memory[at + k] = v >> 8 * k;
	if (w.fetch)
		code_see(m, SR_X, old);
	load(m, OP_MLD, at & ~7u, 8, false);
}

static void all_accesses(struct machine *m, uint32_t at_byte)
{
	values = at_byte;
	for (unsigned int i = 0; i < SIZE; i++)
		memory[i] = harness_random();
	code_clear(m);
	describe(m);
	for (unsigned int at = 0; at < 24; at++)
		for (unsigned int width = 1; width <= 8; width *= 2)
			for (unsigned int swap = 0; swap < 2; swap++) {
				load(m, OP_MLD, at, width, swap);
				load(m, OP_MLDS, SIZE - width - at, width, swap);
				store(m, at, width, swap);
				store(m, SIZE - width - at, width, swap);
			}
	for (unsigned int op = OP_MADD; op <= OP_MCAS; op++)
		for (unsigned int i = 0; i < 24; i++)
			atomic(m, op, i);
	code_run(m, packet, sizeof(packet));
	compare_memory(m);
}

void test_map_access(struct machine *m)
{
	harness_group = "map memory";
	all_accesses(m, 64);
	harness_group = "map memory outside the chip";
	all_accesses(m, IMAGE_EXT + 40);
}
