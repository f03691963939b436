// SPDX-License-Identifier: Apache-2.0
/* A schedule must keep what the program order says. Looked at from outside: no graph, only positions.
 * Also of sched_deps.c, sched_height.c, sched_lanes.c, sched_order.c. */
#include "pass.h"

static const struct mop *ops;
static const struct compile *of;

static int is_branch(const struct mop *m)
{
	return mop_is_control(m);
}

/* Does the last lane's y read the packet bytes that x beside it reads? */
static int takes(const struct mop *x, const struct mop *y)
{
	return y->bundle == x->bundle && y->lane == of->target->lanes - 1 && mop_may_take(of, x, y) && (y->a != x->dst || x->lane == 0) &&
	       (y->b != x->dst || x->lane == 1);
}

/* x comes before y in the program: y sees what x wrote, x does not see what y writes. */
static void check_registers(const struct mop *x, const struct mop *y)
{
	if (x->dst && (y->a == x->dst || y->b == x->dst || y->c == x->dst))
		assert_true(y->bundle > x->bundle || takes(x, y));
	if (y->dst && (x->a == y->dst || x->b == y->dst || x->c == y->dst))
		assert_true(y->bundle >= x->bundle);
	if (y->dst && y->dst == x->dst)
		assert_true(y->bundle > x->bundle);
	if (isa_result_of(&x->w) == RESULT_WAIT && mop_reads_x(y))
		assert_true(y->bundle > x->bundle);
	if (isa_result_of(&y->w) == RESULT_WAIT && mop_reads_x(x))
		assert_true(y->bundle >= x->bundle);
}

static int is_local_store(const struct mop *m)
{
	return m->w.op == OP_ST || m->w.op == OP_ST6;
}

static int is_store(const struct mop *m)
{
	return is_local_store(m) || (m->w.op >= OP_MST && m->w.op <= OP_MCAS);
}

static int same_space(const struct mop *x, const struct mop *y)
{
	for (int k = 0; k < 2; k++)
		for (int n = 0; n < 2; n++)
			if (x->region[k] != R_NONE && x->region[k] == y->region[n])
				return 1;
	return 0;
}

/* Accesses with different base registers may be the same place. */
static void check_memory(const struct mop *x, const struct mop *y)
{
	int window_x = isa_lookup(x->w.op)->slot != SLOT_M, window_y = isa_lookup(y->w.op)->slot != SLOT_M;

	if (!same_space(x, y) || (!is_store(x) && !is_store(y)) || x->a != y->a || (!x->a && x->w.a != y->w.a))
		return;
	if (window_x || window_y || !x->w.width || !y->w.width)
		return;
	if (x->w.off < y->w.off + y->w.width && y->w.off < x->w.off + x->w.width)
		assert_true(y->bundle > x->bundle);
}

/* A store of which nobody knows where it goes may be to what the window reads. */
static int may_meet(const struct mop *store, const struct mop *window)
{
	return store->a || store->w.a != SR_DATA ||
	       (store->w.off < window->w.woff + window->w.width && window->w.woff < store->w.off + store->w.width);
}

static void check_window(const struct mop *x, const struct mop *y)
{
	int reads_x = isa_lookup(x->w.op)->fields[0] && x->w.op >= OP_WUBFX && x->w.op <= OP_WSBFX;
	int reads_y = y->w.op >= OP_WUBFX && y->w.op <= OP_WSBFX;

	if (is_local_store(x) && x->region[0] == R_PKT && reads_y && may_meet(x, y))
		assert_true(y->bundle > x->bundle);
	if (is_local_store(y) && y->region[0] == R_PKT && reads_x && may_meet(y, x))
		assert_true(y->bundle >= x->bundle);
}

static int is_live(const struct trace *t, uint32_t vreg)
{
	for (const struct live_in *in = t->live; in; in = in->next)
		if (in->vreg == vreg)
			return 1;
	return 0;
}

/* What a taken branch x may find done: a lookup where the packet is too short, a redirect's target where another verdict follows at once. */
static int may_be_done(const struct mop *x, const struct mop *y)
{
	const struct mop *first = x->target && x->target->n_ops ? &x->target->ops[0] : NULL;

	if (y->w.op == OP_RDIR)
		return first && first->w.op == OP_EXIT && first->w.has_imm && first->w.imm != 4;
	return y->stays == STAYS_LONG && !x->a && x->w.a == SR_LEN && !x->keeps_x;
}

/* A taken branch x must leave undone what comes after it, and done what came before it. */
static void check_branches(const struct mop *x, const struct mop *y)
{
	int cancelled = y->bundle == x->bundle && y->lane > x->lane && y->w.guard;

	if (is_branch(x) && is_branch(y))
		assert_true(y->bundle > x->bundle || (y->bundle == x->bundle && y->lane > x->lane));
	if (is_branch(x) && !is_branch(y) && ((y->stays != STAYS_NOT && !may_be_done(x, y)) || (y->dst && x->target && is_live(x->target, y->dst))))
		assert_true(y->bundle > x->bundle || cancelled);
	if (is_branch(x) && (y->w.op == OP_LD || y->w.op == OP_LDS) && y->bundle <= x->bundle && !cancelled)
		assert_true(y->w.spec);
	if (is_branch(y) && !is_branch(x) && (x->stays == STAYS_PUT || (x->dst && y->target && is_live(y->target, x->dst)))) {
		assert_true(x->bundle <= y->bundle);
		if (x->bundle == y->bundle && x->w.guard)
			assert_true(x->lane < y->lane);
	}
}

static void check_pairs(const struct trace *t)
{
	for (uint32_t x = 0; x < t->n_ops; x++)
		for (uint32_t y = x + 1; y < t->n_ops; y++) {
			if (y - x > 300)
				break;
			if (ops[x].bundle == ops[y].bundle)
				assert_int_not_equal(ops[x].lane, ops[y].lane);
			check_registers(&ops[x], &ops[y]);
			check_memory(&ops[x], &ops[y]);
			check_window(&ops[x], &ops[y]);
			check_branches(&ops[x], &ops[y]);
		}
}

static void check_places(const struct jit *j, const struct trace *t)
{
	uint32_t lanes = j->target.lanes;

	for (uint32_t n = 0; n < t->n_ops; n++) {
		const struct mop *m = &ops[n];

		assert_true(m->bundle < t->n_bundles);
		assert_int_equal(t->slots[m->bundle * lanes + m->lane], n + 1);
		assert_true(isa_slot_allows(isa_lookup(m->w.op)->slot, m->lane, (int)lanes) ||
			    (mop_may_load(m) && isa_slot_allows(SLOT_M, m->lane, (int)lanes)));
		if (m->dst)
			assert_int_equal(j->c.func->mach.vreg[m->dst].lane, m->lane);
	}
}

static void order_is_kept(void **state)
{
	static struct jit j;

	(void)state;
	for (uint32_t seed = 1; seed <= JIT_PROGRAMS; seed++) {
		jit_program(&j, seed, 1 + seed % 30);
		j.target.lanes = 1 + seed % 4;
		jit_open(&j);
		jit_lower(&j);
		assert_int_equal(live_run(&j.c), 0);
		assert_int_equal(sched_run(&j.c), 0);
		for (uint32_t n = 0; n < j.c.func->mach.n_traces; n++) {
			const struct trace *t = j.c.func->mach.trace[n];

			ops = t->ops;
			of = &j.c;
			check_places(&j, t);
			check_pairs(t);
		}
		jit_close(&j);
	}
}

/* The second time is urgent, as much is made of it; the first one is older all the same. */
static void time_does_not_go_back(void **state)
{
	static struct jit j;
	uint32_t at[2] = { 0 }, found = 0;

	(void)state;
	pass_program(&j);
	for (unsigned int r = 7; r <= 8; r++) {
		jit_put(&j, EC_JMP | EBPF_CALL, 0, 0, 0, HELPER_KTIME_GET_NS);
		jit_put(&j, EC_ALU64 | EBPF_MOV | EBPF_X, r, 0, 0, 0);
	}
	for (int n = 0; n < 8; n++)
		jit_put(&j, EC_ALU64 | EBPF_MUL, 8, 0, 0, 3);
	jit_put(&j, EC_ALU64 | EBPF_SUB | EBPF_X, 8, 7, 0, 0);
	pass_store(&j, EBPF_DW, 6, 0, 8);
	pass_open(&j);
	jit_lower(&j);
	assert_int_equal(live_run(&j.c), 0);
	assert_int_equal(sched_run(&j.c), 0);
	for (uint32_t n = 0; n < j.c.func->mach.n_traces; n++)
		for (uint32_t k = 0; k < j.c.func->mach.trace[n]->n_ops; k++)
			if (j.c.func->mach.trace[n]->ops[k].w.op == OP_RDT)
				at[found++ & 1] = j.c.func->mach.trace[n]->ops[k].bundle;
	assert_int_equal(found, 2);
	assert_true(at[0] < at[1]);
	jit_close(&j);
}

/* A register that no lane may write must not keep the scheduler looking for ever. */
static void an_operation_without_a_lane_is_refused(void **state)
{
	static struct jit j;
	struct mach *m;

	(void)state;
	jit_program(&j, 1, 5);
	jit_open(&j);
	jit_lower(&j);
	m = &j.c.func->mach;
	for (uint32_t v = 1; v < m->n_vregs; v++)
		m->vreg[v].lanes = 0;
	assert_int_equal(live_run(&j.c), 0);
	assert_int_equal(sched_run(&j.c), -1);
	assert_string_equal(j.diag.text, "no lane can do this: this is a fault of nicjit");
	jit_close(&j);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(order_is_kept),
		cmocka_unit_test(time_does_not_go_back),
		cmocka_unit_test(an_operation_without_a_lane_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
