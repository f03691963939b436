// SPDX-License-Identifier: Apache-2.0
/* x holds the result of the last WAIT word only. Behind wait_run() whoever reads x finds the number it asked for before, and whoever reads a
 * register finds it copied there straight behind its WAIT word. */
#include "pass.h"

static void lower(struct jit *j)
{
	static int (*const passes[])(struct compile *c) = { frame_run, trace_run, lower_run };

	pass_until(j, opt_split_run);
	for (size_t n = 0; n < sizeof(passes) / sizeof(*passes); n++)
		assert_int_equal(passes[n](&j->c), 0);
}

static int is_wait(const struct mop *m)
{
	return isa_result_of(&m->w) == RESULT_WAIT;
}

struct tally { uint32_t from_x, copies, across; };

/* The only operation that leads to the trace, if it is a branch in front of it; NULL: there is none. */
static const struct mop *only_branch(const struct mach *m, const struct trace *t)
{
	const struct mop *only = NULL;
	uint32_t ways = 0;

	for (uint32_t n = 0; n < m->n_traces; n++) {
		ways += m->trace[n]->next == t;
		for (uint32_t k = 0; k < m->trace[n]->n_ops; k++)
			if (m->trace[n]->ops[k].target == t) {
				ways++;
				only = &m->trace[n]->ops[k];
			}
	}
	return ways == 1 && only && !mop_ends(only) ? only : NULL;
}

/* The result that stood in x at that branch, by the operations as they were. */
static uint32_t in_x_at(struct mop *const *was, const uint32_t *n_was, uint32_t n_traces, const struct trace *to)
{
	for (uint32_t n = 0; n < n_traces; n++) {
		uint32_t in_x = 0;

		for (uint32_t k = 0; k < n_was[n]; k++) {
			if (was[n][k].target == to)
				return in_x;
			if (is_wait(&was[n][k]))
				in_x = was[n][k].dst;
			else if (was[n][k].dst == in_x)
				in_x = 0;
		}
	}
	return 0;
}

static void check_source(uint32_t before, uint32_t after, int code, uint32_t in_x, struct tally *t)
{
	if (before == after)
		return;
	assert_int_equal(after, 0);
	assert_int_equal(code, SR_X);
	assert_int_equal(before, in_x);
	t->from_x++;
}

/* The operations of one trace as they were, and as they are. */
static void check_trace(const struct mop *was, uint32_t n_was, const struct trace *t, uint32_t in_x, const struct mop *branch, uint8_t *copied,
			struct tally *tally)
{
	uint32_t k = 0;

	for (uint32_t n = 0; n < n_was; n++, k++) {
		const struct mop *now = &t->ops[k];

		assert_true(k < t->n_ops);
		assert_int_equal(now->w.op, was[n].w.op);
		check_source(was[n].a, now->a, now->w.a, in_x, tally);
		check_source(was[n].b, now->b, now->w.b, in_x, tally);
		check_source(was[n].c, now->c, now->w.c, in_x, tally);
		if (branch && mop_reads_x(now) && !mop_reads_x(&was[n])) { /* the branch keeps x for it */
			assert_int_equal(branch->keeps_x, 1);
			tally->across++;
		}
		if (!is_wait(&was[n]))
			continue;
		branch = NULL;
		in_x = was[n].dst;
		assert_int_equal(now->dst, 0);
		if (in_x && k + 1 < t->n_ops && t->ops[k + 1].dst == in_x && t->ops[k + 1].w.op == OP_MOV) {
			assert_int_equal(t->ops[++k].w.b, SR_X);
			copied[in_x] = 1;
			tally->copies++;
		}
	}
	assert_int_equal(k, t->n_ops);
}

static void check_readers(const struct mach *m, const struct trace *t, const uint8_t *copied)
{
	for (uint32_t n = 0; n < t->n_ops; n++) {
		const uint32_t src[3] = { t->ops[n].a, t->ops[n].b, t->ops[n].c };

		for (int k = 0; k < 3; k++)
			if (m->vreg[src[k]].waits && !m->vreg[src[k]].many)
				assert_true(copied[src[k]]);
	}
}

static struct tally check(struct jit *j)
{
	struct tally tally = { 0, 0, 0 };
	struct mach *m = &j->c.func->mach;
	struct mop **was = calloc(m->n_traces, sizeof(*was));
	uint32_t *n_was = calloc(m->n_traces, sizeof(*n_was));
	uint8_t *copied;

	for (uint32_t n = 0; n < m->n_traces; n++) {
		n_was[n] = m->trace[n]->n_ops;
		was[n] = malloc((n_was[n] + 1) * sizeof(**was));
		if (n_was[n])
			memcpy(was[n], m->trace[n]->ops, n_was[n] * sizeof(**was));
	}
	assert_int_equal(wait_run(&j->c), 0);
	copied = calloc(m->n_vregs + 1, 1);
	for (uint32_t n = 0; n < m->n_traces; n++) {
		const struct mop *branch = only_branch(m, m->trace[n]);

		check_trace(was[n], n_was[n], m->trace[n], branch ? in_x_at(was, n_was, m->n_traces, m->trace[n]) : 0, branch, copied, &tally);
	}
	for (uint32_t n = 0; n < m->n_traces; n++)
		check_readers(m, m->trace[n], copied);
	for (uint32_t n = 0; n < m->n_traces; n++)
		free(was[n]);
	free(was);
	free(n_was);
	free(copied);
	jit_close(j);
	return tally;
}

static void random_programs(void **state)
{
	static struct jit j;
	struct tally all = { 0, 0, 0 };

	(void)state;
	for (uint32_t seed = 1; seed <= JIT_PROGRAMS; seed++) {
		struct tally one;

		jit_program(&j, seed, 1 + seed % 30);
		jit_open(&j);
		lower(&j);
		one = check(&j);
		all.from_x += one.from_x;
		all.copies += one.copies;
		all.across += one.across;
	}
	assert_true(all.across > 0);
	assert_true(all.from_x > 0);
	assert_true(all.copies > 0);
}

/* Two loads from an array's element; the first is read before or behind the second. */
static struct tally two_loads(int read_first)
{
	static struct jit j;

	pass_program(&j);
	pass_element(&j);
	pass_load(&j, EBPF_W, 3, 0, 0);
	if (read_first)
		pass_store(&j, EBPF_W, 6, 8, 3);
	pass_load(&j, EBPF_W, 4, 0, 8);            /* not beside the first, or one load does for both */
	pass_store(&j, EBPF_W, 6, 16, 4);
	if (!read_first)
		pass_store(&j, EBPF_W, 6, 8, 3);
	pass_open(&j);
	lower(&j);
	return check(&j);
}

static void results_are_copied_when_another_one_comes(void **state)
{
	(void)state;
	assert_int_equal(two_loads(1).copies, 0);
	assert_int_equal(two_loads(1).from_x, 2);
	assert_int_equal(two_loads(0).copies, 1);
	assert_int_equal(two_loads(0).from_x, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_programs),
		cmocka_unit_test(results_are_copied_when_another_one_comes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
