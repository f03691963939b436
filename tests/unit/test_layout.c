// SPDX-License-Identifier: Apache-2.0
/* Where maps lie: no two share a byte, each begins and ends where its sizes say, arrays near the start, and what has no room is refused.
 * Also of layout_choose.c. */
#include "jit.h"

enum { MAPS_MAX = 24 };

static struct prog_map maps[MAPS_MAX];

/* Places n maps of a program. 0 or -1. */
static int place_with(struct jit *j, const struct ebpf_insn *insns, uint32_t n_insns, uint32_t n, uint32_t map_words, uint32_t ext_words)
{
	memset(j, 0, sizeof(*j));
	jit_put(j, EC_ALU64 | EBPF_MOV, 0, 0, 0, 2);
	jit_put(j, EC_JMP | EBPF_EXIT, 0, 0, 0, 0);
	jit_finish(j);
	if (insns) {
		j->prog.insns = insns;
		j->prog.n_insns = n_insns;
	}
	j->mem = malloc(1 << 20);
	arena_init(&j->arena, j->mem, 1 << 20);
	j->prog.maps = maps;
	j->prog.n_maps = n;
	j->target.map_words = map_words;
	j->target.ext_words = ext_words;
	j->diag.insn = -1;
	j->c = (struct compile){ .arena = &j->arena, .prog = &j->prog, .target = &j->target, .diag = &j->diag };
	return layout_run(&j->c);
}

static int place(struct jit *j, uint32_t n, uint32_t map_words, uint32_t ext_words)
{
	return place_with(j, NULL, 0, n, map_words, ext_words);
}

static struct prog_map map_of(uint32_t type, uint32_t key, uint32_t value, uint32_t entries)
{
	return (struct prog_map){ .name = "m", .type = type, .key_size = key, .value_size = value, .max_entries = entries };
}

static uint32_t first_byte(const struct image_map *m)
{
	return image_map_is_hash(m->type) || m->type == MAP_TYPE_LPM_TRIE ? m->buckets : m->values;
}

/* Bytes of one value or entry in all planes */
static uint64_t least_bytes(const struct image_map *m)
{
	uint64_t entry = m->value_size + (image_map_is_hash(m->type) || m->type == MAP_TYPE_LPM_TRIE ? m->key_size : 0);

	return image_map_is_ring(m->type) ? 0 : entry * m->max_entries * m->cpus;
}

static void check_places(const struct jit *j)
{
	for (uint32_t n = 0; n < j->prog.n_maps; n++) {
		const struct image_map *m = &j->c.maps[n];

		assert_int_equal(first_byte(m) % 8, 0);
		assert_int_equal(m->stride % 8, 0);
		assert_true(first_byte(m) >= 8);              /* address 0 is NULL */
		assert_true(m->limit >= first_byte(m) + least_bytes(m));
		for (uint32_t k = 0; k < n; k++)
			assert_true(first_byte(m) >= j->c.maps[k].limit || first_byte(&j->c.maps[k]) >= m->limit);
		if (m->limit < IMAGE_EXT)
			assert_true(m->limit <= 8 * j->c.map_words);
		else
			assert_true(m->limit - IMAGE_EXT <= 8ULL * j->c.ext_words);
	}
	assert_true(j->c.map_words <= j->target.map_words);
	assert_true(j->c.ext_words <= j->target.ext_words);
}

static struct prog_map random_map(struct jit *j)
{
	static const struct { uint8_t type, key; } types[] = {
		{ MAP_TYPE_ARRAY, 4 }, { MAP_TYPE_PERCPU_ARRAY, 4 }, { MAP_TYPE_HASH, 0 }, { MAP_TYPE_PERCPU_HASH, 0 }, { MAP_TYPE_LRU_HASH, 0 },
		{ MAP_TYPE_LPM_TRIE, 8 }, { MAP_TYPE_QUEUE, 0 }, { MAP_TYPE_STACK, 0 }, { MAP_TYPE_RINGBUF, 0 }, { MAP_TYPE_DEVMAP, 4 },
	};
	uint32_t k = jit_random(j, sizeof(types) / sizeof(*types)), type = types[k].type;
	int hash = image_map_is_hash(type);

	if (type == MAP_TYPE_RINGBUF)
		return map_of(type, 0, 0, 4096U << jit_random(j, 3));
	return map_of(type, hash ? 1 + jit_random(j, 40) : types[k].key, 1 + jit_random(j, 60), 1 + jit_random(j, 50));
}

static void no_two_maps_share_a_byte(void **state)
{
	static struct jit j, numbers = { .seed = 7 };
	uint32_t outside = 0;

	(void)state;
	for (int round = 0; round < 200; round++) {
		uint32_t n = 1 + jit_random(&numbers, MAPS_MAX), ext = round % 2 ? 1 << 20 : 0;

		for (uint32_t k = 0; k < n; k++)
			maps[k] = random_map(&numbers);
		if (!place(&j, n, round % 2 ? 1 << 13 : 1 << 20, ext)) {
			check_places(&j);
			outside += j.c.ext_words != 0;
		} else {
			assert_non_null(strstr(j.diag.text, "does not fit"));
		}
		jit_close(&j);
	}
	assert_true(outside > 0);
}

/* Code reaches the start of map memory with fewer operations. */
static void small_arrays_come_first(void **state)
{
	static struct jit j;

	(void)state;
	maps[0] = map_of(MAP_TYPE_HASH, 4, 8, 16);
	maps[1] = map_of(MAP_TYPE_ARRAY, 4, 8, 1000);
	maps[2] = map_of(MAP_TYPE_ARRAY, 4, 8, 1);
	assert_int_equal(place(&j, 3, 1 << 17, 0), 0);
	assert_int_equal(j.c.maps[2].values, 8);
	assert_true(j.c.maps[1].values < j.c.maps[0].buckets);
	jit_close(&j);
}

/* Where no map is used more than another. */
static void the_largest_lies_outside(void **state)
{
	static struct jit j;

	(void)state;
	maps[0] = map_of(MAP_TYPE_ARRAY, 4, 8, 100);
	maps[1] = map_of(MAP_TYPE_HASH, 4, 8, 5000);
	maps[2] = map_of(MAP_TYPE_HASH, 4, 8, 100);
	for (int small = 0; small < 2; small++) {
		assert_int_equal(place(&j, 3, small ? 1000 : 1 << 17, 1 << 17), 0);
		check_places(&j);
		assert_true(j.c.maps[0].values < IMAGE_EXT);
		assert_int_equal(j.c.maps[1].buckets >= IMAGE_EXT, small);
		assert_true(j.c.maps[2].buckets < IMAGE_EXT);
		jit_close(&j);
	}
}

/* Two maps, one four times the other's size, and room for the larger one: it lies on the chip when it is used in more than four times as many places. */
static void the_most_used_for_its_size_lies_on_the_chip(void **state)
{
	static struct jit j;

	(void)state;
	maps[0] = map_of(MAP_TYPE_ARRAY, 4, 8, 400);
	maps[1] = map_of(MAP_TYPE_ARRAY, 4, 8, 100);
	for (int uses = 1; uses < 8; uses++) {
		struct ebpf_insn insns[2 * 8 + 2] = { { .code = 0 } };
		uint32_t n = 0;

		for (int k = 0; k <= uses; k++, n += 2)
			insns[n] = (struct ebpf_insn){ .code = EBPF_LDDW, .regs = EBPF_PSEUDO_MAP << 4 | 1, .imm = k == uses };
		assert_int_equal(place_with(&j, insns, n, 2, 402, 1 << 17), 0);
		assert_int_equal(j.c.maps[0].values < IMAGE_EXT, uses > 4);
		assert_int_equal(j.c.maps[1].values < IMAGE_EXT, uses <= 4);
		assert_int_equal(j.c.map_uses[0], uses);
		jit_close(&j);
	}
}

static void what_has_no_room_is_refused(void **state)
{
	static struct jit j;

	(void)state;
	maps[0] = map_of(MAP_TYPE_ARRAY, 4, 8, 10);
	for (uint32_t words = 10; words <= 11; words++) { /* the first word is nobody's */
		assert_int_equal(place(&j, 1, words, 0), words == 10 ? -1 : 0);
		if (words == 10) {
			assert_string_equal(j.diag.text, "map m does not fit: the maps need 88 bytes, m alone 80, and the NIC has 80");
			assert_non_null(strstr(j.diag.note, "lower its max_entries (there is room for 9; --entries sets them)"));
		}
		jit_close(&j);
	}
	maps[0] = map_of(MAP_TYPE_HASH, 128, UINT32_MAX / 2, UINT32_MAX); /* larger than an address is wide */
	assert_int_equal(place(&j, 1, 1 << 17, 0), -1);
	assert_non_null(strstr(j.diag.text, "map m does not fit"));
	assert_non_null(strstr(j.diag.note, "lower its max_entries"));
	jit_close(&j);
	maps[0] = map_of(MAP_TYPE_ARRAY, 4, 8, UINT32_MAX);
	assert_int_equal(place(&j, 1, 1 << 17, 0), -1);
	assert_non_null(strstr(j.diag.note, "(there is room for 131071; --entries sets them)"));
	jit_close(&j);
}

/* Also outside the chip, where maps begin with a line. */
static void what_would_fit_does(void **state)
{
	static struct jit j;

	(void)state;
	for (uint32_t words = 1000; words < 1016; words++)
		for (uint32_t outside = 0; outside < 2; outside++) {
			const char *fits;
			uint32_t entries;

			maps[0] = map_of(MAP_TYPE_ARRAY, 4, 8, 5000);
			maps[1] = map_of(MAP_TYPE_HASH, 4, 8, 10);
			assert_int_equal(place(&j, 2, outside ? 8 : words, outside ? words : 0), -1);
			fits = strstr(j.diag.note, "room for ");
			assert_non_null(fits);
			entries = (uint32_t)strtoul(fits + strlen("room for "), NULL, 10);
			jit_close(&j);
			assert_in_range(entries, 800, words);
			maps[0].max_entries = entries;
			assert_int_equal(place(&j, 2, outside ? 8 : words, outside ? words : 0), 0);
			jit_close(&j);
		}
}

static void every_thread_has_its_plane(void **state)
{
	static struct jit j;

	(void)state;
	maps[0] = map_of(MAP_TYPE_PERCPU_ARRAY, 4, 20, 4);
	assert_int_equal(place(&j, 1, 1 << 17, 0), 0);
	assert_int_equal(j.c.maps[0].stride, 24);
	assert_int_equal(j.c.maps[0].plane, 24 * 4 + 8);
	assert_int_equal(j.c.maps[0].limit - j.c.maps[0].values, (24 * 4 + 8) * j.target.cpus);
	jit_close(&j);
}

/* An ARRAY's structures of as many words as there are banks, or a multiple, have a word more between them, unless there is but one of them or they are many. */
static void structures_lie_in_all_banks(void **state)
{
	static const struct { uint32_t type, value, entries, stride; } rows[] = {
		{ MAP_TYPE_ARRAY, 64, 16, 72 }, { MAP_TYPE_ARRAY, 28, 2, 40 }, { MAP_TYPE_ARRAY, 96, 3, 104 }, { MAP_TYPE_ARRAY, 64, 1024, 72 },
		{ MAP_TYPE_ARRAY, 64, 1025, 64 }, { MAP_TYPE_ARRAY, 64, 1, 64 }, { MAP_TYPE_ARRAY, 16, 16, 16 }, { MAP_TYPE_ARRAY, 33, 16, 40 },
		{ MAP_TYPE_PERCPU_ARRAY, 64, 16, 64 },
	};
	static struct jit j;

	(void)state;
	for (size_t n = 0; n < sizeof(rows) / sizeof(*rows); n++) {
		maps[0] = map_of(rows[n].type, 4, rows[n].value, rows[n].entries);
		assert_int_equal(place(&j, 1, 1 << 18, 0), 0);
		assert_int_equal(j.c.maps[0].stride, rows[n].stride);
		check_places(&j);
		jit_close(&j);
	}
}

/* Small values of an array stand side by side. */
static void small_values_of_threads_share_a_row(void **state)
{
	static struct jit j;

	(void)state;
	for (uint32_t words = 1; words <= 2; words++) {
		maps[0] = maps[1] = map_of(MAP_TYPE_PERCPU_ARRAY, 4, 8 * words - 4, 5);
		assert_int_equal(place(&j, 2, 1 << 17, 0), 0);
		assert_int_equal(j.c.maps[0].plane, 8 * words);
		assert_int_equal(j.c.maps[0].stride, 8 * words * j.target.cpus);
		assert_int_equal(j.c.maps[0].limit - j.c.maps[0].values, 5 * j.c.maps[0].stride);
		assert_int_equal(j.c.maps[1].values - j.c.maps[0].limit, 8 * words - 8); /* first words of pairs are not all in the same banks */
		jit_close(&j);
	}
}

/* A driver that has placed the maps before: the layout is theirs, and numbers that are not in use stay so. */
static void places_of_a_driver_are_kept(void **state)
{
	static struct jit j;
	static const struct image_map none;
	struct image_map at[2];
	uint64_t end;

	(void)state;
	maps[0] = map_of(MAP_TYPE_HASH, 4, 8, 10);
	maps[2] = map_of(MAP_TYPE_ARRAY, 4, 8, 3);
	end = nicjit_place_map(&maps[0], &target_default, 640, &at[0]);
	assert_int_equal(at[0].buckets, 640);
	assert_int_equal(end, at[0].limit);
	assert_int_equal(nicjit_place_map(&maps[2], &target_default, 64, &at[1]), 64 + 24);
	maps[1] = (struct prog_map){ .name = "" };
	maps[0].place = &at[0];
	maps[1].place = &none;
	maps[2].place = &at[1];
	assert_int_equal(place(&j, 3, 1 << 17, 0), 0);
	assert_memory_equal(&j.c.maps[0], &at[0], sizeof(at[0]));
	assert_memory_equal(&j.c.maps[1], &none, sizeof(none));
	assert_memory_equal(&j.c.maps[2], &at[1], sizeof(at[1]));
	jit_close(&j);
	maps[0] = map_of(MAP_TYPE_HASH, 128, UINT32_MAX / 2, UINT32_MAX);
	assert_int_equal(nicjit_place_map(&maps[0], &target_default, 64, &at[0]), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_two_maps_share_a_byte),
		cmocka_unit_test(small_arrays_come_first),
		cmocka_unit_test(the_largest_lies_outside),
		cmocka_unit_test(the_most_used_for_its_size_lies_on_the_chip),
		cmocka_unit_test(what_has_no_room_is_refused),
		cmocka_unit_test(what_would_fit_does),
		cmocka_unit_test(every_thread_has_its_plane),
		cmocka_unit_test(structures_lie_in_all_banks),
		cmocka_unit_test(places_of_a_driver_are_kept),
		cmocka_unit_test(small_values_of_threads_share_a_row),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
