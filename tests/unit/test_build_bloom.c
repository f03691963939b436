// SPDX-License-Identifier: Apache-2.0
/* Bloom filters in programs: what they push is there, for the host too, in the bits of lookup3's published results; the rest is not. */
#include "calls.h"

enum { FILTER, TWIN, MAPS };
enum { SIZE_MOST = 40, VALUE_AT = -64, LAST_FUNCTIONS = 15, ADDED = 0, NOT_THERE = 0xfe, INVALID = 0xea };

/* Two alike: what a program does in one can be held against what the host does in the other. */
static struct prog_map all_maps[MAPS];
static uint8_t value[SIZE_MOST];

static void be(uint32_t size, uint32_t functions)
{
	all_maps[FILTER] = (struct prog_map){ .name = "filter", .type = MAP_TYPE_BLOOM_FILTER, .value_size = size, .max_entries = 100, .flags = MAP_ZERO_SEED,
					      .extra = functions };
	all_maps[TWIN] = all_maps[FILTER];
	all_maps[TWIN].name = "twin";
	for (uint32_t n = 0; n < SIZE_MOST; n++)
		value[n] = (uint8_t)(0xa7 * n + size);
}

/* Of the value in r2; a push with flags. */
static void put_push(int flags)
{
	put_map(1, FILTER);
	put_mov(3, flags);
	put_call(HELPER_MAP_PUSH_ELEM);
	put_note();
}

static void put_peek(void)
{
	put_map(1, FILTER);
	put_call(HELPER_MAP_PEEK_ELEM);
	put_note();
}

static void put_value_at(void)
{
	put_bytes_at(VALUE_AT, value, all_maps[FILTER].value_size);
	put_at(2, VALUE_AT);
}

static void put_value_with_another_end(void)
{
	value[all_maps[FILTER].value_size - 1] ^= 1;
	put_value_at();
	value[all_maps[FILTER].value_size - 1] ^= 1;
}

static void what_was_pushed_is_there(void)
{
	put_value_at();
	put_peek();
	put_value_at();
	put_push(0);
	put_value_at();
	put_peek();
	put_value_with_another_end();
	put_peek();
}

static void flags_are_refused(void)
{
	put_value_at();
	put_push(1); /* BPF_NOEXIST */
	put_value_at();
	put_push(2); /* BPF_EXIST */
	put_value_at();
	put_peek();
	put_value_at();
	put_push(0);
}

/* Zeros, at an offset that the packet tells: 0. */
static void values_in_the_packet(void)
{
	put_place(DATA, 32, DATA_END);
	jit_put(&j, EC_LDX | EBPF_MEM | EBPF_B, 3, 7, 0, 0);
	jit_put(&j, EC_ALU64 | EBPF_AND, 3, 0, 0, 3);
	jit_put(&j, EC_ALU64 | EBPF_ADD | EBPF_X, 7, 3, 0, 0);
	put_copy(2, 7);
	jit_put(&j, EC_ALU64 | EBPF_ADD, 2, 0, 0, 24);
	jit_put(&j, EC_JMP | EBPF_JLE | EBPF_X, 2, 8, 2, 0);
	put_mov(0, -1);
	jit_put(&j, EC_JMP | EBPF_EXIT, 0, 0, 0, 0);
	memset(value, 0, sizeof(value));
	put_value_at();
	put_peek();
	put_copy(2, 7);
	put_push(0);
	put_value_at();
	put_peek();
	put_value_with_another_end();
	put_peek();
}

static void results_are_those_of_linux(void **state)
{
	static const struct calls_row rows[] = {
		ROW(what_was_pushed_is_there, NOT_THERE, ADDED, 0, NOT_THERE),
		ROW(flags_are_refused, INVALID, INVALID, NOT_THERE, ADDED),
		ROW(values_in_the_packet, NOT_THERE, ADDED, 0, NOT_THERE),
	};

	(void)state;
	for (uint32_t size = 1; size <= 24; size += size < 13 ? 1 : 5) {
		be(size, size % 4);
		calls_check((struct calls){ .maps = all_maps, .n_maps = MAPS }, rows, sizeof(rows) / sizeof(*rows));
	}
}

static uint64_t word_of(struct nic *n, const struct image *image, int map, uint32_t word)
{
	return nic_maps_read_word(&n->regs, image->maps[map].values + QUEUE_ELEMENTS + 8 * word);
}

static void both_filters_are_alike(struct nic *n, const struct image *image)
{
	const struct nic_map filter = calls_map(n, image, FILTER);
	uint8_t other[SIZE_MOST];
	uint64_t some = 0;

	for (uint32_t word = 0; word < image_map_bloom_words(filter.layout); word++) {
		assert_int_equal(word_of(n, image, FILTER, word), word_of(n, image, TWIN, word));
		some |= word_of(n, image, FILTER, word);
	}
	assert_true(some);
	assert_int_equal(nic_maps_read_word(&n->regs, filter.layout->values + QUEUE_LOCK), 0);
	memcpy(other, value, sizeof(other));
	assert_int_equal(nic_maps_lookup(&filter, NULL, other), 0);
	other[0] ^= 0x80;
	assert_int_not_equal(nic_maps_lookup(&filter, NULL, other), 0);
}

static void put_in_twin(struct nic *n, const struct image *image)
{
	const struct nic_map twin = calls_map(n, image, TWIN);

	assert_int_equal(nic_maps_update(&twin, NULL, value, 0), 0);
}

static void push_once(void)
{
	put_value_at();
	put_push(0);
}

static void programs_and_host_set_the_same_bits(void **state)
{
	struct calls c = { .maps = all_maps, .n_maps = MAPS, .put = push_once, .host = put_in_twin, .after = both_filters_are_alike };

	(void)state;
	for (uint32_t size = 1; size <= SIZE_MOST; size++)
		for (c.careful = 0; c.careful < 2; c.careful++) {
			be(size, size % (LAST_FUNCTIONS + 1));
			assert_int_equal(calls_result(&c), ADDED);
		}
}

static void put_in_filter(struct nic *n, const struct image *image)
{
	const struct nic_map filter = calls_map(n, image, FILTER);

	assert_int_equal(nic_maps_update(&filter, NULL, value, 0), 0);
}

static void look_for_the_host_s(void)
{
	put_value_at();
	put_peek();
	put_value_with_another_end();
	put_peek();
}

static void programs_find_what_the_host_put_in(void **state)
{
	static const struct calls_row rows[] = { { "look_for_the_host_s", look_for_the_host_s, { 0, 0, 0, NOT_THERE } } };

	(void)state;
	for (uint32_t size = 1; size <= SIZE_MOST; size += 3) {
		be(size, 0);
		calls_check((struct calls){ .maps = all_maps, .n_maps = MAPS, .host = put_in_filter }, rows, 1);
	}
}

static void one_published_bit_is_set(struct nic *n, const struct image *image)
{
	const uint32_t words = image_map_bloom_words(&image->maps[FILTER]), bit = 0x17770551 % (64 * words);

	for (uint32_t word = 0; word < words; word++)
		assert_int_equal(word_of(n, image, FILTER, word), word == bit / 64 ? 1ull << bit % 64 : 0);
}

/* Bob Jenkins' driver5() of lookup3.c, with seed 0 */
static void bits_are_the_published_ones(void **state)
{
	static const char text[] = "Four score and seven years ago";
	struct calls c = { .maps = all_maps, .n_maps = MAPS, .put = push_once, .after = one_published_bit_is_set };

	(void)state;
	be(sizeof(text) - 1, 1);
	memcpy(value, text, sizeof(text) - 1);
	assert_int_equal(calls_result(&c), ADDED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(results_are_those_of_linux),
		cmocka_unit_test(programs_and_host_set_the_same_bits),
		cmocka_unit_test(programs_find_what_the_host_put_in),
		cmocka_unit_test(bits_are_the_published_ones),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
