// SPDX-License-Identifier: Apache-2.0
/* Lookups in tries by keys that lie in a map: as by the same key on the stack, whose bytes stay. */
#include "calls.h"

enum { TRIE, KEYS, LONG_TRIE, LONG_KEYS, MAPS };
enum { KEY = 8, LONG_KEY = 20, VALUE = 7, LONG_VALUE = 9, NONE = 0xff };

static const struct prog_map all_maps[MAPS] = {
	[TRIE] = { .name = "trie", .type = MAP_TYPE_LPM_TRIE, .key_size = KEY, .value_size = 8, .max_entries = 4, .flags = MAP_NO_PREALLOC },
	[KEYS] = { .name = "keys", .type = MAP_TYPE_ARRAY, .key_size = 4, .value_size = 16, .max_entries = 2 },
	[LONG_TRIE] = { .name = "long_trie", .type = MAP_TYPE_LPM_TRIE, .key_size = LONG_KEY, .value_size = 4, .max_entries = 4, .flags = MAP_NO_PREALLOC },
	[LONG_KEYS] = { .name = "long_keys", .type = MAP_TYPE_ARRAY, .key_size = 4, .value_size = LONG_KEY, .max_entries = 1 },
};

static void fill_in(struct nic *n, const struct image *image, uint32_t map, const void *key, const void *value)
{
	const struct nic_map to = calls_map(n, image, map);

	assert_int_equal(nic_maps_update(&to, key, value, 0), 0);
}

/* 10.0.0.0/8 and an IPv6 prefix of 127 bits are in the tries; the keys are what lies in them, and what does not. */
static void fill(struct nic *n, const struct image *image)
{
	const uint8_t prefix[KEY] = { 8, 0, 0, 0, 10 };
	const uint8_t keys[2][16] = { { 9, 9, 9, 9, 32, 0, 0, 0, 10, 1, 2, 3 }, { 0, 0, 0, 0, 32, 0, 0, 0, 11, 1, 2, 3 } };
	const uint8_t long_prefix[LONG_KEY] = { 127, 0, 0, 0, 0x20, 1, 0xd, 0xb8, [19] = 2 }, long_key[LONG_KEY] = { 128, 0, 0, 0, 0x20, 1, 0xd, 0xb8, [19] = 3 };
	const uint64_t value = VALUE;
	const uint32_t zero = 0, one = 1, long_value = LONG_VALUE;

	fill_in(n, image, TRIE, prefix, &value);
	fill_in(n, image, KEYS, &zero, keys[0]);
	fill_in(n, image, KEYS, &one, keys[1]);
	fill_in(n, image, LONG_TRIE, long_prefix, &long_value);
	fill_in(n, image, LONG_KEYS, &zero, long_key);
}

/* One note: what the trie has for the key in r2. */
static void put_lookup(int trie)
{
	put_map(1, trie);
	put_call(HELPER_MAP_LOOKUP_ELEM);
	jit_put(&j, EC_JMP | EBPF_JNE, 0, 0, 2, 0);
	put_mov(0, NONE);
	jit_put(&j, EC_JMP | EBPF_JA, 0, 0, 1, 0);
	jit_put(&j, EC_LDX | EBPF_MEM | EBPF_W, 0, 0, 0, 0);
	put_note();
}

static void put_lookup_by_element(int trie, int map, int index, int off)
{
	put_value(map, index);
	put_copy(2, 7);
	jit_put(&j, EC_ALU64 | EBPF_ADD, 2, 0, 0, off);
	put_lookup(trie);
}

static void by_what_lies_in_a_value(void)
{
	put_lookup_by_element(TRIE, KEYS, 0, 4);
	put_lookup_by_element(TRIE, KEYS, 1, 4);
	put_lookup_by_element(LONG_TRIE, LONG_KEYS, 0, 0);
	put_lookup_by_element(TRIE, KEYS, 0, 4); /* another time, at the same place below the stack */
}

static void by_what_was_just_written(void)
{
	put_value(KEYS, 1);
	jit_put(&j, EC_ST | EBPF_MEM | EBPF_B, 7, 0, 8, 10);
	put_copy(2, 7);
	jit_put(&j, EC_ALU64 | EBPF_ADD, 2, 0, 0, 4);
	put_lookup(TRIE);
	jit_put(&j, EC_ST | EBPF_MEM | EBPF_B, 7, 0, 8, 11);
	put_copy(2, 7);
	jit_put(&j, EC_ALU64 | EBPF_ADD, 2, 0, 0, 4);
	put_lookup(TRIE);
	put_mov(0, 0);
	put_note();
	put_note();
}

/* What the program has at the bottom of its stack is not written over. */
static void the_stack_stays(void)
{
	put_word(-32, 0x44332211);
	put_lookup_by_element(TRIE, KEYS, 0, 4);
	for (int off = -32; off < -29; off++) {
		jit_put(&j, EC_LDX | EBPF_MEM | EBPF_B, 0, 10, (int16_t)off, 0);
		put_note();
	}
}

static void by_keys_on_the_stack(void)
{
	put_word(-24, 32);
	put_word(-20, 0x0302010a);
	put_at(2, -24);
	put_lookup(TRIE);
	put_word(-24, 7); /* shorter than the prefix */
	put_at(2, -24);
	put_lookup(TRIE);
	put_mov(0, 0);
	put_note();
	put_note();
}

static void results_are_those_of_linux(void **state)
{
	static const struct calls_row rows[] = {
		ROW(by_what_lies_in_a_value, VALUE, NONE, LONG_VALUE, VALUE),
		ROW(by_what_was_just_written, VALUE, NONE, 0, 0),
		ROW(the_stack_stays, VALUE, 0x11, 0x22, 0x33),
		ROW(by_keys_on_the_stack, VALUE, NONE, 0, 0),
	};

	(void)state;
	calls_check((struct calls){ .maps = all_maps, .n_maps = MAPS, .host = fill }, rows, sizeof(rows) / sizeof(*rows));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(results_are_those_of_linux) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
