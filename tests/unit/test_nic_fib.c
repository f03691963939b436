// SPDX-License-Identifier: Apache-2.0
/* The host's routes in the NIC's tables: which route an address finds, what its hop says, and what does not fit.
 * tests/fib compares whole lookups with the kernel. */
#include "jit.h"
#include "nic.h"
#include "driver/common/nic_fib.h"
#include "driver/common/nic_lpm.h"

enum { LINKS, ROUTES4, ROUTES6, HOPS, TABLES, N_HOPS = 4, N_LINKS = 2, DIRECT = 1 };
enum { BLACKHOLE = 1, NO_NEIGHBOUR = 7 };

static struct prog_map tables[TABLES] = {
	[LINKS] = { .name = FIB_LINKS, .type = MAP_TYPE_HASH, .key_size = 4, .value_size = 8, .max_entries = N_LINKS },
	[ROUTES4] = { .name = FIB_ROUTES4, .type = MAP_TYPE_LPM_TRIE, .key_size = 12, .value_size = 8, .max_entries = 8, .flags = MAP_NO_PREALLOC },
	[ROUTES6] = { .name = FIB_ROUTES6, .type = MAP_TYPE_LPM_TRIE, .key_size = 24, .value_size = 8, .max_entries = 8, .flags = MAP_NO_PREALLOC },
	[HOPS] = { .name = FIB_HOPS, .type = MAP_TYPE_ARRAY, .key_size = 4, .value_size = FIB_HOP_BYTES, .max_entries = N_HOPS },
};

static struct jit j;
static struct nic nic;
static struct image image;

/* A program with the first tables of them, in the NIC. */
static void start(uint32_t n_tables)
{
	struct nic_refusal why;
	struct nic_place place;
	struct image_buf out;
	size_t size;

	memset(&j, 0, sizeof(j));
	jit_put(&j, EC_ALU64 | EBPF_MOV, 0, 0, 0, 2);
	jit_put(&j, EC_JMP | EBPF_EXIT, 0, 0, 0, 0);
	jit_finish(&j);
	j.prog.maps = tables;
	j.prog.n_maps = n_tables;
	size = 4 * nicjit_mem_size(j.n, TABLES);
	j.mem = malloc(size);
	if (nicjit_compile(&j.prog, &j.target, j.mem, size, NULL, &out, &j.diag))
		fail_msg("%s", j.diag.text);
	assert_null(image_parse(out.bytes, out.size, &image));
	nic_open(&nic);
	if (nic_load(&nic.regs, &image, &place, &why))
		fail_msg("%s", why.text);
}

static void stop(void)
{
	nic_close(&nic);
	free(j.mem);
}

static struct nic_map table(int n)
{
	return (struct nic_map){ .regs = &nic.regs, .layout = &image.maps[n], .index = (uint32_t)n, .image = &image };
}

/* A word of the hop that 10.b.c.d finds; 0 where it finds none. */
static uint64_t hop4(int b, int c, int d, int word)
{
	const uint8_t key[12] = { FIB_TABLE_BITS + 32, 0, 0, 0, 0, 0, 0, 0, 10, (uint8_t)b, (uint8_t)c, (uint8_t)d };
	struct nic_map map = table(ROUTES4);
	uint64_t pointer;

	if (nic_lpm_lookup(&map, key, &pointer))
		return 0;
	assert_int_equal(pointer >> 48, 3 << 12 | HOPS);
	return nic_maps_read_word(&nic.regs, (uint32_t)pointer + (uint32_t)word);
}

static const struct nic_fib_link links[] = {
	{ .ifindex = 3, .mtu = 1500, .mac = { 2, 0, 0, 0, 0, 3 }, .forwards4 = 1 },
	{ .ifindex = 4, .mtu = 9000, .mac = { 2, 0, 0, 0, 0, 4 }, .forwards4 = 1, .forwards6 = 1 },
	{ .ifindex = 5, .mtu = 1500 },
};
static const struct nic_fib_neighbour neighbours[] = {
	{ .ifindex = 3, .family = NIC_FIB_INET, .mac = { 2, 9, 9, 9, 9, 9 }, .addr = { 10, 1, 0, 9 } },
};

#define ROUTE(...) { .family = NIC_FIB_INET, .table = NIC_FIB_MAIN, __VA_ARGS__ }
#define TO(n, ...) .bits = (n), .to = { __VA_ARGS__ }

static const struct nic_fib_route routes[] = {
	ROUTE(TO(16, 10, 1), .ifindex = 3),
	ROUTE(TO(16, 10, 2), .ifindex = 3, .gateway_family = NIC_FIB_INET, .gateway = { 10, 1, 0, 9 }),
	ROUTE(TO(16, 10, 2), .ifindex = 4, .metric = 7),
	ROUTE(TO(24, 10, 2, 7), .type = NIC_FIB_BLACKHOLE),
	{ .family = NIC_FIB_INET, .table = 100, TO(16, 10, 3), .ifindex = 3 },
};

static struct nic_fib whole(void)
{
	return (struct nic_fib){ .links = links, .n_links = 2, .routes = routes, .n_routes = 5, .neighbours = neighbours, .n_neighbours = 1 };
}

static void routes_are_found(void **state)
{
	struct nic_fib fib = whole();
	struct nic_fib_refusal why = { 0 };

	(void)state;
	start(TABLES);
	assert_true(nic_fib_wanted(&image));
	if (nic_fib_fill(&nic.regs, &image, &fib, &why))
		fail_msg("%s", why.text);
	/* on the link: no neighbour is known but one */
	assert_int_equal(hop4(1, 5, 5, FIB_SLOW), 1500ULL << 32 | NO_NEIGHBOUR);
	assert_int_equal(hop4(1, 5, 5, FIB_QUICK), 0);
	assert_int_equal(hop4(1, 0, 9, FIB_SLOW), 1500ULL << 32);
	assert_int_equal(hop4(1, 0, 9, FIB_QUICK), 0x0900010aULL << 32 | 1501);
	assert_int_equal(hop4(1, 0, 9, FIB_MACS + 8), 0x090909090902ULL << 16 | 0x0300);
	/* by the gateway, which has the lower metric */
	assert_int_equal(hop4(2, 1, 1, FIB_OUT), 3);
	assert_int_equal(hop4(2, 1, 1, FIB_SLOW), 1500ULL << 32 | FIB_HAS_GATEWAY4 << 8);
	assert_int_equal(hop4(2, 1, 1, FIB_GATEWAY), 0x0900010a);
	/* the longer prefix */
	assert_int_equal(hop4(2, 7, 1, FIB_SLOW), BLACKHOLE);
	/* of a table that nobody asks for */
	assert_int_equal(hop4(3, 0, 1, FIB_OUT), 0);
	stop();
}

static void links_are_told(void **state)
{
	struct nic_fib fib = whole();
	struct nic_fib_refusal why = { 0 };
	struct nic_map map;
	uint64_t value;

	(void)state;
	start(TABLES);
	assert_int_equal(nic_fib_fill(&nic.regs, &image, &fib, &why), 0);
	map = table(LINKS);
	assert_int_equal(nic_maps_lookup(&map, &links[0].ifindex, &value), 0);
	assert_int_equal(value, 1500ULL << 32 | FIB_FORWARDS4);
	assert_int_equal(nic_maps_lookup(&map, &links[1].ifindex, &value), 0);
	assert_int_equal(value, 9000ULL << 32 | FIB_FORWARDS4 | FIB_FORWARDS6);
	stop();
}

static void only_links_are_asked_for(void **state)
{
	struct nic_fib fib = whole();
	struct nic_fib_refusal why = { .text = "left over" };

	(void)state;
	start(1);
	assert_true(nic_fib_wanted(&image));
	assert_int_equal(nic_fib_fill(&nic.regs, &image, &fib, &why), 0);
	stop();
	start(0);
	assert_false(nic_fib_wanted(&image));
	assert_int_equal(nic_fib_fill(&nic.regs, &image, &fib, &why), -1);
	assert_string_equal(why.text, "the program asks for no routes");
	stop();
}

static void refuse(struct nic_fib fib, const char *sentence, uint32_t need, uint32_t have)
{
	struct nic_fib_refusal why = { 0 };

	start(TABLES);
	assert_int_equal(nic_fib_fill(&nic.regs, &image, &fib, &why), -1);
	assert_string_equal(why.text, sentence);
	assert_int_equal(why.need, need);
	assert_int_equal(why.have, have);
	stop();
}

static void what_does_not_fit(void **state)
{
	struct nic_fib_route many[9];
	struct nic_fib fib = whole();

	(void)state;
	fib.n_links = 3;
	refuse(fib, "there are more interfaces than the image has room for", 3, N_LINKS);
	fib.n_links = 1;
	fib.routes = &routes[2];
	fib.n_routes = 1;
	refuse(fib, "a route goes over an interface that is not there; its index is", 4, 0);
	for (int n = 0; n < 9; n++)
		many[n] = (struct nic_fib_route)ROUTE(TO(24, 10, 4, (uint8_t)n), .ifindex = 3);
	fib.routes = many;
	fib.n_routes = 9;
	refuse(fib, "there are more routes and neighbours than the image has room for", 9, 8);
	for (int n = 0; n < 9; n++)
		many[n].metric = (uint32_t)n; /* as many hops */
	refuse(fib, "the routes have more next hops than the image has room for", N_HOPS + 1, N_HOPS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(routes_are_found), cmocka_unit_test(links_are_told), cmocka_unit_test(only_links_are_asked_for),
		cmocka_unit_test(what_does_not_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
