// SPDX-License-Identifier: Apache-2.0
/* Values with a spin lock in them: what an update changes and leaves, with BPF_F_LOCK and without; the caller's bytes stay as they are. tests/maps
 * compares whole programs with Linux, and has the threads that wait for each other and for the dead. */
#include "calls.h"

enum { ARRAY_OF, TABLE, MAPS };
enum { LOCK_AT = 4, VALUE_BYTES = 12, ENTRIES = 2 };
enum { ANY, NOEXIST, EXIST, LOCKED = 4 };
enum { OK = 0, NOT_THERE = 0xfe, TOO_BIG = 0xf9, EXISTS = 0xef, INVALID = 0xea };
enum { FROM = -32 }; /* the caller's value, on the stack */

static const struct prog_map all_maps[MAPS] = {
	[ARRAY_OF] = { .name = "array", .type = MAP_TYPE_ARRAY, .key_size = 4, .value_size = VALUE_BYTES, .max_entries = ENTRIES, .lock = LOCK_AT + 1 },
	[TABLE] = { .name = "table", .type = MAP_TYPE_HASH, .key_size = 4, .value_size = VALUE_BYTES, .max_entries = ENTRIES, .lock = LOCK_AT + 1 },
};

/* One note: the update's result. The value has `first` before the lock, `last` behind it, and ones where the lock lies. */
static void put_update(int map, int key, int first, int last, int flags)
{
	put_word(-12, key);
	put_word(FROM, first);
	put_word(FROM + LOCK_AT, -1);
	put_word(FROM + LOCK_AT + 4, last);
	put_map(1, map);
	put_at(2, -12);
	put_at(3, FROM);
	put_mov(4, flags);
	put_call(HELPER_MAP_UPDATE_ELEM);
	put_note();
}

static void put_seen(int off)
{
	jit_put(&j, EC_LDX | EBPF_MEM | EBPF_W, 0, 7, (int16_t)off, 0);
	put_note();
}

/* Two notes: what lies around the lock. */
static void put_around(int map, int key)
{
	put_value(map, key);
	put_seen(0);
	put_seen(LOCK_AT + 4);
}

/* One note: 5 where the lock could be taken and given back; there is none where it is held. */
static void put_take(int map, int key)
{
	put_value(map, key);
	put_copy(1, 7);
	jit_put(&j, EC_ALU64 | EBPF_ADD, 1, 0, 0, LOCK_AT);
	put_call(HELPER_SPIN_LOCK);
	put_copy(1, 7);
	jit_put(&j, EC_ALU64 | EBPF_ADD, 1, 0, 0, LOCK_AT);
	put_call(HELPER_SPIN_UNLOCK);
	put_mov(0, 5);
	put_note();
}

/* ---- arrays ---- */

static void elements_change(void)
{
	put_update(ARRAY_OF, 1, 11, 12, ANY);
	put_around(ARRAY_OF, 1);
	put_take(ARRAY_OF, 1);
}

static void elements_change_under_the_lock(void)
{
	put_update(ARRAY_OF, 1, 13, 14, LOCKED | EXIST);
	put_around(ARRAY_OF, 1);
	put_take(ARRAY_OF, 1);
}

static void elements_are_there(void)
{
	put_update(ARRAY_OF, 0, 1, 2, NOEXIST);
	put_update(ARRAY_OF, 0, 1, 2, LOCKED | NOEXIST);
	put_update(ARRAY_OF, ENTRIES, 1, 2, LOCKED);
	put_update(ARRAY_OF, 0, 1, 2, LOCKED | 3);
}

static void an_element_that_is_refused_stays(void)
{
	put_update(ARRAY_OF, 1, 15, 16, EXIST);
	put_update(ARRAY_OF, 1, 17, 18, NOEXIST);
	put_around(ARRAY_OF, 1);
}

/* ---- tables ---- */

static void entries_come(void)
{
	put_update(TABLE, 7, 21, 22, ANY);
	put_around(TABLE, 7);
	put_take(TABLE, 7); /* the caller had ones there */
}

static void entries_come_under_the_lock(void)
{
	put_update(TABLE, 7, 23, 24, LOCKED);
	put_around(TABLE, 7);
	put_take(TABLE, 7);
}

static void entries_change_under_the_lock(void)
{
	put_update(TABLE, 7, 25, 26, NOEXIST | LOCKED);
	put_update(TABLE, 7, 27, 28, EXIST | LOCKED);
	put_around(TABLE, 7);
}

static void entries_are_there_or_not(void)
{
	put_update(TABLE, 7, 1, 2, EXIST | LOCKED);
	put_update(TABLE, 7, 1, 2, ANY);
	put_update(TABLE, 7, 1, 2, NOEXIST | LOCKED);
	put_update(TABLE, 7, 1, 2, 8 | LOCKED);
}

static void a_table_gets_full(void)
{
	put_update(TABLE, 1, 1, 1, LOCKED);
	put_update(TABLE, 2, 2, 2, LOCKED);
	put_update(TABLE, 3, 3, 3, LOCKED);
	put_update(TABLE, 1, 4, 4, LOCKED); /* changed where it lies */
}

/* Those where the lock lies, which the new entry does not get, too. */
static void the_callers_bytes_stay(void)
{
	put_update(TABLE, 7, 1, 2, ANY);
	for (int off = LOCK_AT; off < LOCK_AT + 3; off++) {
		jit_put(&j, EC_LDX | EBPF_MEM | EBPF_B, 0, 10, (int16_t)(FROM + off), 0);
		put_note();
	}
}

static void results_are_those_of_linux(void **state)
{
	static const struct calls_row rows[] = {
		ROW(elements_change, OK, 11, 12, 5),
		ROW(elements_change_under_the_lock, OK, 13, 14, 5),
		ROW(elements_are_there, EXISTS, EXISTS, TOO_BIG, INVALID),
		ROW(an_element_that_is_refused_stays, OK, EXISTS, 15, 16),
		ROW(entries_come, OK, 21, 22, 5),
		ROW(entries_come_under_the_lock, OK, 23, 24, 5),
		ROW(entries_change_under_the_lock, OK, OK, 27, 28),
		ROW(entries_are_there_or_not, NOT_THERE, OK, EXISTS, INVALID),
		ROW(a_table_gets_full, OK, OK, TOO_BIG, OK),
		ROW(the_callers_bytes_stay, OK, 0xff, 0xff, 0xff),
	};

	(void)state;
	calls_check((struct calls){ .maps = all_maps, .n_maps = MAPS }, rows, sizeof(rows) / sizeof(*rows));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(results_are_those_of_linux) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
