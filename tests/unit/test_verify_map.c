// SPDX-License-Identifier: Apache-2.0
/* Definitions of maps: what is taken, and the sentence for what is not. tests/agree asks the kernel about programs with all of them. */
#include "verifier.h"

enum { BIG = 1 << 30 };

static const struct prog_map good[] = {
	{ .type = MAP_TYPE_ARRAY, .key_size = 4, .value_size = 16, .max_entries = 8, .flags = MAP_MMAPABLE | MAP_RDONLY_PROG },
	{ .type = MAP_TYPE_PERCPU_ARRAY, .key_size = 4, .value_size = 32768, .max_entries = 8 },
	{ .type = MAP_TYPE_HASH, .key_size = 64, .value_size = 3, .max_entries = 1, .flags = MAP_NO_PREALLOC | MAP_NUMA_NODE | MAP_ZERO_SEED },
	{ .type = MAP_TYPE_LRU_HASH, .key_size = 1, .value_size = 1, .max_entries = 1, .flags = MAP_NO_COMMON_LRU },
	{ .type = MAP_TYPE_LRU_PERCPU_HASH, .key_size = 1, .value_size = 1, .max_entries = 1 },
	{ .type = MAP_TYPE_LPM_TRIE, .key_size = 5, .value_size = 1, .max_entries = 1, .flags = MAP_NO_PREALLOC },
	{ .type = MAP_TYPE_LPM_TRIE, .key_size = 24, .value_size = 1, .max_entries = 1, .flags = MAP_NO_PREALLOC },
	{ .type = MAP_TYPE_PREFIXES, .key_size = 64, .value_size = 1, .max_entries = 1, .flags = MAP_NO_PREALLOC },
	{ .type = MAP_TYPE_QUEUE, .value_size = 1, .max_entries = 1 },
	{ .type = MAP_TYPE_BLOOM_FILTER, .value_size = 3, .max_entries = 9, .flags = MAP_ZERO_SEED, .extra = 15 },
	{ .type = MAP_TYPE_RINGBUF, .max_entries = 4096 },
	{ .type = MAP_TYPE_PERF_EVENT_ARRAY, .key_size = 4, .value_size = 4, .flags = MAP_PRESERVE_ELEMS },
	{ .type = MAP_TYPE_DEVMAP, .key_size = 4, .value_size = 8, .max_entries = 1 },
	{ .type = MAP_TYPE_DEVMAP_HASH, .key_size = 4, .value_size = 4, .max_entries = 1 },
	{ .type = MAP_TYPE_CPUMAP, .key_size = 4, .value_size = 8, .max_entries = 1 },
	{ .type = MAP_TYPE_XSKMAP, .key_size = 4, .value_size = 4, .max_entries = 1 },
	{ .type = MAP_TYPE_PROG_ARRAY, .key_size = 4, .value_size = 4, .max_entries = 1 },
};

static const struct {
	const char *sentence;
	struct prog_map map;
} bad[] = {
	{ "map m is of type STACK_TRACE, which the NIC does not have", { .type = 7, .key_size = 4, .value_size = 8, .max_entries = 1 } },
	{ "map m of type BLOOM_FILTER has 16 as map_extra, and Linux takes 0 to 15", { .type = MAP_TYPE_BLOOM_FILTER, .value_size = 4, .max_entries = 1, .extra = 16 } },
	{ "map m is of type 61, which the NIC does not have", { .type = 61, .value_size = 4, .max_entries = 1 } },
	{ "map m has both flags BPF_F_RDONLY_PROG and BPF_F_WRONLY_PROG",
	  { .type = MAP_TYPE_HASH, .key_size = 4, .value_size = 4, .max_entries = 1, .flags = MAP_RDONLY_PROG | MAP_WRONLY_PROG } },
	{ "map m of type PERCPU_ARRAY has the flag BPF_F_NUMA_NODE, which such maps can't have",
	  { .type = MAP_TYPE_PERCPU_ARRAY, .key_size = 4, .value_size = 4, .max_entries = 1, .flags = MAP_NUMA_NODE } },
	{ "map m has the flag 0x2000, which the NIC can't honour", { .type = MAP_TYPE_HASH, .key_size = 4, .value_size = 4, .max_entries = 1, .flags = 0x2000 } },
	{ "the key of array map m has 8 bytes, and an array index has 4", { .type = MAP_TYPE_ARRAY, .key_size = 8, .value_size = 4, .max_entries = 1 } },
	{ "ring buffer m has a key or value of 8 bytes, and has neither", { .type = MAP_TYPE_RINGBUF, .key_size = 4, .value_size = 4, .max_entries = 4096 } },
	{ "ring buffer m has 0 bytes", { .type = MAP_TYPE_RINGBUF } },
	{ "ring buffer m has 1073741824 bytes", { .type = MAP_TYPE_RINGBUF, .max_entries = BIG } },
	{ "key and value of perf event array m have 4 and 8 bytes, and both must have 4", { .type = MAP_TYPE_PERF_EVENT_ARRAY, .key_size = 4, .value_size = 8 } },
	{ "map m of type LPM_TRIE does not have the flag BPF_F_NO_PREALLOC, and Linux wants it",
	  { .type = MAP_TYPE_LPM_TRIE, .key_size = 8, .value_size = 4, .max_entries = 1 } },
	{ "the key of map m has 4 bytes, and the NIC takes 5 to 24 for an LPM_TRIE, prefix length included",
	  { .type = MAP_TYPE_LPM_TRIE, .key_size = 4, .value_size = 4, .max_entries = 1, .flags = MAP_NO_PREALLOC } },
	{ "the key of map m has 25 bytes, and the NIC takes 5 to 24 for an LPM_TRIE, prefix length included",
	  { .type = MAP_TYPE_LPM_TRIE, .key_size = 25, .value_size = 4, .max_entries = 1, .flags = MAP_NO_PREALLOC } },
	{ "map m of type STACK has keys of 4 bytes, and such maps have none", { .type = MAP_TYPE_STACK, .key_size = 4, .value_size = 4, .max_entries = 1 } },
	{ "the key of map m has 0 bytes, and the NIC takes 1 to 64", { .type = MAP_TYPE_HASH, .value_size = 4, .max_entries = 1 } },
	{ "the key of map m has 65 bytes, and the NIC takes 1 to 64", { .type = MAP_TYPE_HASH, .key_size = 65, .value_size = 4, .max_entries = 1 } },
	{ "the value of map m has 0 bytes, and the NIC takes 1 to 536870912", { .type = MAP_TYPE_HASH, .key_size = 4, .max_entries = 1 } },
	{ "the value of map m has 1073741824 bytes, and the NIC takes 1 to 536870912",
	  { .type = MAP_TYPE_HASH, .key_size = 4, .value_size = BIG, .max_entries = 1 } },
	{ "the value of per-CPU map m has 32769 bytes, and Linux takes 1 to 32768",
	  { .type = MAP_TYPE_PERCPU_HASH, .key_size = 4, .value_size = 32769, .max_entries = 1 } },
	{ "the value of map m of type DEVMAP has 5 bytes, and such maps have 4 or 8", { .type = MAP_TYPE_DEVMAP, .key_size = 4, .value_size = 5, .max_entries = 1 } },
	{ "the value of map m of type XSKMAP has 8 bytes, and such maps have 4", { .type = MAP_TYPE_XSKMAP, .key_size = 4, .value_size = 8, .max_entries = 1 } },
	{ "the key of map m has 8 bytes, and such maps have 4", { .type = MAP_TYPE_DEVMAP_HASH, .key_size = 8, .value_size = 4, .max_entries = 1 } },
	{ "the value of map m of type HASH_OF_MAPS has 8 bytes, and such maps have 4",
	  { .type = MAP_TYPE_HASH_OF_MAPS, .key_size = 4, .value_size = 8, .max_entries = 1, .inner = 2 } },
	{ "what maps map m holds is not declared", { .type = MAP_TYPE_HASH_OF_MAPS, .key_size = 4, .value_size = 4, .max_entries = 1 } },
	{ "map m has no entries", { .type = MAP_TYPE_ARRAY, .key_size = 4, .value_size = 4 } },
	{ "map m has 8 bytes of initial data and values of 4 bytes",
	  { .type = MAP_TYPE_ARRAY, .key_size = 4, .value_size = 4, .max_entries = 1, .init = (const uint8_t *)"12345678", .init_size = 8 } },
	{ "map m has 4 bytes of initial data and values of 4 bytes",
	  { .type = MAP_TYPE_HASH, .key_size = 4, .value_size = 4, .max_entries = 1, .init = (const uint8_t *)"1234", .init_size = 4 } },
};

/* Of the instructions the second names the map: a refusal is said there. */
static void ask(const struct prog_map *m, uint32_t n, const char *sentence)
{
	const struct ebpf_insn insns[] = { MOV(0, 2), MAP(1, 0), EXIT };

	expect(insns, sizeof(insns) / sizeof(*insns), m, n, 1, sentence);
}

static void what_the_nic_holds(void **state)
{
	(void)state;
	for (size_t n = 0; n < sizeof(good) / sizeof(*good); n++) {
		struct prog_map m = good[n];

		m.name = "m";
		ask(&m, 1, "");
	}
}

static void what_it_does_not(void **state)
{
	(void)state;
	for (size_t n = 0; n < sizeof(bad) / sizeof(*bad); n++) {
		struct prog_map m[2] = { bad[n].map, { .name = "i", .type = MAP_TYPE_HASH, .key_size = 4, .value_size = 4, .max_entries = 1 } };

		m[0].name = "m";
		ask(m, 2, bad[n].sentence);
	}
}

static void ask_outer(struct prog_map inner, const char *sentence)
{
	const struct prog_map m[2] = { { .name = "m", .type = MAP_TYPE_ARRAY_OF_MAPS, .key_size = 4, .value_size = 4, .max_entries = 1, .inner = 2 }, inner };

	ask(m, 2, sentence);
}

static void what_maps_may_hold(void **state)
{
	struct prog_map inner = { .name = "i", .type = MAP_TYPE_LRU_HASH, .key_size = 4, .value_size = 4, .max_entries = 1 };

	(void)state;
	ask_outer(inner, "");
	inner.flags = MAP_MMAPABLE;
	ask_outer(inner, "map i of type LRU_HASH has the flag BPF_F_MMAPABLE, which such maps can't have");
	inner = (struct prog_map){ .name = "i", .type = MAP_TYPE_QUEUE, .value_size = 4, .max_entries = 1 };
	ask_outer(inner, "map m holds maps of type QUEUE, which the NIC does not have in maps");
	inner.type = 61;
	ask_outer(inner, "map m holds maps of type ?, which the NIC does not have in maps");
	inner = (struct prog_map){ .name = "i", .type = MAP_TYPE_ARRAY, .key_size = 2, .value_size = 4, .max_entries = 1 };
	ask_outer(inner, "the key of array map i has 2 bytes, and an array index has 4");
}

static void no_more_than_it_has_room_for(void **state)
{
	struct prog_map m[17];

	(void)state;
	for (int n = 0; n < 17; n++)
		m[n] = (struct prog_map){ .name = "m", .type = MAP_TYPE_ARRAY, .key_size = 4, .value_size = 4, .max_entries = 1 };
	ask(m, 16, "");
	expect((const struct ebpf_insn[]){ MOV(0, 2), EXIT }, 2, m, 17, -1, "the program uses 17 maps, and the NIC has room for 16");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_the_nic_holds), cmocka_unit_test(what_it_does_not), cmocka_unit_test(what_maps_may_hold),
		cmocka_unit_test(no_more_than_it_has_room_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
