// SPDX-License-Identifier: Apache-2.0
/* The host's map access on the C model's registers: against a plain model of a map, and on tables that are broken.
 * Also of nic_hash.c. */
#include <errno.h>
#include <stdlib.h>
#include "nic.h"
#include "driver/common/nic_hash.h"

enum { KEYS = 12, KEY_MAX = 512, VALUE_MAX = 24, BUCKETS_AT = 64, OPS = 2000 };

struct table {
	struct nic nic;
	struct image_map layout;
	struct nic_map map;
	uint32_t seed;
};

static uint32_t chance(struct table *t, uint32_t below)
{
	t->seed = t->seed * 1664525u + 1013904223u;
	return (uint32_t)((uint64_t)(t->seed >> 8) * below >> 24);
}

static uint32_t origin; /* of the map memory that tables lie in */

/* Map 1 of a program of one instruction. */
static void open_table(struct table *t, const struct image_map *shape)
{
	uint64_t text[3] = { nic_word("exit 2", 0), nic_word("nop", 1), nic_word("nop", 2) };
	struct image_map maps[2] = { { .type = IMAGE_MAP_ARRAY, .cpus = 1, .key_size = 4, .value_size = 8, .max_entries = 1, .values = 8,
				       .limit = 16, .stride = 8 } };
	struct image_map *m = &t->layout;
	struct image_header header = { .lanes = 3, .n_bundles = 1, .n_maps = 2, .ext_words = origin ? 1 << 17 : 0 };
	struct image image = { .header = &header, .text = text, .maps = maps, .names = "" };
	struct nic_refusal why;
	struct nic_place place;
	int hash = shape->type == IMAGE_MAP_HASH;

	*m = *shape;
	m->buckets = hash ? origin + BUCKETS_AT : 0;
	m->values = origin + BUCKETS_AT + (origin ? (8 * m->n_buckets + 31) / 32 * 32 : 8 * m->n_buckets);
	m->stride = (m->value_size + 7) / 8 * 8 + (hash ? 8 + (m->key_size + 7) / 8 * 8 : 0);
	if (origin && hash)
		m->stride = (m->stride + IMAGE_EXT_ENTRY - 1) / IMAGE_EXT_ENTRY * IMAGE_EXT_ENTRY;
	m->limit = m->values + m->stride * (m->max_entries + (uint32_t)hash);
	maps[1] = *m;
	nic_open(&t->nic);
	if (nic_load(&t->nic.regs, &image, &place, &why))
		fail_msg("%s", why.text);
	t->nic.from = hash ? m->buckets : m->values;
	t->nic.to = m->limit;
	if (origin) { /* seen through a window */
		t->nic.from = 0;
		t->nic.to = UINT32_MAX - REG_MAPMEM;
	}
	t->nic.own_state = REG_MAPSTATE + REG_MAPSTATE_STRIDE;
	t->nic.writes_outside = 0;
	t->map = (struct nic_map){ .regs = &t->nic.regs, .layout = &t->layout, .index = 1 };
	t->seed = 1;
}

static void close_table(struct table *t)
{
	assert_int_equal(t->nic.writes_outside, 0);
	nic_close(&t->nic);
}

static void put_word(struct table *t, uint32_t addr, uint64_t value)
{
	nic_maps_write_word(&t->nic.regs, addr, value);
}

static const struct image_map hash_shapes[] = {
	{ .type = IMAGE_MAP_HASH, .cpus = 1, .key_size = 1, .value_size = 1, .max_entries = 4, .n_buckets = 1 },
	{ .type = IMAGE_MAP_HASH, .cpus = 1, .key_size = 4, .value_size = 8, .max_entries = 8, .n_buckets = 8, .seed = 77 },
	{ .type = IMAGE_MAP_HASH, .cpus = 1, .key_size = 6, .value_size = 12, .max_entries = 11, .n_buckets = 2 },
	{ .type = IMAGE_MAP_HASH, .cpus = 1, .key_size = 13, .value_size = 24, .max_entries = 3, .n_buckets = 4, .seed = UINT32_MAX },
	{ .type = IMAGE_MAP_HASH, .cpus = 1, .key_size = 128, .value_size = 9, .max_entries = 1, .n_buckets = 1 },
	{ .type = IMAGE_MAP_HASH, .cpus = 1, .key_size = 512, .value_size = 11, .max_entries = 5, .n_buckets = 4 },
};

/* What the map should hold. */
struct model {
	uint8_t key[KEYS][KEY_MAX], value[KEYS][VALUE_MAX];
	int present[KEYS];
	uint32_t count;
};

static int model_update(struct model *m, const struct image_map *l, int k, const uint8_t *value, uint64_t flags)
{
	if (flags > 2)
		return -EINVAL;
	if (m->present[k] && flags == 1)
		return -EEXIST;
	if (!m->present[k] && flags == 2)
		return -ENOENT;
	if (!m->present[k] && m->count == l->max_entries)
		return -E2BIG;
	m->count += !m->present[k];
	m->present[k] = 1;
	memcpy(m->value[k], value, l->value_size);
	return 0;
}

static int model_delete(struct model *m, int k)
{
	if (!m->present[k])
		return -ENOENT;
	m->present[k] = 0;
	m->count--;
	return 0;
}

static int index_of(const struct model *m, const uint8_t *key, size_t size)
{
	for (int k = 0; k < KEYS; k++)
		if (!memcmp(m->key[k], key, size))
			return k;
	fail_msg("a key that nobody put in");
	return 0;
}

/* A walk shows every key once. */
static void check_walk(const struct table *t, const struct model *m)
{
	uint8_t key[KEY_MAX];
	int seen[KEYS] = { 0 }, result;
	uint32_t count = 0;

	for (result = nic_maps_next(&t->map, NULL, key); !result; result = nic_maps_next(&t->map, key, key)) {
		int k = index_of(m, key, t->layout.key_size);

		assert_true(m->present[k] && !seen[k]);
		seen[k] = 1;
		count++;
	}
	assert_int_equal(result, -ENOENT);
	assert_int_equal(count, m->count);
}

static void check_lookup(const struct table *t, const struct model *m, int k)
{
	uint8_t value[VALUE_MAX + 1];

	memset(value, 0x5a, sizeof(value));
	assert_int_equal(nic_maps_lookup(&t->map, m->key[k], value), m->present[k] ? 0 : -ENOENT);
	if (m->present[k])
		assert_memory_equal(value, m->value[k], t->layout.value_size);
	assert_int_equal(value[t->layout.value_size], 0x5a);
}

static void random_step(struct table *t, struct model *m)
{
	static const uint64_t flags[] = { 0, 0, 1, 2, 3, 1ull << 32 };
	uint8_t value[VALUE_MAX];
	uint64_t flag = flags[chance(t, 6)];
	int k = (int)chance(t, KEYS);

	for (int i = 0; i < VALUE_MAX; i++)
		value[i] = (uint8_t)chance(t, 256);
	if (chance(t, 3))
		assert_int_equal(nic_maps_update(&t->map, m->key[k], value, flag), model_update(m, &t->layout, k, value, flag));
	else
		assert_int_equal(nic_maps_delete(&t->map, m->key[k]), model_delete(m, k));
	check_lookup(t, m, (int)chance(t, KEYS));
	if (!chance(t, 20))
		check_walk(t, m);
}

static void hash_maps_are_maps(void **state)
{
	(void)state;
	for (size_t s = 0; s < sizeof(hash_shapes) / sizeof(hash_shapes[0]); s++) {
		struct model m = { 0 };
		struct table t;

		open_table(&t, &hash_shapes[s]);
		for (int k = 0; k < KEYS; k++) {
			for (uint32_t i = 0; i < t.layout.key_size; i++)
				m.key[k][i] = (uint8_t)(k * (int)(i + 1));
			m.key[k][t.layout.key_size - 1] = (uint8_t)k;
		}
		for (int i = 0; i < OPS; i++)
			random_step(&t, &m);
		close_table(&t);
	}
}

/* The key after one that has gone is the first one, as the kernel does it. */
static void a_walk_begins_again_behind_a_lost_key(void **state)
{
	uint8_t key[4] = { 9 }, value[8] = { 0 }, first[4], next[4];
	struct table t;

	(void)state;
	open_table(&t, &hash_shapes[1]);
	assert_int_equal(nic_maps_next(&t.map, NULL, next), -ENOENT);
	assert_int_equal(nic_maps_next(&t.map, key, next), -ENOENT);
	for (key[0] = 1; key[0] < 4; key[0]++)
		assert_int_equal(nic_maps_update(&t.map, key, value, 0), 0);
	assert_int_equal(nic_maps_next(&t.map, NULL, first), 0);
	assert_int_equal(nic_maps_next(&t.map, key, next), 0);
	assert_memory_equal(first, next, 4);
	close_table(&t);
}

static void arrays_are_arrays(void **state)
{
	static const struct image_map shape = { .type = IMAGE_MAP_ARRAY, .cpus = 1, .key_size = 4, .value_size = 5, .max_entries = 3 };
	static const uint8_t value[] = { 1, 2, 3, 4, 5 }, none[5];
	uint32_t last = 2, beyond = 3, far = UINT32_MAX, key;
	uint8_t got[5];
	struct table t;

	(void)state;
	open_table(&t, &shape);
	put_word(&t, t.layout.values + 16, UINT64_MAX);
	assert_int_equal(nic_maps_update(&t.map, &last, value, 0), 0);
	assert_int_equal(nic_maps_read_word(&t.nic.regs, t.layout.values + 16), 0x0504030201);
	assert_int_equal(nic_maps_update(&t.map, &last, value, 2), 0);
	assert_int_equal(nic_maps_update(&t.map, &last, value, 1), -EEXIST);
	assert_int_equal(nic_maps_update(&t.map, &last, value, 3), -EINVAL);
	assert_int_equal(nic_maps_update(&t.map, &beyond, value, 0), -E2BIG);
	assert_int_equal(nic_maps_update(&t.map, &far, value, 0), -E2BIG);
	assert_int_equal(nic_maps_lookup(&t.map, &last, got), 0);
	assert_memory_equal(got, value, 5);
	key = 1;
	assert_int_equal(nic_maps_lookup(&t.map, &key, got), 0);
	assert_memory_equal(got, none, 5);
	assert_int_equal(nic_maps_lookup(&t.map, &beyond, got), -ENOENT);
	assert_int_equal(nic_maps_lookup(&t.map, &far, got), -ENOENT);
	assert_int_equal(nic_maps_delete(&t.map, &last), -EINVAL);
	assert_int_equal(nic_maps_next(&t.map, NULL, &key), 0);
	for (uint32_t i = 0; i < 3; i++) {
		assert_int_equal(key, i);
		assert_int_equal(nic_maps_next(&t.map, &key, &key), i < 2 ? 0 : -ENOENT);
	}
	assert_int_equal(nic_maps_next(&t.map, &far, &key), 0);
	assert_int_equal(key, 0);
	close_table(&t);
}

static void maps_outside_the_chip_are_maps(void **state)
{
	origin = IMAGE_EXT;
	hash_maps_are_maps(state);
	arrays_are_arrays(state);
	a_walk_begins_again_behind_a_lost_key(state);
	origin = 0;
}

/* The window stands at the start of map memory again, and more than one part can be seen. */
static void parts_of_map_memory_are_seen(void **state)
{
	static const uint32_t at[] = { 8, 65535 * 8, IMAGE_EXT, IMAGE_EXT + (1 << 20) - 8 };
	const size_t n_at = sizeof(at) / sizeof(at[0]);
	uint8_t bytes[16] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16 };
	struct nic n;

	(void)state;
	nic_open(&n);
	for (size_t i = 0; i < n_at; i++)
		nic_maps_write_word(&n.regs, at[i], 0x1000 + i);
	for (size_t i = 0; i < n_at; i++)
		assert_int_equal(nic_maps_read_word(&n.regs, at[i]), 0x1000 + i);
	nic_maps_write_bytes(&n.regs, IMAGE_EXT + 8, bytes, 16);
	assert_int_equal(nic_maps_read_word(&n.regs, IMAGE_EXT + 16), 0x100f0e0d0c0b0a09);
	assert_int_equal(nic_read(&n, REG_MAPWIN), 0);
	assert_int_equal(nic_read(&n, REG_MAPMEM + 8), 0x1000);
	nic_close(&n);
}

/* Every word of a run, no other, however it begins and ends; and not by a write of the host for each. */
static void runs_of_words_are_cleared(void **state)
{
	struct nic n;

	(void)state;
	nic_open(&n);
	for (uint32_t base = 64; base; base = base == 64 ? IMAGE_EXT + 256 : 0)
		for (uint32_t from = 0; from < 10; from++)
			for (uint32_t count = 0; count < 36; count += 1 + count / 9) {
				for (uint32_t i = 0; i < 50; i++)
					nic_maps_write_word(&n.regs, base + 8 * i, ~(uint64_t)i);
				n.writes = 0;
				assert_int_equal(nic_maps_clear(&n.regs, base + 8 * from, count), 0);
				assert_int_equal(n.writes, count ? 2 : 0);
				for (uint32_t i = 0; i < 50; i++)
					assert_int_equal(nic_maps_read_word(&n.regs, base + 8 * i),
							 i >= from && i < from + count ? 0 : ~(uint64_t)i);
			}
	nic_close(&n);
}

/* What the engine says of a broken chain is passed on. */
static void pointers_to_no_entry_are_found(void **state)
{
	const struct image_map *shape = &hash_shapes[0];
	uint8_t key = 1, value = 3, next;
	struct table t;

	(void)state;
	open_table(&t, shape);
	assert_int_equal(nic_maps_update(&t.map, &key, &value, 0), 0);
	{
		uint32_t v = t.layout.values;
		const uint32_t wild[] = { 2, 8, BUCKETS_AT, v - 8, v + 4, v + 8, t.layout.limit - 8, t.layout.limit, UINT32_MAX };

		for (size_t i = 0; i < sizeof(wild) / sizeof(wild[0]); i++) {
			put_word(&t, t.layout.buckets, wild[i]);
			assert_int_equal(nic_maps_next(&t.map, NULL, &next), wild[i] == v + 8 ? -ENOENT : -EIO); /* it is one to the engine */
			put_word(&t, t.layout.buckets, v);
			assert_int_equal(nic_maps_next(&t.map, NULL, &next), 0);
			assert_int_equal(next, key);
		}
	}
	close_table(&t);
}

static int walk(const struct table *t, uint32_t most)
{
	uint8_t key[KEY_MAX];
	int result = nic_maps_next(&t->map, NULL, key);

	for (uint32_t n = 0; !result; n++) {
		if (n == most)
			fail_msg("the walk does not end");
		result = nic_maps_next(&t->map, key, key);
	}
	return result;
}

/* Entries of keys 1, 2 and 3 in one bucket stand in the table one after the other; the chain goes 3, 2, 1. */
static void a_walk_ends_where_chains_go_round(void **state)
{
	uint8_t key, value = 3;
	struct table t;

	(void)state;
	for (uint32_t to = 0; to < 3; to++) {
		uint32_t first;
		uint64_t head;

		open_table(&t, &hash_shapes[0]);
		first = t.layout.values;
		for (key = 1; key < 4; key++)
			assert_int_equal(nic_maps_update(&t.map, &key, &value, 0), 0);
		assert_int_equal(walk(&t, 3), -ENOENT);
		head = nic_maps_read_word(&t.nic.regs, first);
		put_word(&t, first, head | (first + to * t.layout.stride));
		assert_true(walk(&t, 3) < 0);
		for (key = 1; key < 4; key++)
			assert_int_equal(nic_maps_lookup(&t.map, &key, &value), 0);
		close_table(&t);
	}
}

/* A chain that goes on in another bucket's, a key that is in it twice, a key that has another hash. */
static void a_walk_ends_where_chains_are_wrong(void **state)
{
	uint8_t key[4] = { 0 }, value[8] = { 0 };
	uint32_t first, second;
	uint64_t head;
	struct table t;

	(void)state;
	open_table(&t, &hash_shapes[1]);
	for (key[0] = 0; key[0] < 2; key[0]++)
		assert_int_equal(nic_maps_update(&t.map, key, value, 0), 0);
	first = t.layout.values;
	second = first + t.layout.stride;
	head = nic_maps_read_word(&t.nic.regs, first);
	put_word(&t, first, head | second); /* from one bucket's chain into another's, and back */
	put_word(&t, second, nic_maps_read_word(&t.nic.regs, second) | first);
	assert_true(walk(&t, 8) < 0);
	put_word(&t, first, head | second); /* the same key in both */
	put_word(&t, second, head);
	put_word(&t, second + 8, nic_maps_read_word(&t.nic.regs, first + 8));
	assert_true(walk(&t, 8) < 0);
	put_word(&t, first, head);
	put_word(&t, first + 8, 0x77777777);
	assert_true(walk(&t, 8) < 0);
	close_table(&t);
}

static void words_and_bytes_go_where_they_should(void **state)
{
	uint8_t bytes[17];
	struct nic n;

	(void)state;
	nic_open(&n);
	for (uint8_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(i + 1);
	for (size_t size = 0; size <= sizeof(bytes); size++) {
		for (uint32_t at = 0; at < 40; at += 8)
			nic_maps_write_word(&n.regs, at, 0xcccccccccccccccc - at);
		nic_maps_write_bytes(&n.regs, 8, bytes, size);
		for (uint32_t at = 0; at < 40; at += 8) {
			uint64_t word = 0;

			if (at < 8 || at >= 8 + size)
				word = 0xcccccccccccccccc - at;
			else
				memcpy(&word, bytes + at - 8, size - (at - 8) < 8 ? size - (at - 8) : 8);
			assert_int_equal(nic_maps_read_word(&n.regs, at), word);
		}
	}
	nic_close(&n);
}

/* A lock in bytes 4 to 7 of a value of 13. */
static void check_locked(const struct image_map *shape, int hash)
{
	static const uint8_t key[4] = { 1 }, value[13] = { 1, 2, 3, 4, 0xff, 0xff, 0xff, 0xff, 9, 10, 11, 12, 13 };
	uint8_t got[13], want[13];
	uint32_t at, word;
	struct table t;

	memcpy(want, value, sizeof(want));
	memset(want + 4, 0, 4);
	open_table(&t, shape);
	t.nic.from = 0;
	t.nic.to = REG_MAPMEM_COUNT * REG_MAPMEM_STRIDE;
	assert_int_equal(nic_maps_update(&t.map, key, value, 0), 0);
	at = t.layout.values + (hash ? 16 : t.layout.stride);
	assert_int_equal(nic_maps_read_word(&t.nic.regs, at), 0x04030201);
	put_word(&t, at, 0x1704030201); /* held */
	assert_int_equal(nic_maps_lookup(&t.map, key, got), 0);
	assert_memory_equal(got, want, sizeof(want));
	memset(got, 0xee, sizeof(got));
	assert_int_equal(nic_maps_lookup_locked(&t.map, key, got), 0);
	assert_memory_equal(got, want, sizeof(want));
	assert_int_equal(nic_maps_update(&t.map, key, value, 4 | 1), -EEXIST);
	assert_int_equal(nic_maps_update(&t.map, key, value, 4 | 3), -EINVAL);
	t.nic.regs.write(t.nic.regs.ctx, REG_CTRL, 1u << CTRL_RUN_LSB);
	assert_int_equal(nic_maps_update(&t.map, key, value, 4 | 2), 0);
	word = t.nic.regs.read(t.nic.regs.ctx, REG_CTRL);
	assert_int_equal(word, 1u << CTRL_RUN_LSB);
	if (!hash) /* there a new entry takes its place */
		assert_int_equal(nic_maps_read_word(&t.nic.regs, at), 0x04030201);
	close_table(&t);
}

static void values_with_a_lock_are_kept(void **state)
{
	static const struct image_map array = { .type = IMAGE_MAP_ARRAY, .cpus = 1, .key_size = 4, .value_size = 13, .max_entries = 3, .lock = 5 },
				      hash = { .type = IMAGE_MAP_HASH, .cpus = 1, .key_size = 4, .value_size = 13, .max_entries = 3, .n_buckets = 4, .lock = 5 },
				      plain = { .type = IMAGE_MAP_ARRAY, .cpus = 1, .key_size = 4, .value_size = 13, .max_entries = 3 };
	uint8_t key[4] = { 0 }, value[13] = { 0 };
	struct table t;

	(void)state;
	check_locked(&array, 0);
	check_locked(&hash, 1);
	open_table(&t, &plain);
	assert_int_equal(nic_maps_update(&t.map, key, value, 4), -EINVAL);
	assert_int_equal(nic_maps_lookup_locked(&t.map, key, value), -EINVAL);
	close_table(&t);
}

/* Writes that a NIC gets, the engine's while packets may run apart. */
struct watched {
	struct nic_regs nic;
	uint32_t stops, starts, meanwhile;
};

static uint32_t watched_read(void *ctx, uint32_t offset)
{
	struct watched *w = ctx;

	return w->nic.read(w->nic.ctx, offset);
}

static void watched_write(void *ctx, uint32_t offset, uint32_t value)
{
	struct watched *w = ctx;

	if (offset == REG_CTRL && value >> CTRL_RUN_LSB & 1)
		w->starts++;
	else if (offset == REG_CTRL)
		w->stops++;
	else if (w->stops == w->starts)
		w->meanwhile += offset == REG_MAPCMD;
	w->nic.write(w->nic.ctx, offset, value);
}

static void long_values_are_written_while_the_nic_rests(void **state)
{
	static const struct { uint32_t type, bytes, stops; } rows[] = {
		{ IMAGE_MAP_HASH, 1280, 0 }, { IMAGE_MAP_HASH, 1281, 1 }, { IMAGE_MAP_HASH, 3000, 1 }, { IMAGE_MAP_ARRAY, 3000, 0 },
	};
	uint8_t key[4] = { 1 }, value[3000], got[3000];

	(void)state;
	for (size_t n = 0; n < sizeof(value); n++)
		value[n] = (uint8_t)(n * 5 + n / 256);
	for (size_t n = 0; n < sizeof(rows) / sizeof(*rows); n++) {
		const struct image_map shape = { .type = rows[n].type, .cpus = 1, .key_size = 4, .value_size = rows[n].bytes, .max_entries = 3, .n_buckets = 4 };
		struct watched w = { 0 };
		struct nic_regs regs = { .read = watched_read, .write = watched_write, .ctx = &w };
		struct table t;

		open_table(&t, &shape);
		w.nic = t.nic.regs;
		t.map.regs = &regs;
		t.nic.regs.write(t.nic.regs.ctx, REG_CTRL, 1u << CTRL_RUN_LSB);
		assert_int_equal(nic_maps_update(&t.map, key, value, 0), 0);
		assert_int_equal(w.stops, rows[n].stops);
		assert_int_equal(w.starts, rows[n].stops);
		assert_int_equal(t.nic.writes_outside, 2 * rows[n].stops); /* the length in its description, and back */
		t.nic.writes_outside = 0;
		assert_int_equal(w.meanwhile, rows[n].type == IMAGE_MAP_HASH && !rows[n].stops);
		assert_int_equal(nic_maps_lookup(&t.map, key, got), 0);
		assert_memory_equal(got, value, rows[n].bytes);
		close_table(&t);
	}
}

enum { LONG_VALUE = 2500 };

static void fill_value(uint8_t *value, uint8_t with)
{
	for (uint32_t n = 0; n < LONG_VALUE; n++)
		value[n] = (uint8_t)(n * 7 + with);
}

static void assert_value(const struct table *t, uint32_t key, uint8_t with)
{
	uint8_t value[LONG_VALUE] = { 0 }, want[LONG_VALUE];

	fill_value(want, with);
	assert_int_equal(nic_maps_lookup(&t->map, &key, value), 0);
	assert_memory_equal(value, want, LONG_VALUE);
}

/* Longer than what the engine takes at once: entries are whole all the same, and the NIC goes on afterwards. */
static void long_values_are_put_in(void **state)
{
	static const struct image_map shape = { .type = IMAGE_MAP_HASH, .cpus = 1, .key_size = 4, .value_size = LONG_VALUE, .max_entries = 3, .n_buckets = 1 };
	uint8_t value[LONG_VALUE];
	struct table t;
	uint32_t ctrl;

	(void)state;
	open_table(&t, &shape);
	nic_load_run(&t.nic.regs, 0);
	ctrl = nic_read(&t.nic, REG_CTRL);
	assert_int_not_equal(ctrl, 0);
	for (uint32_t key = 0; key < 3; key++) {
		fill_value(value, (uint8_t)key);
		assert_int_equal(nic_maps_update(&t.map, &key, value, 1), 0);
		assert_int_equal(nic_read(&t.nic, REG_CTRL), ctrl);
	}
	for (uint32_t key = 0; key < 3; key++)
		assert_value(&t, key, (uint8_t)key);
	fill_value(value, 99);
	assert_int_equal(nic_maps_update(&t.map, &(uint32_t){ 3 }, value, 0), -E2BIG);
	assert_int_equal(nic_maps_update(&t.map, &(uint32_t){ 1 }, value, 1), -EEXIST);
	assert_value(&t, 1, 1);
	assert_int_equal(nic_maps_update(&t.map, &(uint32_t){ 1 }, value, 2), 0);
	assert_value(&t, 0, 0);
	assert_value(&t, 1, 99);
	assert_value(&t, 2, 2);
	assert_int_equal(nic_maps_delete(&t.map, &(uint32_t){ 1 }), 0);
	assert_int_equal(nic_maps_update(&t.map, &(uint32_t){ 1 }, value, 2), -ENOENT);
	assert_int_equal(nic_read(&t.nic, REG_CTRL), ctrl);
	assert_int_equal(t.nic.writes_outside, 2 * 7); /* each time the engine is told another size for a while */
	t.nic.writes_outside = 0;
	close_table(&t);
}

static uint32_t never_idle(uint32_t offset, uint32_t value)
{
	return offset == REG_STATUS ? value & ~(1u << STATUS_IDLE_LSB) : value;
}

static uint32_t gone(uint32_t offset, uint32_t value)
{
	(void)offset;
	(void)value;
	return UINT32_MAX;
}

/* Nothing is written where the NIC does not come to rest, and it goes on as it did. */
static void a_nic_that_does_not_rest_is_let_alone(void **state)
{
	static const struct image_map shape = { .type = IMAGE_MAP_HASH, .cpus = 1, .key_size = 4, .value_size = LONG_VALUE, .max_entries = 1, .n_buckets = 1 };
	uint8_t value[LONG_VALUE] = { 0 };
	struct table t;
	uint32_t ctrl;

	(void)state;
	open_table(&t, &shape);
	nic_load_run(&t.nic.regs, 0);
	ctrl = nic_read(&t.nic, REG_CTRL);
	t.nic.lie = never_idle;
	t.nic.writes = 0;
	assert_int_equal(nic_maps_update(&t.map, &(uint32_t){ 0 }, value, 0), -EBUSY);
	assert_in_range(t.nic.writes, 1, 2);
	t.nic.lie = NULL;
	assert_int_equal(nic_read(&t.nic, REG_CTRL), ctrl);
	assert_int_equal(nic_maps_lookup(&t.map, &(uint32_t){ 0 }, value), -ENOENT);
	t.nic.lie = gone;
	assert_int_equal(nic_maps_update(&t.map, &(uint32_t){ 0 }, value, 0), -EBUSY);
	t.nic.lie = NULL;
	close_table(&t);
}

/* Queues by the calls that all maps have; who has keys is no queue. */
static void queues_are_maps_too(void **state)
{
	static const struct prog_map shapes[] = {
		{ .name = "queue", .type = MAP_TYPE_QUEUE, .value_size = 4, .max_entries = 2 },
		{ .name = "hash", .type = MAP_TYPE_HASH, .key_size = 4, .value_size = 4, .max_entries = 2 },
	};
	uint32_t value = 7;
	struct nic_table t;

	(void)state;
	nic_open_table(&t, &shapes[0], 64);
	assert_int_equal(nic_maps_pop(&t.map, &value), -ENOENT);
	for (value = 7; value < 9; value++)
		assert_int_equal(nic_maps_update(&t.map, NULL, &value, 0), 0);
	assert_int_equal(nic_maps_update(&t.map, NULL, &value, 0), -E2BIG);
	assert_int_equal(nic_maps_lookup(&t.map, NULL, &value), 0);
	assert_int_equal(value, 7);
	assert_int_equal(nic_maps_pop(&t.map, &value), 0);
	assert_int_equal(value, 7);
	assert_int_equal(nic_maps_pop(&t.map, &value), 0);
	assert_int_equal(value, 8);
	assert_int_equal(nic_maps_pop(&t.map, &value), -ENOENT);
	t.layout.flags = 1u << 3; /* BPF_F_RDONLY */
	assert_int_equal(nic_maps_pop(&t.map, &value), -EPERM);
	nic_close(&t.nic);
	nic_open_table(&t, &shapes[1], 64);
	assert_int_equal(nic_maps_pop(&t.map, &value), -EINVAL);
	nic_close(&t.nic);
}

/* A timer in bytes 8 to 23 of a value of 32. */
static void check_timed(const struct image_map *shape, int hash)
{
	static const uint8_t key[4] = { 1 };
	uint8_t value[32], got[32], want[32];
	struct table t;
	uint32_t at;

	memset(value, 0xab, sizeof(value));
	memcpy(want, value, sizeof(want));
	memset(want + 8, 0, 16);
	open_table(&t, shape);
	t.nic.from = 0;
	t.nic.to = REG_MAPMEM_COUNT * REG_MAPMEM_STRIDE;
	assert_int_equal(nic_maps_update(&t.map, key, value, 0), 0);
	at = t.layout.values + (hash ? 16 : t.layout.stride);
	for (uint32_t n = 0; n < 32; n += 8)
		assert_true(nic_maps_read_word(&t.nic.regs, at + n) == (n == 8 || n == 16 ? 0 : 0xabababababababab));
	put_word(&t, at + 8, 1000); /* armed */
	put_word(&t, at + 16, 7);
	assert_int_equal(nic_maps_lookup(&t.map, key, got), 0);
	assert_memory_equal(got, want, sizeof(want));
	t.nic.regs.write(t.nic.regs.ctx, REG_CTRL, 1u << CTRL_RUN_LSB);
	assert_int_equal(nic_maps_update(&t.map, key, value, 2), 0);
	if (!hash) /* there a new entry takes its place */
		assert_true(nic_maps_read_word(&t.nic.regs, at + 8) == 0 && nic_maps_read_word(&t.nic.regs, at + 16) == 0);
	assert_int_equal(nic_maps_update(&t.map, key, value, 4), -EINVAL);
	close_table(&t);
}

static void updates_clear_timers(void **state)
{
	static const struct image_map array = { .type = IMAGE_MAP_ARRAY, .cpus = 1, .key_size = 4, .value_size = 32, .max_entries = 3, .timer = 9 },
				      hash = { .type = IMAGE_MAP_HASH, .cpus = 1, .key_size = 4, .value_size = 32, .max_entries = 3, .n_buckets = 4, .timer = 9 };

	(void)state;
	check_timed(&array, 0);
	check_timed(&hash, 1);
}

/* A lock in bytes 0 to 3 beside it: a locked update changes the entry in its place, and the timer stays, as in Linux. */
static void locked_updates_keep_timers_of_entries(void **state)
{
	static const struct image_map hash = { .type = IMAGE_MAP_HASH, .cpus = 1, .key_size = 4, .value_size = 32, .max_entries = 3, .n_buckets = 4,
					       .lock = 1, .timer = 9 },
				      array = { .type = IMAGE_MAP_ARRAY, .cpus = 1, .key_size = 4, .value_size = 32, .max_entries = 3, .lock = 1, .timer = 9 };
	static const uint8_t key[4] = { 1 };
	uint8_t value[32];
	struct table t;
	uint32_t at;

	(void)state;
	memset(value, 0xab, sizeof(value));
	for (int is_hash = 0; is_hash < 2; is_hash++) {
		open_table(&t, is_hash ? &hash : &array);
		t.nic.from = 0;
		t.nic.to = REG_MAPMEM_COUNT * REG_MAPMEM_STRIDE;
		assert_int_equal(nic_maps_update(&t.map, key, value, 4), 0);
		at = t.layout.values + (is_hash ? 16 : t.layout.stride);
		assert_true(nic_maps_read_word(&t.nic.regs, at) == 0xabababab00000000);
		put_word(&t, at, 0xabababab00000001); /* held by who is dead */
		put_word(&t, at + 8, 1000);
		put_word(&t, at + 16, 7);
		assert_int_equal(nic_maps_update(&t.map, key, value, 4 | 2), 0);
		if (is_hash)
			assert_int_equal(nic_hash_find(&t.map, key, &at), 0);
		assert_true(nic_maps_read_word(&t.nic.regs, at) == 0xabababab00000000);
		assert_true(nic_maps_read_word(&t.nic.regs, at + 8) == (is_hash ? 1000 : 0));
		assert_true(nic_maps_read_word(&t.nic.regs, at + 16) == (is_hash ? 7 : 0));
		close_table(&t);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hash_maps_are_maps),
		cmocka_unit_test(a_walk_begins_again_behind_a_lost_key),
		cmocka_unit_test(arrays_are_arrays),
		cmocka_unit_test(maps_outside_the_chip_are_maps),
		cmocka_unit_test(parts_of_map_memory_are_seen),
		cmocka_unit_test(runs_of_words_are_cleared),
		cmocka_unit_test(pointers_to_no_entry_are_found),
		cmocka_unit_test(a_walk_ends_where_chains_go_round),
		cmocka_unit_test(a_walk_ends_where_chains_are_wrong),
		cmocka_unit_test(values_with_a_lock_are_kept),
		cmocka_unit_test(long_values_are_written_while_the_nic_rests),
		cmocka_unit_test(long_values_are_put_in),
		cmocka_unit_test(a_nic_that_does_not_rest_is_let_alone),
		cmocka_unit_test(queues_are_maps_too),
		cmocka_unit_test(updates_clear_timers),
		cmocka_unit_test(locked_updates_keep_timers_of_entries),
		cmocka_unit_test(words_and_bytes_go_where_they_should),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
