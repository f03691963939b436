// SPDX-License-Identifier: Apache-2.0
/* Operations do what the values did that they come from: constants, branches and their inversions, packet windows, phis. And they stand where
 * they may: results in lanes that can write them, effects below the branches in front of them. */
#include "pass.h"
#include "lower.h"

enum { PARTS = 24, REGISTERS = 1 << 12, STEPS = 100000 };

static struct jit j;

static void lower(void)
{
	static const jit_pass passes[] = { opt_now_run, frame_run, trace_run, lower_run };

	pass_until(&j, opt_split_run);
	for (size_t n = 0; n < sizeof(passes) / sizeof(*passes); n++)
		assert_int_equal(passes[n](&j.c), 0);
	assert_true(j.c.func->mach.n_vregs < REGISTERS);
}

/* ---- what operations do ---- */

static uint64_t special(uint8_t code, const struct packet *p)
{
	switch (code) {
	case SR_ZERO: case SR_DATA: return 0;
	case SR_LEN: case SR_DATA_END: return p->len;
	default: return p->x;
	}
}

static uint64_t imm_of(const struct mop *m)
{
	return (uint64_t)(int64_t)(int32_t)m->w.imm;
}

static uint64_t window(const struct mop *m, const struct packet *p)
{
	return p->x & (m->w.width < 8 ? (1ULL << 8 * m->w.width) - 1 : UINT64_MAX);
}

static int window_holds(const struct mop *m, const struct packet *p)
{
	uint64_t x = window(m, p) & m->w.mask;

	switch (m->w.op) {
	case OP_WJEQ: return x == m->w.imm;
	case OP_WJNE: return x != m->w.imm;
	case OP_WJGT: return x > m->w.imm;
	case OP_WJLT: return x < m->w.imm;
	case OP_WJEQ4: return (uint32_t)p->x == m->w.imm;
	default: return (uint32_t)p->x != m->w.imm;
	}
}

static uint64_t result(const struct mop *m, uint64_t a, uint64_t b, const struct packet *p)
{
	switch (m->w.op) {
	case OP_MOV: return m->w.w32 ? (uint32_t)b : b;
	case OP_ADD: return m->w.w32 ? (uint32_t)(a + b) : a + b;
	case OP_MOVH: return (uint64_t)m->w.imm << 32 | (uint32_t)a;
	case OP_UBFX: return a >> m->w.shift & ((1ULL << m->w.len) - 1);
	case OP_WUBFX: return window(m, p) >> m->w.shift & (m->w.len < 64 ? (1ULL << m->w.len) - 1 : UINT64_MAX);
	default: fail_msg("the test does not know %s", isa_lookup(m->w.op)->name);
		return 0;
	}
}

/* One trace: the next one, or NULL and the verdict. */
static const struct trace *run_trace(const struct trace *t, uint64_t *reg, const struct packet *p, int *verdict)
{
	for (uint32_t n = 0; n < t->n_ops; n++) {
		const struct mop *m = &t->ops[n];
		uint64_t a = m->a ? reg[m->a] : special(m->w.a, p), b = m->w.has_imm ? imm_of(m) : m->b ? reg[m->b] : special(m->w.b, p);

		if (m->w.op == OP_JMP)
			return m->target;
		if (m->w.op == OP_EXIT) {
			*verdict = (int)b;
			return NULL;
		}
		if (!mop_is_control(m))
			reg[m->dst] = result(m, a, b, p);
		else if (m->w.op >= OP_WJEQ ? window_holds(m, p) : ir_holds(m->w.op, m->w.w32, a, b))
			return m->target;
	}
	return t->next;
}

static int run(struct packet p)
{
	static uint64_t reg[REGISTERS];
	const struct trace *t = j.c.func->mach.trace[0];
	int verdict = -1;

	for (int n = 0; t && n < STEPS; n++)
		t = run_trace(t, reg, &p, &verdict);
	assert_null(t);
	return verdict;
}

/* ---- what values do ---- */

static int value_run(struct packet p)
{
	const struct block *b = j.c.func->entry;

	while (b->last->op != IR_EXIT) {
		const struct value *v = b->last;
		const struct block *to = b->succ[0];

		if (v->op == IR_BR)
			to = b->succ[!ir_holds(v->cc, v->w, pass_value(v->arg[0], &p), pass_value(v->arg[1], &p))];
		if (v->op == IR_WBR) {
			const struct mop as_word = { .w = { .op = v->cc, .width = v->width, .mask = v->mask, .imm = (uint32_t)v->imm } };

			to = b->succ[!window_holds(&as_word, &p)];
		}
		pass_enter(to, b, &p);
		b = to;
	}
	return (int)pass_value(b->last->arg[0], &p);
}

/* ---- programs ---- */

static const uint8_t conditions[] = {
	EBPF_JEQ, EBPF_JGT, EBPF_JGE, EBPF_JSET, EBPF_JNE, EBPF_JSGT, EBPF_JSGE, EBPF_JLT, EBPF_JLE, EBPF_JSLT, EBPF_JSLE,
};
static const uint64_t numbers[] = { 0, 1, 5, 0x7f, 0x80, 0xff, 0x800, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff };
enum { NUMBERS = sizeof(numbers) / sizeof(*numbers) };

/* A question about a number or the packet's bytes, and what depends on the answer. */
static void put_part(void)
{
	static const int sizes[] = { EBPF_B, EBPF_H, EBPF_W };
	unsigned int subject = jit_random(&j, 2) ? 7 : 9;
	uint32_t jump;

	if (subject == 9)
		pass_load(&j, sizes[jit_random(&j, 3)], 9, 6, (int)jit_random(&j, 15) * 4);
	jump = j.n;
	jit_put(&j, (jit_random(&j, 2) ? EC_JMP : EC_JMP32) | conditions[jit_random(&j, sizeof(conditions))], subject, 0, 0,
		(int64_t)(int32_t)numbers[jit_random(&j, NUMBERS)]);
	for (uint32_t n = jit_random(&j, 3); n; n--)
		jit_put(&j, (jit_random(&j, 2) ? EC_ALU64 : EC_ALU) | EBPF_ADD, jit_random(&j, 2) ? 4 : 5, 0, 0, (int)jit_random(&j, 1 << 20));
	if (!jit_random(&j, 4))
		pass_exit(&j, (int)jit_random(&j, 5));
	j.insns[jump].off = (int16_t)(j.n - jump - 1);
}

static void branches_go_where_they_went(void **state)
{
	uint32_t different = 0;

	(void)state;
	for (uint32_t seed = 1; seed <= JIT_PROGRAMS; seed++) {
		int first = -1;

		pass_program(&j);
		j.seed = seed;
		for (uint32_t n = 0; n < PARTS; n++)
			put_part();
		jit_put(&j, EC_ALU64 | EBPF_MOV | EBPF_X, 0, 4, 0, 0);
		jit_put(&j, EC_ALU64 | EBPF_ADD | EBPF_X, 0, 5, 0, 0);
		jit_put(&j, EC_JMP | EBPF_EXIT, 0, 0, 0, 0);
		jit_finish(&j);
		jit_open(&j);
		lower();
		for (size_t n = 0; n < NUMBERS; n++) {
			struct packet p = { numbers[n], n ? 60 + 4 * n : 20 };
			int verdict = run(p);

			assert_int_equal(verdict, value_run(p));
			different += first >= 0 && verdict != first;
			first = verdict;
		}
		jit_close(&j);
	}
	assert_true(different > JIT_PROGRAMS);
}

/* ---- constants ---- */

static void constants_are_what_they_are(void **state)
{
	static const uint64_t edges[] = {
		0, 1, UINT64_MAX, 0x7fffffff, 0x80000000, 0xffffffff, 0x100000000, 0xffffffff80000000, 0xffffffff7fffffff, 0xdeadbeef00000000,
		0x123456789abcdef0, 0x8000000000000000,
	};
	const struct packet none = { 0, 0 };

	(void)state;
	pass_program(&j);
	pass_open(&j);
	lower();
	for (uint32_t n = 0; n < 200; n++) {
		uint64_t imm = n < sizeof(edges) / sizeof(*edges) ? edges[n] : (uint64_t)jit_random(&j, 1 << 24) << jit_random(&j, 50), reg[REGISTERS];
		struct trace t = { 0 };
		struct value at = { 0 };
		struct lower l = { .c = &j.c, .f = j.c.func, .t = &t, .v = &at };
		uint32_t to = mop_vreg(&j.c);

		lower_const(&l, to, imm);
		assert_in_range(t.n_ops, 1, 2);
		assert_null(run_trace(&t, reg, &none, NULL));
		assert_int_equal(reg[to], imm);
	}
	jit_close(&j);
}

/* ---- every program ---- */

/* Does anybody see that a table was asked? */
static int is_seen(uint8_t map)
{
	uint32_t type = map == MAP_ANY ? 0 : j.c.maps[map].type;

	return type != MAP_TYPE_HASH && type != MAP_TYPE_PERCPU_HASH && type != MAP_TYPE_LPM_TRIE;
}

static void check_op(const struct mop *m)
{
	const struct mach *mach = &j.c.func->mach;
	enum isa_result gives = isa_lookup(m->w.op)->result;

	assert_true(gives != RESULT_NEXT || m->dst);
	if (gives == RESULT_NEXT)
		for (int lane = 0; lane < (int)j.target.lanes; lane++)
			if (mach->vreg[m->dst].lanes >> lane & 1)
				assert_true(isa_slot_allows(isa_lookup(m->w.op)->slot, lane, (int)j.target.lanes) ||
					    (mop_may_load(m) && isa_slot_allows(SLOT_M, lane, (int)j.target.lanes)));
	if (m->dst) {
		assert_true(mach->vreg[m->dst].lanes != 0);
		assert_true(gives == RESULT_NEXT || mach->vreg[m->dst].waits);
	}
	switch (m->w.op) { /* what must not happen when a branch above it is taken */
	case OP_ST: case OP_ST6: case OP_MST: case OP_MADD: case OP_MUPD: case OP_MDEL: case OP_MCPY:
		assert_int_equal(m->stays, STAYS_PUT);
		break;
	case OP_MLOOKR:
		assert_int_equal(m->stays, is_seen(m->map) ? STAYS_BELOW : STAYS_LONG);
		break;
	case OP_MLD: case OP_MLOOK: case OP_DIVU: case OP_DIVS: case OP_MODU: case OP_MODS:
		assert_int_equal(m->stays, STAYS_BELOW);
		break;
	}
	if (m->w.op == OP_MADD)
		assert_int_equal(m->w.fetch, m->dst != 0);
}

static void check_program(uint8_t *written)
{
	const struct mach *m = &j.c.func->mach;

	memset(written, 0, m->n_vregs);
	for (uint32_t n = 0; n < m->n_traces; n++)
		for (uint32_t k = 0; k < m->trace[n]->n_ops; k++) {
			check_op(&m->trace[n]->ops[k]);
			written[m->trace[n]->ops[k].dst] = 1;
		}
	for (uint32_t n = 0; n < m->n_traces; n++) {
		const struct trace *t = m->trace[n];

		assert_true(t->next ? !t->n_ops || t->ops[t->n_ops - 1].w.op == OP_JMP || t->next->id == n + 1 :
				      t->n_ops && mop_ends(&t->ops[t->n_ops - 1]));
		for (uint32_t k = 0; k < t->n_ops; k++) {
			const struct mop *op = &t->ops[k];
			const uint32_t src[3] = { op->a, op->b, op->c };

			assert_true(!mop_ends(op) || k + 1 == t->n_ops);
			for (int s = 0; s < 3; s++)
				assert_true(!src[s] || written[src[s]]);
			assert_true(!op->target || op->target->id < m->n_traces);
		}
	}
}

static void operations_stand_where_they_may(void **state)
{
	static uint8_t written[REGISTERS];

	(void)state;
	for (uint32_t seed = 1; seed <= JIT_PROGRAMS; seed++) {
		jit_program(&j, seed, 1 + seed % 30);
		jit_open(&j);
		lower();
		check_program(written);
		jit_close(&j);
	}
}

/* Its word is there, for the numbers behind it are other ones then, and writes a register of its own. */
static void a_random_number_that_nobody_needs(void **state)
{
	static uint8_t written[REGISTERS];

	(void)state;
	memset(&j, 0, sizeof(j));
	jit_put(&j, EC_JMP | EBPF_CALL, 0, 0, 0, HELPER_GET_PRANDOM_U32);
	jit_put(&j, EC_ALU64 | EBPF_MOV, 0, 0, 0, 2);
	jit_put(&j, EC_JMP | EBPF_EXIT, 0, 0, 0, 0);
	jit_finish(&j);
	jit_open(&j);
	lower();
	check_program(written);
	assert_int_equal(j.c.func->mach.trace[0]->ops[0].w.op, OP_RND);
	jit_close(&j);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(branches_go_where_they_went),
		cmocka_unit_test(constants_are_what_they_are),
		cmocka_unit_test(operations_stand_where_they_may),
		cmocka_unit_test(a_random_number_that_nobody_needs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
