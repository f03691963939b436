// SPDX-License-Identifier: Apache-2.0
/* Keys of tries that are kept as hash tables: cut at every length; a bit of its own for each length, once for programs and once for the host. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <string.h>
#include <cmocka.h>
#include "driver/common/nic_prefix.h"

enum { DATA = 4, KEY_MOST = 128 };

static struct image_map shape(uint32_t key_size)
{
	return (struct image_map){ .type = IMAGE_MAP_PREFIXES, .key_size = key_size, .values = 4096, .limit = 8192 };
}

static int bit_of(const uint8_t *key, uint32_t n)
{
	return key[DATA + n / 8] >> (7 - n % 8) & 1;
}

static void keys_keep_so_many_bits(void **state)
{
	(void)state;
	for (uint32_t size = DATA + 1; size <= KEY_MOST; size += size < 12 ? 1 : 29) {
		const struct image_map m = shape(size);
		uint8_t key[KEY_MOST], cut[KEY_MOST];

		assert_int_equal(nic_prefix_longest(&m), 8 * (size - DATA));
		for (uint32_t n = 0; n < size; n++)
			key[n] = (uint8_t)(0x5a + 77 * n);
		for (uint32_t length = 0; length <= nic_prefix_longest(&m); length++) {
			nic_prefix_cut(&m, key, length, cut);
			assert_int_equal(nic_prefix_length(cut), length);
			for (uint32_t n = 0; n < nic_prefix_longest(&m); n++)
				assert_int_equal(bit_of(cut, n), n < length ? bit_of(key, n) : 0);
		}
	}
}

static void each_length_has_its_bits(void **state)
{
	(void)state;
	for (uint32_t size = DATA + 1; size <= KEY_MOST; size++) {
		const struct image_map m = shape(size);
		uint32_t longest = nic_prefix_longest(&m), first = nic_prefix_word(&m, 0, 0);

		assert_int_equal(first, image_map_end(&m)); /* right behind the entries */
		for (uint32_t length = 0; length <= longest; length++)
			assert_int_equal(nic_prefix_word(&m, length, 0), first + 8 * (length / 64));
		assert_int_equal(nic_prefix_word(&m, 0, 1), nic_prefix_word(&m, longest, 0) + 8);
		assert_int_equal(nic_prefix_word(&m, longest, 1), m.limit - 8);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_keep_so_many_bits),
		cmocka_unit_test(each_length_has_its_bits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
