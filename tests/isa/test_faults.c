// SPDX-License-Identifier: Apache-2.0
/* What must end a packet, with its record; and that the NIC goes on afterwards. */
#include "harness.h"

#include <string.h>

enum { LEN = 64, VALUES = 64, LIMIT = 128, STRIDE = 24, HASH = 0, ARRAY = 1, NONE = 2 };
#define GUARD 0x5a5a5a5a5a5a5a5aull

static const uint8_t packet[LEN];

/* Runs the code from bundle 0: its last bundle must end the packet with the cause. */
static void must_end(struct machine *m, unsigned int cause, unsigned int pc, uint64_t addr)
{
	machine_load(m);
	machine_run(m, 0, packet, LEN);
	harness_check(m->completion.cause == cause && m->completion.ret == 0,
		      "cause %u verdict %u, not cause %u", m->completion.cause, m->completion.ret,
		      cause);
	harness_check(m->completion.fault_pc == pc && m->completion.fault_addr == addr,
		      "fault at %u address %lx, not at %u %lx", m->completion.fault_pc,
		      (unsigned long)m->completion.fault_addr, pc, (unsigned long)addr);
	harness_check((machine_get(m, REG_FAULT_INFO) & 0xff) == cause &&
			      machine_get(m, REG_FAULT_PC) == pc &&
			      machine_get(m, REG_FAULT_ADDR_LO) == (uint32_t)addr &&
			      machine_get(m, REG_FAULT_ADDR_HI) == (uint32_t)(addr >> 32),
		      "the fault registers");
	harness_check(m->frame_len == LEN && memcmp(m->frame, packet, LEN) == 0,
		      "a faulting bundle stored");
	code_clear(m);
}

/* Each opcode that does not exist, and each that does in a lane it must not stand in, also behind a
 * jump that is taken. */
static void illegal(struct machine *m)
{
	for (unsigned int op = 0; op < 256; op++)
		for (unsigned int lane = 0; lane < m->lanes; lane++) {
			const struct isa_info *info = isa_lookup(op);
			unsigned int b;

			if (info && isa_slot_allows(info->slot, lane, m->lanes))
				continue;
			if (!info && lane != op % m->lanes)
				continue;
			b = code_bundle(m);
			if (lane && op % 2) {
				struct isa_word jump = code_op(OP_JMP);

				code_put(m, b, 0, &jump);
			}
			if (lane + 1 < m->lanes) {
				struct isa_word st = code_op(OP_ST);

				st.a = SR_DATA;
				st.has_imm = 1;
				st.imm = 0xff;
				code_put(m, b, m->lanes - 1, &st);
			}
			m->code.word[b][lane] = (uint64_t)op << 56;
			m->code.expect[b].cause = CAUSE_ILLEGAL;
			m->code.expect[b].next = -1;
			must_end(m, CAUSE_ILLEGAL, b, 0);
		}
}

/* Registers keep their values through a faulting bundle. */
static void nothing_written(struct machine *m)
{
	struct isa_word add = code_op(OP_ADD), ld = code_op(OP_LD);
	uint8_t operand = ISA_REG(0, 3);
	uint64_t value = 0x1234567812345678;
	unsigned int b;

	if (m->lanes == 1)
		return;
	code_constants(m, 1, &operand, &value);
	b = code_bundle(m);
	add.dst = 3;
	code_put(m, b, 0, &add);
	code_put(m, b, m->lanes - 1, &ld);
	m->code.expect[b].cause = CAUSE_REGION;
	m->code.expect[b].next = -1;
	must_end(m, CAUSE_REGION, b, 0);
	code_see(m, operand, value);
	code_run(m, packet, LEN);
}

static void region(struct machine *m)
{
	static const uint64_t bad[] = {
		0,
		1,
		DATA_POINTER - 1,
		DATA_POINTER + LEN,
		DATA_POINTER + LEN - 1,
		DATA_POINTER + 0x1000,
		DATA_POINTER | 1ull << 32,
		STACK_POINTER + NIC_STACK_BYTES,
		STACK_POINTER - 8,
		STACK_POINTER + 2,
		STACK_POINTER | 1ull << 59,
		(uint64_t)NIC_TAG_MAP << 60 | VALUES,
		(uint64_t)NIC_TAG_CTX << 60,
		UINT64_MAX,
	};

	for (unsigned int i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		for (unsigned int op = OP_LD; op <= OP_ST; op++) {
			struct isa_word w = code_op(op);
			uint8_t operand = ISA_REG(0, 1);
			uint64_t value = bad[i] - 5;
			unsigned int b;

			code_constants(m, 1, &operand, &value);
			b = code_bundle(m);
			w.a = operand;
			w.off = 5;
			w.width = i % 2 ? 4 : 8;
			if (bad[i] == DATA_POINTER + LEN - 1)
				w.width = 2;
			code_put(m, b, m->lanes - 1, &w);
			m->code.expect[b].cause = CAUSE_REGION;
			m->code.expect[b].next = -1;
			must_end(m, CAUSE_REGION, b, bad[i]);
		}
}

static void watchdog(struct machine *m)
{
	unsigned int b;
	struct isa_word jump = code_op(OP_JMP);

	for (unsigned int limit = 1; limit < 6; limit++) {
		machine_put(m, REG_WATCHDOG, limit);
		for (unsigned int i = 0; i + 1 < limit; i++)
			code_bundle(m);
		b = code_bundle(m);
		m->code.expect[b].cause = CAUSE_WATCHDOG;
		m->code.expect[b].next = -1;
		must_end(m, CAUSE_WATCHDOG, b, 0);
		/* as many bundles, but the last one exits */
		for (unsigned int i = 0; i + 1 < limit; i++)
			code_bundle(m);
		code_exit(m);
		machine_load(m);
		machine_run(m, 0, packet, LEN);
		code_clear(m);
		harness_check(m->completion.cause == CAUSE_NONE && m->completion.bundles == limit,
			      "the last bundle allowed");
	}
	/* an endless loop */
	machine_put(m, REG_WATCHDOG, 1000);
	b = code_bundle(m);
	code_put(m, b, 0, &jump);
	m->code.expect[b].next = b;
	m->code.expect[b].loop = 999;
	m->code.expect[b].cause = CAUSE_WATCHDOG;
	must_end(m, CAUSE_WATCHDOG, b, 0);
	machine_put(m, REG_WATCHDOG, 1048575);
}

static void describe(struct machine *m)
{
	static const uint32_t words[3][8] = {
		[HASH] = {1 | 4 << 16, 8, VALUES, LIMIT, 8, 1, STRIDE, 0},
		[ARRAY] = {2 | 4 << 16, 8, VALUES, LIMIT, 0, 0, 8, 0},
	};

	for (unsigned int map = 0; map < 3; map++)
		for (unsigned int i = 0; i < 8; i++)
			machine_put(m, REG_MAPDESC + map * REG_MAPDESC_STRIDE + 4 * i,
				    words[map][i]);
	for (unsigned int at = 0; at < LIMIT + 64; at += 8)
		nic_maps_write_word(&m->regs, at, 0);
}

static uint64_t map_pointer(unsigned int map, uint64_t addr)
{
	return (uint64_t)NIC_TAG_MAP << 60 | (uint64_t)map << 48 | addr;
}

/* A command on bad operands; the bundle behind it, whatever it holds, ends the packet, and the
 * record names the command. Posted ones are only counted. */
static void command(struct machine *m, struct isa_word w, uint64_t a, uint64_t b)
{
	uint8_t operand[2] = {ISA_REG(0, 1), ISA_REG(m->lanes - 1, 2)};
	uint64_t value[2] = {a, b};
	bool waits = isa_result_of(&w) == RESULT_WAIT;
	uint64_t refused = machine_count_tiles(m, NIC_CNT_T_POSTED_FAULT);
	unsigned int pc;

	code_constants(m, 2, operand, value);
	pc = code_bundle(m);
	w.a = operand[0];
	w.b = operand[1];
	w.c = SR_ZERO;
	code_put(m, pc, m->lanes - 1, &w);
	m->code.expect[pc].command = w.op;
	if (waits) {
		code_exit(m);
		m->code.expect[pc + 1].cause = CAUSE_MAP;
		must_end(m, CAUSE_MAP, pc, a + w.off);
		return;
	}
	code_run(m, packet, LEN);
	harness_check(m->completion.cause == CAUSE_NONE && m->completion.ret == VERDICT,
		      "a posted access ended the packet");
	harness_check(machine_count_tiles(m, NIC_CNT_T_POSTED_FAULT) == refused + 1,
		      "a refused posted access is not counted");
	harness_check(machine_get(m, REG_FAULT_PC) == pc &&
			      machine_get(m, REG_FAULT_ADDR_LO) == (uint32_t)(a + w.off),
		      "the fault registers of a posted access");
}

static void accesses(struct machine *m)
{
	const uint64_t bad[] = {
		0,
		map_pointer(ARRAY, VALUES - 1),
		map_pointer(ARRAY, LIMIT),
		map_pointer(ARRAY, LIMIT - 7),
		map_pointer(NONE, VALUES),
		map_pointer(64, VALUES),
		map_pointer(255, VALUES),
		map_pointer(ARRAY, VALUES) | 1ull << 59,
		map_pointer(ARRAY, VALUES) | 1ull << 32,
		map_pointer(ARRAY, VALUES) | 1ull << 47,
		DATA_POINTER,
		STACK_POINTER,
		map_pointer(ARRAY, 0x100000000 - 8),
	};

	for (unsigned int i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		for (unsigned int op = OP_MLD; op <= OP_MCAS; op++) {
			struct isa_word w = code_op(op);

			w.width = 8;
			w.off = i % 2 ? -3 : 0;
			w.fetch = op >= OP_MADD && (op + i) % 2;
			command(m, w, bad[i] + 3 * (i % 2), 0xffff);
		}
	for (unsigned int op = OP_MADD; op <= OP_MCAS; op++)
		for (unsigned int w32 = 0; w32 < 2; w32++) {
			struct isa_word w = code_op(op);

			w.w32 = w32;
			w.fetch = 1;
			command(m, w, map_pointer(ARRAY, VALUES + (w32 ? 2 : 4)), 1);
		}
}

static void calls(struct machine *m)
{
	const uint64_t good = STACK_POINTER + 8, element = map_pointer(ARRAY, VALUES);
	const struct {
		unsigned int op, map;
		uint64_t a, b;
	} bad[] = {
		{OP_MLOOK, ARRAY, good, 0},
		{OP_MLOOK, NONE, good, 0},
		{OP_MLOOK, 200, good, 0},
		{OP_MLOOK, HASH, 0, 0},
		{OP_MLOOK, HASH, DATA_POINTER + LEN - 3, 0},
		{OP_MLOOK, HASH, STACK_POINTER + NIC_STACK_BYTES - 3, 0},
		{OP_MLOOK, HASH, map_pointer(ARRAY, LIMIT - 3), 0},
		{OP_MLOOK, HASH, STACK_POINTER - 1, 0},
		{OP_MDEL, ARRAY, good, 0},
		{OP_MDEL, HASH, DATA_POINTER - 1, 0},
		{OP_MUPD, ARRAY, good, good},
		{OP_MUPD, HASH, good, 0},
		{OP_MUPD, HASH, 0, good},
		{OP_MUPD, HASH, good, DATA_POINTER + LEN - 7},
		{OP_MUPD, HASH, good, map_pointer(NONE, VALUES)},
		{OP_MCPY, NONE, element, good},
		{OP_MCPY, ARRAY, element + 4, good},
		{OP_MCPY, ARRAY, map_pointer(ARRAY, LIMIT), good},
		{OP_MCPY, ARRAY, map_pointer(ARRAY, VALUES - 8), good},
		{OP_MCPY, ARRAY, map_pointer(HASH, VALUES), good},
		{OP_MCPY, ARRAY, good, good},
		{OP_MCPY, ARRAY, element, STACK_POINTER + NIC_STACK_BYTES - 4},
		{OP_MCPY, ARRAY, element | 1ull << 40, good},
	};

	for (unsigned int i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct isa_word w = code_op(bad[i].op);

		w.map = bad[i].map;
		command(m, w, bad[i].a, bad[i].b);
	}
}

/* A table whose chain is a circle must not hang the NIC. */
static void circle(struct machine *m)
{
	uint8_t operand = ISA_REG(0, 1);
	uint64_t value = STACK_POINTER + 8;
	struct isa_word w = code_op(OP_MLOOK);
	unsigned int pc;

	describe(m);
	nic_maps_write_word(&m->regs, 8, VALUES);
	nic_maps_write_word(&m->regs, 16, VALUES);
	nic_maps_write_word(&m->regs, VALUES, VALUES); /* next entry: itself; hash 0 */
	nic_maps_write_word(&m->regs, VALUES + 8, UINT64_MAX);
	code_constants(m, 1, &operand, &value);
	pc = code_bundle(m);
	w.map = HASH;
	w.a = operand;
	code_put(m, pc, m->lanes - 1, &w);
	m->code.expect[pc].command = OP_MLOOK;
	code_exit(m);
	m->code.expect[pc + 1].cause = CAUSE_MAP;
	must_end(m, CAUSE_MAP, pc, value);
}

/* A command on a table that a program has written over: it must end with a fault, and nothing outside the map be written. */
static void on_broken(struct machine *m, unsigned int op, uint64_t key)
{
	struct isa_word w = code_op(op);

	w.map = HASH;
	command(m, w, key, STACK_POINTER + 8);
	for (uint32_t at = LIMIT; at < LIMIT + 64; at += 8)
		harness_check(nic_maps_read_word(&m->regs, at) == GUARD, "memory behind the map was written");
	harness_check(nic_maps_read_word(&m->regs, VALUES - 8) == GUARD, "memory before the map was written");
}

static void good_update(struct machine *m)
{
	uint8_t operand = ISA_REG(m->lanes - 1, 1);
	uint64_t value = STACK_POINTER + 8;
	struct isa_word w = code_op(OP_MUPD);
	unsigned int pc;

	code_constants(m, 1, &operand, &value);
	pc = code_bundle(m);
	w.map = HASH;
	w.a = w.b = operand;
	w.c = SR_ZERO;
	code_put(m, pc, m->lanes - 1, &w);
	m->code.expect[pc].command = OP_MUPD;
	code_see(m, SR_X, 0);
	code_run(m, packet, LEN);
}

static void guard(struct machine *m)
{
	describe(m);
	nic_maps_write_word(&m->regs, VALUES - 8, GUARD);
	for (uint32_t at = LIMIT; at < LIMIT + 64; at += 8)
		nic_maps_write_word(&m->regs, at, GUARD);
}

/* Links that lead out of the map, or to where no whole entry is: of buckets, entries, free list, MAPSTATE. */
static void broken_links(struct machine *m)
{
	static const uint32_t wild[] = {2, 4, 8, VALUES - 8, VALUES + 4, LIMIT - STRIDE + 8, LIMIT - 8, LIMIT, 0x80000000 | VALUES, UINT32_MAX};
	const uint64_t on_stack = STACK_POINTER + 8, in_map = map_pointer(ARRAY, VALUES + STRIDE + 8);
	const unsigned int state = REG_MAPSTATE + HASH * REG_MAPSTATE_STRIDE, trie = REG_MAPDESC + HASH * REG_MAPDESC_STRIDE;

	for (unsigned int i = 0; i < sizeof(wild) / sizeof(wild[0]); i++)
		for (unsigned int through_entry = 0; through_entry < 2; through_entry++) {
			guard(m);
			for (uint32_t bucket = 8; bucket <= 16; bucket += 8)
				nic_maps_write_word(&m->regs, bucket, through_entry ? VALUES : wild[i]);
			nic_maps_write_word(&m->regs, VALUES, (uint64_t)~0u << 32 | wild[i]);
			nic_maps_write_word(&m->regs, VALUES + 8, UINT64_MAX);
			on_broken(m, OP_MLOOK, on_stack);
			on_broken(m, OP_MLOOK, in_map);
			on_broken(m, OP_MUPD, on_stack);
			on_broken(m, OP_MDEL, on_stack);
		}
	for (unsigned int i = 0; i < sizeof(wild) / sizeof(wild[0]); i++) {
		guard(m);
		machine_put(m, state, wild[i]);
		on_broken(m, OP_MUPD, on_stack);
		harness_check(machine_get(m, state) == wild[i], "the free list moved");
	}
	/* nodes of an LPM trie, which knows no other calls */
	for (unsigned int i = 0; i < sizeof(wild) / sizeof(wild[0]); i++)
		for (unsigned int through_node = 0; through_node < 2; through_node++) {
			guard(m);
			machine_put(m, trie + 4 * NIC_DESC_TYPE, NIC_TYPE_LPM_TRIE | 8 << 16);
			machine_put(m, trie + 4 * NIC_DESC_MASK, 0);
			machine_put(m, trie + 4 * NIC_DESC_SEED, 0);
			nic_maps_write_word(&m->regs, 8, through_node ? VALUES : wild[i]);
			nic_maps_write_word(&m->regs, VALUES, wild[i] & ~1u);
			on_broken(m, OP_MLOOK, DATA_POINTER /* zeroes: any prefix */);
			on_broken(m, OP_MUPD, on_stack);
			on_broken(m, OP_MDEL, on_stack);
		}
	guard(m);
	machine_put(m, state + 4, VALUES - 8);
	on_broken(m, OP_MUPD, on_stack);
	guard(m);
	good_update(m);
	machine_put(m, state + 8, LIMIT);
	on_broken(m, OP_MUPD, on_stack);
	machine_put(m, state + 8, LIMIT - STRIDE);
	good_update(m);
}

/* Maps that the memory outside the chip ends within: what lies behind its end is a bus error. */
enum { FAR = 3, FAR_HASH = 4, FAR_KEYS = 5 };
#define FAR_END (IMAGE_EXT + ((uint32_t)EXT_MIB << 20))

static void describe_far(struct machine *m)
{
	static const uint32_t words[3][8] = {
		{2 | 4 << 16, 8, FAR_END - 64, FAR_END + 64, 0, 0, 8, 0},
		{1 | 4 << 16, 8, FAR_END + 64, FAR_END + 64 + 32 * 4, FAR_END - 8, 1, 32, 0}, /* one of two buckets is there */
		{1 | 40 << 16, 8, FAR_END + 64, FAR_END + 64 + 64 * 4, FAR_END, 1, 64, 0},
	};

	for (unsigned int map = 0; map < 3; map++)
		for (unsigned int i = 0; i < 8; i++)
			machine_put(m, REG_MAPDESC + (FAR + map) * REG_MAPDESC_STRIDE + 4 * i, words[map][i]);
	for (uint32_t at = FAR_END - 64; at < FAR_END; at += 8)
		nic_maps_write_word(&m->regs, at, GUARD);
	nic_maps_write_word(&m->regs, FAR_END - 8, FAR_END + 64);
}

/* Ends the packet when its program waits for it; counted at least once in any case. */
static void far_command(struct machine *m, struct isa_word w, uint64_t a, uint64_t b, unsigned int counter)
{
	uint8_t operand[2] = {ISA_REG(0, 1), ISA_REG(m->lanes - 1, 2)};
	uint64_t value[2] = {a, b}, errors = machine_count(m, counter);
	bool waits = isa_result_of(&w) == RESULT_WAIT;
	unsigned int pc;

	code_constants(m, 2, operand, value);
	pc = code_bundle(m);
	w.a = operand[0];
	w.b = operand[1];
	w.c = SR_ZERO;
	code_put(m, pc, m->lanes - 1, &w);
	m->code.expect[pc].command = w.op;
	if (waits) {
		code_exit(m);
		m->code.expect[pc + 1].cause = CAUSE_MAP;
		must_end(m, CAUSE_MAP, pc, a);
	} else {
		code_run(m, packet, LEN);
		harness_check(m->completion.cause == CAUSE_NONE, "a posted access outside the chip ended the packet");
	}
	harness_check(machine_count(m, counter) > errors, "a bus error is not counted");
}

static void bus_errors(struct machine *m)
{
	static const struct { unsigned int op, map; } call[] = {
		{OP_MLOOK, FAR_HASH}, {OP_MDEL, FAR_HASH}, {OP_MUPD, FAR_HASH}, {OP_MLOOK, FAR_KEYS}, {OP_MDEL, FAR_KEYS},
	};

	describe_far(m);
	for (unsigned int op = OP_MLD; op <= OP_MCAS; op++)
		for (unsigned int at = 0; at < 2; at++) {
			struct isa_word w = code_op(op);

			w.width = 8;
			w.fetch = op >= OP_MADD && op % 2;
			/* the second one lies across the end when it may */
			far_command(m, w, map_pointer(FAR, at && op < OP_MADD ? FAR_END - 3 : FAR_END), 7,
				    op == OP_MST ? NIC_CNT_EXT_WRITE : NIC_CNT_EXT_READ);
		}
	for (unsigned int i = 0; i < sizeof(call) / sizeof(call[0]); i++) {
		struct isa_word w = code_op(call[i].op);

		w.map = call[i].map;
		far_command(m, w, STACK_POINTER + 8, STACK_POINTER + 8, NIC_CNT_EXT_READ);
	}
	harness_check(nic_maps_read_word(&m->regs, FAR_END - 16) == GUARD, "memory in front of the end was written");
}

void test_faults(struct machine *m)
{
	harness_group = "faults";
	code_clear(m);
	illegal(m);
	nothing_written(m);
	region(m);
	watchdog(m);
	describe(m);
	accesses(m);
	calls(m);
	circle(m);
	broken_links(m);
	bus_errors(m);
}
