// SPDX-License-Identifier: Apache-2.0
/* bpf_loop(): what is made of it counts as Linux does, and holds what is known of the rounds.
 * Also of verify_live.c, verify_precise.c, verify_state.c. */
#include "verifier.h"
#include "verify.h"

static const struct prog_map maps[] = {
	{ .name = "counters", .type = MAP_TYPE_ARRAY, .key_size = 4, .value_size = 16, .max_entries = 8 },
	{ .name = "flows", .type = MAP_TYPE_HASH, .key_size = 9, .value_size = 8, .max_entries = 64, .flags = 1 },
};

#define FUNCTION(r, o) LDDW(r, EBPF_PSEUDO_FUNC, o, 0)
/* 6 slots; the callback is so far behind the load */
#define LOOP(n, o) MOV(1, n), FUNCTION(2, o), MOV(3, 0), MOV(4, 0), CALL(HELPER_LOOP)
#define EACH(map, o) MAP(1, map), FUNCTION(2, o), MOV(3, 0), MOV(4, 0), CALL(HELPER_FOR_EACH_MAP_ELEM)
#define GO_ON MOV(0, 0), EXIT

static void expand(struct run *r, struct loops *l, const struct ebpf_insn *insns, uint32_t n)
{
	size_t size = verify_mem_size(n);

	memset(r, 0, sizeof(*r));
	r->prog = (struct prog){ .name = "t", .section = "xdp", .insns = insns, .n_insns = n, .maps = maps, .n_maps = 2 };
	r->mem = malloc(size);
	arena_init(&r->arena, r->mem, size);
	r->c = (struct compile){ .arena = &r->arena, .prog = &r->prog, .target = &target, .diag = &r->diag };
	assert_int_equal(loop_expand(&r->c, l), 0);
}

/* Where the call leads. */
static uint32_t target_of(const struct loops *l, uint32_t pc)
{
	assert_int_equal(l->insns[pc].code, EC_JMP | EBPF_CALL);
	assert_int_equal(ebpf_src(&l->insns[pc]), EBPF_CALL_LOCAL);
	return pc + 1 + (uint32_t)l->insns[pc].imm;
}

static void one_function_for_each_call(void **state)
{
	const struct ebpf_insn insns[] = { LOOP(4, 12), LOOP(9, 6), PASS, GO_ON };
	const uint32_t n = sizeof(insns) / sizeof(*insns), callback = n - 2;
	struct loops l;
	struct run r;

	(void)state;
	expand(&r, &l, insns, n);
	assert_int_equal(l.n_made, 2);
	assert_int_equal(l.n_insns, n + l.made[0].size + l.made[1].size);
	for (uint32_t k = 0; k < 2; k++) {
		uint32_t calls = 0;

		assert_int_equal(l.made[k].call, 6 * k + 5);
		assert_int_equal(target_of(&l, l.made[k].call), l.made[k].first);
		assert_int_equal(l.made[k].callback, callback);
		assert_int_equal(l.made[k].map, LOOP_NO_MAP);
		for (uint32_t pc = l.made[k].first; pc < l.made[k].first + l.made[k].size; pc++) {
			assert_int_equal(l.made_at[pc - n], k);
			if (l.insns[pc].code != (EC_JMP | EBPF_CALL))
				continue;
			assert_int_equal(target_of(&l, pc), callback);
			calls++;
		}
		assert_int_equal(calls, 1);
	}
	free(r.mem);
}

/* An array has an element in each slot, a hash one more slot; keys lie aligned. */
static void goes_over_a_map(void **state)
{
	for (int map = 0; map < 2; map++) {
		const struct ebpf_insn insns[] = { EACH(map, 6), PASS, GO_ON };
		const struct ebpf_insn *made;
		struct loops l;
		struct run r;

		(void)state;
		expand(&r, &l, insns, sizeof(insns) / sizeof(*insns));
		assert_int_equal(l.n_made, 1);
		assert_int_equal(l.made[0].map, map);
		made = &l.insns[l.made[0].first];
		assert_int_equal(made[LOOP_HEAD].code, EC_JMP32 | EBPF_JGE);
		assert_int_equal(made[LOOP_HEAD].imm, map ? 65 : 8);
		assert_int_equal(made[9].imm, map ? -16 : -8);
		free(r.mem);
	}
}

static void not_known_what_is_called(void **state)
{
	const struct ebpf_insn unknown[] = { MOV(1, 4), MOV(2, 0), MOV(3, 0), MOV(4, 0), CALL(HELPER_LOOP), PASS };
	struct loops l;
	struct run r;

	(void)state;
	expand(&r, &l, unknown, sizeof(unknown) / sizeof(*unknown));
	assert_int_equal(l.n_made, 0);
	assert_ptr_equal(l.insns, unknown);
	free(r.mem);
	REFUSE(4, "which function bpf_loop() is to call is not known when the program is compiled",
	       MOV(1, 4), MOV(2, 0), MOV(3, 0), MOV(4, 0), CALL(HELPER_LOOP), PASS);
}

static void rounds_are_checked(void **state)
{
	(void)state;
	ACCEPT(LOOP(4, 6), PASS, GO_ON);
	ACCEPT(LOOP(1 << 23, 6), PASS, GO_ON);
	/* the callback's own mistakes */
	REFUSE(8, "memory is accessed through a number", LOOP(4, 6), PASS, LDX(W, 0, 2, 0), EXIT);
	/* it gets the number of the round, which is a number */
	ACCEPT(LOOP(4, 6), PASS, MOVX(0, 1), ALU(EBPF_AND, 0, 1), EXIT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_function_for_each_call), cmocka_unit_test(goes_over_a_map), cmocka_unit_test(not_known_what_is_called),
		cmocka_unit_test(rounds_are_checked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
