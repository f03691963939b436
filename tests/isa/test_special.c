// SPDX-License-Identifier: Apache-2.0
/* Constants of the packet, exit codes, time, random numbers, division. */
#include "harness.h"

#include <string.h>

static const uint8_t packet[77];

static void constants(struct machine *m)
{
	const struct {
		uint8_t operand;
		uint64_t value;
	} table[] = {
		{SR_ZERO, 0},
		{SR_FP, STACK_POINTER + NIC_STACK_BYTES},
		{SR_CTX, (uint64_t)NIC_TAG_CTX << 60},
		{SR_DATA, DATA_POINTER},
		{SR_DATA_END, DATA_POINTER + sizeof(packet)},
		{SR_META, DATA_POINTER},
		{SR_LEN, sizeof(packet)},
		{SR_IFINDEX, 7},
		{SR_RXQ, 3},
		{SR_CPU, 0},
		{SR_OWN0, (uint64_t)NIC_TAG_MAP << 60},
		{SR_OWN0 + 5, (uint64_t)NIC_TAG_MAP << 60 | 5ull << 48},
		{SR_PAIR0 + 7, (uint64_t)NIC_TAG_MAP << 60 | 7ull << 48},
		{SR_MAP0, (uint64_t)NIC_TAG_MAP << 60},
		{SR_MAP0 + 9, (uint64_t)NIC_TAG_MAP << 60 | 9ull << 48},
		{SR_MAP15, (uint64_t)NIC_TAG_MAP << 60 | 15ull << 48},
	};

	machine_put(m, REG_PORT + 4 * NIC_PORT_IFINDEX, 7);
	machine_put(m, REG_RSS_TABLE, 3); /* the packet has no hash */
	for (unsigned int i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		code_see(m, table[i].operand, table[i].value);
	code_run(m, packet, sizeof(packet));
	machine_put(m, REG_PORT + 4 * NIC_PORT_IFINDEX, 1);
	machine_put(m, REG_RSS_TABLE, 0);
}

/* A verdict from a register and from an immediate, from every lane. */
static void exits(struct machine *m)
{
	for (unsigned int lane = 0; lane < m->lanes; lane++)
		for (unsigned int from_register = 0; from_register < 2; from_register++) {
			static const uint64_t verdicts[] = {0, 1, 2,	      3,
							    4, 5, 0xffffffff, 0x100000002};

			for (unsigned int i = 0; i < sizeof(verdicts) / sizeof(verdicts[0]); i++) {
				struct isa_word w = code_op(OP_EXIT);
				uint8_t operand = ISA_REG(lane, 1);
				unsigned int b;

				code_clear(m);
				code_constants(m, 1, &operand, &verdicts[i]);
				b = code_bundle(m);
				w.has_imm = !from_register;
				w.imm = w.has_imm ? verdicts[i] : 0;
				w.b = operand;
				code_put(m, b, lane, &w);
				m->code.expect[b].next = -1;
				machine_load(m);
				machine_run(m, 0, packet, sizeof(packet));
				harness_check(m->completion.ret == (uint32_t)verdicts[i] &&
						      !m->completion.cause,
					      "verdict %x, not %x", m->completion.ret,
					      (uint32_t)verdicts[i]);
			}
		}
	code_clear(m);
}

static void rdir(struct machine *m, uint64_t value, bool from_register, bool cancelled)
{
	struct isa_word w = code_op(OP_RDIR), jmp = code_op(OP_JMP);
	uint8_t operand = ISA_REG(0, 1);
	unsigned int b;

	code_constants(m, 1, &operand, &value);
	b = code_bundle(m);
	w.has_imm = !from_register;
	w.imm = from_register ? 0 : value;
	w.b = operand;
	w.guard = cancelled;
	jmp.target = b + 1;
	code_put(m, b, m->lanes - 1, &w);
	if (cancelled)
		code_put(m, b, 0, &jmp);
}

/* The last one that is not cancelled counts; a packet starts without one. */
static void targets(struct machine *m)
{
	code_see(m, SR_ZERO, 0);
	code_run(m, packet, sizeof(packet));
	harness_check(m->completion.target == 0, "target %x without rdir", m->completion.target);
	for (unsigned int from_register = 0; from_register < 2; from_register++) {
		rdir(m, 17, from_register, false);
		rdir(m, 0x180000003, from_register, false);
		rdir(m, 99, from_register, true);
		code_run(m, packet, sizeof(packet));
		harness_check(m->completion.target == 0x80000003, "target %x", m->completion.target);
	}
}

/* Last lanes only: read the clock some bundles apart. The value is the time in E1, five cycles
 * before the retire record. */
static void clock(struct machine *m)
{
	unsigned int lane = m->lanes - 1, n = 0;

	for (unsigned int i = 0; i < 40; i++) {
		unsigned int b = code_bundle(m);
		struct isa_word w = code_op(OP_RDT);

		w.dst = i % m->registers;
		code_put(m, b, lane, &w);
		code_value(m, b, lane, 0);
		m->code.expect[b].any = 1u << lane;
	}
	machine_put(m, REG_TIME_LO, 0xfffffff0);
	machine_put(m, REG_TIME_HI, 0x12);
	machine_put(m, REG_TIME_INC, 0x00c00001); /* three quarters of a ns and a bit */
	code_run(m, packet, sizeof(packet));
	for (size_t i = 1; i + 1 < m->n_retired; i++) {
		uint64_t d = m->retired[i].value[lane] - m->retired[i - 1].value[lane];
		uint64_t cycles = m->retired[i].cycle - m->retired[i - 1].cycle;

		n += d * 4 <= cycles * 3 + 3 && d * 4 + 4 >= cycles * 3;
	}
	harness_check(n == m->n_retired - 2, "time does not advance with the clock");
	harness_check(m->retired[0].value[lane] >> 32 == 0x13 &&
			      (uint32_t)m->retired[0].value[lane] < 4000,
		      "time does not carry into its upper half");
	machine_put(m, REG_TIME_INC, 4 << 24);
}

/* After a restart of the clock the very value is known. */
static void clock_exact(struct machine *m)
{
	unsigned int b = code_bundle(m), lane = m->lanes - 1;
	struct isa_word w = code_op(OP_RDT);
	uint64_t start;

	code_put(m, b, lane, &w);
	code_value(m, b, lane, 0);
	m->code.expect[b].any = 1u << lane;
	code_exit(m);
	machine_load(m);
	machine_put(m, REG_TIME_LO, 0);
	start = m->device->ops->cycle(m->device) +
		1; /* the write is done in the next cycle, time 0 is in the one behind it */
	machine_put(m, REG_TIME_HI, 0);
	machine_run(m, 0, packet, sizeof(packet));
	harness_check(m->retired[0].value[lane] ==
			      4 * (m->retired[0].cycle - (NIC_RETIRE - 6) - start),
		      "time %lu in cycle %lu", (unsigned long)m->retired[0].value[lane],
		      (unsigned long)(m->retired[0].cycle - (NIC_RETIRE - 6) - start));
	code_clear(m);
}

static void random_numbers(struct machine *m)
{
	uint32_t s = 0xdeadbeef;

	machine_put(m, REG_RND, s);
	for (unsigned int i = 0; i < 30; i++) {
		unsigned int b = code_bundle(m);
		struct isa_word w = code_op(OP_RND);

		s ^= s << 13;
		s ^= s >> 17;
		s ^= s << 5;
		code_put(m, b, m->lanes - 1, &w);
		code_value(m, b, m->lanes - 1, s);
	}
	code_run(m, packet, sizeof(packet));
	harness_check(machine_get(m, REG_RND) == s, "the generator's register is not its state");
	machine_put(m, REG_RND, 0);
	harness_check(machine_get(m, REG_RND) == NIC_RND_SEED, "state 0 is taken");
}

void test_special(struct machine *m)
{
	harness_group = "constants, exit, time, random";
	code_clear(m);
	constants(m);
	exits(m);
	targets(m);
	clock(m);
	clock_exact(m);
	random_numbers(m);
}

static uint64_t divide(unsigned int op, bool w32, uint64_t a, uint64_t b)
{
	__int128 x = w32 ? (op >= OP_DIVS ? (__int128)(int32_t)a : (__int128)(uint32_t)a)
			 : (op >= OP_DIVS ? (__int128)(int64_t)a : (__int128)a);
	__int128 y = w32 ? (op >= OP_DIVS ? (__int128)(int32_t)b : (__int128)(uint32_t)b)
			 : (op >= OP_DIVS ? (__int128)(int64_t)b : (__int128)b);
	bool quotient = op == OP_DIVU || op == OP_DIVS;
	uint64_t v = (uint64_t)(y == 0 ? (quotient ? 0 : x) : quotient ? x / y : x % y);

	return w32 ? (uint32_t)v : v;
}

static void division(struct machine *m, struct isa_word w, uint64_t a, uint64_t b)
{
	uint8_t operand[2] = {ISA_REG(0, 0), ISA_REG(m->lanes - 1, 1)};
	uint64_t value[2] = {a, b};
	unsigned int bundle;

	if (!code_has_room(m, 6))
		code_run(m, packet, sizeof(packet));
	code_constants(m, 2, operand, value);
	bundle = code_bundle(m);
	w.a = operand[0];
	w.b = operand[1];
	code_put(m, bundle, m->lanes - 1, &w);
	m->code.expect[bundle].command = w.op;
	code_see(m, SR_X,
		 divide(w.op, w.w32, a, w.has_imm ? (uint64_t)(int64_t)(int32_t)w.imm : b));
}

void test_division(struct machine *m)
{
	static const uint64_t edges[] = {
		0,	    1,		UINT64_MAX, 0x8000000000000000, 0x7fffffffffffffff,
		0x80000000, 0xffffffff, 7,	    0xfffffffffffffff9, 1000000007,
	};
	enum { EDGES = sizeof(edges) / sizeof(edges[0]) };

	harness_group = "division";
	code_clear(m);
	for (unsigned int op = OP_DIVU; op <= OP_MODS; op++)
		for (unsigned int i = 0; i < EDGES * EDGES; i++) {
			struct isa_word w = code_op(op);
			uint64_t a = edges[i / EDGES], b = edges[i % EDGES];

			w.w32 = 0;
			division(m, w, a, b);
			w.w32 = 1;
			division(m, w, a, b);
			division(m, w, harness_random(), harness_random() >> harness_random() % 64);
			w.has_imm = 1;
			w.imm = i % 2 ? b : harness_random() % 100;
			w.w32 = i / 2 % 2;
			division(m, w, a, 0);
		}
	code_run(m, packet, sizeof(packet));
}
