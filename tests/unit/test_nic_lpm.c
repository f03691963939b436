// SPDX-License-Identifier: Apache-2.0
/* LPM tries that the host changes, against a list of prefixes: what host and NIC find, the order of a walk, what is refused, and tries that are broken. */
#include <errno.h>
#include "driver/common/nic_lpm.h"
#include "nic.h"

enum { PREFIXES = 40, STEPS = 300, DATA = 4, KEY = 20, VALUE = 8 };

struct prefix {
	uint8_t key[KEY];
	uint64_t value;
	int present;
};

struct trie {
	struct nic_table t;
	struct prefix prefix[PREFIXES];
	uint32_t bits, n, seed;
};

static uint32_t chance(struct trie *t, uint32_t below)
{
	t->seed = t->seed * 1664525u + 1013904223u;
	return (uint32_t)((uint64_t)(t->seed >> 8) * below >> 24);
}

static void open_trie(struct trie *t, uint32_t key_size, uint32_t max_entries, uint64_t at)
{
	const struct prog_map shape = { .name = "trie", .type = MAP_TYPE_LPM_TRIE, .key_size = key_size, .value_size = VALUE, .max_entries = max_entries };

	memset(t, 0, sizeof(*t));
	nic_open_table(&t->t, &shape, at);
	t->bits = 8 * (key_size - DATA);
	t->seed = key_size;
}

static unsigned int bit(const uint8_t *key, uint32_t n)
{
	return key[DATA + n / 8] >> (7 - n % 8) & 1;
}

static int holds(const struct prefix *p, const uint8_t *key)
{
	if (p->key[0] > key[0])
		return 0;
	for (uint32_t n = 0; n < p->key[0]; n++)
		if (bit(p->key, n) != bit(key, n))
			return 0;
	return 1;
}

/* A prefix close to others: few bits differ. Bits behind its length are not part of it. */
static void make_key(struct trie *t, uint8_t *key)
{
	memset(key, 0, KEY);
	key[0] = (uint8_t)chance(t, t->bits + 1);
	for (uint32_t n = 0; n < t->bits; n++)
		key[DATA + n / 8] |= (uint8_t)((!chance(t, 8)) << (7 - n % 8));
}

static struct prefix *find(struct trie *t, const uint8_t *key)
{
	for (uint32_t n = 0; n < t->n; n++)
		if (t->prefix[n].present && t->prefix[n].key[0] == key[0] && holds(&t->prefix[n], key))
			return &t->prefix[n];
	return NULL;
}

static const struct prefix *longest(const struct trie *t, const uint8_t *key)
{
	const struct prefix *best = NULL;

	for (uint32_t n = 0; n < t->n; n++)
		if (t->prefix[n].present && holds(&t->prefix[n], key) && (!best || t->prefix[n].key[0] > best->key[0]))
			best = &t->prefix[n];
	return best;
}

static uint32_t count(const struct trie *t)
{
	uint32_t present = 0;

	for (uint32_t n = 0; n < t->n; n++)
		present += (uint32_t)t->prefix[n].present;
	return present;
}

static uint64_t memory(struct trie *t, uint32_t at)
{
	return nic_maps_read_word(&t->t.nic.regs, at);
}

/* Where the value is that the NIC's own lookup finds, which begins at a root word (hw/spec/maps.md); 0: nowhere. */
static uint32_t nic_finds(struct trie *t, const uint8_t *key)
{
	const struct image_map *m = &t->t.layout;
	uint32_t number = key[0] < m->seed ? m->n_buckets : 0, best;
	uint64_t word;

	for (uint32_t n = 0; number < m->n_buckets && n < m->seed; n++)
		number |= bit(key, n) << n;
	word = memory(t, m->buckets + 8 * number);
	best = (uint32_t)(word >> 32);
	for (uint32_t at = (uint32_t)word; at;) {
		struct prefix node = { .present = 1 };

		for (uint32_t n = 0; n < KEY && n < m->key_size; n += 8) {
			word = memory(t, at + 8 + n);
			memcpy(node.key + n, &word, KEY - n < 8 ? KEY - n : 8);
		}
		if (!holds(&node, key))
			break;
		word = memory(t, at);
		best = word & 1 ? best : at;
		at = node.key[0] < t->bits && bit(key, node.key[0]) ? (uint32_t)(word >> 32) : (uint32_t)word & ~1u;
	}
	return best ? best + 8 + (m->key_size + 7) / 8 * 8 : 0;
}

static void check_lookup(struct trie *t, const uint8_t *key)
{
	const struct prefix *want = longest(t, key);
	uint64_t got = 0;

	assert_int_equal(nic_lpm_lookup(&t->t.map, key, &got), want ? 0 : -ENOENT);
	assert_int_equal(nic_finds(t, key) != 0, want != NULL);
	if (want)
		assert_int_equal(got, want->value);
	if (want)
		assert_int_equal(memory(t, nic_finds(t, key)), want->value);
}

/* Linux's order: what is below a prefix comes before it, a 0 before a 1. */
static int comes_before(const uint8_t *a, const uint8_t *b)
{
	uint32_t n = 0;

	while (n < a[0] && n < b[0] && bit(a, n) == bit(b, n))
		n++;
	return n == a[0] || n == b[0] ? a[0] > b[0] : bit(a, n) < bit(b, n);
}

static void check_walk(struct trie *t)
{
	uint8_t key[KEY] = { 0 }, last[KEY], first[KEY];
	uint32_t seen = 0;
	int result;

	for (result = nic_lpm_next(&t->t.map, NULL, key); !result; result = nic_lpm_next(&t->t.map, last, key)) {
		assert_non_null(find(t, key));
		if (seen++)
			assert_true(comes_before(last, key));
		else
			memcpy(first, key, KEY);
		memcpy(last, key, KEY);
	}
	assert_int_equal(result, -ENOENT);
	assert_int_equal(seen, count(t));
	make_key(t, last);
	if (!seen || find(t, last))
		return;
	assert_int_equal(nic_lpm_next(&t->t.map, last, key), 0); /* not there: again from the first one */
	assert_memory_equal(key, first, t->t.layout.key_size);
}

static int put(struct trie *t, const uint8_t *key, uint64_t value, uint64_t flags)
{
	return nic_lpm_update(&t->t.map, key, &value, flags);
}

static int update_should(struct trie *t, const uint8_t *key, uint64_t flags)
{
	int there = find(t, key) != NULL;

	if (there)
		return flags == 1 ? -EEXIST : 0;
	if (flags == 2)
		return -ENOENT;
	return count(t) == t->t.layout.max_entries ? -ENOSPC : 0;
}

static void note(struct trie *t, const uint8_t *key, uint64_t value)
{
	struct prefix *p = find(t, key);

	for (uint32_t n = 0; !p; n++)
		if (n == t->n || !t->prefix[n].present)
			p = &t->prefix[n];
	t->n += p == &t->prefix[t->n];
	assert_true(t->n <= PREFIXES);
	memcpy(p->key, key, KEY);
	p->value = value;
	p->present = 1;
}

static void step(struct trie *t)
{
	uint64_t value = (uint64_t)chance(t, 1 << 20) << 30 | chance(t, 1 << 20), flags = chance(t, 4) ? 0 : 1 + chance(t, 2);
	struct prefix *old = t->n && chance(t, 2) ? &t->prefix[chance(t, t->n)] : NULL;
	uint8_t key[KEY];
	int should;

	make_key(t, key);
	if (old)
		memcpy(key, old->key, KEY);
	if (chance(t, 5) < 3) {
		should = update_should(t, key, flags);
		assert_int_equal(put(t, key, value, flags), should);
		if (!should)
			note(t, key, value);
	} else {
		old = find(t, key);
		assert_int_equal(nic_lpm_delete(&t->t.map, key), old ? 0 : -ENOENT);
		if (old)
			old->present = 0;
	}
}

static void random_changes(uint32_t key_size, uint32_t max_entries, uint64_t at)
{
	static struct trie t;
	uint8_t key[KEY];

	open_trie(&t, key_size, max_entries, at);
	for (int n = 0; n < STEPS; n++) {
		step(&t);
		make_key(&t, key);
		check_lookup(&t, key);
		key[0] = (uint8_t)t.bits;
		check_lookup(&t, key);
		if (n % 20 == 0)
			check_walk(&t);
	}
	nic_close(&t.t.nic);
}

static void tries_are_lists_of_prefixes(void **state)
{
	(void)state;
	random_changes(5, 30, 64);
	random_changes(8, PREFIXES - 1, 64);
	random_changes(7, 3, 64);
	random_changes(KEY, 30, 64);
	random_changes(8, 30, IMAGE_EXT);
}

static void what_linux_refuses_is_refused(void **state)
{
	static struct trie t;
	uint8_t key[KEY] = { 33, 0, 0, 0, 10 }, next[KEY];
	uint64_t value;

	(void)state;
	open_trie(&t, 8, 1, 64);
	assert_int_equal(put(&t, key, 1, 0), -EINVAL);
	assert_int_equal(nic_lpm_lookup(&t.t.map, key, &value), -ENOENT);
	assert_int_equal(nic_lpm_delete(&t.t.map, key), -EINVAL);
	assert_int_equal(nic_lpm_next(&t.t.map, key, next), -ENOENT);
	key[0] = 0;
	for (int n = 1; n < DATA; n++) {
		key[n] = 1; /* 2^8 bits and more */
		assert_int_equal(put(&t, key, 1, 0), -EINVAL);
		key[n] = 0;
	}
	assert_int_equal(put(&t, key, 1, 3), -EINVAL);
	assert_int_equal(put(&t, key, 1, 0), 0);
	key[0] = 32;
	assert_int_equal(put(&t, key, 1, 0), -ENOSPC);
	assert_int_equal(nic_lpm_next(&t.t.map, key, next), 0); /* not there: the first one */
	assert_int_equal(next[0], 0);
	nic_close(&t.t.nic);
}

/* Links that lead astray or round are found, by every way down. */
static void broken_tries_are_found(void **state)
{
	static struct trie t;
	uint8_t key[KEY] = { 8, 0, 0, 0, 10 }, below[KEY] = { 16, 0, 0, 0, 10 }, next[KEY];
	uint32_t root, node;
	uint64_t value;

	(void)state;
	open_trie(&t, 8, 8, 64);
	root = t.t.layout.buckets + 8 * t.t.layout.n_buckets;
	assert_int_equal(put(&t, key, 1, 0), 0);
	node = (uint32_t)memory(&t, root);
	{
		const uint32_t wild[] = { 8, node + 8, t.t.layout.limit, 0xfffffff8 };

		for (size_t n = 0; n < sizeof(wild) / sizeof(*wild); n++) {
			nic_maps_write_word(&t.t.nic.regs, root, wild[n]);
			assert_int_equal(nic_lpm_lookup(&t.t.map, below, &value), -EIO);
			assert_int_equal(nic_lpm_next(&t.t.map, NULL, next), -EIO);
			assert_int_equal(put(&t, below, 1, 0), -EIO);
			assert_int_equal(nic_lpm_delete(&t.t.map, below), -EIO);
		}
	}
	nic_maps_write_word(&t.t.nic.regs, root, node);
	nic_maps_write_word(&t.t.nic.regs, node, node); /* below itself */
	assert_int_equal(put(&t, below, 1, 0), -EIO);
	nic_close(&t.t.nic);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tries_are_lists_of_prefixes),
		cmocka_unit_test(what_linux_refuses_is_refused),
		cmocka_unit_test(broken_tries_are_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
