// SPDX-License-Identifier: Apache-2.0
/* bpf_for_each_map_elem(): it comes by every element, and by none that is not there; the callback ends it. tests/helpers compares it with the kernel. */
#include "calls.h"

enum { COUNTS, TABLE, EMPTY, MAPS };
enum { SUM = -32, ENTRIES = 4 };

static const struct prog_map all_maps[MAPS] = {
	[COUNTS] = { .name = "counts", .type = MAP_TYPE_ARRAY, .key_size = 4, .value_size = 8, .max_entries = ENTRIES },
	[TABLE] = { .name = "table", .type = MAP_TYPE_HASH, .key_size = 4, .value_size = 8, .max_entries = 8 },
	[EMPTY] = { .name = "empty", .type = MAP_TYPE_HASH, .key_size = 4, .value_size = 8, .max_entries = 8 },
};

static struct nic_map map_of(struct nic *n, const struct image *image, uint32_t which)
{
	return (struct nic_map){ .regs = &n->regs, .layout = &image->maps[which], .index = which, .image = image };
}

/* 1 to 4 in the array; 10, 20, 30 in the table, from which another has gone. */
static void fill(struct nic *n, const struct image *image)
{
	struct nic_map counts = map_of(n, image, COUNTS), table = map_of(n, image, TABLE);
	const uint32_t gone = 9;

	for (uint32_t key = 0; key < ENTRIES; key++) {
		uint64_t one = key + 1, ten = 10 * key;

		assert_int_equal(nic_maps_update(&counts, &key, &one, 0), 0);
		assert_int_equal(nic_maps_update(&table, key ? &key : &gone, &ten, 0), 0);
	}
	assert_int_equal(nic_maps_delete(&table, &gone), 0);
}

static uint32_t refers[4], n_refers; /* instructions that name the callback */
static int32_t until;                /* the value at which it ends the walk */

static void put_each(int map)
{
	put_word(SUM, 0);
	put_word(SUM + 4, 0);
	put_map(1, map);
	refers[n_refers++] = j.n;
	jit_put(&j, EBPF_LDDW, 2, EBPF_PSEUDO_FUNC, 0, 0);
	jit_put(&j, 0, 0, 0, 0, 0);
	put_at(3, SUM);
	put_mov(4, 0);
	put_call(HELPER_FOR_EACH_MAP_ELEM);
	put_note();
	jit_put(&j, EC_LDX | EBPF_MEM | EBPF_DW, 0, 10, SUM, 0);
	put_note();
}

static void all_of_them(void)
{
	put_each(COUNTS);
	put_each(TABLE);
}

static void none(void)
{
	put_each(EMPTY);
	put_mov(0, 0);
	put_note();
	put_note();
}

static void up_to_the_second(void)
{
	put_each(COUNTS);
	put_mov(0, 0);
	put_note();
	put_note();
}

/* (map, key, value, sum): sum += value; ends where the value is `until` */
static void callback(void)
{
	while (n_refers) {
		uint32_t at = refers[--n_refers];

		j.insns[at].imm = (int32_t)(j.n - at - 1);
	}
	jit_put(&j, EC_LDX | EBPF_MEM | EBPF_DW, 1, 3, 0, 0);
	jit_put(&j, EC_LDX | EBPF_MEM | EBPF_DW, 2, 4, 0, 0);
	jit_put(&j, EC_ALU64 | EBPF_ADD | EBPF_X, 2, 1, 0, 0);
	jit_put(&j, EC_STX | EBPF_MEM | EBPF_DW, 4, 2, 0, 0);
	put_mov(0, 0);
	jit_put(&j, EC_JMP | EBPF_JNE, 1, 0, 1, until);
	put_mov(0, 1);
	jit_put(&j, EC_JMP | EBPF_EXIT, 0, 0, 0, 0);
}

static uint32_t result(void (*put)(void))
{
	struct calls calls = { .maps = all_maps, .n_maps = MAPS, .put = put, .host = fill, .functions = callback };
	uint32_t got = calls_result(&calls);

	calls.careful = 1;
	assert_int_equal(calls_result(&calls), got);
	return got;
}

static void elements(void **state)
{
	(void)state;
	until = -1;
	assert_int_equal(result(all_of_them), 4 << 24 | 10 << 16 | 3 << 8 | 60);
	assert_int_equal(result(none), 0);
	until = 2;
	assert_int_equal(result(up_to_the_second), 2 << 24 | 3 << 16);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(elements) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
