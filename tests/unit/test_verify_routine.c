// SPDX-License-Identifier: Apache-2.0
/* Helpers and kfuncs that are eBPF routines: what they are given, what becomes of dynptrs and iterators on the stack, loops that iterators end.
 * Also of routine.c, verify_inline.c. */
#include "routine.h"
#include "verifier.h"

static const struct prog_map maps[] = {
	{ .name = "array", .type = MAP_TYPE_ARRAY, .key_size = 4, .value_size = 8, .max_entries = 1 },
};

#define KFUNC(name) INSN(EC_JMP | EBPF_CALL, 0, EBPF_CALL_KFUNC, 0, routine_kfunc("bpf_" name))
#define STACK(r, at) MOVX(r, 10), ADD(r, at)
/* r6 = context; a dynptr at r10-16; 6 slots */
#define DYNPTR MOVX(6, 1), MOV(2, 0), STACK(3, -16), KFUNC("dynptr_from_xdp"), MOV(7, 0)
/* r0 = n bytes at 0 of it, or NULL; 6 slots */
#define SLICE(n) STACK(1, -16), MOV(2, 0), MOV(3, 0), MOV(4, n), KFUNC("dynptr_slice")
/* an iterator at r10-8; 5 slots */
#define NUMBERS(from, to) STACK(1, -8), MOV(2, from), MOV(3, to), KFUNC("iter_num_new")
/* 3 slots */
#define NEXT STACK(1, -8), KFUNC("iter_num_next")
#define DESTROY STACK(1, -8), KFUNC("iter_num_destroy")

static void a_slice_is_as_long_as_asked_for(void **state)
{
	(void)state;
	ACCEPT(DYNPTR, SLICE(14), J(EBPF_JEQ, 0, 0, 1), LDX(B, 7, 0, 13), PASS);
	REFUSE(13, "the 1-byte access at offset 14 of the packet needs 15 bytes, and the program has checked for 14",
	       DYNPTR, SLICE(14), J(EBPF_JEQ, 0, 0, 1), LDX(B, 7, 0, 14), PASS);
	REFUSE(12, "memory is accessed through a number", DYNPTR, SLICE(14), LDX(B, 7, 0, 0), PASS);
	REFUSE(11, "the fourth argument of bpf_dynptr_slice must be a constant",
	       DYNPTR, LDX(W, 4, 6, 12), STACK(1, -16), MOV(2, 0), MOV(3, 0), KFUNC("dynptr_slice"), PASS);
}

static void a_slice_ends_when_the_packet_moves(void **state)
{
	(void)state;
	REFUSE(17, "memory is accessed through a packet pointer from before the packet was moved", DYNPTR, SLICE(14), J(EBPF_JEQ, 0, 0, 5),
	       MOVX(8, 0), MOVX(1, 6), MOV(2, 0), CALL(HELPER_XDP_ADJUST_HEAD), LDX(B, 7, 8, 0), PASS);
	/* the dynptr does not */
	ACCEPT(DYNPTR, MOVX(1, 6), MOV(2, 0), CALL(HELPER_XDP_ADJUST_HEAD), SLICE(14), PASS);
}

static void pulled_packets_are_looked_at_anew(void **state)
{
	(void)state;
	REFUSE(17, "memory is accessed through a packet pointer from before the packet was moved", DYNPTR, SLICE(14), J(EBPF_JEQ, 0, 0, 5),
	       MOVX(8, 0), MOVX(1, 6), MOV(2, 14), KFUNC("xdp_pull_data"), LDX(B, 7, 8, 0), PASS);
	ACCEPT(DYNPTR, MOVX(1, 6), MOV(2, 14), KFUNC("xdp_pull_data"), SLICE(14), PASS);
	REFUSE(1, "the second argument of bpf_xdp_pull_data must be a number, and is the context pointer", MOVX(2, 1), KFUNC("xdp_pull_data"), PASS);
}

static void dynptrs_are_made_first(void **state)
{
	(void)state;
	REFUSE(5, "the first argument of bpf_dynptr_slice is no dynptr that was made before", SLICE(14), PASS);
	/* half of it is written over */
	REFUSE(12, "the first argument of bpf_dynptr_slice is no dynptr that was made before", DYNPTR, ST(DW, 10, -8, 0), SLICE(14), PASS);
	REFUSE(12, "the first argument of bpf_dynptr_slice is no dynptr that was made before",
	       DYNPTR, ST(B, 10, -11, 0), SLICE(14), PASS);
	REFUSE(6, "a dynptr on the stack is read as if it were bytes", DYNPTR, LDX(DW, 0, 10, -8), PASS);
	REFUSE(3, "the third argument of bpf_dynptr_from_xdp must be a variable on the stack, and is a stack pointer",
	       MOV(2, 0), STACK(3, -12), KFUNC("dynptr_from_xdp"), PASS);
	REFUSE(2, "the third argument of bpf_dynptr_from_xdp must be a variable on the stack, and is the context pointer",
	       MOV(2, 0), MOVX(3, 1), KFUNC("dynptr_from_xdp"), PASS);
}

static void iterators_are_made_and_destroyed(void **state)
{
	(void)state;
	ACCEPT(NUMBERS(0, 4), NEXT, DESTROY, PASS);
	REFUSE(2, "the first argument of bpf_iter_num_next is no iterator that was made before", NEXT, PASS);
	REFUSE(10, "the first argument of bpf_iter_num_next is no iterator that was made before", NUMBERS(0, 4), DESTROY, NEXT, PASS);
	REFUSE(9, "an iterator on the stack is not destroyed at the end", NUMBERS(0, 4), NEXT, PASS);
	REFUSE(5, "an iterator on the stack is written over", NUMBERS(0, 4), ST(B, 10, -3, 1), DESTROY, PASS);
	REFUSE(9, "an iterator on the stack is written over", NUMBERS(0, 4), NUMBERS(0, 4), DESTROY, PASS);
}

static void iterators_end_loops(void **state)
{
	(void)state;
	/* more rounds than there are steps, with nothing else that changes */
	ACCEPT(NUMBERS(0, 8000000), NEXT, J(EBPF_JNE, 0, 0, -4), DESTROY, PASS);
	ACCEPT(NUMBERS(0, 8000000), MOV(6, 0), NEXT, ADD(6, 3), J(EBPF_JNE, 0, 0, -5), DESTROY, PASS);
	/* a limit that only the packet knows */
	ACCEPT(LDX(W, 3, 1, 12), STACK(1, -8), MOV(2, 0), KFUNC("iter_num_new"), NEXT, J(EBPF_JNE, 0, 0, -4), DESTROY, PASS);
	/* the number is one of the program's when it has looked */
	ACCEPT(MOV(6, 0), NUMBERS(0, 8), NEXT, J(EBPF_JEQ, 0, 0, 7), LDX(W, 2, 0, 0), J(EBPF_JGT, 2, 7, 5), MOVX(3, 10), ADD(3, -16),
	       ADDX(3, 2), ST(B, 3, 0, 1), JA(-11), JA(0), DESTROY, PASS);
}

static void frames_of_routines_do_not_count(void **state)
{
	(void)state;
#define CALLED(n) INSN(EC_JMP | EBPF_CALL, 0, EBPF_CALL_LOCAL, 0, n), EXIT
	ACCEPT(CALLED(1), CALLED(1), CALLED(1), CALLED(1), CALLED(1), CALLED(1), CALLED(1), NUMBERS(0, 4), NEXT, DESTROY, PASS);
}

static void reads_and_writes_are_checked(void **state)
{
	(void)state;
#define READ(to, n) STACK(1, to), MOV(2, n), STACK(3, -16), MOV(4, 0), MOV(5, 0), CALL(201)
	ACCEPT(DYNPTR, READ(-32, 16), PASS);
	REFUSE(13, "the 16-byte access at r10-8 is outside the stack", DYNPTR, READ(-8, 16), PASS);
	REFUSE(12, "the third argument of bpf_dynptr_read is no dynptr that was made before",
	       MOVX(6, 1), MOV(2, 0), STACK(3, -16), MOV(7, 0), READ(-32, 16), PASS);
}

static void the_license_is_asked_for(void **state)
{
	const struct ebpf_insn insns[] = { DYNPTR, PASS };
	struct prog prog = { .name = "t", .section = "xdp", .insns = insns, .n_insns = sizeof(insns) / sizeof(*insns), .not_gpl = 1 };
	struct diag diag = { 0 };
	struct arena arena;
	size_t size = verify_mem_size(prog.n_insns);
	void *mem = malloc(size);
	struct compile c = { .arena = &arena, .prog = &prog, .target = &target, .diag = &diag };

	(void)state;
	arena_init(&arena, mem, size);
	assert_int_equal(verify_run(&c), -1);
	assert_string_equal(diag.text, "the program calls bpf_dynptr_from_xdp, which Linux keeps for programs with a GPL-compatible license");
	free(mem);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_slice_is_as_long_as_asked_for),
		cmocka_unit_test(a_slice_ends_when_the_packet_moves),
		cmocka_unit_test(pulled_packets_are_looked_at_anew),
		cmocka_unit_test(dynptrs_are_made_first),
		cmocka_unit_test(iterators_are_made_and_destroyed),
		cmocka_unit_test(iterators_end_loops),
		cmocka_unit_test(frames_of_routines_do_not_count),
		cmocka_unit_test(reads_and_writes_are_checked),
		cmocka_unit_test(the_license_is_asked_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
