// SPDX-License-Identifier: Apache-2.0
/* Records of ring buffers: each is given back once on every path, as it was reserved, and not used after that. */
#include "verifier.h"

static const struct prog_map maps[] = {
	{ .name = "ring", .type = MAP_TYPE_RINGBUF, .max_entries = 4096 },
};

/* r0 = a record of n bytes, or NULL; 5 slots */
#define RESERVE(n) MAP(1, 0), MOV(2, n), MOV(3, 0), CALL(HELPER_RINGBUF_RESERVE)
#define SUBMIT(r) MOVX(1, r), MOV(2, 0), CALL(HELPER_RINGBUF_SUBMIT)
#define DISCARD(r) MOVX(1, r), MOV(2, 0), CALL(HELPER_RINGBUF_DISCARD)
#define UNLESS_NULL(r, n) J(EBPF_JEQ, r, 0, n)
/* reserves into r6; ends with a verdict where there is none; 9 slots */
#define RECORD(n) RESERVE(n), J(EBPF_JNE, 0, 0, 2), PASS, MOVX(6, 0)

static void given_back_on_every_path(void **state)
{
	(void)state;
	ACCEPT(RECORD(8), SUBMIT(6), PASS);
	ACCEPT(RECORD(8), ST(DW, 6, 0, 1), DISCARD(6), PASS);
	REFUSE(10, "a record that was reserved is neither submitted nor discarded when the program ends", RECORD(8), PASS);
	REFUSE(6, "a record that was reserved is neither submitted nor discarded when the program ends", RESERVE(8), PASS);
	/* one of two */
	REFUSE(20, "a record that was reserved is neither submitted nor discarded when the program ends",
	       RECORD(8), RESERVE(8), UNLESS_NULL(0, 4), MOVX(7, 0), SUBMIT(7), PASS);
}

static void a_number_once_given_back(void **state)
{
	(void)state;
	REFUSE(14, "the first argument of bpf_ringbuf_submit must be a record as it was reserved, and is a record that was submitted or discarded",
	       RECORD(8), SUBMIT(6), SUBMIT(6), PASS);
	REFUSE(12, "memory is accessed through a record that was submitted or discarded", RECORD(8), DISCARD(6), LDX(DW, 0, 6, 0), PASS);
	ACCEPT(RECORD(8), SUBMIT(6), MOV(7, 1), J(EBPF_JNE, 6, 0, 1), MOV(7, 2), PASS);
	/* a copy on the stack */
	REFUSE(14, "memory is accessed through a record that was submitted or discarded", RECORD(8), STX(DW, 10, 6, -8), SUBMIT(6), LDX(DW, 7, 10, -8), LDX(DW, 0, 7, 0), EXIT);
	/* another record stays */
	ACCEPT(RECORD(8), RESERVE(8), MOVX(7, 0), SUBMIT(6), UNLESS_NULL(7, 4), ST(DW, 7, 0, 1), SUBMIT(7), PASS);
}

static void passed_as_it_was_reserved(void **state)
{
	(void)state;
	REFUSE(7, "the first argument of bpf_ringbuf_submit must be a record as it was reserved, and is a map value pointer that may be NULL",
	       RESERVE(8), MOVX(1, 0), MOV(2, 0), CALL(HELPER_RINGBUF_SUBMIT), PASS);
	REFUSE(12, "the first argument of bpf_ringbuf_submit must be a record as it was reserved, and is moved",
	       RECORD(8), ADD(6, 4), SUBMIT(6), PASS);
}

static void of_constant_size(void **state)
{
	(void)state;
	REFUSE(4, "the size of a record must be a constant", LDX(W, 2, 1, 12), MAP(1, 0), MOV(3, 0), CALL(HELPER_RINGBUF_RESERVE), PASS);
	ACCEPT(RECORD(8), ST(W, 6, 4, 1), SUBMIT(6), PASS);
	REFUSE(9, "the 4-byte access at offset 5 is outside the 8-byte record of map ring", RECORD(8), ST(W, 6, 5, 1), SUBMIT(6), PASS);
}

static void so_many_at_once(void **state)
{
	(void)state;
	ACCEPT(RECORD(8), SUBMIT(6), RECORD(8), SUBMIT(6), RECORD(8), SUBMIT(6), RECORD(8), SUBMIT(6), RECORD(8), SUBMIT(6), RECORD(8), SUBMIT(6),
	       RECORD(8), SUBMIT(6), RECORD(8), SUBMIT(6), PASS);
	REFUSE(39, "more than 7 records are reserved at once",
	       RESERVE(8), RESERVE(8), RESERVE(8), RESERVE(8), RESERVE(8), RESERVE(8), RESERVE(8), RESERVE(8), PASS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(given_back_on_every_path), cmocka_unit_test(a_number_once_given_back), cmocka_unit_test(passed_as_it_was_reserved),
		cmocka_unit_test(of_constant_size), cmocka_unit_test(so_many_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
