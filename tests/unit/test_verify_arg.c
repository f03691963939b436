// SPDX-License-Identifier: Apache-2.0
/* Arguments of helpers: each of the kind, the size and the place that the helper takes. */
#include "verifier.h"

enum { COUNTERS, CONSTANTS, RING, MAPS };

static const uint8_t constants[8] = { 'n', 'i', 'c', 0, 'j', 'i', 't', '!' };
static const struct prog_map maps[MAPS] = {
	{ .name = "counters", .type = MAP_TYPE_ARRAY, .key_size = 4, .value_size = 16, .max_entries = 8 },
	{ .name = "t.rodata", .type = MAP_TYPE_ARRAY, .key_size = 4, .value_size = 8, .max_entries = 1, .flags = 0x80, .init = constants, .init_size = 8 },
	{ .name = "ring", .type = MAP_TYPE_RINGBUF, .max_entries = 4096 },
};

enum { STRNCMP = 182 };

#define STACK(r, off) MOVX(r, 10), ADD(r, off)
#define ZEROS ST(DW, 10, -8, 0), ST(DW, 10, -16, 0)
/* bpf_csum_diff() of nothing and r4 bytes of r3; 4 slots */
#define SUM MOV(1, 0), MOV(2, 0), MOV(5, 0), CALL(HELPER_CSUM_DIFF)
#define CONSTANT(r, off) LDDW(r, EBPF_PSEUDO_MAP_VALUE, CONSTANTS, off)

static void maps_of_the_right_type(void **state)
{
	(void)state;
	ACCEPT(LOOKUP(COUNTERS), PASS);
	REFUSE(5, "bpf_map_lookup_elem does not work on map ring, which is of type RINGBUF", LOOKUP(RING), PASS);
	REFUSE(4, "the first argument of bpf_map_lookup_elem must be a map, and is a number",
	       ST(W, 10, -4, 0), STACK(2, -4), MOV(1, 0), CALL(HELPER_MAP_LOOKUP_ELEM), PASS);
	REFUSE(5, "the first argument of bpf_map_lookup_elem must be a map, and is a stack pointer",
	       ST(W, 10, -4, 0), STACK(2, -4), STACK(1, -4), CALL(HELPER_MAP_LOOKUP_ELEM), PASS);
}

static void read_only_maps_stay(void **state)
{
	(void)state;
	ACCEPT(ZEROS, MAP(1, COUNTERS), STACK(2, -4), STACK(3, -16), MOV(4, 0), CALL(HELPER_MAP_UPDATE_ELEM), PASS);
	REFUSE(9, "map t.rodata is read-only for the program, and is changed",
	       ZEROS, MAP(1, CONSTANTS), STACK(2, -4), STACK(3, -16), MOV(4, 0), CALL(HELPER_MAP_UPDATE_ELEM), PASS);
}

static void keys_are_whole(void **state)
{
	(void)state;
	REFUSE(5, "the second argument of bpf_map_lookup_elem must point to memory, and is the context pointer",
	       MOVX(6, 1), MOVX(2, 6), MAP(1, COUNTERS), MOV(0, 0), CALL(HELPER_MAP_LOOKUP_ELEM), PASS);
	REFUSE(5, "the 4-byte access at r10-2 is outside the stack", ST(W, 10, -4, 0), STACK(2, -2), MAP(1, COUNTERS), CALL(HELPER_MAP_LOOKUP_ELEM), PASS);
}

static void sizes_have_limits(void **state)
{
	(void)state;
	ACCEPT(ZEROS, STACK(3, -16), MOV(4, 16), SUM, EXIT);
	REFUSE(8, "the 20-byte access at r10-16 is outside the stack", ZEROS, STACK(3, -16), MOV(4, 20), SUM, EXIT);
	REFUSE(8, "the fourth argument of bpf_csum_diff, a size, may be negative", ZEROS, STACK(3, -16), MOV(4, -4), SUM, EXIT);
	REFUSE(8, "the fourth argument of bpf_csum_diff, a size, has no limit", ZEROS, LDX(W, 4, 1, 12), STACK(3, -16), SUM, EXIT);
	/* up to 12 of 16 */
	ACCEPT(ZEROS, LDX(W, 4, 1, 12), ALU(EBPF_AND, 4, 12), STACK(3, -16), SUM, EXIT);
	REFUSE(9, "the 28-byte access at r10-16 is outside the stack", ZEROS, LDX(W, 4, 1, 12), ALU(EBPF_AND, 4, 28), STACK(3, -16), SUM, EXIT);
	/* nothing of nothing */
	ACCEPT(MOV(3, 0), MOV(4, 0), SUM, EXIT);
	REFUSE(5, "the third argument of bpf_csum_diff must point to memory, and is a number", MOV(3, 0), MOV(4, 4), SUM, EXIT);
}

static void strings_are_constant_and_end(void **state)
{
	(void)state;
	ACCEPT(ZEROS, STACK(1, -8), MOV(2, 8), CONSTANT(3, 0), CALL(STRNCMP), EXIT);
	REFUSE(7, "the third argument of bpf_strncmp is a string without an end", ZEROS, STACK(1, -8), MOV(2, 8), CONSTANT(3, 4), CALL(STRNCMP), EXIT);
	REFUSE(7, "the third argument of bpf_strncmp must be a constant string, and is a stack pointer",
	       ZEROS, STACK(1, -8), MOV(2, 8), STACK(3, -8), CALL(STRNCMP), EXIT);
}

static void the_context_as_it_came(void **state)
{
	(void)state;
	ACCEPT(MOV(2, 0), CALL(HELPER_XDP_ADJUST_TAIL), PASS);
	REFUSE(2, "the first argument of bpf_xdp_adjust_tail must be the context, and is a stack pointer",
	       MOVX(1, 10), MOV(2, 0), CALL(HELPER_XDP_ADJUST_TAIL), PASS);
	REFUSE(2, "the first argument of bpf_xdp_adjust_tail must be the context as the program got it, and is moved",
	       ADD(1, 4), MOV(2, 0), CALL(HELPER_XDP_ADJUST_TAIL), PASS);
	REFUSE(1, "the second argument of bpf_xdp_adjust_tail must be a number, and is the context pointer",
	       MOVX(2, 1), CALL(HELPER_XDP_ADJUST_TAIL), PASS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(maps_of_the_right_type), cmocka_unit_test(read_only_maps_stay), cmocka_unit_test(keys_are_whole),
		cmocka_unit_test(sizes_have_limits), cmocka_unit_test(strings_are_constant_and_end), cmocka_unit_test(the_context_as_it_came),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
