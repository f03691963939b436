// SPDX-License-Identifier: Apache-2.0
/* Order and dominators of random graphs, loops and loops with two entries among them, against their definitions. */
#include "jit.h"

enum { GRAPHS = 400, BLOCKS_MAX = 24 };

static struct block *blocks[BLOCKS_MAX];

static void make_graph(struct jit *j, struct func *f, uint32_t n)
{
	memset(f, 0, sizeof(*f));
	f->c = &j->c;
	for (uint32_t k = 0; k < n; k++)
		assert_non_null(blocks[k] = ir_block(f, k));
	for (uint32_t k = 0; k < n; k++) {
		static const enum ir_op ends[] = { IR_EXIT, IR_JMP, IR_BR };
		uint32_t ways = jit_random(j, 8) ? 1 + jit_random(j, 2) : 0;

		ir_append(blocks[k], ir_new(f, ends[ways], k));
		for (uint32_t way = 0; way < ways; way++)
			assert_int_equal(ir_edge(f, blocks[k], (int)way, blocks[1 + jit_random(j, n - 1)]), 0);
	}
}

/* Blocks that the entry reaches when `without` is not there. */
static uint32_t reached(uint32_t n, int without)
{
	uint32_t seen = without == 0 ? 0 : 1, before = ~seen;

	while (seen != before) {
		before = seen;
		for (uint32_t k = 0; k < n; k++)
			for (int way = 0; way < 2; way++)
				for (uint32_t to = 0; seen >> k & 1 && to < n; to++)
					if (blocks[k]->succ[way] == blocks[to] && (int)to != without)
						seen |= 1U << to;
	}
	return seen;
}

static void check_order(const struct func *f, uint32_t n, uint32_t seen)
{
	uint32_t listed = 0;

	assert_int_equal(f->n_rpo, __builtin_popcount(seen));
	assert_ptr_equal(f->rpo[0], f->entry);
	for (uint32_t k = 0; k < f->n_rpo; k++)
		assert_int_equal(f->rpo[k]->rpo, k);
	for (const struct block *b = f->blocks; b; b = b->list, listed++)
		assert_true(seen >> b->insn & 1);
	assert_int_equal(listed, f->n_rpo);
	for (uint32_t k = 0; k < n; k++)
		for (uint32_t p = 0; seen >> k & 1 && p < blocks[k]->n_pred; p++)
			assert_true(seen >> blocks[k]->pred[p]->insn & 1); /* none from blocks that were dropped */
}

static void orders_and_dominators_are_right(void **state)
{
	static struct jit j;
	static struct func f;
	enum { BYTES = 1 << 20 };

	(void)state;
	j.seed = 1;
	j.mem = malloc(BYTES);
	for (uint32_t graph = 0; graph < GRAPHS; graph++) {
		uint32_t n = 2 + graph % (BLOCKS_MAX - 1), seen;
		uint32_t without[BLOCKS_MAX];

		arena_init(&j.arena, j.mem, BYTES);
		j.c.arena = &j.arena;
		make_graph(&j, &f, n);
		seen = reached(n, -1);
		for (uint32_t k = 0; k < n; k++)
			without[k] = reached(n, (int)k);
		assert_int_equal(cfg_order(&f), 0);
		check_order(&f, n, seen);
		for (uint32_t a = 0; a < n; a++)
			for (uint32_t b = 0; b < n; b++)
				if (seen >> a & 1 && seen >> b & 1)
					assert_int_equal(cfg_dominates(blocks[a], blocks[b]), a == b || !(without[a] >> b & 1));
	}
	free(j.mem);
}

static void no_memory_is_an_error(void **state)
{
	static struct jit j;
	static struct func f;
	static uint64_t mem[512];

	(void)state;
	j.seed = 7;
	arena_init(&j.arena, mem, sizeof(mem));
	j.c.arena = &j.arena;
	make_graph(&j, &f, 4);
	j.arena.end = j.arena.at;
	assert_int_equal(cfg_order(&f), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(orders_and_dominators_are_right),
		cmocka_unit_test(no_memory_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
