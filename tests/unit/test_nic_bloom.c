// SPDX-License-Identifier: Apache-2.0
/* Bloom filters from the host: the bits are those of lookup3's published results; what was added is found. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <string.h>
#include <cmocka.h>
#include "driver/common/nic_bloom.h"
#include "hw/spec/regs.h"

enum { VALUES = 64, WORDS = 16, BITS = 64 * WORDS };

static uint32_t memory[(VALUES + QUEUE_ELEMENTS) / 4 + 2 * WORDS];

static uint32_t read_memory(void *ctx, uint32_t offset)
{
	(void)ctx;
	return offset == REG_MAPWIN ? 0 : memory[(offset - REG_MAPMEM) / 4];
}

static void write_memory(void *ctx, uint32_t offset, uint32_t value)
{
	(void)ctx;
	if (offset != REG_MAPWIN)
		memory[(offset - REG_MAPMEM) / 4] = value;
}

static const struct nic_regs regs = { .read = read_memory, .write = write_memory };
static struct image_map layout = { .type = IMAGE_MAP_BLOOM_FILTER, .values = VALUES, .limit = VALUES + QUEUE_ELEMENTS + 8 * WORDS, .stride = 1 };
static const struct nic_map map = { .regs = &regs, .layout = &layout };

static int bit(uint32_t n)
{
	n %= BITS;
	return memory[(VALUES + QUEUE_ELEMENTS) / 4 + n / 32] >> n % 32 & 1;
}

static unsigned int bits_set(void)
{
	unsigned int set = 0;

	for (uint32_t n = 0; n < BITS; n++)
		set += (unsigned int)bit(n);
	return set;
}

static void begin(uint32_t value_size, uint32_t functions, uint32_t seed)
{
	memset(memory, 0, sizeof(memory));
	layout.value_size = value_size;
	layout.stride = functions;
	layout.seed = seed;
}

/* Bob Jenkins' driver5(): one hash function of seed 0, one of seed 1, or both. */
static void bits_are_the_published_ones(void **state)
{
	static const char text[] = "Four score and seven years ago";

	(void)state;
	begin(sizeof(text) - 1, 1, 0);
	nic_bloom_add(&map, text);
	assert_true(bit(0x17770551));
	assert_int_equal(bits_set(), 1);
	begin(sizeof(text) - 1, 1, 1);
	nic_bloom_add(&map, text);
	assert_true(bit(0xcd628161));
	assert_int_equal(bits_set(), 1);
	begin(sizeof(text) - 1, 2, 0);
	nic_bloom_add(&map, text);
	assert_true(bit(0x17770551) && bit(0xcd628161));
	assert_int_equal(bits_set(), 2);
}

static void what_was_added_is_found(void **state)
{
	unsigned int found = 0;

	(void)state;
	for (uint32_t size = 1; size <= 40; size++) {
		uint8_t value[40] = { 0 };

		begin(size, 3, 7 * size);
		assert_false(nic_bloom_has(&map, value));
		for (unsigned int n = 0; n < 40; n++) {
			value[size - 1] = (uint8_t)n;
			nic_bloom_add(&map, value);
			assert_true(nic_bloom_has(&map, value));
		}
		for (unsigned int n = 0; n < 40; n++) {
			value[size - 1] = (uint8_t)n;
			assert_true(nic_bloom_has(&map, value));
			value[size - 1] = (uint8_t)(100 + n);
			found += (unsigned int)nic_bloom_has(&map, value);
		}
	}
	assert_in_range(found, 1, 40 * 40 / 20); /* (1 - e^(-3*40/1024))^3 is 1 in 740; 1 in 20 would be another hash */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bits_are_the_published_ones),
		cmocka_unit_test(what_was_added_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
