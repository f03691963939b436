// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* Timers: of which maps, passed as they lie, with the map that holds them, and nobody touches their bytes. */
#include "verifier.h"

/* timer: its offset in the value, and 1 */
static const struct prog_map maps[] = {
	{ .name = "timed", .type = MAP_TYPE_ARRAY, .key_size = 4, .value_size = 32, .max_entries = 8, .timer = 9 },
	{ .name = "plain", .type = MAP_TYPE_ARRAY, .key_size = 4, .value_size = 32, .max_entries = 8 },
};

/* r6 = an element of map n, which is there; 10 slots */
#define ELEMENT(n) LOOKUP(n), J(EBPF_JNE, 0, 0, 2), PASS, MOVX(6, 0)
#define TIMER(r, off) MOVX(1, r), ADD(1, off)
#define START(r, off) TIMER(r, off), MOV(2, 1), MOV(3, 0), CALL(HELPER_TIMER_START)

static void passed_as_it_lies(void **state)
{
	(void)state;
	ACCEPT(ELEMENT(0), START(6, 8), PASS);
	ACCEPT(ELEMENT(0), TIMER(6, 8), CALL(HELPER_TIMER_CANCEL), PASS);
	REFUSE(14, "the first argument of bpf_timer_start does not point to the timer of map timed, which is at offset 8 of the value", ELEMENT(0), START(6, 0), PASS);
	REFUSE(14, "the value of map plain holds no timer", ELEMENT(1), START(6, 8), PASS);
	REFUSE(4, "the first argument of bpf_timer_start must be the timer in a map value, and is a stack pointer", START(10, -16), PASS);
}

static void with_its_map(void **state)
{
	(void)state;
	ACCEPT(ELEMENT(0), TIMER(6, 8), MAP(2, 0), MOV(3, 1), CALL(HELPER_TIMER_INIT), PASS);
	REFUSE(15, "the timer is in map timed, and bpf_timer_init is called with map plain", ELEMENT(0), TIMER(6, 8), MAP(2, 1), MOV(3, 1), CALL(HELPER_TIMER_INIT), PASS);
}

static void untouched(void **state)
{
	(void)state;
	ACCEPT(ELEMENT(0), ST(DW, 6, 0, 1), ST(DW, 6, 24, 1), PASS);
	REFUSE(10, "the access touches the timer in the value of map timed", ELEMENT(0), ST(W, 6, 8, 1), PASS);
	REFUSE(10, "the access touches the timer in the value of map timed", ELEMENT(0), LDX(B, 1, 6, 23), PASS);
}

static void ours_alone(void **state)
{
	(void)state;
	REFUSE(12, "the program calls bpf_timer_due (helper 255), which XDP programs do not have", ELEMENT(0), TIMER(6, 8), CALL(HELPER_TIMER_DUE), PASS);
}

static void refuse_map(struct prog_map m, const char *sentence)
{
	const struct ebpf_insn insns[] = { MAP(1, 0), PASS };

	m.timer = 1;
	expect(insns, 4, &m, 1, 0, sentence);
}

static void in_hash_and_array(void **state)
{
	struct prog_map m = { .name = "m", .type = MAP_TYPE_LRU_HASH, .key_size = 4, .value_size = 24, .max_entries = 8 };

	(void)state;
	refuse_map(m, "");
	m.lock = 17;
	m.type = MAP_TYPE_HASH;
	refuse_map(m, "");
	m.lock = 0;
	m.type = MAP_TYPE_PERCPU_HASH;
	refuse_map(m, "the value of map m holds a timer, and only those of a HASH, LRU_HASH or ARRAY can");
	m.type = MAP_TYPE_ARRAY;
	m.flags = MAP_RDONLY_PROG;
	refuse_map(m, "map m holds a timer, and programs may not write it");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(passed_as_it_lies), cmocka_unit_test(with_its_map), cmocka_unit_test(untouched), cmocka_unit_test(ours_alone),
		cmocka_unit_test(in_hash_and_array),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
