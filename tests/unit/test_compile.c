// SPDX-License-Identifier: Apache-2.0
/* The library's interface: images that the loader's gate takes, the same bytes each time, and a sentence whenever there is no image.
 * Also of assemble.c, dump.c, verify_dump.c. */
#include "assemble.h"
#include "driver/common/image.h"
#include <stdio.h>
#include "jit.h"

static void *memory(const struct prog *p, size_t *size)
{
	void *mem;

	*size = nicjit_mem_size(p->n_insns, p->n_maps);
	mem = malloc(*size);
	assert_non_null(mem);
	return mem;
}

static void images_pass_the_gate(void **state)
{
	static struct jit j;

	(void)state;
	for (uint32_t seed = 1; seed <= JIT_PROGRAMS; seed++) {
		struct image_buf out;
		struct image image;
		struct diag d = { 0 };
		size_t size;
		void *mem;

		jit_program(&j, seed, 1 + seed % 40);
		j.target.lanes = 1 + seed % 4;
		j.target.regs = 4 + seed % 12;
		mem = memory(&j.prog, &size);
		if (nicjit_compile(&j.prog, &j.target, mem, size, NULL, &out, &d))
			fail_msg("seed %u: %s", seed, d.text);
		assert_null(image_parse(out.bytes, out.size, &image));
		assert_int_equal(image.header->n_bundles, out.bundles);
		assert_int_equal(image.header->lanes, j.target.lanes);
		assert_true(image.header->regs <= j.target.regs);
		assert_string_equal(image_string(&image, image.header->name), "random");
		free(mem);
	}
}

static void same_program_same_bytes(void **state)
{
	static struct jit j;
	struct image_buf a, b;
	struct diag d = { 0 };
	size_t size;
	void *mem, *other;

	(void)state;
	jit_program(&j, 77, 40);
	mem = memory(&j.prog, &size);
	other = memory(&j.prog, &size);
	memset(other, 0xa5, size);
	assert_int_equal(nicjit_compile(&j.prog, &j.target, mem, size, NULL, &a, &d), 0);
	assert_int_equal(nicjit_compile(&j.prog, &j.target, other, size, NULL, &b, &d), 0);
	assert_int_equal(a.size, b.size);
	assert_memory_equal(a.bytes, b.bytes, a.size);
	free(mem);
	free(other);
}

/* Memory runs out at every place it can. */
static void too_little_memory_is_said(void **state)
{
	static struct jit j;
	struct image_buf out;
	struct diag d = { 0 };
	size_t size, step;
	void *mem;
	int refused = 0, result = -1;

	(void)state;
	jit_program(&j, 5, 12);
	mem = memory(&j.prog, &size);
	for (size_t n = 0; result && n < size; n += step) {
		step = n < 4096 ? 64 : 1 + n / 300;
		result = nicjit_compile(&j.prog, &j.target, mem, n, NULL, &out, &d);
		if (!result)
			break;
		assert_int_equal(strncmp(d.text, "out of memory", 13), 0);
		refused++;
	}
	assert_int_equal(result, 0);
	assert_true(refused > 100);
	free(mem);
}

static void refused(struct target t, const char *text)
{
	static struct jit j;
	struct image_buf out;
	struct diag d = { 0 };
	size_t size;
	void *mem;

	jit_program(&j, 9, 40);
	j.prog.n_maps = 2;
	mem = memory(&j.prog, &size);
	assert_int_equal(nicjit_compile(&j.prog, &t, mem, size, NULL, &out, &d), -1);
	if (!strstr(d.text, text))
		fail_msg("%s", d.text);
	assert_string_not_equal(d.note, "");
	free(mem);
}

static void what_the_nic_lacks_is_said(void **state)
{
	struct target t = target_default;

	(void)state;
	t.bundles = 10;
	refused(t, "bundles, and the NIC has room for 10");
	t = target_default;
	t.map_words = 20;
	t.ext_words = 0;
	refused(t, "does not fit: the maps need");
	t = target_default;
	t.lanes = t.regs = 1;
	refused(t, "more than the NIC's 1 registers per bank");
}

/* With one bundle less than the least that it compiles to, a program is refused with that number, whichever try it was. */
static void the_fewest_bundles_are_told(void **state)
{
	struct target t = target_default;
	static struct jit j;
	struct image_buf out;
	struct diag d = { 0 };
	char least[64];
	size_t size;
	void *mem;

	(void)state;
	for (uint32_t seed = 1; seed < 40; seed++) {
		jit_program(&j, seed, 40);
		j.prog.n_maps = 2;
		mem = memory(&j.prog, &size);
		least[0] = 0;
		for (t.bundles = target_default.bundles; !nicjit_compile(&j.prog, &t, mem, size, NULL, &out, &d); t.bundles = out.bundles - 1)
			snprintf(least, sizeof(least), "the program takes %u bundles, and the NIC has room for %u", out.bundles, out.bundles - 1);
		if (least[0])
			assert_string_equal(d.text, least);
		free(mem);
	}
}

/* Neither is used by the program: the larger one goes outside first; image_parse() checks their places. */
static void what_has_no_room_goes_outside(void **state)
{
	static const struct { uint32_t words; int small, large; } rows[] = { { 1 << 16, 0, 0 }, { 60, 0, 1 }, { 8, 1, 1 } };
	static const struct prog_map maps[] = {
		{ .name = "small", .type = MAP_TYPE_ARRAY, .key_size = 4, .value_size = 8, .max_entries = 20 },
		{ .name = "large", .type = MAP_TYPE_HASH, .key_size = 4, .value_size = 8, .max_entries = 100 },
	};
	static struct jit j;
	struct image_buf out;
	struct image image;
	struct diag d = { 0 };
	size_t size;
	void *mem;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		jit_program(&j, 9, 40);
		j.prog.maps = maps;
		j.prog.n_maps = 2;
		j.target.map_words = rows[i].words;
		j.target.ext_words = 1 << 17;
		mem = memory(&j.prog, &size);
		if (nicjit_compile(&j.prog, &j.target, mem, size, NULL, &out, &d))
			fail_msg("%s", d.text);
		assert_null(image_parse(out.bytes, out.size, &image));
		assert_int_equal(image.maps[0].values >= IMAGE_EXT, rows[i].small);
		assert_int_equal(image.maps[1].values >= IMAGE_EXT, rows[i].large);
		assert_int_equal(image.maps[1].buckets >= IMAGE_EXT, rows[i].large);
		assert_int_equal(image.header->ext_words != 0, rows[i].large);
		free(mem);
	}
	j.target.ext_words = 10;
	refused(j.target, "the maps outside the chip need");
}

struct text { char bytes[1 << 16]; size_t n; };

static void collect(void *arg, const char *text, size_t n)
{
	struct text *t = arg;

	assert_true(t->n + n < sizeof(t->bytes));
	memcpy(t->bytes + t->n, text, n);
	t->n += n;
	t->bytes[t->n] = 0;
}

static void every_stage_has_a_text(void **state)
{
	static struct jit j;
	static struct text text;

	(void)state;
	jit_program(&j, 3, 10);
	for (const char *const *stage = nicjit_stages(); *stage; stage++) {
		struct dump dump = { collect, &text, *stage };
		struct image_buf out;
		struct diag d = { 0 };
		size_t size;
		void *mem = memory(&j.prog, &size);

		text.n = 0;
		assert_int_equal(nicjit_compile(&j.prog, &j.target, mem, size, &dump, &out, &d), 0);
		assert_true(text.n > 100);
		free(mem);
	}
}

static void same_maps(const struct image *before, const struct image *after)
{
	assert_int_equal(before->header->n_maps, after->header->n_maps);
	assert_int_equal(before->header->map_words, after->header->map_words);
	assert_int_equal(before->header->ext_words, after->header->ext_words);
	assert_int_equal(before->data_size, after->data_size);
	assert_memory_equal(before->data, after->data, before->data_size);
	for (uint32_t n = 0; n < before->header->n_maps; n++) {
		struct image_map x = before->maps[n], y = after->maps[n];

		assert_string_equal(image_string(before, x.name), image_string(after, y.name));
		x.name = y.name = 0;
		assert_memory_equal(&x, &y, sizeof(x));
	}
}

static void same_code(const struct image *before, const struct image *after)
{
	assert_int_equal(before->header->n_bundles, after->header->n_bundles);
	assert_memory_equal(before->text, after->text, 8ULL * before->header->n_bundles * before->header->lanes);
}

static void reads_back(const struct image_buf *from)
{
	static struct text text;
	struct image before, after;
	struct image_buf to;
	struct asm_error e;
	void *mem;

	assert_null(image_parse(from->bytes, from->size, &before));
	text.n = 0;
	assemble_print(&before, collect, &text);
	mem = malloc(assemble_mem_size(text.n));
	if (assemble_image(text.bytes, mem, assemble_mem_size(text.n), &to, &e))
		fail_msg("line %d: %s", e.line, e.text);
	assert_null(image_parse(to.bytes, to.size, &after));
	same_code(&before, &after);
	same_maps(&before, &after);
	free(mem);
}

/* Image to text to image: code and maps stay. */
static void text_of_an_image_assembles_to_it(void **state)
{
	static const uint8_t init[16] = { 1, 2, 3, 0xff };
	static struct jit j;
	struct prog_map maps[2] = { jit_maps[0], jit_maps[1] };

	(void)state;
	maps[ARRAY].init = init;
	maps[ARRAY].init_size = sizeof(init);
	for (uint32_t seed = 1; seed < 40; seed++) {
		struct image_buf out;
		struct diag d = { 0 };
		size_t size;
		void *mem;

		jit_program(&j, seed, 10);
		j.prog.maps = maps;
		j.target.lanes = 1 + seed % 4;
		mem = memory(&j.prog, &size);
		assert_int_equal(nicjit_compile(&j.prog, &j.target, mem, size, NULL, &out, &d), 0);
		reads_back(&out);
		free(mem);
	}
}

/* The second program of the image refers to a map that there is not. */
static void maps_of_all_programs_are_looked_at(void **state)
{
	static const struct ebpf_insn drops[] = { { EC_ALU64 | EBPF_MOV, 0, 0, 1 }, { EC_JMP | EBPF_EXIT, 0, 0, 0 } };
	static const struct ebpf_insn refers[] = { { EBPF_LDDW, EBPF_PSEUDO_MAP << 4 | 1, 0, INT32_MAX }, { 0 }, { EC_ALU64 | EBPF_MOV, 0, 0, 1 }, { EC_JMP | EBPF_EXIT, 0, 0, 0 } };
	struct prog second = { .name = "second", .section = "xdp", .insns = refers, .n_insns = 4, .maps = jit_maps, .n_maps = 2, .declared = 1 };
	struct prog first = { .name = "first", .section = "xdp", .insns = drops, .n_insns = 2, .maps = jit_maps, .n_maps = 2, .next = &second };
	struct image_buf out;
	struct diag d = { 0 };
	size_t size;
	void *mem = memory(&first, &size);

	(void)state;
	assert_int_equal(nicjit_compile(&first, &target_default, mem, size, NULL, &out, &d), -1);
	assert_string_equal(d.text, "the instruction refers to map 2147483647 of 2");
	assert_ptr_equal(d.prog, &second);
	free(mem);
}

/* Every type of map, wherever it lies and however many threads there are. */
static void maps_in_text_stay_where_they_are(void **state)
{
	static const struct prog_map maps[] = {
		[ARRAY] = { .name = "array", .type = MAP_TYPE_ARRAY, .key_size = 4, .value_size = 16, .max_entries = 8 },
		[HASH] = { .name = "hash", .type = MAP_TYPE_HASH, .key_size = 4, .value_size = 8, .max_entries = 64 },
		{ .name = "locked", .type = MAP_TYPE_ARRAY, .key_size = 4, .value_size = 16, .max_entries = 1, .lock = 5 },
		{ .name = "percpu_array", .type = MAP_TYPE_PERCPU_ARRAY, .key_size = 4, .value_size = 8, .max_entries = 3 },
		{ .name = "percpu_hash", .type = MAP_TYPE_PERCPU_HASH, .key_size = 4, .value_size = 8, .max_entries = 3 },
		{ .name = "lru_hash", .type = MAP_TYPE_LRU_HASH, .key_size = 4, .value_size = 8, .max_entries = 3 },
		{ .name = "lru_percpu_hash", .type = MAP_TYPE_LRU_PERCPU_HASH, .key_size = 4, .value_size = 8, .max_entries = 3 },
		{ .name = "lpm_trie", .type = MAP_TYPE_LPM_TRIE, .key_size = 8, .value_size = 8, .max_entries = 5, .flags = MAP_NO_PREALLOC },
		{ .name = "prefixes", .type = MAP_TYPE_PREFIXES, .key_size = 20, .value_size = 8, .max_entries = 5, .flags = MAP_NO_PREALLOC },
		{ .name = "queue", .type = MAP_TYPE_QUEUE, .value_size = 4, .max_entries = 2 },
		{ .name = "stack", .type = MAP_TYPE_STACK, .value_size = 4, .max_entries = 2 },
		{ .name = "filter", .type = MAP_TYPE_BLOOM_FILTER, .value_size = 4, .max_entries = 200, .extra = 3 },
		{ .name = "ring", .type = MAP_TYPE_RINGBUF, .max_entries = 4096 },
		{ .name = "events", .type = MAP_TYPE_PERF_EVENT_ARRAY, .key_size = 4, .value_size = 4 },
		{ .name = "progs", .type = MAP_TYPE_PROG_ARRAY, .key_size = 4, .value_size = 4, .max_entries = 2 },
		{ .name = "devmap", .type = MAP_TYPE_DEVMAP, .key_size = 4, .value_size = 4, .max_entries = 2 },
		{ .name = "devmap_hash", .type = MAP_TYPE_DEVMAP_HASH, .key_size = 4, .value_size = 8, .max_entries = 2 },
		{ .name = "cpumap", .type = MAP_TYPE_CPUMAP, .key_size = 4, .value_size = 4, .max_entries = 2 },
		{ .name = "xskmap", .type = MAP_TYPE_XSKMAP, .key_size = 4, .value_size = 4, .max_entries = 2 },
		{ .name = "array_of_maps", .type = MAP_TYPE_ARRAY_OF_MAPS, .key_size = 4, .value_size = 4, .max_entries = 2, .inner = HASH + 1, .model = HASH + 1 },
		{ .name = "hash_of_maps", .type = MAP_TYPE_HASH_OF_MAPS, .key_size = 4, .value_size = 4, .max_entries = 2, .inner = HASH + 1, .model = HASH + 1 },
	};
	static struct jit j;

	(void)state;
	for (uint32_t cpus = 1; cpus <= 64; cpus *= 8)
		for (uint32_t map_words = 32; map_words <= 131072; map_words *= 16) {
			struct image_buf out;
			struct diag d = { 0 };
			size_t size;
			void *mem;

			jit_program(&j, 1 + cpus, 10);
			j.prog.maps = maps;
			j.prog.n_maps = sizeof(maps) / sizeof(*maps);
			j.target = target_default;
			j.target.cpus = cpus;
			j.target.map_words = map_words;
			mem = memory(&j.prog, &size);
			if (nicjit_compile(&j.prog, &j.target, mem, size, NULL, &out, &d))
				fail_msg("%s", d.text);
			assert_int_equal(out.ext_words > 0, map_words < 32768); /* some lie outside, or none */
			reads_back(&out);
			free(mem);
		}
}

static void assemble_wrong(const char *source, int line, const char *says)
{
	char text[256];
	struct image_buf out;
	struct asm_error e;
	static uint64_t mem[(2 << 20) / 8];

	strcpy(text, source);
	assert_int_equal(assemble_image(text, mem, sizeof(mem), &out, &e), -1);
	assert_int_equal(e.line, line);
	if (!strstr(e.text, says))
		fail_msg("%s", e.text);
}

static void wrong_text_is_said(void **state)
{
	(void)state;
	assemble_wrong("\n.lane 3\n{ exit 1 }\n", 2, "there is no directive .lane");
	assemble_wrong(".lanes 9\n{ exit 1 }\n", 1, "must be a number up to 4");
	assemble_wrong(".lanes 0\n{ exit 1 }\n", 1, "must be 1 to 4");
	assemble_wrong(".lanes 3 4\n{ exit 1 }\n", 1, "4 is too much");
	assemble_wrong(".map m tree 4 8 1 0\n{ exit 1 }\n", 1, "tree is no type of map");
	assemble_wrong(".map m array 4 0 1 0\n{ exit 1 }\n", 1, "at least 1");
	assemble_wrong(".data 00\n{ exit 1 }\n", 1, "no array map above");
	assemble_wrong(".map m array 4 1 1 0\n.data 0001\n{ exit 1 }\n", 2, "more data than the 1 bytes");
	assemble_wrong(".map m array 4 1 1 0\n.data 0\n{ exit 1 }\n", 2, "pairs of hexadecimal digits");
	assemble_wrong(".place 0 0 8 16 8 0 0 1 0 0 0\n{ exit 1 }\n", 1, "no map above for the place");
	assemble_wrong(".map m array 4 8 1 0\n.place 0 0 8 16 8 0 0 1 0 0\n{ exit 1 }\n", 2, "inner is missing");
	assemble_wrong(".map m array 4 8 1 0\n.map n array 4 8 1 0\n.place 0 0 8 16 8 0 0 1 0 0 0\n{ exit 1 }\n", 3, "no map above for the place, or one without");
	assemble_wrong(".map m array 4 8 1 0\n.place 0 0 8 16 8 0 0 1 0 0 0\n.map n array 4 8 1 0\n{ exit 1 }\n", 0, "some maps have a place and others have none");
	assemble_wrong(".map m array 4 8 9 0\n.place 0 0 8 16 8 0 0 1 0 0 0\n{ exit 1 }\n", 0, "a map's place does not fit");
	assemble_wrong("; nothing\n", 0, "no bundle");
	assemble_wrong("{ exit 1 }\n{ jump @0 }\n", 2, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(images_pass_the_gate),
		cmocka_unit_test(same_program_same_bytes),
		cmocka_unit_test(too_little_memory_is_said),
		cmocka_unit_test(what_the_nic_lacks_is_said), cmocka_unit_test(the_fewest_bundles_are_told),
		cmocka_unit_test(what_has_no_room_goes_outside),
		cmocka_unit_test(every_stage_has_a_text),
		cmocka_unit_test(text_of_an_image_assembles_to_it),
		cmocka_unit_test(maps_of_all_programs_are_looked_at), cmocka_unit_test(maps_in_text_stay_where_they_are),
		cmocka_unit_test(wrong_text_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
