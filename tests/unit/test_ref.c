// SPDX-License-Identifier: Apache-2.0
/* The reference interpreter, its maps, which are checked against the kernel, and its files. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <bpf/bpf.h>
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../sim/ref/ref.h"

#define MOV_REG(dst, src) { BPF_ALU64 | BPF_MOV | BPF_X, dst, src, 0, 0 }
#define MOV_IMM(dst, imm) { BPF_ALU64 | BPF_MOV | BPF_K, dst, 0, 0, imm }
#define ADD_IMM(dst, imm) { BPF_ALU64 | BPF_ADD | BPF_K, dst, 0, 0, imm }
#define LOAD(size, dst, src, off) { BPF_LDX | BPF_MEM | size, dst, src, off, 0 }
#define STORE(size, dst, src, off) { BPF_STX | BPF_MEM | size, dst, src, off, 0 }
#define CALL(helper) { BPF_JMP | BPF_CALL, 0, 0, 0, helper }
#define EXIT { BPF_JMP | BPF_EXIT, 0, 0, 0, 0 }
#define CONSTANT(dst, src, value)                                           \
	{ BPF_LD | BPF_IMM | BPF_DW, dst, src, 0, (int32_t)(uint32_t)(value) }, \
	{ 0, 0, 0, 0, (int32_t)(uint32_t)((uint64_t)(value) >> 32) }
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum {
	LOOKUP = 1,
	UPDATE = 2,
	DELETE = 3
};

/* ---- maps ---- */

static struct ref_map *make_map(uint32_t type, uint32_t key_size, uint32_t value_size,
				uint32_t max_entries)
{
	const struct ref_map_spec spec = {
		.name = "map",
		.type = type,
		.key_size = key_size,
		.value_size = value_size,
		.max_entries = max_entries,
	};
	struct io_error err;
	struct ref_map *map = ref_map_create(&spec, &err);

	assert_non_null(map);
	return map;
}

static void map_is_refused(uint32_t type, uint32_t key_size, uint32_t value_size,
			   uint32_t max_entries)
{
	const struct ref_map_spec spec = { "map", type, key_size, value_size, max_entries, false, 0, false, 0, 0 };
	struct io_error err = { "" };

	assert_null(ref_map_create(&spec, &err));
	assert_string_not_equal(err.text, "");
}

static void maps_are_checked_at_creation(void **state)
{
	(void)state;
	map_is_refused(BPF_MAP_TYPE_ARRAY, 8, 8, 1);
	map_is_refused(BPF_MAP_TYPE_ARRAY, 4, 0, 1);
	map_is_refused(BPF_MAP_TYPE_ARRAY, 4, 8, 0);
	map_is_refused(BPF_MAP_TYPE_HASH, 0, 8, 1);
	map_is_refused(BPF_MAP_TYPE_HASH, 4, 8, UINT32_MAX);
	map_is_refused(BPF_MAP_TYPE_LPM_TRIE, 4, 8, 1);
}

static void array_values_lie_8_bytes_apart(void **state)
{
	struct ref_map *map = make_map(BPF_MAP_TYPE_ARRAY, 4, 5, 3);
	uint32_t key = 1;

	(void)state;
	assert_int_equal(ref_map_offset(map, ref_map_lookup(map, &key)), 8);
	key = 3;
	assert_null(ref_map_lookup(map, &key));
	assert_non_null(ref_map_bytes(map, 8, 5));
	assert_null(ref_map_bytes(map, 8, 6));
	assert_null(ref_map_bytes(map, 13, 1));
	assert_null(ref_map_bytes(map, 24, 1));
	assert_null(ref_map_bytes(map, UINT64_MAX, 1));
	ref_map_free(map);
}

/* What lies behind a prefix is no part of it, and is seen as it was last put in. */
static void prefixes_are_as_last_put_in(void **state)
{
	struct ref_map *map = make_map(BPF_MAP_TYPE_LPM_TRIE, 8, 4, 2);
	uint8_t key[8] = { 24, 0, 0, 0, 10, 1, 2, 3 }, next[8];
	uint32_t value = 1;

	(void)state;
	assert_int_equal(ref_map_update(map, key, &value, BPF_ANY), 0);
	key[7] = 9;
	assert_int_equal(ref_map_update(map, key, &value, BPF_EXIST), 0);
	assert_int_equal(ref_map_next(map, NULL, next), 0);
	assert_memory_equal(next, key, sizeof(key));
	assert_int_equal(ref_map_next(map, key, next), -ENOENT);
	ref_map_free(map);
}

static void array_keys_come_in_order(void **state)
{
	struct ref_map *map = make_map(BPF_MAP_TYPE_ARRAY, 4, 4, 2);
	uint32_t key = 77, next = 77;

	(void)state;
	assert_int_equal(ref_map_next(map, NULL, &next), 0);
	assert_int_equal(next, 0);
	assert_int_equal(ref_map_next(map, &key, &next), 0);
	assert_int_equal(next, 0);
	key = 0;
	assert_int_equal(ref_map_next(map, &key, &next), 0);
	assert_int_equal(next, 1);
	assert_int_equal(ref_map_next(map, &next, &next), -ENOENT);
	ref_map_free(map);
}

static void hash_visits_every_key_once(void **state)
{
	struct ref_map *map = make_map(BPF_MAP_TYPE_HASH, 2, 1, 200);
	unsigned int seen[200] = { 0 }, count = 0;
	uint16_t key;
	uint8_t value = 1;

	(void)state;
	for (key = 0; key < 200; key++)
		assert_int_equal(ref_map_update(map, &key, &value, BPF_ANY), 0);
	for (key = 0; key < 200; key += 2)
		assert_int_equal(ref_map_delete(map, &key), 0);
	for (int end = ref_map_next(map, NULL, &key); !end; end = ref_map_next(map, &key, &key)) {
		assert_in_range(key, 0, 199);
		seen[key]++;
		count++;
	}
	assert_int_equal(count, 100);
	for (key = 0; key < 200; key++)
		assert_int_equal(seen[key], key % 2);
	ref_map_free(map);
}

static void hash_update_gives_new_room(void **state)
{
	struct ref_map *map = make_map(BPF_MAP_TYPE_HASH, 4, 4, 2);
	uint32_t key = 1, value = 10;
	uint8_t *old;

	(void)state;
	assert_int_equal(ref_map_update(map, &key, &value, BPF_ANY), 0);
	old = ref_map_lookup(map, &key);
	value = 20;
	assert_int_equal(ref_map_update(map, &key, &value, BPF_EXIST), 0);
	assert_int_equal(old[0], 10);
	assert_int_equal(ref_map_lookup(map, &key)[0], 20);
	ref_map_free(map);
}

static void percpu_hash_is_updated_in_place(void **state)
{
	struct ref_map *map = make_map(BPF_MAP_TYPE_PERCPU_HASH, 4, 4, 2);
	uint32_t key = 1, value = 10;
	uint8_t *old;

	(void)state;
	assert_int_equal(ref_map_update(map, &key, &value, BPF_ANY), 0);
	old = ref_map_lookup(map, &key);
	value = 20;
	assert_int_equal(ref_map_update(map, &key, &value, BPF_ANY), 0);
	assert_ptr_equal(ref_map_lookup(map, &key), old);
	assert_int_equal(old[0], 20);
	ref_map_free(map);
}

/* ---- maps against the kernel: the same code with the same calls in both ---- */

struct map_call {
	int helper;
	uint32_t key;
	uint64_t value;
	uint64_t flags;
};

/* r0 = result of the call; for a lookup the value, or -1 when there is none. */
static uint32_t write_call(struct bpf_insn *code, const struct map_call *call, uint32_t kind,
			   uint64_t map)
{
	const struct bpf_insn insns[] = {
		CONSTANT(0, 0, call->value),
		STORE(BPF_DW, 10, 0, -16),
		MOV_IMM(0, (int32_t)call->key),
		STORE(BPF_W, 10, 0, -4),
		CONSTANT(1, kind, map),
		MOV_REG(2, 10),
		ADD_IMM(2, -4),
		MOV_REG(3, 10),
		ADD_IMM(3, -16),
		CONSTANT(4, 0, call->flags),
		CALL(call->helper),
		{ BPF_JMP | BPF_JNE | BPF_K, 0, 0, 2, 0 },
		MOV_IMM(0, -1),
		EXIT,
		LOAD(BPF_DW, 0, 0, 0),
		EXIT,
	};
	uint32_t count = COUNT(insns);

	memcpy(code, insns, sizeof(insns));
	if (call->helper == LOOKUP)
		return count;
	/* Exits in place of the five instructions that are about a lookup. */
	code[count - 5] = code[count - 1];
	return count - 4;
}

static uint64_t call_in_ref(const struct map_call *call, struct ref_map *map)
{
	struct bpf_insn code[32];
	struct ref_program program = { .insns = code, .maps = &map, .map_count = 1 };
	struct ref_machine *machine = ref_machine_create(&program);
	struct ref_outcome outcome;

	assert_non_null(machine);
	program.count = write_call(code, call, 0, ref_map_address(0));
	ref_run_memory(machine, NULL, 0, &outcome);
	assert_string_equal(outcome.fault, "");
	ref_machine_free(machine);
	return outcome.r0;
}

static uint64_t call_in_kernel(const struct map_call *call, int map_fd)
{
	struct bpf_insn code[32];
	uint32_t count = write_call(code, call, BPF_PSEUDO_MAP_FD, (uint64_t)map_fd);
	struct io_error err = { "" };
	uint64_t r0;

	if (kernel_run_code(code, count, NULL, 0, &r0, &err))
		fail_msg("%s", err.text);
	return r0;
}

static void calls_agree(uint32_t type, const struct map_call *calls, size_t count)
{
	struct ref_map *map = make_map(type, 4, 8, 3);
	int map_fd = bpf_map_create((enum bpf_map_type)type, "map", 4, 8, 3, NULL);

	assert_true(map_fd >= 0);
	for (size_t i = 0; i < count; i++) {
		uint64_t ref = call_in_ref(&calls[i], map);
		uint64_t kernel = call_in_kernel(&calls[i], map_fd);

		if (ref != kernel)
			fail_msg("map type %u, call %zu: ref %lld, kernel %lld", type, i,
				 (long long)ref, (long long)kernel);
	}
	close(map_fd);
	ref_map_free(map);
}

static const uint32_t map_types[] = {
	BPF_MAP_TYPE_ARRAY, BPF_MAP_TYPE_PERCPU_ARRAY, BPF_MAP_TYPE_HASH, BPF_MAP_TYPE_PERCPU_HASH,
};

static void named_cases_agree_with_the_kernel(void **state)
{
	static const struct map_call calls[] = {
		{ LOOKUP, 0, 0, 0 },
		{ UPDATE, 0, 11, BPF_EXIST },
		{ UPDATE, 0, 12, BPF_NOEXIST },
		{ UPDATE, 0, 13, BPF_NOEXIST },
		{ UPDATE, 0, 14, BPF_EXIST },
		{ UPDATE, 0, 15, 3 },
		{ UPDATE, 0, 16, BPF_F_LOCK },
		{ UPDATE, 0, 16, BPF_F_LOCK | BPF_NOEXIST },
		{ UPDATE, 9, 16, BPF_F_LOCK },
		{ UPDATE, 9, 16, 8 },
		{ UPDATE, 0, 17, (uint64_t)1 << 32 },
		{ UPDATE, 0, 17, UINT64_MAX },
		{ LOOKUP, 0, 0, 0 },
		{ UPDATE, 1, 21, BPF_ANY },
		{ UPDATE, 2, 22, BPF_ANY },
		{ UPDATE, 3, 23, BPF_ANY },
		{ UPDATE, 3, 23, BPF_NOEXIST },
		{ UPDATE, 3, 23, BPF_EXIST },
		{ UPDATE, 2, 24, BPF_ANY },
		{ DELETE, 1, 0, 0 },
		{ DELETE, 1, 0, 0 },
		{ DELETE, 7, 0, 0 },
		{ UPDATE, 3, 25, BPF_NOEXIST },
		{ LOOKUP, 1, 0, 0 },
		{ LOOKUP, 3, 0, 0 },
		{ LOOKUP, UINT32_MAX, 0, 0 },
		{ UPDATE, UINT32_MAX, 1, BPF_ANY },
	};

	(void)state;
	if (!kernel_is_permitted())
		skip();
	for (size_t i = 0; i < COUNT(map_types); i++)
		calls_agree(map_types[i], calls, COUNT(calls));
}

static void random_calls_agree_with_the_kernel(void **state)
{
	static struct map_call calls[400];
	unsigned int seed = 7;

	(void)state;
	if (!kernel_is_permitted())
		skip();
	for (size_t i = 0; i < COUNT(calls); i++)
		calls[i] = (struct map_call){
			.helper = 1 + rand_r(&seed) % 3,
			.key = (uint32_t)rand_r(&seed) % 5,
			.value = (uint64_t)rand_r(&seed),
			.flags = (uint64_t)rand_r(&seed) % 4,
		};
	for (size_t i = 0; i < COUNT(map_types); i++)
		calls_agree(map_types[i], calls, COUNT(calls));
}

/* ---- execution ---- */

static void run_on_packet(const struct bpf_insn *insns, uint32_t count, uint8_t *packet,
			  uint32_t len, struct ref_outcome *outcome)
{
	struct ref_program program = { .insns = (struct bpf_insn *)insns, .count = count };
	struct ref_machine *machine = ref_machine_create(&program);

	assert_non_null(machine);
	ref_run_packet(machine, packet, &len, len, outcome);
	ref_machine_free(machine);
}

static void fault_is(const struct bpf_insn *insns, uint32_t count, const char *sentence)
{
	uint8_t packet[64] = { 0 };
	struct ref_outcome outcome;

	run_on_packet(insns, count, packet, sizeof(packet), &outcome);
	assert_string_equal(outcome.fault, sentence);
	assert_int_equal(outcome.r0, 0);
}

static void result_is(const struct bpf_insn *insns, uint32_t count, uint64_t result)
{
	uint8_t packet[64] = { 0 };
	struct ref_outcome outcome;

	run_on_packet(insns, count, packet, sizeof(packet), &outcome);
	assert_string_equal(outcome.fault, "");
	assert_int_equal(outcome.r0, result);
}

static void context_shows_the_packet(void **state)
{
	static const struct bpf_insn insns[] = {
		LOAD(BPF_W, 2, 1, offsetof(struct xdp_md, data)),
		LOAD(BPF_W, 3, 1, offsetof(struct xdp_md, data_end)),
		LOAD(BPF_W, 4, 1, offsetof(struct xdp_md, data_meta)),
		LOAD(BPF_W, 5, 1, offsetof(struct xdp_md, ingress_ifindex)),
		LOAD(BPF_W, 6, 1, offsetof(struct xdp_md, rx_queue_index)),
		LOAD(BPF_W, 7, 1, offsetof(struct xdp_md, egress_ifindex)),
		{ BPF_ST | BPF_MEM | BPF_B, 2, 0, 3, 0x5a },
		MOV_REG(0, 3),
		{ BPF_ALU64 | BPF_SUB | BPF_X, 0, 2, 0, 0 },
		{ BPF_ALU64 | BPF_SUB | BPF_X, 4, 2, 0, 0 },
		{ BPF_ALU64 | BPF_MUL | BPF_K, 5, 0, 0, 1000 },
		{ BPF_ALU64 | BPF_ADD | BPF_X, 0, 4, 0, 0 },
		{ BPF_ALU64 | BPF_ADD | BPF_X, 0, 5, 0, 0 },
		{ BPF_ALU64 | BPF_ADD | BPF_X, 0, 6, 0, 0 },
		{ BPF_ALU64 | BPF_ADD | BPF_X, 0, 7, 0, 0 },
		EXIT,
	};
	uint8_t packet[64] = { 0 };
	struct ref_outcome outcome;

	(void)state;
	run_on_packet(insns, COUNT(insns), packet, sizeof(packet), &outcome);
	assert_string_equal(outcome.fault, "");
	assert_int_equal(outcome.r0, 1064);
	assert_int_equal(packet[3], 0x5a);
}

static void context_is_read_in_words_only(void **state)
{
	static const struct bpf_insn narrow[] = { LOAD(BPF_H, 0, 1, 0), EXIT };
	static const struct bpf_insn between[] = { LOAD(BPF_W, 0, 1, 2), EXIT };
	static const struct bpf_insn behind[] = { LOAD(BPF_W, 0, 1, 24), EXIT };
	static const struct bpf_insn write[] = { STORE(BPF_W, 1, 1, 16), EXIT };

	(void)state;
	fault_is(narrow, 2, "insn 0: xdp_md is read 4 bytes at a time, not 2");
	fault_is(between, 2, "insn 0: xdp_md has no field at offset 2");
	fault_is(behind, 2, "insn 0: xdp_md has no field at offset 24");
	fault_is(write, 2, "insn 0: write of 4 bytes at ctx+16 is not allowed");
}

/* Compilers that take ctx->data for a number of 32 bits test it for 0. */
static void lower_halves_of_pointers_are_not_0(void **state)
{
	static const struct bpf_insn packet[] = {
		LOAD(BPF_W, 2, 1, 0), MOV_IMM(0, 2), { BPF_JMP32 | BPF_JNE | BPF_K, 2, 0, 1, 0 }, MOV_IMM(0, 1), EXIT
	};
	static const struct bpf_insn stack[] = {
		MOV_REG(2, 10), MOV_IMM(0, 2), { BPF_JMP32 | BPF_JNE | BPF_K, 2, 0, 1, 0 }, MOV_IMM(0, 1), EXIT
	};

	(void)state;
	result_is(packet, COUNT(packet), 2);
	result_is(stack, COUNT(stack), 2);
}

static void packet_ends_are_guarded(void **state)
{
	static const struct bpf_insn across[] = {
		LOAD(BPF_W, 2, 1, 0), LOAD(BPF_W, 0, 2, 61), EXIT
	};
	static const struct bpf_insn before[] = {
		LOAD(BPF_W, 2, 1, 0), STORE(BPF_B, 2, 1, -1), EXIT
	};

	(void)state;
	fault_is(across, 3, "insn 1: read of 4 bytes at packet+61 is not allowed");
	fault_is(before, 3, "insn 1: write of 1 bytes at packet-1 is not allowed");
}

static void frames_of_returned_functions_are_gone(void **state)
{
	static const struct bpf_insn insns[] = {
		{ BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_CALL, 0, 2 },
		LOAD(BPF_B, 0, 0, -1),
		EXIT,
		MOV_REG(0, 10),
		EXIT,
	};

	(void)state;
	fault_is(insns, COUNT(insns), "insn 1: read of 1 bytes at stack+1535 is not allowed");
}

static void loops_end_at_the_limit(void **state)
{
	static const struct bpf_insn insns[] = { { BPF_JMP | BPF_JA, 0, 0, -1, 0 }, EXIT };

	(void)state;
	fault_is(insns, 2, "insn 0: more than 1000000 instructions were executed");
}

static void recursion_ends_at_eight_frames(void **state)
{
	static const struct bpf_insn insns[] = {
		{ BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_CALL, 0, -1 }, EXIT
	};

	(void)state;
	fault_is(insns, 2, "insn 0: more than 8 frames");
}

static void programs_do_not_leave_their_code(void **state)
{
	static const struct bpf_insn ahead[] = { { BPF_JMP | BPF_JA, 0, 0, 9, 0 }, EXIT };
	static const struct bpf_insn back[] = { { BPF_JMP | BPF_JA, 0, 0, -2, 0 }, EXIT };
	static const struct bpf_insn half[] = { { BPF_LD | BPF_IMM | BPF_DW, 0, 0, 0, 1 } };

	(void)state;
	fault_is(ahead, 2, "insn 10: execution leaves the program");
	fault_is(back, 2, "insn 4294967295: execution leaves the program");
	fault_is(half, 1, "insn 0: the 64-bit constant is malformed");
}

static void unknown_things_are_named(void **state)
{
	static const struct bpf_insn helper[] = { CALL(4), EXIT };
	static const struct bpf_insn kfunc[] = { { BPF_JMP | BPF_CALL, 0, 2, 0, 1000 }, EXIT };
	static const struct bpf_insn map[] = { MOV_IMM(1, 0), CALL(LOOKUP), EXIT };
	static const struct bpf_insn packet_load[] = { { BPF_LD | BPF_ABS | BPF_W, 0, 0, 0, 0 } };
	static const struct bpf_insn pseudo[] = { CONSTANT(1, BPF_PSEUDO_MAP_FD, 4), EXIT };

	(void)state;
	fault_is(helper, 2, "insn 0: helper 4 is not interpreted");
	fault_is(kfunc, 2, "insn 0: this kernel function is not interpreted");
	fault_is(map, 3, "insn 1: r1 is not a map");
	fault_is(packet_load, 1, "insn 0: opcode 0x20 is unknown");
	fault_is(pseudo, 3, "insn 0: a 64-bit constant of kind 1 needs a relocation");
}

static void traps_stop_with_their_sentence(void **state)
{
	struct bpf_insn insns[] = { MOV_IMM(0, 1), EXIT };
	struct ref_trap trap = { 1, (char *)"this is not there" };
	struct ref_program program = {
		.insns = insns, .count = 2, .traps = &trap, .trap_count = 1,
	};
	struct ref_machine *machine = ref_machine_create(&program);
	struct ref_outcome outcome;

	(void)state;
	ref_run_memory(machine, NULL, 0, &outcome);
	assert_string_equal(outcome.fault, "insn 1: this is not there");
	ref_machine_free(machine);
}

static void constant_data_cannot_be_written(void **state)
{
	const struct ref_map_spec spec = { ".rodata", BPF_MAP_TYPE_ARRAY, 4, 8, 1, true, 0, true, 0, 0 };
	struct bpf_insn insns[] = {
		CONSTANT(1, 0, ref_value_address(0, 0)),
		LOAD(BPF_DW, 0, 1, 0),
		STORE(BPF_DW, 1, 0, 0),
		EXIT,
	};
	struct io_error err;
	struct ref_map *map = ref_map_create(&spec, &err);
	struct ref_program program = {
		.insns = insns, .count = COUNT(insns), .maps = &map, .map_count = 1,
	};
	struct ref_machine *machine = ref_machine_create(&program);
	struct ref_outcome outcome;

	(void)state;
	ref_run_memory(machine, NULL, 0, &outcome);
	assert_string_equal(outcome.fault,
			    "insn 3: write of 8 bytes at map value+0 is not allowed");
	ref_machine_free(machine);
	ref_map_free(map);
}

/* Those of the paper and its code, for the key 00 01 .. 0f and 00 01 .. as text. */
static void siphash_gives_its_vectors(void **state)
{
	static const struct {
		uint32_t size;
		uint64_t hash;
	} vectors[] = { { 0, 0x726fdb47dd0e0e31 }, { 1, 0x74f839c593dc67fd }, { 15, 0xa129ca6149be45e5 } };
	uint8_t bytes[16];

	(void)state;
	for (uint8_t n = 0; n < sizeof(bytes); n++)
		bytes[n] = n;
	for (size_t n = 0; n < sizeof(vectors) / sizeof(*vectors); n++)
		assert_int_equal(cookie_siphash(bytes, bytes, vectors[n].size), vectors[n].hash);
}

static void prandom_is_xorshift32(void **state)
{
	static const uint32_t numbers[] = { 0xe124b63a, 0x8b9a74ab, 0x64e1b3ac };
	struct bpf_insn insns[] = { CALL(7), EXIT };
	struct ref_program program = { .insns = insns, .count = 2 };
	struct ref_machine *machine = ref_machine_create(&program);
	struct ref_outcome outcome;

	(void)state;
	for (size_t i = 0; i < COUNT(numbers); i++) {
		ref_run_memory(machine, NULL, 0, &outcome);
		assert_int_equal(outcome.r0, numbers[i]);
	}
	ref_machine_free(machine);
}

static void clock_is_the_time_of_the_packet(void **state)
{
	struct bpf_insn insns[] = { CALL(5), EXIT };
	struct ref_program program = { .insns = insns, .count = 2 };
	struct ref_machine *machine = ref_machine_create(&program);
	struct ref_outcome first, second;

	(void)state;
	machine->time_ns = 0x123456789abcdef0;
	ref_run_memory(machine, NULL, 0, &first);
	assert_int_equal(first.r0, 0x123456789abcdef0);
	machine->real_clock = true;
	ref_run_memory(machine, NULL, 0, &first);
	ref_run_memory(machine, NULL, 0, &second);
	assert_true(second.r0 >= first.r0 && first.r0 != machine->time_ns);
	ref_machine_free(machine);
}

/* ---- files ---- */

/* A new file with these bytes; the caller unlinks it. */
static void make_file(char *path, const void *bytes, size_t size)
{
	int file;

	strcpy(path, "/tmp/test_ref.XXXXXX");
	file = mkstemp(path);
	assert_true(file >= 0);
	assert_int_equal(write(file, bytes, size), size);
	close(file);
}

static void objects_that_are_none_are_refused(void **state)
{
	const struct ref_choice choice = { .program = NULL };
	struct ref_program program;
	struct io_error err = { "" };
	char path[64];

	(void)state;
	assert_int_equal(ref_load(&program, "/nowhere.o", &choice, &err), -1);
	assert_string_not_equal(err.text, "");
	make_file(path, "\177ELF\2\1\1", 7);
	err.text[0] = '\0';
	assert_int_equal(ref_load(&program, path, &choice, &err), -1);
	assert_string_not_equal(err.text, "");
	unlink(path);
}

static void captures_that_are_none_are_refused(void **state)
{
	struct io_error err = { "" };
	char path[64];

	(void)state;
	assert_null(pcap_io_open("/nowhere.pcap", &err));
	assert_string_not_equal(err.text, "");
	make_file(path, "not a capture at all", 20);
	err.text[0] = '\0';
	assert_null(pcap_io_open(path, &err));
	assert_string_not_equal(err.text, "");
	unlink(path);
}

static void captures_keep_bytes_and_time(void **state)
{
	const struct pcap_io_packet sent = { (const uint8_t *)"abc", 3, 1700000000123456789 };
	struct pcap_io_packet got;
	struct pcap_io_writer *writer;
	struct pcap_io_reader *reader;
	struct io_error err;
	char path[64];

	(void)state;
	make_file(path, "", 0);
	writer = pcap_io_create(path, &err);
	assert_non_null(writer);
	pcap_io_write(writer, &sent);
	assert_int_equal(pcap_io_finish(writer, &err), 0);
	reader = pcap_io_open(path, &err);
	assert_non_null(reader);
	assert_int_equal(pcap_io_read(reader, &got, &err), 1);
	assert_int_equal(got.len, 3);
	assert_memory_equal(got.data, "abc", 3);
	assert_int_equal(got.time_ns, sent.time_ns);
	assert_int_equal(pcap_io_read(reader, &got, &err), 0);
	pcap_io_close(reader);
	unlink(path);
}

static int read_maps(struct ref_map *map, const char *json, struct io_error *err)
{
	struct maps_json_map shown = ref_map_json(map);
	char path[64];
	int result;

	make_file(path, json, strlen(json));
	result = maps_json_read(path, &shown, 1, err);
	unlink(path);
	return result;
}

static void map_files_are_read_and_written(void **state)
{
	struct ref_map *map = make_map(BPF_MAP_TYPE_HASH, 2, 1, 4);
	struct maps_json_map shown = ref_map_json(map);
	char path[64], text[256];
	struct io_error err;
	FILE *file;

	(void)state;
	assert_int_equal(read_maps(map, "{\"map\":[{\"key\":\"0200\",\"value\":\"0b\"},"
				   "{\"key\":\"01FF\",\"value\":\"0a\"}]}", &err), 0);
	make_file(path, "", 0);
	assert_int_equal(maps_json_write(path, &shown, 1, &err), 0);
	file = fopen(path, "r");
	assert_non_null(file);
	text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
	fclose(file);
	unlink(path);
	assert_string_equal(text, "{\n\"map\":[\n{\"key\":\"01ff\",\"value\":\"0a\"},\n"
			    "{\"key\":\"0200\",\"value\":\"0b\"}]}\n");
	ref_map_free(map);
}

static void bad_map_files_are_refused(void **state)
{
	static const char *const texts[] = {
		"",
		"[]",
		"{\"other\":[]}",
		"{\"map\":{}}",
		"{\"map\":[1]}",
		"{\"map\":[{\"key\":\"00\",\"value\":\"00\"}]}",
		"{\"map\":[{\"key\":\"0000\",\"value\":\"0\"}]}",
		"{\"map\":[{\"key\":\"0000\",\"value\":\"0g\"}]}",
		"{\"map\":[{\"key\":\"0000\",\"value\":[\"00\"]}]}",
		"{\"map\":[{\"key\":\"0000\"}]}",
		"{\"map\":[{\"key\":\"0000\",\"value\":\"00\"},{\"key\":\"0001\",\"value\":\"00\"}]}",
	};
	struct ref_map *map = make_map(BPF_MAP_TYPE_HASH, 2, 1, 1);

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		struct io_error err = { "" };

		assert_int_equal(read_maps(map, texts[i], &err), -1);
		assert_string_not_equal(err.text, "");
	}
	ref_map_free(map);
}

static void percpu_values_are_lists(void **state)
{
	struct ref_map *map = make_map(BPF_MAP_TYPE_PERCPU_ARRAY, 4, 2, 2);
	uint32_t key = 1;
	struct io_error err;

	(void)state;
	assert_int_equal(read_maps(map, "{\"map\":[{\"key\":\"01000000\",\"value\":[\"0102\"]}]}",
				   &err), 0);
	assert_memory_equal(ref_map_lookup(map, &key), "\1\2", 2);
	assert_int_equal(read_maps(map, "{\"map\":[{\"key\":\"01000000\","
				   "\"value\":[\"0102\",\"0304\"]}]}", &err), -1);
	ref_map_free(map);
}

static void verdicts_above_redirect_are_aborted(void **state)
{
	(void)state;
	assert_string_equal(results_verdict_name(2), "XDP_PASS");
	assert_string_equal(results_verdict_name(4), "XDP_REDIRECT");
	assert_string_equal(results_verdict_name(5), "XDP_ABORTED");
	assert_string_equal(results_verdict_name(UINT32_MAX), "XDP_ABORTED");
	assert_false(results_forwards(0));
	assert_false(results_forwards(1));
	assert_true(results_forwards(2));
	assert_true(results_forwards(3));
	assert_true(results_forwards(4));
	assert_false(results_forwards(5));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(maps_are_checked_at_creation),
		cmocka_unit_test(prefixes_are_as_last_put_in),
		cmocka_unit_test(array_values_lie_8_bytes_apart),
		cmocka_unit_test(array_keys_come_in_order),
		cmocka_unit_test(hash_visits_every_key_once),
		cmocka_unit_test(hash_update_gives_new_room),
		cmocka_unit_test(percpu_hash_is_updated_in_place),
		cmocka_unit_test(named_cases_agree_with_the_kernel),
		cmocka_unit_test(random_calls_agree_with_the_kernel),
		cmocka_unit_test(context_shows_the_packet),
		cmocka_unit_test(context_is_read_in_words_only),
		cmocka_unit_test(lower_halves_of_pointers_are_not_0),
		cmocka_unit_test(packet_ends_are_guarded),
		cmocka_unit_test(frames_of_returned_functions_are_gone),
		cmocka_unit_test(loops_end_at_the_limit),
		cmocka_unit_test(recursion_ends_at_eight_frames),
		cmocka_unit_test(programs_do_not_leave_their_code),
		cmocka_unit_test(unknown_things_are_named),
		cmocka_unit_test(traps_stop_with_their_sentence),
		cmocka_unit_test(constant_data_cannot_be_written),
		cmocka_unit_test(siphash_gives_its_vectors),
		cmocka_unit_test(prandom_is_xorshift32),
		cmocka_unit_test(clock_is_the_time_of_the_packet),
		cmocka_unit_test(objects_that_are_none_are_refused),
		cmocka_unit_test(captures_that_are_none_are_refused),
		cmocka_unit_test(captures_keep_bytes_and_time),
		cmocka_unit_test(map_files_are_read_and_written),
		cmocka_unit_test(bad_map_files_are_refused),
		cmocka_unit_test(percpu_values_are_lists),
		cmocka_unit_test(verdicts_above_redirect_are_aborted),
	};

	cpu_set_t set;

	/* A program sees the values of a per-CPU map that belong to where it runs. */
	CPU_ZERO(&set);
	CPU_SET(0, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		return EXIT_FAILURE;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
