// SPDX-License-Identifier: Apache-2.0
/* What is computed twice is computed once; packet bytes are read again when they may have been written in between. */
#include "pass.h"

/* Reads of the packet's bytes 16 to 19, which the program reads twice. */
static unsigned int reads(int store_at)
{
	static struct jit j;
	unsigned int found = 0;

	pass_program(&j);
	jit_put(&j, EC_LDX | EBPF_MEM | EBPF_W, 3, 6, 16, 0);
	if (store_at >= 0)
		jit_put(&j, EC_STX | EBPF_MEM | EBPF_B, 6, 7, store_at, 0);
	jit_put(&j, EC_LDX | EBPF_MEM | EBPF_W, 4, 6, 16, 0);
	jit_put(&j, EC_ALU64 | EBPF_ADD | EBPF_X, 3, 4, 0, 0);
	jit_put(&j, EC_STX | EBPF_MEM | EBPF_DW, 6, 3, 32, 0);
	pass_open(&j);
	pass_until(&j, opt_copy_run);
	for (uint32_t n = 0; n < j.c.func->n_rpo; n++)
		for (const struct value *v = j.c.func->rpo[n]->first; v; v = v->next)
			found += v->op == IR_WIN && v->imm == 16;
	jit_close(&j);
	return found;
}

static void bytes_read_twice(void **state)
{
	(void)state;
	assert_int_equal(reads(-1), 1);
	assert_int_equal(reads(40), 1);
	for (int at = 16; at < 20; at++)
		assert_int_equal(reads(at), 2);
}

static void sums_computed_twice(void **state)
{
	static struct jit j;

	(void)state;
	for (int other = 0; other < 2; other++) {
		pass_program(&j);
		for (unsigned int r = 3; r <= 4; r++) {
			jit_put(&j, EC_LDX | EBPF_MEM | EBPF_W, r, 6, 16, 0);
			jit_put(&j, EC_ALU64 | EBPF_MUL | EBPF_X, r, r == 4 && other ? 8 : 7, 0, 0);
			jit_put(&j, EC_STX | EBPF_MEM | EBPF_DW, 6, r, 8 * (int)r, 0);
		}
		pass_open(&j);
		pass_until(&j, opt_copy_run);
		assert_int_equal(pass_count(&j, IR_MUL), 1 + other);
		jit_close(&j);
	}
}

enum { KEY = -20, FROM = 26, BEHIND_KEY = 8, PORT = 7, QUEUE = 8 }; /* registers that say where the packet came from */

static void put_lookup(struct jit *j)
{
	pass_map_and_key(j, HASH, KEY);
	jit_put(j, EC_JMP | EBPF_CALL, 0, 0, 0, HELPER_MAP_LOOKUP_ELEM);
	pass_skip(j, EBPF_JNE, 0, 0, 2);
	pass_exit(j, 3);
	pass_exit(j, 2);
}

/* Of four bytes, behind opt_copy.c for the second time. even: ways part where they do in the program, and none is the likely one. */
static unsigned int reads_left(struct jit *j, int even)
{
	unsigned int found = 0;

	for (size_t n = 0, done = 0; n < JIT_PASSES && done < 2; n++) {
		j->c.careful = even && !j->c.func;
		for (uint32_t b = 0; even && j->c.func && b < j->c.func->n_rpo; b++)
			j->c.func->rpo[b]->last->odds = ODDS_ONE / 2;
		assert_int_equal(jit_passes[n](&j->c), 0);
		done += jit_passes[n] == opt_copy_run;
	}
	for (uint32_t n = 0; n < j->c.func->n_rpo; n++)
		for (const struct value *v = j->c.func->rpo[n]->first; v; v = v->next)
			found += v->op == IR_WIN && v->imm >= FROM && v->imm < FROM + 4;
	return found;
}

/* One way looks up four bytes of the packet, the other one the same with their halves exchanged. How many reads of them are left? */
static unsigned int reads_for_keys(unsigned int asked, int store_at)
{
	static struct jit j;
	unsigned int found = 0;
	uint32_t branch;

	pass_program(&j);
	branch = j.n;
	pass_skip(&j, EBPF_JEQ, asked, 3, 0);
	pass_load(&j, EBPF_W, 3, 6, FROM);
	pass_store(&j, EBPF_W, 10, KEY, 3);
	put_lookup(&j);
	j.insns[branch].off = (int16_t)(j.n - branch - 1);
	if (store_at >= 0)
		pass_store(&j, EBPF_B, 6, store_at, 7);
	pass_load(&j, EBPF_H, 3, 6, FROM + 2);
	pass_load(&j, EBPF_H, 4, 6, FROM);
	pass_store(&j, EBPF_H, 10, KEY, 3);
	pass_store(&j, EBPF_H, 10, KEY + 2, 4);
	put_lookup(&j);
	jit_finish(&j);
	jit_open(&j);
	found = reads_left(&j, 0);
	jit_close(&j);
	return found;
}

static void keys_of_two_ways_are_read_once(void **state)
{
	(void)state;
	assert_int_equal(reads_for_keys(PORT, -1), 1);
	assert_int_equal(reads_for_keys(PORT, FROM + BEHIND_KEY), 1);
	assert_int_equal(reads_for_keys(QUEUE, -1), 3);      /* the other way is the likely one */
	assert_int_equal(reads_for_keys(PORT, FROM), 2);      /* one half is another */
	assert_int_equal(reads_for_keys(PORT, FROM + 3), 2);
}

/* Jumps where the packet, from r6 to r7, has fewer bytes. */
static uint32_t put_too_short(struct jit *j, int bytes)
{
	jit_put(j, EC_ALU64 | EBPF_MOV | EBPF_X, 3, 6, 0, 0);
	jit_put(j, EC_ALU64 | EBPF_ADD, 3, 0, 0, bytes);
	jit_put(j, EC_JMP | EBPF_JGT | EBPF_X, 3, 7, 0, 0);
	return j->n - 1;
}

/* A packet that has two of the four bytes looks up these: it must not be asked for all four. */
static void keys_of_short_packets_are_read_by_themselves(void **state)
{
	static struct jit j;
	uint32_t jump;

	(void)state;
	memset(&j, 0, sizeof(j));
	jit_put(&j, EC_LDX | EBPF_MEM | EBPF_W, 6, 1, 0, 0);
	jit_put(&j, EC_LDX | EBPF_MEM | EBPF_W, 7, 1, 4, 0);
	jump = put_too_short(&j, FROM + 2);
	j.insns[jump].off = 1;
	jit_put(&j, EC_JMP | EBPF_JA, 0, 0, 2, 0);
	pass_exit(&j, 1);
	jit_put(&j, EC_ST | EBPF_MEM | EBPF_B, 6, 0, 0, 7);   /* or the longer length is asked for first */
	jump = put_too_short(&j, FROM + 4);
	pass_load(&j, EBPF_W, 3, 6, FROM);
	pass_store(&j, EBPF_W, 10, KEY, 3);
	put_lookup(&j);
	j.insns[jump].off = (int16_t)(j.n - jump - 1);
	pass_load(&j, EBPF_H, 3, 6, FROM);
	pass_store(&j, EBPF_W, 10, KEY, 3);
	put_lookup(&j);
	jit_finish(&j);
	jit_open(&j);
	assert_int_equal(reads_left(&j, 1), 2);
	jit_close(&j);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes_read_twice),
		cmocka_unit_test(sums_computed_twice),
		cmocka_unit_test(keys_of_two_ways_are_read_once),
		cmocka_unit_test(keys_of_short_packets_are_read_by_themselves),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
