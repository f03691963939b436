// SPDX-License-Identifier: Apache-2.0
/* The programs that tail calls lead to, and what a declaration puts into the slots of a PROG_ARRAY. */
#include "objects.h"

#define CALL(map, slot) "bpf_tail_call(ctx, &" map ", " slot ");"
#define PROGS "int b(struct xdp_md *), c(struct xdp_md *);"
#define PROG_ARRAY(name, n, ...) \
	"struct { __uint(type, BPF_MAP_TYPE_PROG_ARRAY); __uint(max_entries, " #n "); __uint(key_size, 4); __array(values, int (void *)); } " name \
	" SEC(\".maps\") = { .values = { " __VA_ARGS__ " } };\n"

/* Names of the image's programs in order, with a blank behind each. */
static const char *programs(void)
{
	static char names[128];

	names[0] = 0;
	for (const struct prog *p = &loaded.prog; p; p = p->next)
		snprintf(names + strlen(names), sizeof(names) - strlen(names), "%s ", p->name);
	return names;
}

/* What the slots of a map hold, by name; "-" is nothing. */
static const char *slots_of(const char *map)
{
	const struct prog_map *m = find_map(map);
	const uint32_t *slots = loaded.prog.slots[m - loaded.prog.maps];
	static char names[128];

	names[0] = 0;
	for (uint32_t slot = 0; slot < m->max_entries; slot++) {
		const struct prog *p = &loaded.prog;

		for (uint32_t n = 1; n < slots[slot]; n++)
			p = p->next;
		snprintf(names + strlen(names), sizeof(names) - strlen(names), "%s ", slots[slot] ? p->name : "-");
	}
	return names;
}

static void all_programs_come_along(void **state)
{
	(void)state;
	compile_bpf(HEAD PROG_ARRAY("m", 2) FUNCTION("xdp", "a", CALL("m", "0") "return 1;") FUNCTION("xdp", "b", "return 2;")
		    FUNCTION("xdp/c", "c", "return 3;") "SEC(\"tc\") int t(struct __sk_buff *s) { return 0; }");
	expect("a", "");
	assert_string_equal(programs(), "a b c ");
	expect("b", ""); /* calls nobody */
	assert_string_equal(programs(), "b ");
	assert_int_equal(loaded.prog.n_maps, 0);
}

/* Each has the instructions and the lines of its own, and the maps of all. */
static void they_share_the_maps(void **state)
{
	(void)state;
	compile_bpf(HEAD ARRAY("mine") PROG_ARRAY("m", 2) FUNCTION("xdp", "a", CALL("m", "0") "return 1;")
		    FUNCTION("xdp", "b", "__u32 k = 0; return !bpf_map_lookup_elem(&mine, &k);"));
	expect("a", "");
	assert_string_equal(programs(), "a b ");
	assert_int_equal(loaded.prog.n_maps, 2);
	assert_ptr_equal(loaded.prog.next->maps, loaded.prog.maps);
	assert_int_equal(loaded.prog.next->n_maps, 2);
	for (uint32_t n = 0; n < loaded.prog.next->n_insns; n++)
		if (loaded.prog.next->insns[n].code == EBPF_LDDW && ebpf_src(&loaded.prog.next->insns[n]) == EBPF_PSEUDO_MAP)
			assert_string_equal(loaded.prog.maps[loaded.prog.next->insns[n].imm].name, "mine");
	assert_true(loaded.prog.next->n_lines > 0);
}

static void slots_hold_what_is_declared(void **state)
{
	(void)state;
	compile_bpf(HEAD PROGS PROG_ARRAY("first", 4, "[1] = (void *)&c, [3] = (void *)&b") PROG_ARRAY("second", 2, "[0] = (void *)&b")
		    PROG_ARRAY("empty", 2) FUNCTION("xdp", "a", CALL("first", "1") CALL("second", "0") CALL("empty", "0") "return 1;")
		    FUNCTION("xdp", "b", "return 2;") FUNCTION("xdp", "c", "return 3;"));
	expect("a", "");
	assert_string_equal(slots_of("first"), "- c - b ");
	assert_string_equal(slots_of("second"), "b - ");
	assert_string_equal(slots_of("empty"), "- - ");
	expect("c", "");
	assert_string_equal(programs(), "c ");
	expect("xdp/none", "the object has no program or section of that name");
}

static void what_is_no_program_of_the_object(void **state)
{
	(void)state;
	compile_bpf(HEAD "int t(struct __sk_buff *);" PROG_ARRAY("m", 2, "[1] = (void *)&t") FUNCTION("xdp", "a", CALL("m", "0") "return 1;")
		    "SEC(\"tc\") int t(struct __sk_buff *s) { return 0; }");
	expect_refusal("a", "slot 1 of map m holds t, which is no XDP program of the object");
}

/* What stands in prog is the one that the sentence is about. */
static void one_of_them_is_refused(void **state)
{
	(void)state;
	compile_bpf(HEAD "extern int of_the_kernel(void) __attribute__((section(\".ksyms\")));" PROG_ARRAY("m", 2)
		    FUNCTION("xdp", "a", CALL("m", "0") "return 1;") FUNCTION("xdp", "b", "return of_the_kernel();"));
	expect_refusal("a", "the program calls of_the_kernel(), a function of the kernel (kfunc), which the NIC does not have");
	assert_string_equal(loaded.prog.name, "b");
	expect_refusal("b", "the program calls of_the_kernel(), a function of the kernel (kfunc), which the NIC does not have");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_programs_come_along), cmocka_unit_test(they_share_the_maps), cmocka_unit_test(slots_hold_what_is_declared),
		cmocka_unit_test(what_is_no_program_of_the_object), cmocka_unit_test(one_of_them_is_refused),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
