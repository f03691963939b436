// SPDX-License-Identifier: Apache-2.0
/* Behind opt_split_run() each way into a block with phis begins in a block that has no other way out, with the same arguments as before. */
#include "pass.h"

static uint32_t critical(const struct func *f)
{
	uint32_t found = 0;

	for (uint32_t n = 0; n < f->n_rpo; n++) {
		const struct block *b = f->rpo[n];

		for (uint32_t p = 0; p < b->n_pred && b->n_pred > 1 && b->first->op == IR_PHI; p++)
			found += b->pred[p]->succ[1] != NULL;
	}
	return found;
}

/* The sum of all phis' arguments, and how many there are. */
static uint64_t arguments(struct func *f)
{
	uint64_t sum = 0;

	for (uint32_t n = 0; n < f->n_rpo; n++)
		for (struct value *v = f->rpo[n]->first; v->op == IR_PHI; v = v->next)
			for (uint32_t p = 0; p < v->block->n_pred; p++)
				sum += ir_resolve(v->phi[p])->id + (1ULL << 32);
	return sum;
}

/* Exits that branches get of their own: the likely one of two, if others use it, too. */
static uint32_t own_exits(const struct func *f)
{
	uint32_t found = 0, *users = calloc(f->n_rpo, sizeof(*users));

	for (uint32_t n = 0; n < f->n_rpo; n++)
		users[n] = f->rpo[n]->n_pred;
	for (uint32_t n = 0; n < f->n_rpo; n++) {
		const struct block *b = f->rpo[n], *likely = b->succ[b->last->odds > ODDS_ONE / 2 ? 0 : 1];

		if (!b->succ[1] || b->succ[0]->first->op != IR_EXIT || b->succ[1]->first->op != IR_EXIT || b->last->odds == ODDS_ONE / 2 ||
		    users[likely->rpo] == 1)
			continue;
		users[likely->rpo]--;
		found++;
	}
	free(users);
	return found;
}

static void no_way_to_a_phi_is_critical(void **state)
{
	static struct jit j;
	uint32_t split = 0;

	(void)state;
	for (uint32_t seed = 1; seed <= JIT_PROGRAMS; seed++) {
		uint64_t before;
		uint32_t blocks, ways;

		jit_program(&j, seed, 1 + seed % 40);
		jit_open(&j);
		pass_until(&j, opt_fuse_run);
		before = arguments(j.c.func);
		blocks = j.c.func->n_rpo;
		ways = critical(j.c.func) + own_exits(j.c.func);
		assert_int_equal(opt_split_run(&j.c), 0);
		assert_int_equal(critical(j.c.func), 0);
		assert_int_equal(j.c.func->n_rpo, blocks + ways); /* none that need not be */
		assert_int_equal(arguments(j.c.func), before);
		split += ways;
		jit_close(&j);
	}
	assert_true(split > 0);
}

/* r3 = x == 1 ? 5 : 6, where one way is the branch itself */
static void each_way_keeps_its_argument(void **state)
{
	static struct jit j;
	unsigned int asked;

	(void)state;
	pass_program(&j);
	jit_put(&j, EC_ALU64 | EBPF_MOV, 0, 0, 0, 5);
	pass_skip(&j, EBPF_JEQ, 7, 1, 1);
	jit_put(&j, EC_ALU64 | EBPF_MOV, 0, 0, 0, 6);
	jit_put(&j, EC_ALU64 | EBPF_ADD, 0, 0, 0, 100);
	jit_put(&j, EC_JMP | EBPF_JLT, 7, 0, 2, 1000);   /* so that what follows is reached */
	jit_put(&j, EC_ALU64 | EBPF_ADD, 0, 0, 0, 1);
	jit_put(&j, EC_JMP | EBPF_EXIT, 0, 0, 0, 0);
	jit_put(&j, EC_JMP | EBPF_EXIT, 0, 0, 0, 0);
	jit_finish(&j);
	jit_open(&j);
	j.c.careful = 1;
	assert_int_equal(build_run(&j.c), 0);
	assert_int_equal(critical(j.c.func), 1);
	assert_int_equal(opt_split_run(&j.c), 0);
	assert_int_equal(critical(j.c.func), 0);
	assert_int_equal(pass_verdict(&j, (struct packet){ 1, 64 }, &asked), 105);
	assert_int_equal(pass_verdict(&j, (struct packet){ 2, 64 }, &asked), 106);
	jit_close(&j);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_way_to_a_phi_is_critical),
		cmocka_unit_test(each_way_keeps_its_argument),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
