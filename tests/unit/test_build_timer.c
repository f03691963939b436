// SPDX-License-Identifier: Apache-2.0
/* Timers: what the calls answer, and that a tick calls the function of one that is due. tests/helpers compares whole programs with Linux.
 * Also of timer.c. */
#include "calls.h"

enum { TIMER_AT = 8, VALUE_BYTES = 32, FIRED = 77 };
enum { OK = 0, BUSY = 0xf0, INVALID = 0xea };

static const struct prog_map map = { .name = "timed", .type = MAP_TYPE_ARRAY, .key_size = 4, .value_size = VALUE_BYTES, .max_entries = 2, .timer = TIMER_AT + 1 };
static uint32_t load; /* of the function's address; 0: none */

static void put_timer_call(int helper, int a, int b)
{
	put_copy(1, 7);
	jit_put(&j, EC_ALU64 | EBPF_ADD, 1, 0, 0, TIMER_AT);
	if (helper == HELPER_TIMER_INIT) {
		put_map(2, 0);
	} else if (helper == HELPER_TIMER_SET_CALLBACK) {
		load = j.n;
		jit_put(&j, EBPF_LDDW, 2, EBPF_PSEUDO_FUNC, 0, 0);
		jit_put(&j, 0, 0, 0, 0, 0);
	} else {
		put_mov(2, a);
	}
	put_mov(3, b);
	put_call(helper);
	put_note();
}

static void clocks_and_flags(void)
{
	put_value(0, 1);
	put_timer_call(HELPER_TIMER_INIT, 0, 2);
	put_timer_call(HELPER_TIMER_INIT, 0, 7);
	put_timer_call(HELPER_TIMER_INIT, 0, 1);
	put_timer_call(HELPER_TIMER_START, 1, 0);
}

static void nothing_is_there(void)
{
	put_value(0, 1);
	put_timer_call(HELPER_TIMER_CANCEL, 0, 0);
	put_timer_call(HELPER_TIMER_START, 1, 0);
	put_timer_call(HELPER_TIMER_INIT, 0, 1);
	put_timer_call(HELPER_TIMER_CANCEL, 0, 0);
}

static void results_are_those_of_linux(void **state)
{
	static const struct calls_row rows[] = {
		ROW(clocks_and_flags, INVALID, OK, BUSY, INVALID),
		ROW(nothing_is_there, INVALID, INVALID, OK, OK),
	};

	(void)state;
	calls_check((struct calls){ .maps = &map, .n_maps = 1 }, rows, sizeof(rows) / sizeof(*rows));
}

/* (map, key, value) */
static void function(void)
{
	j.insns[load].imm = (int32_t)(j.n - load - 1);
	jit_put(&j, EC_ST | EBPF_MEM | EBPF_DW, 3, 0, 0, FIRED);
	put_mov(0, 0);
	jit_put(&j, EC_JMP | EBPF_EXIT, 0, 0, 0, 0);
}

static void armed(void)
{
	put_value(0, 1);
	put_timer_call(HELPER_TIMER_INIT, 0, 1);
	put_timer_call(HELPER_TIMER_SET_CALLBACK, 0, 0);
	put_timer_call(HELPER_TIMER_START, 1000, 4);
	put_timer_call(HELPER_TIMER_START, 1000, 0);
}

static void fires(struct nic *n, const struct image *image)
{
	struct nic_map timed = calls_map(n, image, 0);
	uint8_t key[4] = { 1 }, value[VALUE_BYTES];

	assert_int_equal(nic_maps_lookup(&timed, key, value), 0);
	assert_int_equal(value[0], 0);
	for (int clock = 0; clock < 2 * NIC_TICK_NS / 4; clock++)
		n->device->ops->tick(n->device);
	assert_int_equal(nic_maps_lookup(&timed, key, value), 0);
	assert_int_equal(value[0], FIRED);
	key[0] = 0;
	assert_int_equal(nic_maps_lookup(&timed, key, value), 0);
	assert_int_equal(value[0], 0);
	assert_int_equal(n->packets, 1);
}

static void a_tick_calls_its_function(void **state)
{
	const struct calls calls = { .maps = &map, .n_maps = 1, .put = armed, .functions = function, .after = fires };
	uint32_t ret = calls_result(&calls);

	(void)state;
	assert_int_equal(ret, INVALID << 8);
}

/* The same program later: its function lies elsewhere, and has another name or does something else. */
static const char *name;

static void later(void)
{
	put_mov(0, 0);
	put_note();
	armed();
}

static void function_of_later(void)
{
	j.insns[load].imm = (int32_t)(j.n - load - 1);
	jit_put(&j, EC_ST | EBPF_MEM | EBPF_DW, 3, 0, 0, FIRED + 1);
	put_mov(0, 0);
	jit_put(&j, EC_JMP | EBPF_EXIT, 0, 0, 0, 0);
}

static uint8_t fired(struct nic *n, const struct image *image)
{
	struct nic_map timed = calls_map(n, image, 0);
	uint8_t key[4] = { 1 }, value[VALUE_BYTES];

	for (int clock = 0; clock < 2 * NIC_TICK_NS / 4; clock++)
		n->device->ops->tick(n->device);
	assert_int_equal(nic_maps_lookup(&timed, key, value), 0);
	return value[0];
}

static void replaced(struct nic *n, const struct image *image)
{
	const struct calls calls = { .maps = &map, .n_maps = 1, .put = later, .functions = function_of_later, .function = name };
	struct nic_place place = { .base = NIC_IMEM_FIRST, .bundles = image->header->n_bundles };
	uint8_t key[4] = { 1 }, value[VALUE_BYTES];
	struct nic_map timed = calls_map(n, image, 0);
	struct image_buf out;
	struct image other;
	struct nic_refusal why;
	void *mem = j.mem;

	assert_int_equal(nic_maps_lookup(&timed, key, value), 0);
	assert_int_equal(value[0], 0);
	assert_int_equal(calls_compile(&calls, &out), 0);
	assert_null(image_parse(out.bytes, out.size, &other));
	assert_int_equal(nic_reload(&n->regs, image, &other, &place, &why), 0);
	assert_int_equal(fired(n, &other), strcmp(name, "expire") ? 0 : FIRED + 1);
	free(j.mem);
	j.mem = mem;
}

static void timers_stay_when_their_program_is_replaced(void **state)
{
	static const char *const names[] = { "expire", "forget" };
	const struct calls calls = { .maps = &map, .n_maps = 1, .put = armed, .functions = function, .function = "expire", .after = replaced };

	(void)state;
	for (size_t n = 0; n < 2; n++) {
		name = names[n];
		assert_int_equal(calls_result(&calls), INVALID << 8);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(results_are_those_of_linux), cmocka_unit_test(a_tick_calls_its_function),
		cmocka_unit_test(timers_stay_when_their_program_is_replaced) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
