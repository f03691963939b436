// SPDX-License-Identifier: Apache-2.0
/* The programs that tail calls lead to, and what a declaration puts into the slots of a PROG_ARRAY; also load_compile.c, which does without some. */
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

#define KERNEL "extern int of_the_kernel(void) __attribute__((section(\".ksyms\")));"
#define WHY "the program calls of_the_kernel(), a function of the kernel (kfunc), which the NIC does not have"

/* Those that were left out, with a blank behind each. */
static const char *left_out(void)
{
	static char names[128];

	names[0] = 0;
	for (const struct left_out *out = loaded.left_out; out; out = out->next)
		snprintf(names + strlen(names), sizeof(names) - strlen(names), "%s ", out->name);
	return names;
}

/* What stands in prog is the one that the sentence is about. */
static void one_of_them_is_refused(void **state)
{
	(void)state;
	compile_bpf(HEAD KERNEL PROGS PROG_ARRAY("m", 2, "[1] = (void *)&b") FUNCTION("xdp", "a", CALL("m", "0") "return 1;")
		    FUNCTION("xdp", "b", "return of_the_kernel();"));
	expect_refusal("a", WHY);
	assert_string_equal(loaded.prog.name, "b");
	expect_refusal("b", WHY);
}

static void what_no_slot_declares_is_left_out(void **state)
{
	(void)state;
	compile_bpf(HEAD KERNEL PROGS PROG_ARRAY("m", 2, "[1] = (void *)&c") FUNCTION("xdp", "a", CALL("m", "0") "return 1;")
		    FUNCTION("xdp", "b", "return of_the_kernel();") FUNCTION("xdp", "c", "return 3;"));
	expect("a", "");
	assert_string_equal(programs(), "a c ");
	assert_string_equal(slots_of("m"), "- c ");
	assert_string_equal(left_out(), "b ");
	assert_string_equal(loaded.left_out->why, WHY);
}

static struct image_buf image;
static int compiles;

/* The bundles it takes on a NIC that has so many, or 0. */
static uint32_t compile_for(uint32_t bundles)
{
	struct target target = target_default;
	static char memory[8 << 20];
	int refused;

	target.bundles = bundles;
	compiles = 0;
	do {
		compiles++;
		refused = nicjit_compile(&loaded.prog, &target, memory, sizeof(memory), NULL, &image, &diag);
	} while (refused && load_leave_out(&loaded, &diag));
	return refused ? 0 : image.bundles;
}

#define MUCH "__u64 t = bpf_ktime_get_ns();\n#pragma unroll\nfor (int n = 0; n < 64; n++) t = t * 3 ^ t >> n; return t & 1;"

static void what_finds_no_room_is_left_out(void **state)
{
	uint32_t all, one;

	(void)state;
	compile_bpf(HEAD "int d(struct xdp_md *);" FUNCTION("xdp", "b", MUCH) PROG_ARRAY("m", 2, "[1] = (void *)&d")
		    FUNCTION("xdp", "a", CALL("m", "0") "return 1;") FUNCTION("xdp", "c", "return 3;") FUNCTION("xdp", "d", "return 2;"));
	expect("a", "");
	all = compile_for(8192);
	assert_string_equal(programs(), "a b d c ");
	assert_int_equal(compile_for(all), all);
	assert_int_not_equal(compile_for(all / 2), 0); /* as many as find room in the order of the object, and what a slot is declared to hold */
	assert_string_equal(programs(), "a d ");
	assert_string_equal(slots_of("m"), "- d ");
	assert_string_equal(left_out(), "b c ");
	one = image.bundles;
	assert_int_equal(compile_for(one - 1), 0);
	assert_string_equal(programs(), "a d ");
}

/* The last ones in front of it that may. */
static void others_make_room_for_what_is_declared(void **state)
{
	uint32_t all, least;

	(void)state;
	compile_bpf(HEAD "int d(struct xdp_md *);" FUNCTION("xdp", "b", MUCH) PROG_ARRAY("m", 2, "[1] = (void *)&d")
		    FUNCTION("xdp", "a", CALL("m", "0") "return 1;") FUNCTION("xdp", "d", MUCH) FUNCTION("xdp", "c", "return 3;"));
	expect("a", "");
	all = compile_for(8192);
	assert_string_equal(programs(), "a b d c ");
	least = compile_for(all * 2 / 3);
	assert_int_not_equal(least, 0);
	assert_string_equal(programs(), "a d ");
	assert_string_equal(slots_of("m"), "- d ");
	assert_string_equal(left_out(), "b c ");
	assert_int_equal(compile_for(least - 1), 0);
}

/* Verified when it is compiled, not when it is loaded. */
static void what_is_not_safe_is_left_out(void **state)
{
	(void)state;
	compile_bpf(HEAD PROGS PROG_ARRAY("m", 2) FUNCTION("xdp", "a", CALL("m", "0") "return 1;")
		    FUNCTION("xdp", "b", "return *(__u8 *)(long)ctx->data;") FUNCTION("xdp", "c", "return 3;"));
	expect("a", "");
	assert_int_not_equal(compile_for(8192), 0);
	assert_string_equal(programs(), "a c ");
	assert_string_equal(left_out(), "b ");
	expect("b", "");
	assert_int_equal(compile_for(8192), 0); /* it is the one asked for */
}

/* All of them at once, whichever pass refuses them: objects have dozens, and a compile for each would take its time. */
static void many_are_left_out_by_one_compile(void **state)
{
#define UNSAFE(name) FUNCTION("xdp", name, "return *(__u8 *)(long)ctx->data;")
#define LONG(name) FUNCTION("xdp", name, "__u32 n = ctx->rx_queue_index & 255; char *p = (void *)(long)ctx->data; return p[n];")
	(void)state;
	compile_bpf(HEAD PROGS PROG_ARRAY("m", 2, "[1] = (void *)&c") UNSAFE("u0") FUNCTION("xdp", "a", CALL("m", "0") "return 1;") UNSAFE("u1") LONG("u2")
		    FUNCTION("xdp", "b", "return 2;") UNSAFE("u3") UNSAFE("u4") FUNCTION("xdp", "c", "return 3;") LONG("u5") UNSAFE("u6") UNSAFE("u7"));
	expect("a", "");
	assert_int_not_equal(compile_for(8192), 0);
	assert_int_equal(compiles, 2);
	assert_string_equal(programs(), "a c b ");
	assert_string_equal(slots_of("m"), "- c ");
	assert_string_equal(left_out(), "u0 u1 u2 u3 u4 u5 u6 u7 ");
	for (const struct left_out *out = loaded.left_out; out; out = out->next)
		assert_non_null(strstr(out->why, "the packet"));
}

/* What must come along is what the diagnosis is about in the end, with all that is wrong with it. */
static void the_one_that_is_declared_stays(void **state)
{
	(void)state;
	compile_bpf(HEAD UNSAFE("b") "int c(struct xdp_md *);" PROG_ARRAY("m", 2, "[1] = (void *)&c") FUNCTION("xdp", "a", CALL("m", "0") "return 1;") UNSAFE("c") UNSAFE("d"));
	expect("a", "");
	assert_int_equal(compile_for(8192), 0);
	assert_int_equal(compiles, 2);
	assert_string_equal(diag.prog->name, "c");
	assert_string_equal(programs(), "a c d ");
}

/* Maps of the old kind, sections with the mark that keeps libbpf from loading what is in them. */
static void they_come_along_from_everywhere(void **state)
{
	(void)state;
	compile_bpf(HEAD "struct { unsigned int type, key_size, value_size, max_entries, flags; } m SEC(\"maps\") = { BPF_MAP_TYPE_PROG_ARRAY, 4, 4, 2 };\n"
		    FUNCTION("?xdp", "a", CALL("m", "0") "return 1;") FUNCTION("?xdp", "b", "return 2;") FUNCTION("2/1", "c", "return 3;"));
	expect("a", "");
	assert_string_equal(programs(), "a b c ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_programs_come_along), cmocka_unit_test(they_share_the_maps), cmocka_unit_test(slots_hold_what_is_declared),
		cmocka_unit_test(what_is_no_program_of_the_object), cmocka_unit_test(one_of_them_is_refused),
		cmocka_unit_test(what_no_slot_declares_is_left_out), cmocka_unit_test(what_finds_no_room_is_left_out),
		cmocka_unit_test(others_make_room_for_what_is_declared),
		cmocka_unit_test(what_is_not_safe_is_left_out), cmocka_unit_test(many_are_left_out_by_one_compile),
		cmocka_unit_test(the_one_that_is_declared_stays), cmocka_unit_test(they_come_along_from_everywhere),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
