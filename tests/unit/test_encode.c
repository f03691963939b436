// SPDX-License-Identifier: Apache-2.0
/* Words: every one legal in its lane, branches to the first bundle of the trace they mean, and a trace that falls into another before it. */
#include "jit.h"
#include "hw/spec/regs.h"

static unsigned int loads; /* reads of the packet that the last lane does */

/* The same bytes, and 0 behind the packet's end. */
static void check_load(const struct isa_word *load, const struct isa_word *window)
{
	loads++;
	assert_int_equal(load->op, window->op == OP_WSBFX && window->width < 8 ? OP_LDS : OP_LD);
	assert_int_equal(load->a, SR_DATA);
	assert_int_equal(load->off, window->woff);
	assert_int_equal(load->width, window->width);
	assert_int_equal(load->swap, window->swap);
	assert_int_equal(load->spec, 1);
}

static void check_word(const struct jit *j, const struct trace *t, uint32_t bundle, uint32_t lane)
{
	const struct mach *m = &j->c.func->mach;
	uint32_t slot = t->slots[bundle * j->target.lanes + lane];
	struct isa_word w;

	assert_int_equal(isa_decode(m->words[(t->start + bundle) * j->target.lanes + lane], &w), 0);
	assert_true(isa_slot_allows(isa_lookup(w.op)->slot, (int)lane, (int)j->target.lanes));
	if (!slot) {
		assert_int_equal(w.op, OP_NOP);
		return;
	}
	if (w.op != t->ops[slot - 1].w.op)
		check_load(&w, &t->ops[slot - 1].w);
	if (t->ops[slot - 1].target)
		assert_int_equal(w.target, t->ops[slot - 1].target->start);
}

static void words_say_what_was_scheduled(void **state)
{
	static struct jit j;

	(void)state;
	for (uint32_t seed = 1; seed <= JIT_PROGRAMS; seed++) {
		const struct mach *m;
		uint32_t at = 0;

		jit_program(&j, seed, 1 + seed % 30);
		j.target.lanes = 1 + seed % 4;
		j.target.bundles = REG_IMEM_COUNT; /* nothing has made it shorter */
		jit_open(&j);
		jit_lower(&j);
		do {
			assert_int_equal(live_run(&j.c) || sched_run(&j.c), 0);
		} while (regalloc_run(&j.c) == 1);
		assert_int_equal(encode_run(&j.c), 0);
		m = &j.c.func->mach;
		for (uint32_t n = 0; n < m->n_traces; n++) {
			const struct trace *t = m->trace[n];
			const struct mop *last = t->n_ops ? &t->ops[t->n_ops - 1] : NULL;
			int ends = last && (last->w.op == OP_JMP || last->w.op == OP_EXIT);

			assert_int_equal(t->start, at);
			at += t->n_bundles;
			assert_true(ends || t->next == m->trace[n + 1]);
			for (uint32_t bundle = 0; bundle < t->n_bundles; bundle++)
				for (uint32_t lane = 0; lane < j.target.lanes; lane++)
					check_word(&j, t, bundle, lane);
		}
		assert_int_equal(m->n_bundles, at);
		jit_close(&j);
	}
	assert_true(loads > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(words_say_what_was_scheduled) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
