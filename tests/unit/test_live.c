// SPDX-License-Identifier: Apache-2.0
/* Liveness against the textbook's way: sets that grow until nothing changes. */
#include "jit.h"

enum { VREGS_MAX = 4096, TRACES_MAX = 512 };

static uint8_t live[TRACES_MAX][VREGS_MAX];

static int add_from(uint8_t *now, const struct trace *t)
{
	int changed = 0;

	for (int v = 0; t && v < VREGS_MAX; v++) {
		changed |= live[t->id][v] && !now[v];
		now[v] |= live[t->id][v];
	}
	return changed;
}

static int grow(const struct trace *t)
{
	static uint8_t now[VREGS_MAX];

	memset(now, 0, sizeof(now));
	add_from(now, t->next);
	for (uint32_t n = t->n_ops; n-- > 0;) {
		const struct mop *m = &t->ops[n];

		if (m->w.op == OP_JMP || m->w.op == OP_EXIT)
			memset(now, 0, sizeof(now));
		add_from(now, m->target);
		now[m->dst] = 0;
		now[m->a] = now[m->b] = now[m->c] = 1;
	}
	now[0] = 0;
	if (!memcmp(now, live[t->id], sizeof(now)))
		return 0;
	memcpy(live[t->id], now, sizeof(now));
	return 1;
}

static void what_is_live_is_found(void **state)
{
	static struct jit j;

	(void)state;
	for (uint32_t seed = 1; seed <= JIT_PROGRAMS; seed++) {
		const struct mach *m;
		int changed = 1;

		jit_program(&j, seed, 1 + seed % 30);
		jit_open(&j);
		jit_lower(&j);
		m = &j.c.func->mach;
		assert_true(m->n_vregs <= VREGS_MAX && m->n_traces <= TRACES_MAX);
		assert_int_equal(live_run(&j.c), 0);
		memset(live, 0, sizeof(live));
		while (changed) {
			changed = 0;
			for (uint32_t n = 0; n < m->n_traces; n++)
				changed |= grow(m->trace[n]);
		}
		for (uint32_t n = 0; n < m->n_traces; n++) {
			int expected = 0, found = 0;

			for (int v = 0; v < VREGS_MAX; v++)
				expected += live[n][v];
			for (const struct live_in *in = m->trace[n]->live; in; in = in->next) {
				assert_true(live[n][in->vreg]);
				found++;
			}
			assert_int_equal(found, expected);
		}
		jit_close(&j);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(what_is_live_is_found) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
