// SPDX-License-Identifier: Apache-2.0
/* What else is missing in a program that was refused: every map and every instruction once, on any path; nothing where one answer is enough. */
#include "verifier.h"

enum { ROOM = 8, NUMA_NODE = 42, PID_TGID = 14 };

static struct diag more[ROOM];

static const struct prog_map maps[] = {
	{ .name = "orders", .type = 31, .max_entries = 4096 },
	{ .name = "counts", .type = MAP_TYPE_ARRAY, .key_size = 8, .value_size = 4, .max_entries = 1 },
};

/* Both maps, both helpers, one of them twice, and what follows a jump that is always taken. */
static const struct ebpf_insn insns[] = {
	CALL(NUMA_NODE), MOV(0, 2), J(EBPF_JEQ, 0, 2, 4), CALL(PID_TGID), CALL(NUMA_NODE), MAP(1, 1), CALL(999), CALL(HELPER_KTIME_GET_NS), MOV(0, 2), EXIT,
};

static void survey(struct diag *d, uint32_t n_maps)
{
	const struct prog prog = { .name = "t", .section = "xdp", .insns = insns, .n_insns = sizeof(insns) / sizeof(*insns), .maps = maps, .n_maps = n_maps };

	memset(more, 0, sizeof(more));
	nicjit_survey(&prog, &target, d);
}

static void every_problem_once(void **state)
{
	struct diag d = { .more = more, .room = ROOM, .insn = 3, .text = "the first problem" };

	(void)state;
	survey(&d, 2);
	assert_int_equal(d.n_more, 6);
	assert_string_equal(more[0].text, "the first problem");
	assert_string_equal(more[1].text, "map orders is of type USER_RINGBUF, which the NIC does not have");
	assert_int_equal(more[1].insn, -1);
	assert_string_equal(more[2].text, "the key of array map counts has 8 bytes, and an array index has 4");
	assert_int_equal(more[2].insn, 5);
	assert_string_equal(more[3].text, "the program calls bpf_get_numa_node_id (helper 42), which the NIC does not have");
	assert_int_equal(more[3].insn, 0);
	assert_string_equal(more[4].text, "the program calls bpf_get_current_pid_tgid (helper 14), which the NIC does not have");
	assert_int_equal(more[4].insn, 3);
	assert_string_equal(more[5].text, "the program calls helper 999, which the NIC does not have");
	assert_int_equal(more[5].insn, 7);
}

static void one_answer_is_enough(void **state)
{
	struct diag d = { .insn = 3, .text = "the first problem" };

	(void)state;
	survey(&d, 2);
	assert_int_equal(d.n_more, 0);
	assert_string_equal(d.text, "the first problem");
}

static void no_more_than_there_is_room_for(void **state)
{
	struct diag d = { .more = more, .room = 2, .insn = 3, .text = "the first problem" };

	(void)state;
	survey(&d, 2);
	assert_int_equal(d.n_more, 2);
	assert_string_equal(more[1].text, "map orders is of type USER_RINGBUF, which the NIC does not have");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_problem_once), cmocka_unit_test(one_answer_is_enough), cmocka_unit_test(no_more_than_there_is_room_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
