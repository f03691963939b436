// SPDX-License-Identifier: Apache-2.0
/* A host at the NIC's queues and stacks: order, what is full and what is empty, as bpf(2) has it. */
#include "nic.h"
#include "hw/spec/image.h"
#include "driver/common/nic_queue.h"

enum { ENTRIES = 3, EXIST = 2, TOO_BIG = -7, NOT_THERE = -2, INVALID = -22 };

static const struct prog_map shapes[] = {
	{ .name = "queue", .type = MAP_TYPE_QUEUE, .value_size = 12, .max_entries = ENTRIES },
	{ .name = "stack", .type = MAP_TYPE_STACK, .value_size = 12, .max_entries = ENTRIES },
};

static struct nic_table t;

static int push(uint8_t n, uint64_t flags)
{
	const uint8_t value[12] = { n, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, (uint8_t)~n };

	return nic_queue_push(&t.map, value, flags);
}

/* The first byte of the next one, or what went wrong. */
static int take(int removes)
{
	uint8_t value[12] = { 0 };
	int wrong = nic_queue_take(&t.map, value, removes);

	if (!wrong)
		assert_int_equal(value[11], (uint8_t)~value[0]);
	return wrong ? wrong : value[0];
}

static void order(void **state)
{
	(void)state;
	for (int stack = 0; stack < 2; stack++) {
		nic_open_table(&t, &shapes[stack], 0);
		assert_int_equal(take(0), NOT_THERE);
		assert_int_equal(take(1), NOT_THERE);
		for (uint8_t n = 1; n <= ENTRIES; n++)
			assert_int_equal(push(n, 0), 0);
		assert_int_equal(push(9, 0), TOO_BIG);
		assert_int_equal(push(9, 1), INVALID); /* BPF_NOEXIST means nothing here */
		assert_int_equal(take(0), stack ? ENTRIES : 1); /* and stays */
		assert_int_equal(take(1), stack ? ENTRIES : 1);
		assert_int_equal(take(1), 2);
		assert_int_equal(push(7, 0), 0);
		assert_int_equal(take(1), stack ? 7 : 3);
		assert_int_equal(take(1), stack ? 1 : 7);
		assert_int_equal(take(1), NOT_THERE);
		nic_close(&t.nic);
	}
}

/* Round and round: positions come by the end of the ring many times. */
static void around(void **state)
{
	(void)state;
	nic_open_table(&t, &shapes[0], 0);
	for (int n = 0; n < 50; n++) {
		assert_int_equal(push((uint8_t)n, 0), 0);
		assert_int_equal(push((uint8_t)(n + 100), 0), 0);
		assert_int_equal(take(1), n);
		assert_int_equal(take(1), n + 100);
	}
	nic_close(&t.nic);
}

static void the_oldest_goes(void **state)
{
	(void)state;
	for (int stack = 0; stack < 2; stack++) {
		nic_open_table(&t, &shapes[stack], 0);
		for (uint8_t n = 1; n <= ENTRIES + 1; n++)
			assert_int_equal(push(n, EXIST), 0);
		assert_int_equal(take(1), stack ? 4 : 2);
		assert_int_equal(take(1), 3);
		assert_int_equal(take(1), stack ? 2 : 4);
		assert_int_equal(take(1), NOT_THERE);
		nic_close(&t.nic);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(order), cmocka_unit_test(around), cmocka_unit_test(the_oldest_goes) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
