// SPDX-License-Identifier: Apache-2.0
/* eBPF to values: how many blocks, phis and memory accesses small programs come to.
 * Also of build_insn.c, build_known.c, ir.c. */
#include "jit.h"

static uint32_t count(const struct func *f, enum ir_op op)
{
	uint32_t n = 0;

	for (uint32_t k = 0; k < f->n_rpo; k++)
		for (const struct value *v = f->rpo[k]->first; v; v = v->next)
			n += v->op == op;
	return n;
}

static struct func *build_with(struct jit *j, uint8_t careful)
{
	j->prog = (struct prog){ .name = "build", .section = "xdp", .insns = j->insns, .n_insns = j->n, .maps = jit_maps, .n_maps = 2 };
	j->target = target_default;
	jit_open(j);
	j->c.careful = careful;
	assert_int_equal(build_run(&j->c), 0);
	return j->c.func;
}

/* Without copies of code; what is put so far, and an exit. */
static struct func *build(struct jit *j)
{
	jit_put(j, EC_JMP | EBPF_EXIT, 0, 0, 0, 0);
	return build_with(j, 1);
}

static void context_fields_are_operands(void **state)
{
	static struct jit j;
	struct func *f;

	(void)state;
	memset(&j, 0, sizeof(j));
	jit_put(&j, EC_LDX | EBPF_MEM | EBPF_W, 0, 1, 12, 0);
	f = build(&j);
	assert_int_equal(f->n_rpo, 1);
	assert_int_equal(f->rpo[0]->first->op, IR_EXIT);
	assert_true(ir_is_special(f->rpo[0]->first->arg[0], SR_IFINDEX));
	jit_close(&j);
}

static void ways_that_differ_make_a_phi(void **state)
{
	static struct jit j;
	struct func *f;

	(void)state;
	memset(&j, 0, sizeof(j));
	jit_put(&j, EC_LDX | EBPF_MEM | EBPF_W, 2, 1, 12, 0);
	jit_put(&j, EC_ALU64 | EBPF_MOV, 0, 0, 0, 1);
	jit_put(&j, EC_ALU64 | EBPF_MOV, 3, 0, 0, 9); /* the same on both ways: no phi */
	jit_put(&j, EC_JMP | EBPF_JEQ, 2, 0, 1, 5);
	jit_put(&j, EC_ALU64 | EBPF_MOV, 0, 0, 0, 2);
	jit_put(&j, EC_ALU64 | EBPF_ADD | EBPF_X, 0, 3, 0, 0);
	f = build(&j);
	assert_int_equal(f->n_rpo, 3);
	assert_int_equal(count(f, IR_PHI), 1);
	jit_close(&j);
}

static void stack_of(int second_size, uint32_t loads, uint32_t stores)
{
	static struct jit j;
	struct func *f;

	memset(&j, 0, sizeof(j));
	jit_put(&j, EC_LDX | EBPF_MEM | EBPF_W, 2, 1, 12, 0);
	jit_put(&j, EC_STX | EBPF_MEM | EBPF_DW, 10, 2, -8, 0);
	jit_put(&j, EC_LDX | EBPF_MEM | second_size, 0, 10, -8, 0);
	f = build(&j);
	assert_int_equal(count(f, IR_LD), loads);
	assert_int_equal(count(f, IR_ST), stores);
	jit_close(&j);
}

static void stack_bytes_used_as_one_number_are_a_value(void **state)
{
	(void)state;
	stack_of(EBPF_DW, 0, 0);
	stack_of(EBPF_W, 1, 1);
}

static void lookup(int map, uint32_t calls, uint32_t stores)
{
	static struct jit j;
	struct func *f;

	memset(&j, 0, sizeof(j));
	jit_put(&j, EC_ST | EBPF_MEM | EBPF_W, 10, 0, -4, 3);
	jit_put(&j, EC_ALU64 | EBPF_MOV | EBPF_X, 2, 10, 0, 0);
	jit_put(&j, EC_ALU64 | EBPF_ADD, 2, 0, 0, -4);
	jit_put(&j, EBPF_LDDW, 1, EBPF_PSEUDO_MAP, 0, map);
	jit_put(&j, 0, 0, 0, 0, 0);
	jit_put(&j, EC_JMP | EBPF_CALL, 0, 0, 0, HELPER_MAP_LOOKUP_ELEM);
	jit_put(&j, EC_JMP | EBPF_JEQ, 0, 0, 1, 0);
	jit_put(&j, EC_STX | EBPF_ATOMIC | EBPF_DW, 0, 10, 0, EBPF_ADD);
	j.insns[j.n - 1].regs = 2 << 4; /* adds r2, which the call took; so it gets a number first */
	j.insns[j.n - 2].off = 2;
	j.insns[j.n] = j.insns[j.n - 1];
	j.insns[j.n - 1] = (struct ebpf_insn){ .code = EC_ALU64 | EBPF_MOV, .regs = 2, .imm = 1 };
	j.n++;
	jit_put(&j, EC_ALU64 | EBPF_MOV, 0, 0, 0, 2);
	f = build(&j);
	assert_int_equal(count(f, IR_LOOK), calls);
	assert_int_equal(count(f, IR_ST), stores);
	assert_int_equal(count(f, IR_MADD), 1);
	jit_close(&j);
}

static void array_lookups_are_arithmetic(void **state)
{
	(void)state;
	lookup(ARRAY, 0, 0);
	lookup(HASH, 1, 1);
}

/* Two calls of a function that multiplies: its registers are its own, and nothing of the calls is left. */
static void functions_are_copied_to_their_calls(void **state)
{
	static struct jit j;
	struct func *f;

	(void)state;
	memset(&j, 0, sizeof(j));
	jit_put(&j, EC_LDX | EBPF_MEM | EBPF_W, 6, 1, 12, 0);
	jit_put(&j, EC_ALU64 | EBPF_MOV | EBPF_X, 1, 6, 0, 0);
	jit_put(&j, EC_JMP | EBPF_CALL, 0, EBPF_CALL_LOCAL, 0, 4);
	jit_put(&j, EC_ALU64 | EBPF_MOV | EBPF_X, 1, 0, 0, 0);
	jit_put(&j, EC_JMP | EBPF_CALL, 0, EBPF_CALL_LOCAL, 0, 2);
	jit_put(&j, EC_ALU64 | EBPF_ADD | EBPF_X, 0, 6, 0, 0);
	jit_put(&j, EC_JMP | EBPF_EXIT, 0, 0, 0, 0);
	jit_put(&j, EC_ALU64 | EBPF_MOV | EBPF_X, 6, 1, 0, 0);
	jit_put(&j, EC_ALU64 | EBPF_MOV | EBPF_X, 0, 6, 0, 0);
	jit_put(&j, EC_ALU64 | EBPF_MUL | EBPF_X, 0, 6, 0, 0);
	f = build(&j);
	assert_int_equal(count(f, IR_MUL), 2);
	assert_int_equal(count(f, IR_ADD), 1);
	assert_int_equal(count(f, IR_PHI), 0);
	assert_int_equal(count(f, IR_EXIT), 1);
	jit_close(&j);
}

/* A function of its own stack: below its caller's 16 bytes. */
static void frames_lie_below_each_other(void **state)
{
	static struct jit j;
	struct func *f;

	(void)state;
	memset(&j, 0, sizeof(j));
	jit_put(&j, EC_ST | EBPF_MEM | EBPF_DW, 10, 0, -16, 7);
	jit_put(&j, EC_JMP | EBPF_CALL, 0, EBPF_CALL_LOCAL, 0, 2);
	jit_put(&j, EC_LDX | EBPF_MEM | EBPF_DW, 0, 10, -16, 0);
	jit_put(&j, EC_JMP | EBPF_EXIT, 0, 0, 0, 0);
	jit_put(&j, EC_ST | EBPF_MEM | EBPF_DW, 10, 0, -8, 9);
	jit_put(&j, EC_LDX | EBPF_MEM | EBPF_W, 0, 10, -8, 0); /* so that it stays in memory */
	f = build(&j);
	assert_int_equal(count(f, IR_ST), 1);
	for (uint32_t k = 0; k < f->n_rpo; k++)
		for (const struct value *v = f->rpo[k]->first; v; v = v->next) {
			if (v->op != IR_ST)
				continue;
			assert_true(ir_is_special(v->arg[0], SR_FP));
			assert_int_equal(v->imm, -24);
		}
	jit_close(&j);
}

/* for (i = 0; i != ifindex & 7; i++); a phi for what changes, none is left for what does not. */
static void loops_make_phis(void **state)
{
	static struct jit j;
	struct func *f;

	(void)state;
	memset(&j, 0, sizeof(j));
	jit_put(&j, EC_LDX | EBPF_MEM | EBPF_W, 2, 1, 12, 0);
	jit_put(&j, EC_ALU64 | EBPF_AND, 2, 0, 0, 7);
	jit_put(&j, EC_ALU64 | EBPF_MOV, 0, 0, 0, 0);
	jit_put(&j, EC_ALU64 | EBPF_ADD, 0, 0, 0, 1);
	jit_put(&j, EC_JMP | EBPF_JLE | EBPF_X, 0, 2, -2, 0);
	f = build(&j);
	assert_int_equal(f->n_rpo, 3);
	assert_int_equal(count(f, IR_PHI), 2);
	assert_int_equal(opt_fold_run(&j.c), 0);
	assert_int_equal(opt_dead_run(&j.c), 0);
	assert_int_equal(count(f, IR_PHI), 1);
	jit_close(&j);
}

/* Where two ways meet the code behind is there once for each, but not where a loop starts. */
static void meet(int back, uint8_t careful, uint32_t exits, uint32_t phis)
{
	static struct jit j;
	struct func *f;

	memset(&j, 0, sizeof(j));
	jit_put(&j, EC_LDX | EBPF_MEM | EBPF_W, 2, 1, 12, 0);
	jit_put(&j, EC_ALU64 | EBPF_MOV, 0, 0, 0, 1);
	jit_put(&j, EC_JMP | EBPF_JEQ, 2, 0, 1, 5);
	jit_put(&j, EC_ALU64 | EBPF_MOV, 0, 0, 0, 2);
	jit_put(&j, EC_ALU64 | EBPF_ADD, 0, 0, 0, 3);
	if (back)
		jit_put(&j, EC_JMP | EBPF_JLT, 0, 0, -2, 20);
	jit_put(&j, EC_JMP | EBPF_EXIT, 0, 0, 0, 0);
	f = build_with(&j, careful);
	assert_int_equal(count(f, IR_EXIT), exits);
	assert_int_equal(count(f, IR_PHI), phis);
	jit_close(&j);
}

static void code_is_copied_where_ways_meet(void **state)
{
	(void)state;
	meet(0, 1, 1, 1);
	meet(0, 0, 2, 0);
	meet(1, 1, 1, 1);
	meet(1, 0, 1, 1);
}

/* Constant data is looked up while compiling, and only where the access is known and inside. */
static void constant_data_is_a_constant(void **state)
{
	static const uint8_t bytes[] = { 0x11, 0x82, 0x33 };
	static struct prog_map maps[2];
	static struct jit j;
	struct func *f;

	(void)state;
	maps[ARRAY] = (struct prog_map){ .name = "t.rodata", .type = MAP_TYPE_ARRAY, .key_size = 4, .value_size = 3, .max_entries = 1, .flags = 0x80, .init = bytes, .init_size = 3 };
	maps[HASH] = jit_maps[HASH];
	for (uint32_t flags = 0; flags <= 0x80; flags += 0x80) {
		memset(&j, 0, sizeof(j));
		maps[ARRAY].flags = flags;
		jit_put(&j, EBPF_LDDW, 1, EBPF_PSEUDO_MAP_VALUE, 0, ARRAY);
		jit_put(&j, 0, 0, 0, 0, 0);
		jit_put(&j, EC_LDX | EBPF_MEM | EBPF_H, 0, 1, 1, 0);
		jit_put(&j, EC_JMP | EBPF_EXIT, 0, 0, 0, 0);
		j.prog = (struct prog){ .name = "c", .section = "xdp", .insns = j.insns, .n_insns = j.n, .maps = maps, .n_maps = 2 };
		j.target = target_default;
		jit_open(&j);
		assert_int_equal(build_run(&j.c), 0);
		f = j.c.func;
		assert_int_equal(count(f, IR_MLD), flags ? 0 : 1);
		if (flags)
			assert_int_equal(f->rpo[0]->last->arg[0]->imm, 0x3382);
		jit_close(&j);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(context_fields_are_operands),
		cmocka_unit_test(ways_that_differ_make_a_phi),
		cmocka_unit_test(stack_bytes_used_as_one_number_are_a_value),
		cmocka_unit_test(array_lookups_are_arithmetic),
		cmocka_unit_test(functions_are_copied_to_their_calls),
		cmocka_unit_test(frames_lie_below_each_other),
		cmocka_unit_test(loops_make_phis),
		cmocka_unit_test(code_is_copied_where_ways_meet),
		cmocka_unit_test(constant_data_is_a_constant),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
