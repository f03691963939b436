// SPDX-License-Identifier: Apache-2.0
/* Loads that extend, and atomic operations, on the stack and on the value of a map: each of them as RFC 9669 says, computed here once more. */
#include "calls.h"

enum { SLOT = -40, STACK_SLOT = 0, MAP_VALUE, PACKET, PLACES };

static const struct prog_map array = { .name = "array", .type = MAP_TYPE_ARRAY, .key_size = 4, .value_size = 16, .max_entries = 1 };

static struct {
	int place, size, op, mode;
	uint64_t memory, operand, expected; /* expected: what r0 is before */
} now;

static void put_number(unsigned int r, uint64_t number)
{
	jit_put(&j, EBPF_LDDW, r, 0, 0, (int32_t)number);
	jit_put(&j, 0, 0, 0, 0, (int32_t)(number >> 32));
}

/* r7 = 8 bytes of memory, which hold that number */
static void put_memory(void)
{
	if (now.place == STACK_SLOT) {
		put_at(7, SLOT);
	} else if (now.place == PACKET) {
		put_place(DATA, 8, DATA_END);
	} else {
		put_value(0, 0);
	}
	put_number(1, now.memory);
	jit_put(&j, EC_STX | EBPF_MEM | EBPF_DW, 7, 1, 0, 0);
}

/* r9 = 5 * r9 + both halves of r */
static void put_mixed(unsigned int r)
{
	put_copy(4, r);
	jit_put(&j, EC_ALU64 | EBPF_RSH, 4, 0, 0, 32);
	jit_put(&j, EC_ALU64 | EBPF_XOR | EBPF_X, 4, r, 0, 0);
	jit_put(&j, EC_ALU64 | EBPF_MUL, 9, 0, 0, 5);
	jit_put(&j, EC_ALU64 | EBPF_ADD | EBPF_X, 9, 4, 0, 0);
}

static uint32_t mixed(uint32_t so_far, uint64_t number)
{
	return 5 * so_far + (uint32_t)(number ^ number >> 32);
}

static void check(void (*put)(void), uint32_t want)
{
	struct calls calls = { .maps = &array, .n_maps = 1, .put = put };

	for (calls.careful = 0; calls.careful < 2; calls.careful++) {
		uint32_t got = calls_result(&calls);

		if (got != want)
			fail_msg("place %d, size %02x, op %02x, mode %02x of %016llx and %016llx: %08x, not %08x", now.place, now.size, now.op, now.mode,
				 (unsigned long long)now.memory, (unsigned long long)now.operand, got, want);
	}
}

/* ---- atomics ---- */

static void put_atomic(void)
{
	put_memory();
	put_number(0, now.expected);
	put_number(1, now.operand);
	jit_put(&j, EC_STX | EBPF_ATOMIC | now.size, 7, 1, 0, now.op);
	put_copy(3, 1);
	put_copy(8, 0);
	put_mixed(8);
	put_mixed(3);
	jit_put(&j, EC_LDX | EBPF_MEM | EBPF_DW, 3, 7, 0, 0);
	put_mixed(3);
}

static uint64_t result_of(uint64_t old)
{
	switch (now.op) {
	case EBPF_ADD:
	case EBPF_ADD | EBPF_FETCH:
		return old + now.operand;
	case EBPF_OR:
	case EBPF_OR | EBPF_FETCH:
		return old | now.operand;
	case EBPF_AND:
	case EBPF_AND | EBPF_FETCH:
		return old & now.operand;
	case EBPF_XOR:
	case EBPF_XOR | EBPF_FETCH:
		return old ^ now.operand;
	case EBPF_XCHG:
		return now.operand;
	default:
		return old == (now.size == EBPF_W ? (uint32_t)now.expected : now.expected) ? now.operand : old;
	}
}

static uint32_t atomic_result(void)
{
	uint64_t bits = now.size == EBPF_W ? 0xffffffff : ~0ULL, old = now.memory & bits;
	uint64_t memory = (now.memory & ~bits) | (result_of(old) & bits), r0 = now.expected, r1 = now.operand;

	if (now.op == EBPF_CMPXCHG)
		r0 = old;
	else if (now.op & EBPF_FETCH)
		r1 = old;
	return mixed(mixed(mixed(0, r0), r1), memory);
}

static void atomics_do_what_they_say(void **state)
{
	static const int ops[] = {
		EBPF_ADD, EBPF_OR, EBPF_AND, EBPF_XOR, EBPF_ADD | EBPF_FETCH, EBPF_OR | EBPF_FETCH, EBPF_AND | EBPF_FETCH, EBPF_XOR | EBPF_FETCH,
		EBPF_XCHG, EBPF_CMPXCHG, EBPF_CMPXCHG,
	};
	static const uint64_t numbers[][2] = {
		{ 0x0123456789abcdef, 0xfedcba9876543210 }, { 0xffffffffffffffff, 1 }, { 0x00000000ffffffff, 0xffffffff00000001 }, { 0, 0x8000000080000000 },
	};

	(void)state;
	for (now.place = STACK_SLOT; now.place <= MAP_VALUE; now.place++)
		for (int wide = 0; wide < 2; wide++)
			for (size_t n = 0; n < sizeof(ops) / sizeof(*ops); n++)
				for (size_t k = 0; k < 4; k++) {
					now.size = wide ? EBPF_DW : EBPF_W;
					now.op = ops[n];
					now.memory = numbers[k][0];
					now.operand = numbers[k][1];
					now.expected = n % 2 ? now.memory : now.memory + (1ULL << 32); /* the same for one of 32 bits alone */
					check(put_atomic, atomic_result());
				}
}

/* ---- loads ---- */

static void put_load(void)
{
	put_memory();
	jit_put(&j, EC_LDX | now.mode | now.size, 3, 7, now.size == EBPF_B ? 3 : now.size == EBPF_H ? 6 : now.size == EBPF_W ? 4 : 0, 0);
	put_mixed(3);
	put_mov(0, 0);
}

static uint32_t load_result(void)
{
	unsigned int bits = now.size == EBPF_B ? 8 : now.size == EBPF_H ? 16 : 32;
	uint64_t field = now.memory >> (now.size == EBPF_B ? 24 : now.size == EBPF_H ? 48 : 32) << (64 - bits);

	return mixed(0, now.mode == EBPF_MEMSX ? (uint64_t)((int64_t)field >> (64 - bits)) : field >> (64 - bits));
}

static void loads_extend(void **state)
{
	static const int sizes[] = { EBPF_B, EBPF_H, EBPF_W };

	(void)state;
	for (now.place = STACK_SLOT; now.place < PLACES; now.place++)
		for (size_t n = 0; n < 3; n++)
			for (int k = 0; k < 4; k++) {
				now.size = sizes[n];
				now.mode = k % 2 ? EBPF_MEMSX : EBPF_MEM;
				now.memory = k / 2 ? 0x7123456781abcdef : 0x812345677fabcdef;
				check(put_load, load_result());
			}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(atomics_do_what_they_say), cmocka_unit_test(loads_extend) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
