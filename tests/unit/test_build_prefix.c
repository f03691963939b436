// SPDX-License-Identifier: Apache-2.0
/* LPM tries that programs change: results and error codes call by call, and random changes by host and program against a list of prefixes. */
#include "calls.h"

enum { NETS, NAMES, NETS6, MAPS };
enum { DATA_AT = 4, KEY_MOST = 20, NETS_MOST = 3, KEY_AT = -48, NONE = 0x7f };
enum { OK = 0, NOT_THERE = 0xfe, EXISTS = 0xef, INVALID = 0xea, FULL = 0xe4, ANY = 0, NOEXIST = 1, EXIST = 2 };

static const struct prog_map all_maps[MAPS] = {
	[NETS] = { .name = "nets", .type = MAP_TYPE_PREFIXES, .key_size = 8, .value_size = 8, .max_entries = NETS_MOST, .flags = MAP_NO_PREALLOC },
	[NAMES] = { .name = "names", .type = MAP_TYPE_PREFIXES, .key_size = 13, .value_size = 4, .max_entries = 12, .flags = MAP_NO_PREALLOC },
	[NETS6] = { .name = "nets6", .type = MAP_TYPE_PREFIXES, .key_size = KEY_MOST, .value_size = 8, .max_entries = 12, .flags = MAP_NO_PREALLOC },
};

/* ---- the calls ---- */

struct key {
	uint32_t length;
	uint8_t data[KEY_MOST - DATA_AT];
};

static void put_key(int map, const struct key *key)
{
	put_bytes_at(KEY_AT, key, all_maps[map].key_size);
	put_map(1, map);
	put_at(2, KEY_AT);
}

static void put_update(int map, const struct key *key, int number, int flags)
{
	put_key(map, key);
	put_word(-8, number);
	put_at(3, -8);
	put_mov(4, flags);
	put_call(HELPER_MAP_UPDATE_ELEM);
}

static void put_delete(int map, const struct key *key)
{
	put_key(map, key);
	put_call(HELPER_MAP_DELETE_ELEM);
}

/* r0 = what the longest prefix says, or NONE */
static void put_lookup(int map, const struct key *key)
{
	put_key(map, key);
	put_call(HELPER_MAP_LOOKUP_ELEM);
	jit_put(&j, EC_JMP | EBPF_JNE, 0, 0, 2, 0);
	put_mov(0, NONE);
	jit_put(&j, EC_JMP | EBPF_JA, 0, 0, 1, 0);
	jit_put(&j, EC_LDX | EBPF_MEM | EBPF_W, 0, 0, 0, 0);
}

/* ---- chosen ones: each call leaves a note ---- */

#define NET(length, a, b, c, d) (&(const struct key){ length, { a, b, c, d } })

static void update(const struct key *key, int number, int flags)
{
	put_update(NETS, key, number, flags);
	put_note();
}

static void delete(const struct key *key)
{
	put_delete(NETS, key);
	put_note();
}

static void lookup(const struct key *key)
{
	put_lookup(NETS, key);
	put_note();
}

static void the_longest_is_found(void)
{
	put_update(NETS, NET(8, 10, 0, 0, 0), 1, ANY);
	put_update(NETS, NET(24, 10, 1, 2, 0), 2, ANY);
	put_update(NETS, NET(32, 10, 1, 2, 3), 3, ANY);
	lookup(NET(32, 10, 9, 9, 9));
	lookup(NET(32, 10, 1, 2, 9));
	lookup(NET(32, 10, 1, 2, 3));
	lookup(NET(32, 11, 1, 2, 3));
}

/* A prefix is found by keys that are at least as long. */
static void not_by_shorter_keys(void)
{
	put_update(NETS, NET(24, 10, 1, 2, 0), 2, ANY);
	lookup(NET(23, 10, 1, 2, 0));
	lookup(NET(24, 10, 1, 2, 3));
	lookup(NET(31, 10, 1, 2, 3));
	lookup(NET(0, 10, 1, 2, 3));
}

static void everything_and_single_bits(void)
{
	put_update(NETS, NET(0, 99, 99, 99, 99), 5, ANY);
	put_update(NETS, NET(1, 0x80, 0, 0, 0), 6, ANY);
	lookup(NET(32, 0x7f, 0xff, 0xff, 0xff));
	lookup(NET(32, 0xff, 0, 0, 0));
	lookup(NET(1, 0xff, 0, 0, 0));
	lookup(NET(0, 0xff, 0, 0, 0));
}

/* What stands behind the length is no part of it. */
static void one_prefix_in_two_ways(void)
{
	update(NET(12, 10, 0x1f, 7, 7), 1, ANY);
	update(NET(12, 10, 0x10, 0, 0), 2, NOEXIST);
	update(NET(12, 10, 0x13, 1, 1), 3, EXIST);
	lookup(NET(32, 10, 0x18, 0, 0));
}

static void lengths_beyond_the_key(void)
{
	update(NET(33, 10, 0, 0, 0), 1, ANY);
	update(NET(0xffffffff, 10, 0, 0, 0), 1, ANY);
	delete(NET(33, 10, 0, 0, 0));
	lookup(NET(33, 10, 0, 0, 0));
}

static void flags(void)
{
	update(NET(16, 1, 2, 0, 0), 1, EXIST);
	update(NET(16, 1, 2, 0, 0), 1, NOEXIST);
	update(NET(16, 1, 2, 0, 0), 2, NOEXIST);
	update(NET(16, 1, 2, 0, 0), 2, 3);
}

static void what_was_deleted_is_gone(void)
{
	put_update(NETS, NET(8, 10, 0, 0, 0), 1, ANY);
	put_update(NETS, NET(16, 10, 1, 0, 0), 2, ANY);
	delete(NET(16, 10, 1, 9, 9));
	delete(NET(16, 10, 1, 0, 0));
	delete(NET(9, 10, 0, 0, 0));
	lookup(NET(32, 10, 1, 0, 0));
}

static void a_full_one_takes_no_more(void)
{
	for (uint8_t n = 0; n < NETS_MOST; n++)
		put_update(NETS, NET(8, n, 0, 0, 0), n, ANY);
	update(NET(8, 99, 0, 0, 0), 9, ANY);
	update(NET(9, 1, 0, 0, 0), 9, ANY);
	delete(NET(8, 1, 0, 0, 0));
	update(NET(8, 99, 0, 0, 0), 9, ANY);
}

static void results_are_those_of_linux(void **state)
{
	static const struct calls_row rows[] = {
		ROW(the_longest_is_found, 1, 2, 3, NONE),
		ROW(not_by_shorter_keys, NONE, 2, 2, NONE),
		ROW(everything_and_single_bits, 5, 6, 6, 5),
		ROW(one_prefix_in_two_ways, OK, EXISTS, OK, 3),
		ROW(lengths_beyond_the_key, INVALID, INVALID, INVALID, NONE),
		ROW(flags, NOT_THERE, OK, EXISTS, INVALID),
		ROW(what_was_deleted_is_gone, OK, NOT_THERE, NOT_THERE, 1),
		ROW(a_full_one_takes_no_more, FULL, FULL, OK, OK),
	};

	(void)state;
	calls_check((struct calls){ .maps = all_maps, .n_maps = MAPS }, rows, sizeof(rows) / sizeof(*rows));
}

/* ---- random ones, against a list ---- */

enum { CHANGES = 8, LOOKUPS = 4, BY_HOST = 5, PREFIXES_MOST = BY_HOST + CHANGES };

static struct {
	struct key key[PREFIXES_MOST];
	uint32_t number[PREFIXES_MOST];
	int n;
} list;
static int random_map;
static uint32_t want; /* what the program's lookups give, from the list */

static int has_prefix(const struct key *key, const struct key *prefix)
{
	if (key->length < prefix->length)
		return 0;
	for (uint32_t n = 0; n < prefix->length; n++)
		if ((key->data[n / 8] ^ prefix->data[n / 8]) >> (7 - n % 8) & 1)
			return 0;
	return 1;
}

/* The place of the longest prefix of the key; -1: there is none. */
static int longest_of(const struct key *key)
{
	int found = -1;

	for (int n = 0; n < list.n; n++)
		if (has_prefix(key, &list.key[n]) && (found < 0 || list.key[n].length > list.key[found].length))
			found = n;
	return found;
}

static int same_as(const struct key *key)
{
	int n = longest_of(key);

	return n >= 0 && list.key[n].length == key->length ? n : -1;
}

static void list_update(const struct key *key, uint32_t number)
{
	int n = same_as(key);

	if (n < 0)
		list.key[n = list.n++] = *key;
	list.number[n] = number;
}

static void list_delete(const struct key *key)
{
	int n = same_as(key);

	if (n >= 0) {
		list.n--;
		list.key[n] = list.key[list.n];
		list.number[n] = list.number[list.n];
	}
}

/* Few bits differ, so that prefixes meet. */
static struct key random_key(int whole)
{
	uint32_t longest = 8 * (all_maps[random_map].key_size - DATA_AT);
	struct key key = { .length = whole ? longest : jit_random(&j, longest + 1) };

	for (uint32_t n = 0; n < longest / 8; n++)
		key.data[n] = jit_random(&j, 4) ? 0xff : (uint8_t)jit_random(&j, 256);
	return key;
}

static struct key host_keys[BY_HOST];
static uint32_t seed;

static void host_puts_some_in(struct nic *n, const struct image *image)
{
	const struct nic_map map = calls_map(n, image, (uint32_t)random_map);

	for (uint32_t k = 0; k < BY_HOST; k++) {
		const uint64_t value = 100 + k;

		assert_int_equal(nic_maps_update(&map, &host_keys[k], &value, 0), 0);
	}
}

static void put_random(void)
{
	j.seed = seed;
	list.n = 0;
	for (uint32_t k = 0; k < BY_HOST; k++) {
		host_keys[k] = random_key(0);
		list_update(&host_keys[k], 100 + k);
	}
	for (uint32_t k = 0; k < CHANGES; k++) {
		struct key key = list.n && jit_random(&j, 3) ? list.key[jit_random(&j, (uint32_t)list.n)] : random_key(0);

		if (jit_random(&j, 2)) {
			put_update(random_map, &key, (int)k + 1, ANY);
			list_update(&key, k + 1);
		} else {
			put_delete(random_map, &key);
			list_delete(&key);
		}
	}
	want = 0;
	for (uint32_t k = 0; k < LOOKUPS; k++) {
		struct key key = list.n && k % 2 ? list.key[jit_random(&j, (uint32_t)list.n)] : random_key(1);
		int found = longest_of(&key);

		put_lookup(random_map, &key);
		put_note();
		want = want << 8 | (found < 0 ? NONE : list.number[found]);
	}
}

/* The host finds the list in the map, and nothing else. */
static void host_sees_the_list(struct nic *n, const struct image *image)
{
	const struct nic_map map = calls_map(n, image, (uint32_t)random_map);
	struct key key = { 0 };
	int first = 1, seen = 0;
	uint64_t value = 0;

	for (; !nic_maps_next(&map, first ? NULL : &key, &key); first = 0, seen++)
		assert_in_range(same_as(&key), 0, list.n);
	assert_int_equal(seen, list.n);
	for (int k = 0; k < list.n; k++) {
		assert_int_equal(nic_maps_lookup(&map, &list.key[k], &value), 0);
		assert_int_equal(value & 0xffffffff, list.number[k]);
	}
}

static void random_changes_are_those_of_a_list(void **state)
{
	enum { PROGRAMS = 150 };
	struct calls c = { .maps = all_maps, .n_maps = MAPS, .put = put_random, .host = host_puts_some_in, .after = host_sees_the_list };
	int found = 0, wrong = 0;

	(void)state;
	for (seed = 1; seed <= PROGRAMS; seed++) {
		uint32_t got;

		random_map = seed % 2 ? NETS6 : NAMES;
		c.careful = seed / 2 % 2;
		got = calls_result(&c);
		if (got != want)
			print_error("seed %u: %08x, not %08x\n", seed, got, want);
		wrong += got != want;
		for (uint32_t all = want; all; all >>= 8)
			found += (all & 0xff) != NONE;
	}
	assert_int_equal(wrong, 0);
	assert_in_range(found, PROGRAMS * LOOKUPS / 3, PROGRAMS * LOOKUPS - PROGRAMS / 10); /* and some are not */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(results_are_those_of_linux),
		cmocka_unit_test(random_changes_are_those_of_a_list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
