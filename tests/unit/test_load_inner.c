// SPDX-License-Identifier: Apache-2.0
/* Maps of maps: the template, the maps that a declaration puts into them, and the spare ones of those that begin empty. */
#include "objects.h"

#define INNER "struct inner { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 4); __type(key, __u32); __type(value, __u64); }"
#define OUTER(type, name, n, ...) \
	"struct { __uint(type, BPF_MAP_TYPE_" type "_OF_MAPS); __uint(max_entries, " #n "); __type(key, __u32); __array(values, struct inner); } " name \
	" SEC(\".maps\") " __VA_ARGS__ ";\n"
#define LOOKUP(map) "{ __u32 k = 0; void *in = bpf_map_lookup_elem(&" map ", &k); if (in) n += !bpf_map_lookup_elem(in, &k); }"
#define PROGRAM(body) FUNCTION("xdp", "a", "int n = 0;" body "return n;")

static const struct prog_map *map_at(uint32_t number)
{
	return &loaded.prog.maps[number - 1];
}

static void maps_that_are_declared(void **state)
{
	const uint32_t *slots;

	(void)state;
	compile_bpf(HEAD INNER " one SEC(\".maps\"), two SEC(\".maps\"), other SEC(\".maps\");"
		    OUTER("ARRAY", "outer", 3, "= { .values = { [0] = (void *)&two, [2] = (void *)&one } }") PROGRAM(LOOKUP("outer")));
	expect(NULL, "");
	slots = loaded.prog.slots[find_map("outer") - loaded.prog.maps];
	assert_string_equal(map_at(slots[0])->name, "two");
	assert_int_equal(slots[1], 0);
	assert_string_equal(map_at(slots[2])->name, "one");
	assert_int_equal(loaded.prog.n_maps, 3); /* no program refers to `other` */
	assert_int_equal(find_map("outer")->model, slots[0]);
}

/* The template stands behind the maps, and is like what they hold. */
static void the_template(void **state)
{
	const struct prog_map *outer, *template;

	(void)state;
	compile_bpf(HEAD INNER " one SEC(\".maps\");" OUTER("HASH", "outer", 2, "= { .values = { [1] = (void *)&one } }") PROGRAM(LOOKUP("outer")));
	expect(NULL, "");
	assert_int_equal(loaded.prog.n_templates, 1);
	outer = find_map("outer");
	assert_int_equal(outer->inner, loaded.prog.n_maps + 1);
	template = map_at(outer->inner);
	assert_int_equal(template->type, MAP_TYPE_ARRAY);
	assert_int_equal(template->value_size, 8);
	assert_int_equal(template->max_entries, 4);
}

static void spare_maps(void **state)
{
	(void)state;
	compile_bpf(HEAD INNER ";" OUTER("ARRAY", "few", 2) OUTER("HASH", "many", 100) PROGRAM(LOOKUP("few") LOOKUP("many")));
	expect(NULL, "");
	assert_int_equal(loaded.prog.n_maps, 2 + 2 + 4); /* as many as fit into it, at most 4 */
	assert_int_equal(loaded.prog.n_templates, 2);
	assert_int_equal(find_map("many.3")->value_size, 8);
	assert_int_equal(find_map("many.3")->max_entries, 4);
	assert_null(loaded.prog.slots[find_map("many") - loaded.prog.maps]);
	assert_string_equal(map_at(find_map("many")->model)->name, "many.3");
}

static void too_many_of_them(void **state)
{
	static char text[16384];
	char one[256];

	(void)state;
	strcpy(text, HEAD INNER ";");
	for (int n = 0; n < 65; n++) {
		snprintf(one, sizeof(one), "struct { __uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS); __uint(max_entries, 1); __type(key, __u32);"
			 " __array(values, struct inner); } m%d SEC(\".maps\");\n", n);
		strcat(text, one);
	}
	strcat(text, "SEC(\"xdp\") int a(struct xdp_md *ctx) { __u32 k = 0;");
	for (int n = 0; n < 65; n++) {
		snprintf(one, sizeof(one), "if (bpf_map_lookup_elem(&m%d, &k)) return 2;\n", n);
		strcat(text, one);
	}
	strcat(text, "return 1; }");
	compile_bpf(text);
	expect_refusal(NULL, "the object has more than 64 maps of maps");
}

static void what_is_no_map(void **state)
{
	(void)state;
	compile_bpf(HEAD INNER " one SEC(\".maps\"); int number = 1;"
		    OUTER("ARRAY", "outer", 2, "= { .values = { [1] = (void *)&number } }") PROGRAM(LOOKUP("outer")));
	expect_part(NULL, "the object can't be read: .maps relo #0: 'number' isn't a BTF-defined map"); /* libbpf's words */
}

#define TRIE(name, bytes) \
	"struct " name " { __uint(type, BPF_MAP_TYPE_LPM_TRIE); __uint(map_flags, BPF_F_NO_PREALLOC); __uint(max_entries, 4);" \
	" __uint(key_size, " #bytes "); __type(value, __u64); }"
#define TRIES(outer, inner) \
	"struct { __uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS); __uint(max_entries, 2); __type(key, __u32); __array(values, struct " inner "); } " outer " SEC(\".maps\");\n"
#define ONE_CHANGED HEAD TRIE("four", 8) " plain SEC(\".maps\");" TRIE("sixteen", 20) " wide SEC(\".maps\");" TRIES("tries", "four") TRIES("others", "sixteen")
#define USE "__u64 k[4] = {}; __u32 at = ctx->rx_queue_index; n += bpf_map_lookup_elem(&plain, k) && bpf_map_lookup_elem(&wide, k); void *in = bpf_map_lookup_elem(&others, &at);"

static void expect_types(uint32_t four, uint32_t sixteen)
{
	expect(NULL, "");
	assert_int_equal(find_map("plain")->type, four);
	assert_int_equal(find_map("tries.0")->type, four);
	assert_int_equal(map_at(find_map("tries")->inner)->type, four);
	assert_int_equal(find_map("wide")->type, sixteen);
	assert_int_equal(find_map("others.1")->type, sixteen);
	assert_int_equal(map_at(find_map("others")->inner)->type, sixteen);
}

/* With those that the host may put in their places; the trie's own form is left to all others. */
static void tries_that_programs_change(void **state)
{
	(void)state;
	compile_bpf(ONE_CHANGED PROGRAM(USE "n += in != 0; in = bpf_map_lookup_elem(&tries, &at); if (in) n += bpf_map_lookup_elem(in, k) != 0;"));
	expect_types(MAP_TYPE_LPM_TRIE, MAP_TYPE_LPM_TRIE);
	compile_bpf(ONE_CHANGED PROGRAM(USE "n += in != 0; in = bpf_map_lookup_elem(&tries, &at); if (in) { if (at) k[0] = 8; n += bpf_map_delete_elem(in, k); }"));
	expect_types(MAP_TYPE_PREFIXES, MAP_TYPE_LPM_TRIE);
	compile_bpf(ONE_CHANGED PROGRAM(USE "if (!in) in = bpf_map_lookup_elem(&tries, &at); if (in) n += bpf_map_delete_elem(in, k);"));
	expect_types(MAP_TYPE_PREFIXES, MAP_TYPE_PREFIXES);
	compile_bpf(ONE_CHANGED PROGRAM(USE "n += in != 0; in = bpf_map_lookup_elem(&tries, &at); n += bpf_map_update_elem(&wide, k, k, 0) + (in != 0);"));
	expect_types(MAP_TYPE_LPM_TRIE, MAP_TYPE_PREFIXES);
}

/* A function may be given any map. */
static void tries_that_functions_change(void **state)
{
	(void)state;
	compile_bpf(ONE_CHANGED
		    "static __noinline int change(void *map, __u64 *k) { return bpf_map_delete_elem(map, k); }\n"
		    PROGRAM(USE "n += in != 0; in = bpf_map_lookup_elem(&tries, &at); if (in) n += change(in, k);"));
	expect_types(MAP_TYPE_PREFIXES, MAP_TYPE_PREFIXES);
	/* its first instruction is a loop's, too */
	compile_bpf(ONE_CHANGED
		    "static __noinline int change(void *map, __u64 *k, volatile __u64 *at, __u64 n) { do *at = n -= 3; while (n > 99); return bpf_map_delete_elem(map, k); }\n"
		    PROGRAM(USE "n += in != 0; in = bpf_map_lookup_elem(&tries, &at); if (in) n += change(in, k, k + 3, at); n += change(&wide, k, k + 3, 5);"));
	expect_types(MAP_TYPE_PREFIXES, MAP_TYPE_PREFIXES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(maps_that_are_declared), cmocka_unit_test(the_template), cmocka_unit_test(spare_maps),
		cmocka_unit_test(too_many_of_them), cmocka_unit_test(what_is_no_map), cmocka_unit_test(tries_that_programs_change),
		cmocka_unit_test(tries_that_functions_change),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
