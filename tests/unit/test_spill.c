// SPDX-License-Identifier: Apache-2.0
/* Registers are thrown out at random, in every way there is, and the program is followed with registers and stack places that hold the name of
 * the register they stand for: whoever read a register before must still find it.
 * Also of spill_slots.c. */
#include "jit.h"
#include "regalloc.h"

enum { PLACES = IMAGE_STACK_BYTES / 8, VREGS = 1 << 14 };

static uint32_t held[VREGS];  /* per register: which of the program's it stands for */
static uint32_t place[PLACES];

struct tally { uint32_t loads, stores, moves, again; };

static uint32_t *place_of(const struct jit *j, const struct mop *m)
{
	assert_true(!m->a && m->w.a == SR_FP && m->w.width == 8);
	assert_int_equal(m->w.off % 8, 0);
	assert_in_range(-m->w.off, j->c.stack_used + 1, IMAGE_STACK_BYTES); /* not where the program has its own */
	return &place[-m->w.off / 8 - 1];
}

static void follow_added(const struct jit *j, const struct mop *m, struct tally *tally)
{
	switch (m->w.op) {
	case OP_ST:
		tally->stores++;
		*place_of(j, m) = held[m->b];
		break;
	case OP_LD:
		tally->loads++;
		held[m->dst] = *place_of(j, m);
		break;
	default:
		tally->moves++;
		assert_int_equal(m->w.op, OP_MOV);
		held[m->dst] = held[m->b];
	}
}

static void check_source(uint32_t before, uint32_t after)
{
	assert_int_equal(before ? held[after] : after, before);
}

/* The n operations that were there carry their number, from 1, as their bundle; those that were added carry 0, those that are done again, into
 * another register, the number of the first time. */
static void follow(const struct jit *j, const struct trace *t, const struct mop *was, uint32_t n, struct tally *tally)
{
	uint32_t next = 0;

	for (uint32_t k = 0; k < t->n_ops; k++) {
		const struct mop *m = &t->ops[k], *before = m->bundle ? &was[m->bundle - 1] : NULL;

		if (!before) {
			follow_added(j, m, tally);
		} else if (before->again && m->dst != before->dst) {
			tally->again++;
			held[m->dst] = before->dst;
		} else {
			for (; &was[next] != before; next++)
				assert_true(was[next].again);
			next++;
			check_source(before->a, m->a);
			check_source(before->b, m->b);
			check_source(before->c, m->c);
			if (m->dst)
				held[m->dst] = before->dst;
		}
	}
	for (; next < n; next++)
		assert_true(was[next].again);
}

/* Straight code, so the trace of interest is the first one, and nothing is live at its top. */
static void check(struct jit *j, int kind, struct tally *tally)
{
	struct mach *m;
	struct trace *t;
	struct mop *was;
	uint8_t *out;
	uint32_t n;

	jit_open(j);
	jit_lower(j);
	m = &j->c.func->mach;
	t = m->trace[0];
	n = t->n_ops;
	assert_int_equal(live_run(&j->c) || sched_run(&j->c), 0);
	was = malloc(n * sizeof(*was));
	for (uint32_t k = 0; k < n; k++) {
		t->ops[k].bundle = k + 1;
		was[k] = t->ops[k];
	}
	out = calloc(m->n_vregs + 1, 1);
	for (uint32_t v = 1; v < m->n_vregs; v++)
		out[v] = jit_random(j, 3) ? SPILL_NOT : (uint8_t)kind;
	assert_int_equal(spill_run(&j->c, out), 0);
	assert_true(m->n_vregs < VREGS);
	memset(held, 0, sizeof(held));
	follow(j, t, was, n, tally);
	free(out);
	free(was);
	jit_close(j);
}

/* Numbers from the packet, sums of two of them, all stored in the end. */
static void straight_program(struct jit *j, uint32_t seed)
{
	memset(j, 0, sizeof(*j));
	j->seed = seed;
	jit_start(j);
	for (int n = 0; n < 30; n++) {
		unsigned int d = jit_number(j);

		jit_put(j, EC_LDX | EBPF_MEM | EBPF_W, d, 6, (int)jit_random(j, 15) * 4, 0);
		jit_put(j, EC_ALU64 | EBPF_XOR | EBPF_X, d, jit_number(j), 0, 0);
		jit_put(j, EC_ALU64 | EBPF_MUL | EBPF_X, jit_number(j), d, 0, 0);
		if (!jit_random(j, 8))                    /* half of what was stored: so it is memory */
			jit_put(j, EC_LDX | EBPF_MEM | EBPF_W, d, 10, -16, 0);
		if (!jit_random(j, 3))
			jit_put(j, EC_STX | EBPF_MEM | EBPF_DW, 6, jit_number(j), 8 * (int)jit_random(j, 7), 0);
		if (!jit_random(j, 4)) {
			jit_put(j, EBPF_LDDW, jit_number(j), 0, 0, (int)j->seed);
			jit_put(j, 0, 0, 0, 0, 0x1234);
		}
	}
	jit_put(j, EC_JMP | EBPF_EXIT, 0, 0, 0, 0);
	jit_finish(j);
}

static void readers_find_what_was_thrown_out(void **state)
{
	static struct jit j;
	struct tally memory = { 0, 0, 0, 0 }, bank = { 0, 0, 0, 0 };

	(void)state;
	for (uint32_t seed = 1; seed <= JIT_PROGRAMS; seed++) {
		straight_program(&j, seed);
		check(&j, SPILL_MEMORY, &memory);
		straight_program(&j, seed);
		check(&j, SPILL_BANK, &bank);
	}
	assert_true(memory.loads > 0 && memory.stores > 0 && memory.again > 0);
	assert_true(bank.moves > 0);
	assert_true(bank.stores < memory.stores);         /* another bank does it for most */
}

/* More values than the stack has room for is an error with its sentence. */
static void too_many_values_are_refused(void **state)
{
	static struct jit j;
	uint8_t *out;

	(void)state;
	straight_program(&j, 1);
	jit_open(&j);
	jit_lower(&j);
	assert_int_equal(live_run(&j.c) || sched_run(&j.c), 0);
	j.target.stack = j.c.stack_used;
	out = calloc(j.c.func->mach.n_vregs + 1, 1);
	memset(out + 1, SPILL_MEMORY, j.c.func->mach.n_vregs - 1);
	assert_int_equal(spill_run(&j.c, out), -1);
	assert_true(j.c.no_room);
	assert_non_null(strstr(j.diag.text, "the program keeps too many values at once"));
	assert_non_null(strstr(j.diag.note, "use less stack"));
	free(out);
	jit_close(&j);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(readers_find_what_was_thrown_out),
		cmocka_unit_test(too_many_values_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
