// SPDX-License-Identifier: Apache-2.0
/* A branch to a mere exit that has turned round: whatever the bundle's branches find, the packet goes where it went, and the same of the bundle is done. */
#include "pass.h"

enum { PROGRAMS = 300, PARTS = 12, MOST = 1 << 14 };

/* What a bundle does when its branches find this (bit per lane, of the branch as it was). */
struct outcome { const struct trace *to; uint32_t verdict, done; int goes_on; };

static const struct mop *op_at(const struct jit *j, const struct trace *t, uint32_t bundle, uint32_t lane)
{
	uint32_t op = t->slots[bundle * j->target.lanes + lane];

	return op ? &t->ops[op - 1] : NULL;
}

static uint32_t verdict_of(const struct mop *exit)
{
	return exit->w.has_imm ? exit->w.imm : 1000 + exit->b;
}

static int is_mere_exit(const struct jit *j, const struct trace *t)
{
	const struct mop *m = op_at(j, t, 0, 0);

	return t->n_bundles == 1 && m && m->w.op == OP_EXIT && !op_at(j, t, 0, 1) && !op_at(j, t, 0, 2);
}

static struct outcome outcome_of(const struct jit *j, const struct trace *t, uint32_t bundle, uint32_t found, const struct trace *const *exits,
				 const uint32_t *verdicts)
{
	struct outcome o = { NULL, 0, 0, 1 };
	int taken = 0;

	for (uint32_t lane = 0; lane < j->target.lanes; lane++) {
		const struct mop *m = op_at(j, t, bundle, lane);

		if (!m || (m->w.guard && taken))
			continue;
		if (m->w.op == OP_EXIT && !taken) {
			o = (struct outcome){ NULL, verdict_of(m), o.done, 0 };
			taken = 1;
		} else if (m->target && m->w.op != OP_JMP && !taken && (found >> lane & 1) != m->goes_on) {
			taken = 1;
			if (!m->goes_on)
				o = (struct outcome){ m->target, 0, o.done, 0 };
		} else if (!mop_is_control(m)) {
			o.done |= 1U << lane;
		}
	}
	for (uint32_t n = 0; o.to && exits[n]; n++) /* leaving by another bundle is leaving */
		if (exits[n] == o.to) {
			o.verdict = verdicts[n];
			o.to = NULL;
		}
	return o;
}

static uint32_t all_outcomes(const struct jit *j, struct outcome *out, const struct trace *const *exits, const uint32_t *verdicts)
{
	const struct mach *m = &j->c.func->mach;
	uint32_t n = 0;

	for (uint32_t k = 0; k < m->n_traces; k++)
		for (uint32_t bundle = 0; bundle < m->trace[k]->n_bundles && !is_mere_exit(j, m->trace[k]); bundle++)
			for (uint32_t found = 0; found < 1U << j->target.lanes; found++) {
				assert_true(n < MOST);
				out[n++] = outcome_of(j, m->trace[k], bundle, found, exits, verdicts);
			}
	return n;
}

static uint32_t find_exits(const struct jit *j, const struct trace **exits, uint32_t *verdicts)
{
	uint32_t n = 0;

	for (uint32_t k = 0; k < j->c.func->mach.n_traces; k++)
		if (is_mere_exit(j, j->c.func->mach.trace[k])) {
			exits[n] = j->c.func->mach.trace[k];
			verdicts[n] = verdict_of(op_at(j, exits[n], 0, 0));
			n++;
		}
	exits[n] = NULL;
	return n;
}

/* The operations of all traces, in their order. */
static void list_ops(const struct jit *j, uint8_t *out)
{
	const struct mach *m = &j->c.func->mach;
	uint32_t n = 0;

	for (uint32_t k = 0; k < m->n_traces; k++)
		for (uint32_t op = 0; op < m->trace[k]->n_ops; op++)
			if (m->trace[k]->ops[op].target) {
				assert_true(n < MOST);
				out[n++] = m->trace[k]->ops[op].w.op;
			}
}

/* Those that have turned round ask the opposite, others what they asked. Returns how many have. */
static uint32_t check_ops(const struct jit *j, const uint8_t *before)
{
	const struct mach *m = &j->c.func->mach;
	uint32_t n = 0, turned = 0;

	for (uint32_t k = 0; k < m->n_traces; k++)
		for (uint32_t op = 0; op < m->trace[k]->n_ops; op++) {
			const struct mop *b = &m->trace[k]->ops[op];

			if (!b->target)
				continue;
			assert_int_equal(b->w.op, b->goes_on ? mop_inverse(before[n]) : before[n]);
			turned += b->goes_on;
			n++;
		}
	return turned;
}

static void put_program(struct jit *j, uint32_t seed)
{
	static const uint8_t conditions[] = { EBPF_JEQ, EBPF_JNE, EBPF_JGT, EBPF_JSET, EBPF_JSLE };

	pass_program(j);
	j->seed = seed;
	for (int n = 0; n < PARTS; n++) {
		for (uint32_t k = jit_random(j, 4); k; k--)
			jit_step(j);
		pass_skip(j, conditions[jit_random(j, sizeof(conditions))], jit_number(j), (int)jit_random(j, 300), 2);
		pass_exit(j, (int)jit_random(j, 5));
	}
	pass_open(j);
}

static void packets_go_where_they_went(void **state)
{
	static struct jit j;
	static struct outcome before[MOST], after[MOST];
	static const struct trace *exits[MOST];
	static uint32_t verdicts[MOST];
	static uint8_t ops[MOST];
	uint32_t turned = 0, gone = 0;

	(void)state;
	for (uint32_t seed = 1; seed <= PROGRAMS; seed++) {
		uint32_t n;

		put_program(&j, seed);
		jit_allocate(&j);
		assert_int_equal(squeeze_run(&j.c), 0);
		gone += find_exits(&j, exits, verdicts);
		n = all_outcomes(&j, before, exits, verdicts);
		list_ops(&j, ops);
		assert_int_equal(leave_run(&j.c), 0);
		turned += check_ops(&j, ops);
		for (uint32_t k = 0; k < j.c.func->mach.n_traces; k++)
			gone -= is_mere_exit(&j, j.c.func->mach.trace[k]);
		assert_int_equal(all_outcomes(&j, after, exits, verdicts), n);
		for (uint32_t k = 0; k < n; k++)
			if (before[k].to != after[k].to || before[k].verdict != after[k].verdict || before[k].goes_on != after[k].goes_on ||
			    before[k].done != after[k].done)
				fail_msg("program %u: outcome %u differs", seed, k);
		jit_close(&j);
	}
	assert_true(turned > PROGRAMS / 10);
	assert_true(gone > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(packets_go_where_they_went),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
