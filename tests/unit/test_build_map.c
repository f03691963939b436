// SPDX-License-Identifier: Apache-2.0
/* Maps in maps: a lookup gives the map that the host has put there, or nothing, and that map is one like any other. */
#include "calls.h"

enum { TABLE, OTHER_TABLE, LIST, OTHER_LIST, TABLES, TABLES_BY_KEY, LISTS, MAPS, A_TABLE = MAPS, A_LIST, ALL };
enum { NO_MAP = 0xee, NO_VALUE = 0xdd, OK = 0, TOO_BIG = 0xf9, NOT_THERE = 0xfe };

#define TABLE_MAP(called) { .name = called, .type = MAP_TYPE_HASH, .key_size = 4, .value_size = 8, .max_entries = 2 }
#define LIST_MAP(called) { .name = called, .type = MAP_TYPE_ARRAY, .key_size = 4, .value_size = 4, .max_entries = 3 }
#define HOLDS(called, t, template, like) { .name = called, .type = t, .key_size = 4, .value_size = 4, .max_entries = 3, .inner = (template) + 1, .model = (like) + 1 }

static const struct prog_map all_maps[ALL] = {
	[TABLE] = TABLE_MAP("table"), [OTHER_TABLE] = TABLE_MAP("other_table"), [LIST] = LIST_MAP("list"), [OTHER_LIST] = LIST_MAP("other_list"),
	[TABLES] = HOLDS("tables", MAP_TYPE_ARRAY_OF_MAPS, A_TABLE, TABLE), [TABLES_BY_KEY] = HOLDS("tables_by_key", MAP_TYPE_HASH_OF_MAPS, A_TABLE, TABLE),
	[LISTS] = HOLDS("lists", MAP_TYPE_ARRAY_OF_MAPS, A_LIST, LIST),
	[A_TABLE] = TABLE_MAP("a_table"), [A_LIST] = LIST_MAP("a_list"), /* what programs may take for granted of those in maps */
};

static void fill_in(struct nic *n, const struct image *image, uint32_t map, uint32_t key, uint64_t value)
{
	const struct nic_map to = calls_map(n, image, map);

	assert_int_equal(nic_maps_update(&to, &key, &value, 0), 0);
}

/* Slot 1 and key 0x10000 have the other one of two alike, slot 2 the first; what is in them differs. */
static void fill(struct nic *n, const struct image *image)
{
	fill_in(n, image, TABLES, 1, OTHER_TABLE);
	fill_in(n, image, TABLES, 2, TABLE);
	fill_in(n, image, TABLES_BY_KEY, 0x10000, OTHER_TABLE);
	fill_in(n, image, LISTS, 1, OTHER_LIST);
	fill_in(n, image, TABLE, 5, 50);
	fill_in(n, image, OTHER_TABLE, 5, 51);
	fill_in(n, image, LIST, 2, 20);
	fill_in(n, image, OTHER_LIST, 2, 21);
}

/* r7 = the map for that key; a note where there is none, and the program goes on behind `then` */
static void put_in_map(int outer, int key, void (*then)(int), int with)
{
	uint32_t at;

	put_word(-12, key);
	put_map(1, outer);
	put_at(2, -12);
	put_call(HELPER_MAP_LOOKUP_ELEM);
	jit_put(&j, EC_JMP | EBPF_JNE, 0, 0, 2, 0);
	put_mov(0, NO_MAP);
	at = j.n;
	jit_put(&j, EC_JMP | EBPF_JA, 0, 0, 0, 0);
	put_copy(7, 0);
	then(with);
	j.insns[at].off = (int16_t)(j.n - at - 1);
	put_note();
}

/* r1, r2 = the map, that key */
static void put_key(int key)
{
	put_word(-16, key);
	put_copy(1, 7);
	put_at(2, -16);
}

/* r0 = the value, or NO_VALUE */
static void look(int key)
{
	put_key(key);
	put_call(HELPER_MAP_LOOKUP_ELEM);
	jit_put(&j, EC_JMP | EBPF_JNE, 0, 0, 2, 0);
	put_mov(0, NO_VALUE);
	jit_put(&j, EC_JMP | EBPF_JA, 0, 0, 1, 0);
	jit_put(&j, EC_LDX | EBPF_MEM | EBPF_W, 0, 0, 0, 0);
}

static void update(int key)
{
	put_word(-24, 77);
	put_word(-20, 0);
	put_key(key);
	put_at(3, -24);
	put_mov(4, 0);
	put_call(HELPER_MAP_UPDATE_ELEM);
}

static void delete(int key)
{
	put_key(key);
	put_call(HELPER_MAP_DELETE_ELEM);
}

static void by_index(void)
{
	put_in_map(TABLES, 0, look, 5); /* nobody has put one in */
	put_in_map(TABLES, 1, look, 5);
	put_in_map(TABLES, 2, look, 5);
	put_in_map(TABLES, 3, look, 5); /* there is no such slot */
}

static void by_key(void)
{
	put_in_map(TABLES_BY_KEY, 0x10000, look, 5);
	put_in_map(TABLES_BY_KEY, 0x10000, look, 6);
	put_in_map(TABLES_BY_KEY, 1, look, 5);
	put_in_map(TABLES_BY_KEY, 0, look, 5);
}

static void arrays_in_them(void)
{
	put_in_map(LISTS, 1, look, 2);
	put_in_map(LISTS, 1, look, 0);
	put_in_map(LISTS, 1, look, 3);
	put_in_map(LISTS, 2, look, 2);
}

static void changes_by_the_program(void)
{
	put_in_map(TABLES, 1, update, 6);
	put_in_map(TABLES_BY_KEY, 0x10000, look, 6); /* the same table */
	put_in_map(TABLES, 1, update, 7);
	put_in_map(TABLES, 1, delete, 9);
}

static void changes_of_arrays(void)
{
	put_in_map(LISTS, 1, update, 2);
	put_in_map(LISTS, 1, look, 2);
	put_in_map(LISTS, 1, update, 3);
	put_in_map(LISTS, 0, update, 0);
}

/* The lists that no slot leads to are as they were. */
static void others_stay(struct nic *n, const struct image *image)
{
	const struct nic_map table = calls_map(n, image, TABLE), list = calls_map(n, image, LIST);
	uint32_t key = 5, value[2] = { 0 };

	assert_int_equal(nic_maps_lookup(&table, &key, value), 0);
	assert_int_equal(value[0], 50);
	key = 2;
	assert_int_equal(nic_maps_lookup(&list, &key, value), 0);
	assert_int_equal(value[0], 20);
}

static void results_are_those_of_linux(void **state)
{
	static const struct calls_row rows[] = {
		ROW(by_index, NO_MAP, 51, 50, NO_MAP),
		ROW(by_key, 51, NO_VALUE, NO_MAP, NO_MAP),
		ROW(arrays_in_them, 21, 0, NO_VALUE, NO_MAP),
		ROW(changes_by_the_program, OK, 77, TOO_BIG, NOT_THERE),
		ROW(changes_of_arrays, OK, 77, TOO_BIG, NO_MAP),
	};

	(void)state;
	calls_check((struct calls){ .maps = all_maps, .n_maps = MAPS, .n_templates = ALL - MAPS, .host = fill, .after = others_stay }, rows, sizeof(rows) / sizeof(*rows));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(results_are_those_of_linux) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
