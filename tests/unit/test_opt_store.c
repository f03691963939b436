// SPDX-License-Identifier: Apache-2.0
/* Two stores side by side become one where the two values are halves of one and nothing between them touches their bytes. */
#include "pass.h"

enum { TO = 32 };

/* The only store to the packet when there is one, of `size` bytes at TO. */
static const struct value *one_store(struct jit *j, unsigned int size)
{
	const struct value *found = NULL;

	pass_open_until(j, opt_store_run);
	assert_int_equal(pass_count(j, IR_ST), 1);
	for (uint32_t n = 0; n < j->c.func->n_rpo; n++)
		for (const struct value *v = j->c.func->rpo[n]->first; v; v = v->next)
			found = v->op == IR_ST ? v : found;
	if (!found)
		fail_msg("no store is left");
	assert_int_equal(found->imm, TO);
	assert_int_equal(found->width, size);
	return found;
}

static void check_stays(struct jit *j, unsigned int stores)
{
	pass_open_until(j, opt_store_run);
	assert_int_equal(pass_count(j, IR_ST), stores);
	jit_close(j);
}

static void put_constant(struct jit *j, int size, int off, int k)
{
	jit_put(j, EC_ST | EBPF_MEM | size, 6, 0, off, k);
}

static void constants(void **state)
{
	static struct jit j;

	(void)state;
	pass_program(&j);
	put_constant(&j, EBPF_B, TO, 0x11);
	put_constant(&j, EBPF_B, TO + 1, 0x22);
	assert_int_equal(ir_resolve(one_store(&j, 2)->arg[1])->imm, 0x2211);
	jit_close(&j);
	pass_program(&j);
	put_constant(&j, EBPF_H, TO + 2, 0x4433);        /* the upper one first */
	put_constant(&j, EBPF_H, TO, 0x2211);
	assert_int_equal(ir_resolve(one_store(&j, 4)->arg[1])->imm, 0x44332211);
	jit_close(&j);
	pass_program(&j);
	for (int n = 0; n < 4; n++)
		put_constant(&j, EBPF_B, TO + n, n + 1);
	assert_int_equal(ir_resolve(one_store(&j, 4)->arg[1])->imm, 0x04030201);
	jit_close(&j);
}

/* Eight bytes that are no imm32 cost more than they save. */
static void costly_constants_stay(void **state)
{
	static struct jit j;

	(void)state;
	pass_program(&j);
	put_constant(&j, EBPF_W, TO, 0x11223344);
	put_constant(&j, EBPF_W, TO + 4, 0x55667788);
	check_stays(&j, 2);
}

static void halves_of_a_number(void **state)
{
	static struct jit j;
	const struct value *data;

	(void)state;
	pass_program(&j);
	pass_load(&j, EBPF_DW, 3, 6, 8);
	jit_put(&j, EC_ALU64 | EBPF_MUL | EBPF_X, 3, 7, 0, 0);
	pass_store(&j, EBPF_W, 6, TO, 3);
	jit_put(&j, EC_ALU64 | EBPF_RSH, 3, 0, 0, 32);
	pass_store(&j, EBPF_W, 6, TO + 4, 3);
	assert_int_equal(ir_resolve(one_store(&j, 8)->arg[1])->op, IR_MUL);
	jit_close(&j);
	pass_program(&j);
	pass_load(&j, EBPF_DW, 3, 6, 8);
	jit_put(&j, EC_ALU64 | EBPF_MUL | EBPF_X, 3, 7, 0, 0);
	for (int n = 0; n < 2; n++) {                     /* from its middle */
		jit_put(&j, EC_ALU64 | EBPF_RSH, 3, 0, 0, 16);
		pass_store(&j, EBPF_H, 6, TO + 2 * n, 3);
	}
	data = ir_resolve(one_store(&j, 4)->arg[1]);
	assert_int_equal(data->op, IR_UBFX);
	assert_int_equal(data->shift, 16);
	assert_true(data->len >= 32);
	jit_close(&j);
	pass_program(&j);
	pass_load(&j, EBPF_DW, 3, 6, 8);
	jit_put(&j, EC_ALU64 | EBPF_MUL | EBPF_X, 3, 7, 0, 0);
	pass_store(&j, EBPF_W, 6, TO + 4, 3);            /* the wrong way round */
	jit_put(&j, EC_ALU64 | EBPF_RSH, 3, 0, 0, 32);
	pass_store(&j, EBPF_W, 6, TO, 3);
	check_stays(&j, 2);
}

/* Packet bytes `from` and `from + gap` go to TO and TO + 4, with a store of a byte between the two copies. */
static void put_copies(struct jit *j, int from, int gap, int between)
{
	pass_program(j);
	pass_load(j, EBPF_W, 3, 6, from);
	pass_store(j, EBPF_W, 6, TO, 3);
	if (between >= 0)
		pass_store(j, EBPF_B, 6, between, 7);
	pass_load(j, EBPF_W, 3, 6, from + gap);
	pass_store(j, EBPF_W, 6, TO + 4, 3);
}

static void neighbouring_packet_bytes(void **state)
{
	static struct jit j;
	const struct value *data;

	(void)state;
	put_copies(&j, 8, 4, -1);
	data = ir_resolve(one_store(&j, 8)->arg[1]);
	assert_int_equal(data->op, IR_WIN);
	assert_int_equal(data->imm, 8);
	assert_int_equal(data->width, 8);
	jit_close(&j);
	put_copies(&j, 8, 6, -1);                         /* not neighbours */
	check_stays(&j, 2);
}

/* Bytes 0 and gap of an array's element go to TO and TO + 4; between the two loads a byte of it is written. */
static void put_map_copies(struct jit *j, int gap, int between)
{
	pass_program(j);
	pass_element(j);
	pass_load(j, EBPF_W, 3, 0, 0);
	if (between >= 0)
		pass_store(j, EBPF_B, 0, between, 7);
	pass_load(j, EBPF_W, 4, 0, gap);
	pass_store(j, EBPF_W, 6, TO, 3);
	pass_store(j, EBPF_W, 6, TO + 4, 4);
}

static void neighbouring_map_bytes(void **state)
{
	static struct jit j;
	const struct value *data;

	(void)state;
	put_map_copies(&j, 4, -1);
	data = ir_resolve(one_store(&j, 8)->arg[1]);
	assert_int_equal(data->op, IR_MLD);
	assert_int_equal(data->imm, 0);
	assert_int_equal(data->width, 8);
	jit_close(&j);
	put_map_copies(&j, 8, -1);                        /* not neighbours */
	check_stays(&j, 2);
	for (int at = 0; at < 8; at++) {
		put_map_copies(&j, 4, at);
		pass_open_until(&j, opt_store_run);
		assert_int_equal(pass_count(&j, IR_ST), at < 4 ? 1 : 2); /* what was read already may change */
		jit_close(&j);
	}
}

/* The joined window, before any store? */
static int is_read_first(const struct jit *j)
{
	for (uint32_t n = 0; n < j->c.func->n_rpo; n++)
		for (const struct value *v = j->c.func->rpo[n]->first; v; v = v->next)
			if (v->op == IR_ST || (v->op == IR_WIN && v->width == 8))
				return v->op == IR_WIN;
	return 0;
}

/* A store to what is copied: before the read of bytes it changes when they were read before it, behind it when they were read behind it. */
static void what_lies_between(void **state)
{
	static struct jit j;

	(void)state;
	for (int at = 0; at < 48; at++) {
		put_copies(&j, 8, 4, at);
		pass_open_until(&j, opt_store_run);
		assert_int_equal(pass_count(&j, IR_ST), at < TO || at >= TO + 8 ? 2 : at < TO + 4 ? 3 : 1); /* or the second one is over it */
		if (at >= 8 && at < 16)
			assert_int_equal(is_read_first(&j), at < 12);
		jit_close(&j);
	}
}

static void others_stay(void **state)
{
	static struct jit j;

	(void)state;
	pass_program(&j);
	put_constant(&j, EBPF_B, TO, 1);
	put_constant(&j, EBPF_B, TO + 2, 2);              /* a gap */
	check_stays(&j, 2);
	pass_program(&j);
	put_constant(&j, EBPF_B, TO, 1);
	put_constant(&j, EBPF_H, TO + 1, 2);              /* different sizes */
	check_stays(&j, 2);
	pass_program(&j);
	pass_store(&j, EBPF_W, 6, TO, 7);
	pass_store(&j, EBPF_W, 6, TO + 4, 8);             /* two numbers */
	check_stays(&j, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(constants),
		cmocka_unit_test(costly_constants_stay),
		cmocka_unit_test(halves_of_a_number),
		cmocka_unit_test(neighbouring_packet_bytes),
		cmocka_unit_test(neighbouring_map_bytes),
		cmocka_unit_test(what_lies_between),
		cmocka_unit_test(others_stay),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
