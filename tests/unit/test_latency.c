// SPDX-License-Identifier: Apache-2.0
/* The histogram against a sorted list. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "sim/nicsim/latency.h"

enum { COUNT = 20000 };

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static void groups_agree(const struct latency *l, const uint64_t *list)
{
	struct latency_group group[LATENCY_GROUPS];
	unsigned int n = latency_groups(l, group), at = 0;

	for (unsigned int i = 0; i < n; i++) {
		unsigned int count = 0;

		for (; at < COUNT && list[at] <= group[i].most; at++)
			count++;
		assert_int_equal(group[i].count, count);
	}
	assert_int_equal(at, COUNT);
}

static void against_list(uint64_t most)
{
	static const double parts[] = {0, 0.001, 0.25, 0.5, 0.9, 0.99, 0.999, 1};
	struct latency *l = calloc(1, sizeof(*l));
	uint64_t *list = calloc(COUNT, sizeof(*list)), sum = 0;

	srand(1);
	for (int i = 0; i < COUNT; i++) {
		list[i] = (((uint64_t)rand() << 31) ^ (uint64_t)rand()) % most;
		sum += list[i];
		latency_add(l, list[i]);
	}
	qsort(list, COUNT, sizeof(*list), compare);
	assert_int_equal(l->count, COUNT);
	assert_int_equal(l->sum, sum);
	assert_int_equal(l->min, list[0]);
	assert_int_equal(l->max, list[COUNT - 1]);
	for (unsigned int i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		double place = parts[i] * COUNT;
		uint64_t exact = list[place < 1 ? 0 : (int)place - 1], got = latency_percentile(l, parts[i]);

		assert_true(got >= exact && got - exact <= exact / (LATENCY_EXACT / 2));
	}
	groups_agree(l, list);
	free(list);
	free(l);
}

static void small_values_are_exact(void **state)
{
	(void)state;
	against_list(LATENCY_EXACT);
}

static void large_values_are_near(void **state)
{
	(void)state;
	against_list(100000);
	against_list(1ull << 40);
	against_list(1ull << 61);
}

static void nothing(void **state)
{
	static struct latency l;

	(void)state;
	assert_int_equal(latency_percentile(&l, 0.5), 0);
	latency_add(&l, UINT64_MAX);
	assert_true(latency_percentile(&l, 1) == UINT64_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(small_values_are_exact),
		cmocka_unit_test(large_values_are_near),
		cmocka_unit_test(nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
