// SPDX-License-Identifier: Apache-2.0
/* Bundles per packet of traces that are written down by hand: the average in hundredths, the likeliest path, the longest one, loops. */
#include "pass.h"

enum { TRACES = 8, OPS = 4 };

static struct compile c;
static struct func func;
static struct prog prog;
static struct arena arena;
static struct trace trace[TRACES], *list[TRACES];
static struct mop op[TRACES][OPS];
static uint8_t memory[1 << 16];

static void begin(uint32_t n)
{
	memset(trace, 0, sizeof(trace));
	memset(op, 0, sizeof(op));
	memset(&func, 0, sizeof(func));
	arena_init(&arena, memory, sizeof(memory));
	for (uint32_t k = 0; k < n; k++) {
		list[k] = &trace[k];
		trace[k] = (struct trace){ .id = k, .ops = op[k] };
	}
	func.mach.trace = list;
	func.mach.n_traces = n;
	c = (struct compile){ .arena = &arena, .func = &func, .prog = &prog };
}

/* Trace k has so many bundles and ends by going on in `next`; -1: an exit. */
static void put(uint32_t k, uint32_t bundles, int next)
{
	trace[k].n_bundles = bundles;
	trace[k].next = next < 0 ? NULL : &trace[next];
}

/* From bundle on, in `odds` of 16 packets that come there. */
static void put_branch(uint32_t k, uint32_t bundle, uint8_t odds, uint32_t to)
{
	struct mop *m = &trace[k].ops[trace[k].n_ops++];

	assert_true(trace[k].n_ops <= OPS);
	m->w.op = OP_JEQ;
	m->bundle = bundle;
	m->odds = odds;
	m->target = &trace[to];
}

static void check(uint32_t expected, uint32_t likely, uint32_t longest, int loops)
{
	struct image_buf out = { 0 };

	prog.n_maps = 3;
	c.map_words = 17;
	c.ext_words = 19;
	assert_int_equal(figures_run(&c, &out), 0);
	assert_int_equal(out.maps, 3);
	assert_int_equal(out.map_words, 17);
	assert_int_equal(out.ext_words, 19);
	assert_int_equal(out.expected, expected);
	assert_int_equal(out.likely, likely);
	assert_int_equal(out.longest, longest);
	assert_int_equal(out.loops, loops);
}

static uint32_t likely(void)
{
	struct image_buf out = { 0 };

	assert_int_equal(figures_run(&c, &out), 0);
	return out.likely;
}

static void one_trace(void **state)
{
	(void)state;
	begin(1);
	put(0, 7, -1);
	check(700, 7, 7, 0);
}

/* A jump at the end of a trace is its way to the next one, no branch. */
static void traces_behind_each_other(void **state)
{
	(void)state;
	begin(3);
	put(0, 2, 1);
	put_branch(0, 1, 0, 2);
	op[0][0].w.op = OP_JMP;
	put(1, 3, 2);
	put(2, 5, -1);
	check(1000, 10, 10, 0);
}

/* 4 of 16 leave behind the second bundle, for 20 more. */
static void a_way_out(void **state)
{
	(void)state;
	begin(2);
	put(0, 10, -1);
	put_branch(0, 1, 4, 1);
	put(1, 20, -1);
	check((4 * 22 + 12 * 10) * 100 / 16, 10, 22, 0);
	op[0][0].odds = 12;
	check((12 * 22 + 4 * 10) * 100 / 16, 22, 22, 0);
}

/* Each branch gets what those before it have left. */
static void several_ways_out(void **state)
{
	(void)state;
	begin(4);
	put(0, 3, -1);
	put_branch(0, 0, 8, 1);
	put_branch(0, 1, 8, 2);
	put(1, 4, 3);
	put(2, 6, 3);
	put(3, 1, -1);
	check((8 * (1 + 4 + 1) + 4 * (2 + 6 + 1) + 4 * 3) * 100 / 16, 3, 9, 0);
}

/* Half of the packets go round again each time: two rounds on the average. The longest path has it once. */
static void loops_are_found(void **state)
{
	(void)state;
	begin(2);
	put(0, 4, 1);
	put(1, 3, -1);
	put_branch(1, 2, 8, 1);
	check(400 + 2 * 300, 7, 7, 1);
	begin(1);
	put(0, 4, -1);
	put_branch(0, 0, 4, 0);
	check((3 * 400 + 100) / 3, 4, 4, 1); /* from each packet that comes to its top: 1 for 4 of 16, 4 for the others */
}

/* The likeliest path goes round once again where 12 of 16 do, twice where 14 do. */
static void likely_loops_are_left(void **state)
{
	(void)state;
	begin(2);
	put(0, 4, 1);
	put(1, 3, -1);
	put_branch(1, 2, 12, 1);
	assert_int_equal(likely(), 4 + 2 * 3);
	begin(3); /* the way out lies in the middle */
	put(0, 4, 1);
	put(1, 3, 1);
	put_branch(1, 0, 2, 2);
	put(2, 5, -1);
	assert_int_equal(likely(), 4 + 2 * 3 + 1 + 5);
}

/* One that is always gone round again is left in the end, with a figure. */
static void endless_loops_end(void **state)
{
	struct image_buf out = { 0 };

	(void)state;
	begin(1);
	put(0, 1, -1);
	put_branch(0, 0, ODDS_ONE, 0);
	assert_int_equal(figures_run(&c, &out), 0);
	assert_true(out.expected > 1000);
	assert_true(out.likely > 10);
	assert_int_equal(out.longest, 1);
	assert_true(out.loops);
}

/* Where ways meet the longer one counts, whichever was seen first. */
static void the_longest_way_counts(void **state)
{
	(void)state;
	for (int first = 0; first < 2; first++) {
		begin(5);
		put(0, 1, first ? 2 : 1);
		put_branch(0, 0, 8, first ? 1 : 2);
		put(1, 2, 3);
		put(2, 30, 3);
		put(3, 4, 4);
		put(4, 8, -1);
		check((2 * (1 + 4 + 8) + 2 + 30) * 100 / 2, first ? 43 : 15, 43, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_trace),
		cmocka_unit_test(traces_behind_each_other),
		cmocka_unit_test(a_way_out),
		cmocka_unit_test(several_ways_out),
		cmocka_unit_test(loops_are_found),
		cmocka_unit_test(likely_loops_are_left),
		cmocka_unit_test(endless_loops_end),
		cmocka_unit_test(the_longest_way_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
