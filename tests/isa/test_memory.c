// SPDX-License-Identifier: Apache-2.0
/* Local loads and stores: widths, byte order, sign, alignment, both ends of packet and stack,
 * speculation, and what the bundle after a store sees, in memory and in the window. A model of
 * packet and stack is kept beside. */
#include "harness.h"

#include <string.h>

enum { LEN = 150, CASE_BUNDLES = 12, SIX = 6 };

static uint8_t packet[LEN], before[LEN], stack[NIC_STACK_BYTES];

static void run(struct machine *m)
{
	if (m->code.n == 0)
		return;
	code_run(m, before, LEN);
	harness_check(m->frame_len == LEN && memcmp(m->frame, packet, LEN) == 0,
		      "the packet came out otherwise than stored");
	memcpy(before, packet, LEN);
}

/* The bytes at an address, or NULL where an access must not go. */
static uint8_t *bytes_at(uint64_t addr, unsigned int width)
{
	if (addr >= DATA_POINTER && addr - DATA_POINTER <= LEN - width)
		return packet + (addr - DATA_POINTER);
	if (addr >= STACK_POINTER && addr - STACK_POINTER <= NIC_STACK_BYTES - width &&
	    addr % (width == SIX ? 8 : width) == 0)
		return stack + (addr - STACK_POINTER);
	return NULL;
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

/* Puts the address into a register, split at random between register and offset, and the word
 * behind it. */
static unsigned int with_address(struct machine *m, struct isa_word *w, uint64_t addr, uint64_t b)
{
	uint8_t operand[2] = {ISA_REG(harness_random() % m->lanes, 0),
			      ISA_REG(harness_random() % m->lanes, 1)};
	uint64_t value[2];

	w->off = (int)(harness_random() % 2048) - 1024;
	w->a = operand[0];
	w->b = operand[1];
	value[0] = addr - (uint64_t)(int64_t)w->off;
	value[1] = b;
	code_constants(m, 2, operand, value);
	return code_bundle(m);
}

static void add_load(struct machine *m, struct isa_word w, uint64_t addr)
{
	const uint8_t *p = bytes_at(addr, w.width);
	unsigned int lane = m->lanes - 1, bundle;
	uint64_t v = p ? assemble(p, w.width, w.swap, w.op == OP_LDS) : 0;

	if (!p && !w.spec)
		return;
	if (!code_has_room(m, CASE_BUNDLES))
		run(m);
	bundle = with_address(m, &w, addr, 0);
	w.dst = harness_random() & 1 ? 0 : 3;
	code_put(m, bundle, lane, &w);
	code_value(m, bundle, lane, v);
	code_see(m, ISA_REG(lane, w.dst), v);
}

/* Behind the store the same bytes are loaded, and looked at through the window where it reaches. */
static void add_store(struct machine *m, struct isa_word w, uint64_t addr, uint64_t b)
{
	uint8_t *p = bytes_at(addr, w.width);
	unsigned int lane = m->lanes - 1, bundle;
	struct isa_word ld = code_op(OP_LD), look = code_op(OP_WUBFX);
	struct expect *e;
	uint64_t v;

	if (!p)
		return;
	if (!code_has_room(m, CASE_BUNDLES))
		run(m);
	bundle = with_address(m, &w, addr, b);
	code_put(m, bundle, lane, &w);
	v = w.has_imm ? (uint64_t)(int64_t)(int32_t)w.imm : b;
	for (unsigned int i = 0; i < w.width; i++)
		p[i] = v >> 8 * (w.swap ? w.width - 1 - i : i);
	e = &m->code.expect[bundle];
	e->store = true;
	e->store_width = w.width;
	e->store_tag_offset = addr >> 60 << 12 | (addr & 0xfff);
	e->store_value = assemble(p, w.width, false, false);

	for (unsigned int at = 0; at < w.width; at += ld.width) {
		if (w.off + (int)at > 1023) /* beyond what a load reaches */
			return;
		bundle = code_bundle(m);
		ld.width = look.width = w.width == SIX ? 2 : w.width;
		ld.a = w.a;
		ld.off = w.off + (int)at;
		ld.dst = look.dst = 4;
		code_put(m, bundle, lane, &ld);
		v = assemble(p + at, ld.width, false, false);
		code_value(m, bundle, lane, v);
		if (m->lanes == 1 || addr < DATA_POINTER || addr + at >= DATA_POINTER + ISA_WINDOW_BYTES ||
		    addr >> 60 != NIC_TAG_PKT)
			continue;
		look.woff = addr + at - DATA_POINTER;
		code_put(m, bundle, 0, &look);
		code_value(m, bundle, 0, v);
	}
}

static uint64_t address(unsigned int i)
{
	static const uint64_t special[] = {
		0,
		DATA_POINTER - 1,
		DATA_POINTER + LEN,
		DATA_POINTER + LEN - 1,
		DATA_POINTER + 0x10000,
		DATA_POINTER | 1ull << 59,
		STACK_POINTER + NIC_STACK_BYTES,
		STACK_POINTER - 1,
		STACK_POINTER + 1,
		STACK_POINTER + 0x10000,
		STACK_POINTER + 4,
		(uint64_t)NIC_TAG_MAP << 60 | 64,
		(uint64_t)NIC_TAG_CTX << 60,
		DATA_POINTER - 8,
		UINT64_MAX,
		STACK_POINTER | 1ull << 40,
	};
	enum { SPECIAL = sizeof(special) / sizeof(special[0]) };

	if (i < SPECIAL)
		return special[i];
	if (i & 1)
		return DATA_POINTER + harness_random() % (LEN + 4);
	return STACK_POINTER + harness_random() % (NIC_STACK_BYTES + 4);
}

static void add_cases(struct machine *m, unsigned int count)
{
	static const uint8_t widths[] = {1, 2, 4, 8, SIX};

	for (unsigned int i = 0; i < count; i++)
		for (unsigned int n = 0; n < sizeof(widths); n++) {
			unsigned int width = widths[n];
			struct isa_word w = code_op(i % 3 == 0	 ? OP_ST
						    : i % 3 == 1 ? OP_LD
								 : OP_LDS);
			uint64_t addr = address(i / 3);

			if (width == SIX && i % 3)
				continue;
			if (width == SIX)
				w.op = OP_ST6;
			w.width = width;
			w.swap = harness_random() & 1;
			if (i % 3) {
				w.spec = harness_random() & 1 || !bytes_at(addr, width);
				add_load(m, w, addr);
				continue;
			}
			w.has_imm = harness_random() & 1;
			w.imm = harness_random();
			add_store(m, w, addr, harness_random());
		}
}

/* What a packet leaves on the stack the next one finds; the model starts from what is written
 * first. */
static void fill_stack(struct machine *m)
{
	for (unsigned int at = 0; at < NIC_STACK_BYTES; at += 8) {
		struct isa_word w = code_op(OP_ST);

		w.width = 8;
		add_store(m, w, STACK_POINTER + at, harness_random());
	}
}

void test_memory(struct machine *m)
{
	harness_group = "packet and stack";
	for (unsigned int i = 0; i < LEN; i++)
		packet[i] = before[i] = harness_random();
	code_clear(m);
	fill_stack(m);
	add_cases(m, 900);
	run(m);
}
