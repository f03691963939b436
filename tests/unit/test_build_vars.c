// SPDX-License-Identifier: Apache-2.0
/* What is a variable, and where it is live: stack bytes that all accesses take as one whole, and registers, read before they are written. */
#include "pass.h"
#include "build.h"

enum { CELL = 99 }; /* of the tables below: the variable that lies at -8 */

static struct jit j;
static struct build b;
static struct func f;

/* Verified and in one node, from the instruction that was put first on. */
static void open_node(uint32_t first)
{
	static struct node node;
	static uint32_t order;

	jit_put(&j, EC_JMP | EBPF_EXIT, 0, 0, 0, 0);
	jit_finish(&j);
	jit_open(&j);
	memset(&b, 0, sizeof(b));
	node = (struct node){ .first = first, .end = j.n, .frame = frame_of(&j.c, first), .succ = { NO_NODE, NO_NODE } };
	b.c = &j.c;
	b.f = &f;
	b.nodes = &node;
	b.order = &order;
	b.n_nodes = b.n_order = 1;
	assert_int_equal(cells_find(&b), 0);
	vars_find(&b);
}

static uint64_t vars(const uint8_t *list, int n)
{
	uint64_t set = 0;

	for (int k = 0; k < n; k++)
		set |= bit(list[k] == CELL ? (unsigned int)cell_of(&b, -8, 8) : list[k]);
	return set;
}

/* r6 = data, r7 and r8 numbers, 64 bytes of packet, then -8 holds 8 bytes: one instruction, and the exit, which reads r0. */
static void what_instructions_read_and_write(void **state)
{
	static const struct {
		struct ebpf_insn i;
		uint8_t use[4], n_use, def[6], n_def;
	} rows[] = {
		{ { .code = EC_ALU64 | EBPF_MOV, .regs = 0x03, .imm = 1 }, { 0 }, 1, { 3 }, 1 },
		{ { .code = EC_ALU64 | EBPF_MOV | EBPF_X, .regs = 0x73 }, { 0, 7 }, 2, { 3 }, 1 },
		{ { .code = EC_ALU64 | EBPF_ADD | EBPF_X, .regs = 0x87 }, { 0, 7, 8 }, 3, { 7 }, 1 },
		{ { .code = EC_ALU | EBPF_END, .regs = 0x07, .imm = 16 }, { 0, 7 }, 2, { 7 }, 1 },
		{ { .code = EC_ALU64 | EBPF_MOV, .regs = 0x00, .imm = 1 }, { 0 }, 0, { 0 }, 1 },
		{ { .code = EC_LDX | EBPF_MEM | EBPF_B, .regs = 0x63 }, { 0, 6 }, 2, { 3 }, 1 },
		{ { .code = EC_LDX | EBPF_MEM | EBPF_DW, .regs = 0xa3, .off = -8 }, { 0, CELL }, 2, { 3 }, 1 },
		{ { .code = EC_STX | EBPF_MEM | EBPF_B, .regs = 0x76 }, { 0, 6, 7 }, 3, { 0 }, 0 },
		{ { .code = EC_STX | EBPF_MEM | EBPF_DW, .regs = 0x7a, .off = -8 }, { 0, 7 }, 2, { CELL }, 1 },
		{ { .code = EC_ST | EBPF_MEM | EBPF_DW, .regs = 0x0a, .off = -8 }, { 0 }, 1, { CELL }, 1 },
		{ { .code = EC_STX | EBPF_ATOMIC | EBPF_DW, .regs = 0x7a, .off = -8, .imm = EBPF_ADD }, { 0, 7, CELL }, 3, { CELL }, 1 },
		{ { .code = EC_STX | EBPF_ATOMIC | EBPF_DW, .regs = 0x7a, .off = -8, .imm = EBPF_ADD | EBPF_FETCH }, { 0, 7, CELL }, 3, { CELL, 7 }, 2 },
		{ { .code = EC_STX | EBPF_ATOMIC | EBPF_DW, .regs = 0x7a, .off = -8, .imm = EBPF_CMPXCHG }, { 0, 7, CELL }, 3, { CELL, 0 }, 2 },
		{ { .code = EC_JMP | EBPF_JA }, { 0 }, 1, { 0 }, 0 },
		{ { .code = EC_JMP | EBPF_JEQ | EBPF_X, .regs = 0x87 }, { 0, 7, 8 }, 3, { 0 }, 0 },
		{ { .code = EC_JMP | EBPF_CALL, .imm = HELPER_KTIME_GET_NS }, { 0 }, 0, { 0, 1, 2, 3, 4, 5 }, 6 },
	};

	(void)state;
	for (size_t n = 0; n < sizeof(rows) / sizeof(*rows); n++) {
		uint32_t first;

		pass_program(&j);
		pass_store(&j, EBPF_DW, 10, -8, 7);
		first = j.n;
		j.insns[j.n++] = rows[n].i;
		open_node(first);
		assert_int_equal(b.nodes->in, vars(rows[n].use, rows[n].n_use));
		assert_int_equal(b.nodes->def, vars(rows[n].def, rows[n].n_def));
		jit_close(&j);
	}
}

/* Where it is kept how far in front the packet has been, moves of its start read and write that. */
static void how_far_in_front_is_a_variable(void **state)
{
	(void)state;
	for (uint8_t keeps = 0; keeps < 2; keeps++) {
		memset(&j, 0, sizeof(j));
		jit_put(&j, EC_ALU64 | EBPF_MOV, 2, 0, 0, -14);
		jit_put(&j, EC_JMP | EBPF_CALL, 0, 0, 0, HELPER_XDP_ADJUST_HEAD);
		f.keeps_front = keeps;
		open_node(j.n - 1);
		f.keeps_front = 0;
		assert_int_equal(b.nodes->in, bit(1) | bit(2) | (keeps ? bit(VAR_FRONT) : 0));
		jit_close(&j);
	}
}

/* node 0 -> 1 -> 2 and back to 1; 2 -> 3: what the end reads is live all the way up to where it is written. */
static void ways_carry_what_is_read_later(void **state)
{
	struct node node[4] = { 0 };
	uint32_t order[4] = { 0, 1, 2, 3 };

	(void)state;
	pass_program(&j);
	jit_put(&j, EC_JMP | EBPF_EXIT, 0, 0, 0, 0);
	jit_finish(&j);
	jit_open(&j);
	memset(&b, 0, sizeof(b));
	b.c = &j.c;
	b.nodes = node;
	b.order = order;
	b.n_nodes = b.n_order = 4;
	assert_int_equal(cells_find(&b), 0);
	for (int n = 0; n < 4; n++)
		node[n] = (struct node){ .frame = frame_of(&j.c, 0), .succ = { n + 1, NO_NODE } };
	node[2].succ[1] = 1;
	node[3].succ[0] = NO_NODE;
	node[3].use = bit(0) | bit(9);
	node[2].def = bit(0);
	node[2].use = bit(4);
	node[1].def = bit(5);
	node[1].use = bit(3) | bit(5);
	node[0].def = bit(9);
	vars_find(&b);
	assert_int_equal(node[3].in, bit(0) | bit(9));
	assert_int_equal(node[2].in, bit(9) | bit(4) | bit(3) | bit(5));
	assert_int_equal(node[1].in, bit(9) | bit(4) | bit(3) | bit(5));
	assert_int_equal(node[0].in, bit(4) | bit(3) | bit(5));
	jit_close(&j);
}

/* ---- stack bytes ---- */

static void check_cell(int off, uint32_t size, int is_variable)
{
	assert_int_equal(cell_of(&b, off, size) >= 0, is_variable);
}

static void bytes_that_are_taken_whole_are_variables(void **state)
{
	(void)state;
	pass_program(&j);
	pass_store(&j, EBPF_W, 10, -24, 7);
	pass_store(&j, EBPF_W, 10, -28, 7);
	pass_load(&j, EBPF_W, 3, 10, -28);
	pass_store(&j, EBPF_DW, 10, -40, 7);         /* read in part */
	pass_load(&j, EBPF_W, 3, 10, -36);
	pass_store(&j, EBPF_W, 10, -52, 7);          /* in the middle of the next one */
	pass_store(&j, EBPF_DW, 10, -56, 7);
	open_node(0);
	check_cell(-24, 4, 1);
	check_cell(-28, 4, 1);
	check_cell(-28, 8, 0);
	check_cell(-40, 8, 0);
	check_cell(-36, 4, 0);
	check_cell(-52, 4, 0);
	check_cell(-56, 8, 0);
	check_cell(-64, 8, 0);
	jit_close(&j);
}

/* A helper reads the key: it lives in both. What one writes is memory. */
static void bytes_with_an_address(void **state)
{
	(void)state;
	pass_program(&j);
	pass_store(&j, EBPF_W, 10, -24, 7);
	pass_store(&j, EBPF_W, 10, -28, 7);
	pass_map_and_key(&j, HASH, -24);
	jit_put(&j, EC_JMP | EBPF_CALL, 0, 0, 0, HELPER_MAP_DELETE_ELEM);
	open_node(0);
	check_cell(-24, 4, 1);
	assert_int_equal(b.cells.cell[cell_of(&b, -24, 4) - (int)b.cells.first].by_address, 1);
	assert_int_equal(b.cells.cell[cell_of(&b, -28, 4) - (int)b.cells.first].by_address, 0);
	jit_close(&j);

	pass_program(&j);
	jit_put(&j, EC_LDX | EBPF_MEM | EBPF_W, 9, 6, 0, 0);
	pass_store(&j, EBPF_W, 10, -24, 7);
	pass_element(&j);                            /* the key of an array is a number */
	jit_put(&j, EC_ALU64 | EBPF_MOV, 0, 0, 0, 2);
	open_node(0);
	check_cell(-20, 4, 1);
	assert_int_equal(b.cells.cell[cell_of(&b, -20, 4) - (int)b.cells.first].by_address, 0);
	jit_close(&j);
}

/* One access that may be anywhere makes all of it memory, and so does the most careful way to compile. */
static void unknown_places_leave_no_variables(void **state)
{
	(void)state;
	for (int known = 0; known < 2; known++) {
		pass_program(&j);
		pass_store(&j, EBPF_DW, 10, -8, 7);
		jit_put(&j, EC_ALU64 | EBPF_AND, 8, 0, 0, known ? 0 : 8);
		jit_put(&j, EC_ALU64 | EBPF_MOV | EBPF_X, 3, 10, 0, 0);
		jit_put(&j, EC_ALU64 | EBPF_SUB | EBPF_X, 3, 8, 0, 0);
		pass_load(&j, EBPF_DW, 4, 3, -8);
		open_node(0);
		check_cell(-8, 8, known);
		j.c.careful = 2;
		memset(&b.cells, 0, sizeof(b.cells));
		assert_int_equal(cells_find(&b), 0);
		check_cell(-8, 8, 0);
		jit_close(&j);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_instructions_read_and_write),
		cmocka_unit_test(how_far_in_front_is_a_variable),
		cmocka_unit_test(ways_carry_what_is_read_later),
		cmocka_unit_test(bytes_that_are_taken_whole_are_variables),
		cmocka_unit_test(bytes_with_an_address),
		cmocka_unit_test(unknown_places_leave_no_variables),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
