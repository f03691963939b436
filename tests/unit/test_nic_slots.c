// SPDX-License-Identifier: Apache-2.0
/* Maps of slots as the host sees them: which value stands for which word, and what each type refuses with which code.
 * Also of nic_ports.c. */
#include <errno.h>
#include "driver/common/nic_slots.h"
#include "nic.h"

enum { SLOTS = 4, BASE = 100, ENTRY = 10, WRITE_ONLY = 0x10 };

static struct image_header header = { .n_programs = 2, .n_maps = 4 };
static struct image_program programs[2] = { { .entry = 0 }, { .entry = ENTRY } };
static struct image_map maps[5]; /* the last is not the image's */
static const struct image image = { .header = &header, .programs = programs, .maps = maps };

static void open_slots(struct nic_table *t, uint32_t type, uint32_t value_size)
{
	const struct prog_map shape = { .name = "slots", .type = type, .key_size = 4, .value_size = value_size, .max_entries = SLOTS };

	nic_open_table(t, &shape, 64);
	t->map.image = &image;
	t->map.base = BASE;
	nic_maps_write_word(&t->nic.regs, t->layout.limit, 1);
}

static uint64_t word_of(const struct nic_table *t, uint32_t slot)
{
	return nic_maps_read_word(&t->nic.regs, t->layout.values + slot * t->layout.stride);
}

static int update(const struct nic_table *t, uint32_t slot, uint64_t value, uint64_t flags)
{
	return nic_slots_update(&t->map, &slot, &value, flags);
}

static int drop(const struct nic_table *t, uint32_t slot)
{
	return nic_slots_delete(&t->map, &slot);
}

/* Holds the slot this value? -ENOENT when it is empty. */
static void assert_slot(const struct nic_table *t, uint32_t slot, int result, uint64_t want)
{
	uint64_t got = 0;

	assert_int_equal(nic_slots_lookup(&t->map, &slot, &got), result);
	assert_int_equal(got, result ? 0 : want);
}

/* Interface indices, CPU numbers and host queues, of which 0 is one. */
static void places_to_send_to(void **state)
{
	static const struct { uint32_t type, value_size; uint64_t value, word; } rows[] = {
		{ IMAGE_MAP_DEVMAP, 4, 7, 7 },
		{ IMAGE_MAP_DEVMAP, 8, 7, 7 },
		{ IMAGE_MAP_CPUMAP, 4, 2048, 2048 },
		{ IMAGE_MAP_XSKMAP, 4, 0, 1 },
	};

	(void)state;
	for (size_t n = 0; n < sizeof(rows) / sizeof(*rows); n++) {
		struct nic_table t;

		open_slots(&t, rows[n].type, rows[n].value_size);
		for (uint32_t slot = 0; slot <= SLOTS; slot++)
			assert_slot(&t, slot, -ENOENT, 0);
		assert_int_equal(update(&t, 3, rows[n].value, 0), 0);
		assert_int_equal(word_of(&t, 3), rows[n].word);
		assert_slot(&t, 3, 0, rows[n].value);
		assert_slot(&t, 2, -ENOENT, 0);
		assert_int_equal(update(&t, 3, 5, 1), -EEXIST);
		assert_int_equal(update(&t, 3, 5, 2), 0);
		assert_int_equal(update(&t, 3, 5, 3), -EINVAL);
		assert_int_equal(update(&t, SLOTS, 5, 0), -E2BIG);
		assert_slot(&t, 3, 0, 5);
		assert_int_equal(drop(&t, SLOTS), -EINVAL);
		assert_int_equal(drop(&t, 2), 0);
		assert_int_equal(drop(&t, 3), 0);
		assert_slot(&t, 3, -ENOENT, 0);
		nic_close(&t.nic);
	}
}

/* struct bpf_devmap_val may name a program to run there, which a NIC does not; numbers that are no file's say that there is none. */
static void programs_behind_a_redirect_are_refused(void **state)
{
	struct nic_table t;

	(void)state;
	open_slots(&t, IMAGE_MAP_DEVMAP, 8);
	assert_int_equal(update(&t, 1, 1ULL << 32 | 7, 0), -EINVAL);
	assert_slot(&t, 1, -ENOENT, 0);
	assert_int_equal(update(&t, 1, 0xffffffffULL << 32 | 7, 0), 0);
	assert_slot(&t, 1, 0, 7);
	assert_int_equal(update(&t, 1, 1ULL << 32, 0), -EINVAL);
	assert_int_equal(update(&t, 1, 0xffffffffULL << 32, 0), 0);
	assert_slot(&t, 1, -ENOENT, 0);
	nic_close(&t.nic);
}

static void programs_behind_a_redirect_by_key(void **state)
{
	const struct prog_map shape = { .name = "hash", .type = IMAGE_MAP_DEVMAP_HASH, .key_size = 4, .value_size = 8, .max_entries = SLOTS };
	static const struct { uint64_t value; int result; } rows[] = {
		{ 1ULL << 32 | 7, -EINVAL }, { 0, -EINVAL }, { 0xffffffffULL << 32, -EINVAL }, { 0xffffffffULL << 32 | 7, 0 }, { 7, 0 },
	};
	struct nic_table t;
	uint64_t got;
	uint32_t key;

	(void)state;
	nic_open_table(&t, &shape, 64);
	for (key = 0; key < sizeof(rows) / sizeof(*rows); key++) {
		assert_int_equal(nic_maps_update(&t.map, &key, &rows[key].value, 0), rows[key].result);
		assert_int_equal(nic_maps_lookup(&t.map, &key, &got), rows[key].result ? -ENOENT : 0);
		if (!rows[key].result)
			assert_int_equal(got, 7);
	}
	nic_close(&t.nic);
}

/* A step is a key and the interface index it gets, 0: it goes; behind it this is the set of ports. The NIC's ports are 1 and 30. */
static void the_set_of_ports_is_kept(void **state)
{
	static const uint32_t types[] = { IMAGE_MAP_DEVMAP, IMAGE_MAP_DEVMAP_HASH };
	static const struct { uint32_t key, ifindex, set; } steps[] = {
		{ 0, 30, 2 }, { 1, 7, 2 }, { 2, 30, 2 }, { 3, 1, 3 }, { 0, 0, 3 }, { 2, 2, 1 }, { 3, 30, 2 }, { 3, 30, 2 }, { 1, 1, 3 }, { 3, 0, 1 }, { 1, 0, 0 },
	};

	(void)state;
	for (int n = 0; n < 2; n++) {
		const struct prog_map shape = { .name = "ports", .type = types[n], .key_size = 4, .value_size = 8, .max_entries = SLOTS, .flags = WRITE_ONLY };
		struct nic_table t;

		nic_open_table(&t, &shape, 64);
		nic_write(&t.nic, REG_PORT + REG_PORT_STRIDE + 4 * NIC_PORT_IFINDEX, 30);
		for (size_t k = 0; k < sizeof(steps) / sizeof(*steps); k++) {
			uint64_t value = steps[k].ifindex;

			assert_int_equal(value ? nic_maps_update(&t.map, &steps[k].key, &value, 0) : nic_maps_delete(&t.map, &steps[k].key), 0);
			assert_int_equal(nic_maps_read_word(&t.nic.regs, image_map_set(&t.layout)), steps[k].set);
		}
		nic_close(&t.nic);
	}
}

/* A place's number lies below what says which kind of place it is. */
static void places_that_no_target_can_name(void **state)
{
	struct nic_table t;

	(void)state;
	open_slots(&t, IMAGE_MAP_DEVMAP, 4);
	assert_int_equal(update(&t, 0, 1u << 31, 0), -EINVAL);
	assert_int_equal(update(&t, 0, (1u << 31) - 1, 0), 0);
	nic_close(&t.nic);
	open_slots(&t, IMAGE_MAP_XSKMAP, 4);
	assert_int_equal(update(&t, 0, 1u << 30, 0), -EINVAL);
	assert_int_equal(update(&t, 0, (1u << 30) - 1, 0), 0);
	nic_close(&t.nic);
}

/* A value is the number of a program; the word is where it lies in microcode memory. */
static void programs_to_call(void **state)
{
	struct nic_table t;

	(void)state;
	open_slots(&t, IMAGE_MAP_PROG_ARRAY, 4);
	assert_int_equal(update(&t, 0, 1, 0), 0);
	assert_int_equal(update(&t, 1, 0, 0), 0);
	assert_int_equal(word_of(&t, 0), BASE + ENTRY);
	assert_int_equal(word_of(&t, 1), BASE);
	assert_slot(&t, 0, 0, 1);
	assert_slot(&t, 1, 0, 0);
	assert_int_equal(update(&t, 2, 2, 0), -EINVAL); /* there are two */
	assert_int_equal(update(&t, 2, 1, 2), -EINVAL);
	assert_int_equal(update(&t, SLOTS, 1, 0), -E2BIG);
	assert_int_equal(drop(&t, SLOTS), -E2BIG);
	assert_int_equal(drop(&t, 2), -ENOENT);
	assert_int_equal(drop(&t, 0), 0);
	assert_slot(&t, 0, -ENOENT, 0);
	nic_maps_write_word(&t.nic.regs, t.layout.values, BASE + 1); /* no program begins there */
	assert_slot(&t, 0, -ENOENT, 0);
	nic_close(&t.nic);
}

/* Map 0 is as the template, 2 is not, 1 and 3 differ from each other in size. */
static void make_maps(uint32_t type)
{
	maps[0] = (struct image_map){ .type = type, .key_size = 4, .value_size = 8, .max_entries = 16, .values = 0x1000 };
	maps[1] = maps[2] = maps[3] = maps[4] = maps[0];
	maps[1].values = 0x2000;
	maps[2].value_size = 4;
	maps[3].max_entries = 17;
}

static void maps_in_a_map(void **state)
{
	static const struct { uint32_t type; int any_size; } rows[] = {
		{ IMAGE_MAP_ARRAY, 0 }, { IMAGE_MAP_HASH, 1 }, { IMAGE_MAP_LRU_HASH, 1 }, { IMAGE_MAP_PERCPU_HASH, 0 }, { IMAGE_MAP_LPM_TRIE, 1 },
	};

	(void)state;
	for (size_t n = 0; n < sizeof(rows) / sizeof(*rows); n++) {
		struct nic_table t;

		make_maps(rows[n].type);
		open_slots(&t, IMAGE_MAP_ARRAY_OF_MAPS, 4);
		t.layout.inner = 1 + 0;
		assert_int_equal(update(&t, 2, 1, 0), 0);
		assert_int_equal(word_of(&t, 2), 3ULL << 60 | 1ULL << 48 | 0x2000);
		assert_slot(&t, 2, 0, 1);
		assert_int_equal(update(&t, 2, 2, 0), -EINVAL);
		assert_int_equal(update(&t, 2, 4, 0), -EINVAL);
		assert_int_equal(update(&t, 2, 0, 1), -EINVAL);
		assert_int_equal(update(&t, 3, 3, 0), rows[n].any_size ? 0 : -EINVAL);
		assert_int_equal(update(&t, SLOTS, 1, 0), -E2BIG);
		assert_slot(&t, 2, 0, 1);
		assert_slot(&t, SLOTS, -ENOENT, 0);
		assert_int_equal(drop(&t, 0), -ENOENT);
		assert_int_equal(drop(&t, 2), 0);
		t.layout.inner = 0; /* nothing is known of what it may hold */
		assert_int_equal(update(&t, 2, 0, 0), -EINVAL);
		nic_close(&t.nic);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(places_to_send_to),
		cmocka_unit_test(programs_behind_a_redirect_are_refused),
		cmocka_unit_test(programs_behind_a_redirect_by_key),
		cmocka_unit_test(the_set_of_ports_is_kept),
		cmocka_unit_test(places_that_no_target_can_name),
		cmocka_unit_test(programs_to_call),
		cmocka_unit_test(maps_in_a_map),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
