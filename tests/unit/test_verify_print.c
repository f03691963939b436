// SPDX-License-Identifier: Apache-2.0
/* bpf_trace_printk() and bpf_trace_vprintk(): what the conversions of a constant format make of the arguments. */
#include "verifier.h"

enum { TEXT, NAMES, LOG, MAPS };
/* places of the formats in TEXT, and their bytes */
enum { NUMBER = 0, STRING = 4, ADDRESS4 = 8, ADDRESS6 = 16, PERCENT = 24, WIDTH = 32, THREE = 40, SIZE = 56 };

static const uint8_t text[SIZE] = "%d\0\0" "%s\0\0" "%pI4\0\0\0\0" "%pi6\0\0\0\0" "100%%\0\0\0" "%-08x\0\0\0" "%d %s %u";
static const struct prog_map maps[MAPS] = {
	[TEXT] = { .name = "t.rodata", .type = MAP_TYPE_ARRAY, .key_size = 4, .value_size = SIZE, .max_entries = 1, .flags = 0x80, .init = text, .init_size = SIZE },
	[NAMES] = { .name = "names", .type = MAP_TYPE_ARRAY, .key_size = 4, .value_size = 16, .max_entries = 1 },
	[LOG] = { .name = ".printk", .type = MAP_TYPE_LOG },
};

#define FORMAT(at) LDDW(1, EBPF_PSEUDO_MAP_VALUE, TEXT, at)
#define PRINT CALL(HELPER_TRACE_PRINTK), MOV(0, 2), EXIT
#define STACK(r, off) MOVX(r, 10), ADD(r, off)
/* r6 = a value of NAMES, or the end */
#define NAME LOOKUP(NAMES), J(EBPF_JNE, 0, 0, 2), PASS, MOVX(6, 0)

static void numbers(void **state)
{
	(void)state;
	ACCEPT(FORMAT(NUMBER), MOV(2, 3), MOV(3, 7), PRINT);
	ACCEPT(FORMAT(WIDTH), MOV(2, 6), MOV(3, 7), PRINT);
	ACCEPT(FORMAT(PERCENT), MOV(2, 6), PRINT); /* asks for none */
	ACCEPT(FORMAT(NUMBER), MOV(2, 3), PRINT); /* nobody has set r3: as in Linux, it prints what is there */
}

static void strings(void **state)
{
	(void)state;
	ACCEPT(FORMAT(STRING), MOV(2, 3), LDDW(3, EBPF_PSEUDO_MAP_VALUE, TEXT, STRING), PRINT);
	ACCEPT(NAME, FORMAT(STRING), MOV(2, 3), MOVX(3, 6), PRINT);
	ACCEPT(NAME, FORMAT(STRING), MOV(2, 3), MOVX(3, 6), ADD(3, 15), PRINT);
	ACCEPT(ST(DW, 10, -8, 0), FORMAT(STRING), MOV(2, 3), STACK(3, -8), PRINT);
	ACCEPT(FORMAT(STRING), MOV(2, 3), MOV(3, 0), PRINT); /* of nowhere: as in Linux, an empty one */
	REFUSE(6, "the program prints a string (%s) of which nothing is known to be there",
	       STX(DW, 10, 1, -8), FORMAT(STRING), MOV(2, 3), STACK(3, -8), PRINT);
	REFUSE(5, "the program prints a string (%s) of which nothing is known to be there", LDX(W, 6, 1, 0), FORMAT(STRING), MOV(2, 3), MOVX(3, 6), PRINT);
}

static void addresses(void **state)
{
	(void)state;
	ACCEPT(ST(DW, 10, -8, 0), FORMAT(ADDRESS4), MOV(2, 5), STACK(3, -8), PRINT);
	ACCEPT(NAME, FORMAT(ADDRESS6), MOV(2, 5), MOVX(3, 6), PRINT);
	REFUSE(6, "the 16-byte access at r10-8 is outside the stack", ST(DW, 10, -8, 0), FORMAT(ADDRESS6), MOV(2, 5), STACK(3, -8), PRINT);
}

/* clang joins calls that differ in the format: as much is copied as one of them needs, where all of them have it. */
static void joined(void **state)
{
	(void)state;
	FACTS(r, PACKET, NEEDS(24), MOVX(3, 2), ADD(3, 8), LDX(W, 6, 1, 12), FORMAT(ADDRESS4), J(EBPF_JEQ, 6, 5, 2), FORMAT(ADDRESS6), MOV(2, 5), PRINT);
	assert_int_equal(r.c.facts[16].arg[2].size, 16);
	free(r.mem);
}

/* The one with "100%%" may not be cut where the other one ends. */
static void joined_strings(void **state)
{
	(void)state;
	FACTS(r, LDX(W, 6, 1, 12), FORMAT(STRING), MOV(2, 3), LDDW(3, EBPF_PSEUDO_MAP_VALUE, TEXT, PERCENT), J(EBPF_JEQ, 6, 5, 2),
	      LDDW(3, EBPF_PSEUDO_MAP_VALUE, TEXT, SIZE - 6), PRINT);
	assert_int_equal(r.c.facts[9].arg[2].size, 6);
	free(r.mem);
}

/* What is not there for all of them is printed by calls of their own. */
static void strings_apart(void **state)
{
	(void)state;
	FACTS(r, LDX(W, 6, 1, 12), FORMAT(STRING), MOV(2, 3), LDDW(3, EBPF_PSEUDO_MAP_VALUE, TEXT, PERCENT), J(EBPF_JEQ, 6, 5, 2),
	      LDDW(3, EBPF_PSEUDO_MAP_VALUE, TEXT, SIZE - 5), PRINT);
	assert_int_equal(r.c.n_splits, 1);
	assert_false(r.c.facts[9].arg[2].size);
	assert_int_equal(r.c.facts[13].arg[2].off, PERCENT);
	assert_int_equal(r.c.facts[13].arg[2].size, SIZE - PERCENT);
	assert_int_equal(r.c.facts[15].arg[2].off, SIZE - 5);
	assert_int_equal(r.c.facts[15].arg[2].size, 5);
	free(r.mem);
}

static void formats_apart(void **state)
{
	(void)state;
	FACTS(r, PACKET, NEEDS(24), MOVX(3, 2), ADD(3, 20), LDX(W, 6, 1, 12), FORMAT(ADDRESS4), J(EBPF_JEQ, 6, 5, 3), FORMAT(ADDRESS6), ADD(3, -12), MOV(2, 5),
	      PRINT);
	assert_int_equal(r.c.n_splits, 1);
	free(r.mem);
}

static void vectors_apart(void **state)
{
	(void)state;
	FACTS(r, ST(DW, 10, -16, 1), ST(DW, 10, -8, 2), LDX(W, 6, 1, 12), MOV(4, 16), FORMAT(NUMBER), J(EBPF_JEQ, 6, 5, 3), MOV(4, 8), FORMAT(WIDTH), MOV(2, 3),
	      STACK(3, -16), CALL(HELPER_TRACE_VPRINTK), MOV(0, 2), EXIT);
	assert_int_equal(r.c.n_splits, 1);
	free(r.mem);
}

/* The path that comes later has a format which is not constant. */
static void not_apart(void **state)
{
	(void)state;
	REFUSE(17, "bpf_trace_printk prints something else on different paths, which the compiler may have joined", NAME, LDX(W, 7, 0, 0), MOVX(1, 6), MOVX(3, 0),
	       J(EBPF_JEQ, 7, 5, 2), FORMAT(ADDRESS6), MOV(2, 5), PRINT);
}

/* What the format does not name is a number, whatever the register holds. */
static void three_of_them(void **state)
{
	(void)state;
	ACCEPT(NAME, FORMAT(THREE), MOV(2, 9), MOV(3, 1), MOVX(4, 6), MOV(5, 3), PRINT);
	ACCEPT(NAME, FORMAT(THREE), MOV(2, 9), MOV(3, 1), MOV(4, 2), MOV(5, 3), PRINT);
}

#define VECTOR(format, bytes, numbers) FORMAT(format), MOV(2, bytes), STACK(3, -16), MOV(4, numbers), CALL(HELPER_TRACE_VPRINTK), MOV(0, 2), EXIT

static void vectors(void **state)
{
	(void)state;
	ACCEPT(ST(DW, 10, -16, 1), ST(DW, 10, -8, 2), VECTOR(NUMBER, 3, 16));
	REFUSE(8, "bpf_trace_vprintk takes up to 12 numbers of 8 bytes, and their size here is another",
	       ST(DW, 10, -16, 1), ST(DW, 10, -8, 2), VECTOR(NUMBER, 3, 12));
	REFUSE(8, "the program prints a string or an address (%s, %pI4) among more than 3 values",
	       ST(DW, 10, -16, 1), ST(DW, 10, -8, 2), VECTOR(STRING, 3, 16));
	REFUSE(8, "the program prints a string or an address (%s, %pI4) among more than 3 values", /* not that a pointer is no number */
	       STX(DW, 10, 10, -16), ST(DW, 10, -8, 2), VECTOR(STRING, 3, 16));
}

static void no_log(void **state)
{
	const struct ebpf_insn insns[] = { FORMAT(NUMBER), MOV(2, 3), MOV(3, 7), PRINT };

	(void)state;
	expect(insns, sizeof(insns) / sizeof(*insns), maps, LOG, 4, "the program prints, and its maps have no log");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers), cmocka_unit_test(strings), cmocka_unit_test(addresses), cmocka_unit_test(joined), cmocka_unit_test(joined_strings), cmocka_unit_test(strings_apart), cmocka_unit_test(formats_apart), cmocka_unit_test(vectors_apart), cmocka_unit_test(not_apart), cmocka_unit_test(three_of_them), cmocka_unit_test(vectors),
		cmocka_unit_test(no_log),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
