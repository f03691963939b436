// SPDX-License-Identifier: Apache-2.0
/* Where a hardware thread has its own of a map is an operand plus what is left, and the same place as before. */
#include "pass.h"

enum { VALUES = 7, CPUS = 32 };

/* With no packet byte that is not `byte`. */
static uint64_t place(const struct value *v, uint64_t cpu, uint64_t byte)
{
	uint64_t x = 0, y = 0;

	v = ir_resolve((struct value *)v);
	x = ir_args[v->op] > 0 ? place(v->arg[0], cpu, byte) : 0;
	y = ir_args[v->op] > 1 ? place(v->arg[1], cpu, byte) : 0;
	switch (v->op) {
	case IR_CONST:
		return (uint64_t)v->imm;
	case IR_SPECIAL:
		if (v->imm == SR_CPU)
			return cpu;
		if (v->imm >= SR_OWN0 && v->imm <= SR_OWN7)
			return 3ULL << 60 | (uint64_t)(v->imm - SR_OWN0) << 48 | 8 * cpu;
		assert_in_range(v->imm, SR_PAIR0, SR_PAIR7);
		return 3ULL << 60 | (uint64_t)(v->imm - SR_PAIR0) << 48 | 16 * cpu;
	case IR_MOVH:
		return (uint64_t)v->imm << 32 | (uint32_t)x;
	case IR_WIN:
		return byte;
	case IR_ADD:
		return v->w ? (uint32_t)(x + y) : x + y;
	case IR_LSH:
		return v->w ? (uint32_t)x << (y & 31) : x << (y & 63);
	case IR_MUL:
		return v->w ? (uint32_t)(x * y) : x * y;
	default:
		fail_msg("the test does not know %d", v->op);
		return 0;
	}
}

static const struct value *load(const struct jit *j)
{
	const struct value *found = NULL;

	for (uint32_t n = 0; n < j->c.func->n_rpo; n++)
		for (const struct value *v = j->c.func->rpo[n]->first; v; v = v->next)
			found = v->op == IR_MLD ? v : found;
	assert_non_null(found);
	return found;
}

/* r0 = the element whose index is in r0, loaded from and stored to the packet */
static void element(struct jit *j)
{
	pass_store(j, EBPF_W, 10, -20, 0);
	pass_map_and_key(j, ARRAY, -20);
	jit_put(j, EC_JMP | EBPF_CALL, 0, 0, 0, HELPER_MAP_LOOKUP_ELEM);
	pass_skip(j, EBPF_JNE, 0, 0, 2);
	pass_exit(j, 1);
	pass_load(j, EBPF_DW, 3, 0, 0);
	pass_store(j, EBPF_DW, 6, 0, 3);
}

/* The place is the same for all hardware threads and packets, and made of so many shifts and products. */
static void check(struct jit *j, unsigned int shifts, unsigned int products)
{
	uint64_t before[CPUS][VALUES];

	pass_until(j, opt_address_run);
	for (uint64_t cpu = 0; cpu < CPUS; cpu++)
		for (uint64_t byte = 0; byte < VALUES; byte++)
			before[cpu][byte] = place(load(j)->arg[0], cpu, byte) + (uint64_t)load(j)->imm;
	assert_int_equal(opt_own_run(&j->c), 0);
	for (uint64_t cpu = 0; cpu < CPUS; cpu++)
		for (uint64_t byte = 0; byte < VALUES; byte++)
			assert_int_equal(place(load(j)->arg[0], cpu, byte) + (uint64_t)load(j)->imm, before[cpu][byte]);
	assert_int_equal(pass_count(j, IR_LSH), shifts);
	assert_int_equal(pass_count(j, IR_MUL), products);
	jit_close(j);
}

static void open_with(struct jit *j, const struct prog_map *map)
{
	pass_exit(j, 2);
	jit_finish(j);
	j->prog.maps = map;
	j->prog.n_maps = 1;
	jit_open(j);
}

/* Its own element of an ARRAY: bytes 8 and 16 apart, that and a power of two, and others. */
static void an_array_has_an_element_for_each(void **state)
{
	static const struct { uint32_t bytes, shifts, products; } rows[] = { { 8, 0, 0 }, { 16, 0, 0 }, { 24, 1, 0 }, { 40, 1, 0 }, { 64, 1, 0 }, { 56, 0, 1 } };
	static struct jit j;

	(void)state;
	for (size_t n = 0; n < sizeof(rows) / sizeof(*rows); n++) {
		struct prog_map map = jit_maps[ARRAY];

		map.value_size = rows[n].bytes;
		map.max_entries = CPUS;
		pass_program(&j);
		jit_put(&j, EC_JMP | EBPF_CALL, 0, 0, 0, HELPER_GET_SMP_PROCESSOR_ID);
		element(&j);
		open_with(&j, &map);
		check(&j, rows[n].shifts, rows[n].products);
	}
}

/* Of a PERCPU_ARRAY, where the packet says which element. */
static void a_row_has_one_for_each(void **state)
{
	static struct jit j;

	(void)state;
	for (uint32_t bytes = 8; bytes <= 16; bytes += 8) {
		struct prog_map map = jit_maps[ARRAY];

		map.type = MAP_TYPE_PERCPU_ARRAY;
		map.value_size = bytes;
		pass_program(&j);
		pass_load(&j, EBPF_B, 0, 6, 20);
		element(&j);
		open_with(&j, &map);
		check(&j, 1, 0); /* of the packet's byte */
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_array_has_an_element_for_each),
		cmocka_unit_test(a_row_has_one_for_each),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
