// SPDX-License-Identifier: Apache-2.0
/* A key that the program copies from the packet to its stack is taken from the packet, as long as it is there, whole and in order. */
#include "pass.h"

enum { KEY = -20, FROM = 26 };

struct copy { int size, from, to; };

static void put_copy(struct jit *j, struct copy c)
{
	pass_load(j, c.size, 3, 6, c.from);
	pass_store(j, c.size, 10, c.to, 3);
}

/* The copies so far are the key of a lookup. Is it taken from the packet, and from its byte FROM on? */
static int taken(struct jit *j)
{
	const struct value *look = NULL;
	int found;

	pass_map_and_key(j, HASH, KEY);
	jit_put(j, EC_JMP | EBPF_CALL, 0, 0, 0, HELPER_MAP_LOOKUP_ELEM);
	pass_skip(j, EBPF_JNE, 0, 0, 2);
	pass_exit(j, 3);
	pass_open_carefully(j);
	pass_until(j, opt_key_run);
	for (uint32_t n = 0; n < j->c.func->n_rpo; n++)
		for (const struct value *v = j->c.func->rpo[n]->first; v; v = v->next)
			look = v->op == IR_LOOK ? v : look;
	assert_non_null(look);
	found = look->region[0] == R_PKT;
	if (found) {
		const struct value *at = ir_resolve(look->arg[0]);

		assert_true(ir_is_special(at->arg[0], SR_DATA));
		assert_int_equal(at->arg[1]->imm, FROM);
	}
	jit_close(j);
	return found;
}

static int taken_of(struct copy a, struct copy b)
{
	static struct jit j;

	pass_program(&j);
	put_copy(&j, a);
	put_copy(&j, b);
	return taken(&j);
}

static void keys_are_taken_from_the_packet(void **state)
{
	static struct jit j;

	(void)state;
	pass_program(&j);
	put_copy(&j, (struct copy){ EBPF_W, FROM, KEY });
	assert_true(taken(&j));
	assert_true(taken_of((struct copy){ EBPF_H, FROM, KEY }, (struct copy){ EBPF_H, FROM + 2, KEY + 2 }));
	assert_true(taken_of((struct copy){ EBPF_H, FROM + 2, KEY + 2 }, (struct copy){ EBPF_H, FROM, KEY }));
	assert_true(taken_of((struct copy){ EBPF_W, 40, KEY }, (struct copy){ EBPF_W, FROM, KEY })); /* the later one counts */
	assert_true(taken_of((struct copy){ EBPF_W, FROM, KEY }, (struct copy){ EBPF_H, FROM, KEY }));
}

static void bytes_in_another_order_are_not(void **state)
{
	(void)state;
	assert_false(taken_of((struct copy){ EBPF_H, FROM + 2, KEY }, (struct copy){ EBPF_H, FROM, KEY + 2 }));
	assert_false(taken_of((struct copy){ EBPF_H, FROM, KEY }, (struct copy){ EBPF_H, FROM + 3, KEY + 2 }));
	assert_false(taken_of((struct copy){ EBPF_W, FROM, KEY }, (struct copy){ EBPF_B, FROM + 4, KEY + 3 }));
}

/* The key is what the packet held when it was copied. */
static void bytes_written_since_are_not(void **state)
{
	static struct jit j;

	(void)state;
	for (int at = FROM - 1; at <= FROM + 4; at++) {
		pass_program(&j);
		put_copy(&j, (struct copy){ EBPF_W, FROM, KEY });
		pass_store(&j, EBPF_B, 6, at, 7);
		assert_int_equal(taken(&j), at < FROM || at >= FROM + 4);
	}
}

static void numbers_are_not(void **state)
{
	static struct jit j;

	(void)state;
	pass_program(&j);
	put_copy(&j, (struct copy){ EBPF_W, FROM, KEY });
	pass_store(&j, EBPF_B, 10, KEY + 1, 7);          /* one byte of it is a number */
	assert_false(taken(&j));
	pass_program(&j);
	pass_load(&j, EBPF_W, 3, 6, FROM);
	jit_put(&j, EC_ALU | EBPF_END | EBPF_X, 3, 0, 0, 32); /* the other byte order */
	pass_store(&j, EBPF_W, 10, KEY, 3);
	assert_false(taken(&j));
	pass_program(&j);
	pass_load(&j, EBPF_H, 3, 6, FROM);
	pass_store(&j, EBPF_W, 10, KEY, 3);               /* its upper half is 0 */
	assert_false(taken(&j));
}

/* Only what is copied on every way. */
static void a_copy_on_one_way_is_not(void **state)
{
	static struct jit j;

	(void)state;
	for (int copy_last = 0; copy_last < 2; copy_last++) {
		pass_program(&j);
		pass_skip(&j, EBPF_JEQ, 8, 3, 3);
		pass_load(&j, EBPF_W, 3, 6, FROM);
		pass_store(&j, EBPF_W, 10, KEY, copy_last ? 7 : 3);
		jit_put(&j, EC_JMP | EBPF_JA, 0, 0, 2, 0);
		pass_load(&j, EBPF_W, 3, 6, FROM);
		pass_store(&j, EBPF_W, 10, KEY, copy_last ? 3 : 7);
		assert_false(taken(&j));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_are_taken_from_the_packet),
		cmocka_unit_test(bytes_in_another_order_are_not),
		cmocka_unit_test(bytes_written_since_are_not),
		cmocka_unit_test(numbers_are_not),
		cmocka_unit_test(a_copy_on_one_way_is_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
