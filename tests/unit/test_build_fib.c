// SPDX-License-Identifier: Apache-2.0
/* bpf_fib_lookup(): its results, and what it writes, on the ways through it. tests/fib compares whole lookups with the kernel. */
#include "calls.h"
#include "driver/common/nic_fib.h"

enum { LINKS, ROUTES4, ROUTES6, HOPS, MAPS };
/* what linux/bpf.h calls BPF_FIB_LOOKUP_ and BPF_FIB_LKUP_RET_ */
enum { DIRECT = 1, SKIP_NEIGH = 4, TBID = 8, SRC = 16, UNKNOWN_FLAG = 64 };
enum { OK, BLACKHOLE = 1, NOT_FWDED = 4, FWD_DISABLED, NO_NEIGH = 7, FRAG_NEEDED, NO_SRC_ADDR };
enum { NO_DEVICE = 0xed, INVALID = 0xea, NO_FAMILY = 0x9f };
/* struct bpf_fib_lookup at fp - 80 */
enum { PARAMS = -80, LENGTH = PARAMS + 6, LINK = PARAMS + 8, SRC_ADDR = PARAMS + 16, DST_ADDR = PARAMS + 32, TABLE = PARAMS + 48, SMAC = PARAMS + 52, DMAC = PARAMS + 58 };

static const struct prog_map tables[MAPS] = {
	[LINKS] = { .name = FIB_LINKS, .type = MAP_TYPE_HASH, .key_size = 4, .value_size = 8, .max_entries = 4 },
	[ROUTES4] = { .name = FIB_ROUTES4, .type = MAP_TYPE_LPM_TRIE, .key_size = 12, .value_size = 8, .max_entries = 16, .flags = MAP_NO_PREALLOC },
	[ROUTES6] = { .name = FIB_ROUTES6, .type = MAP_TYPE_LPM_TRIE, .key_size = 24, .value_size = 8, .max_entries = 16, .flags = MAP_NO_PREALLOC },
	[HOPS] = { .name = FIB_HOPS, .type = MAP_TYPE_ARRAY, .key_size = 4, .value_size = FIB_HOP_BYTES, .max_entries = 16 },
};

static const struct nic_fib_link links[] = {
	{ .ifindex = 3, .mtu = 1500, .mac = { 2, 0, 0, 0, 0, 3 }, .forwards4 = 1, .forwards6 = 1 },
	{ .ifindex = 4, .mtu = 900, .mac = { 2, 0, 0, 0, 0, 4 }, .forwards4 = 1 },
	{ .ifindex = 5, .mtu = 1500 },
};
static const struct nic_fib_neighbour neighbours[] = {
	{ .ifindex = 3, .family = NIC_FIB_INET, .mac = { 2, 9, 9, 9, 9, 0x19 }, .addr = { 10, 1, 0, 9 } },
	{ .ifindex = 3, .family = NIC_FIB_INET6, .mac = { 2, 9, 9, 9, 9, 0x16 }, .addr = { 0x20, 1, [15] = 9 } },
};

#define TO(n, ...) .bits = (n), .to = { __VA_ARGS__ }
#define ROUTE(...) { .family = NIC_FIB_INET, .table = NIC_FIB_MAIN, __VA_ARGS__ }

static const struct nic_fib_route routes[] = {
	ROUTE(TO(16, 10, 1), .ifindex = 3),
	ROUTE(TO(16, 10, 2), .ifindex = 3, .gateway_family = NIC_FIB_INET, .gateway = { 10, 1, 0, 9 }),
	ROUTE(TO(24, 10, 2, 7), .type = NIC_FIB_BLACKHOLE),
	ROUTE(TO(16, 10, 4), .ifindex = 4),
	{ .family = NIC_FIB_INET, .table = 100, TO(16, 10, 3), .ifindex = 3, .gateway_family = NIC_FIB_INET, .gateway = { 10, 1, 0, 9 } },
	{ .family = NIC_FIB_INET6, .table = NIC_FIB_MAIN, TO(16, 0x20, 1), .ifindex = 3 },
};

static void fill(struct nic *n, const struct image *image)
{
	const struct nic_fib fib = { .links = links, .n_links = 3, .routes = routes, .n_routes = sizeof(routes) / sizeof(*routes),
				     .neighbours = neighbours, .n_neighbours = 2 };
	struct nic_fib_refusal why = { 0 };

	if (nic_fib_fill(&n->regs, image, &fib, &why))
		fail_msg("%s", why.text);
}

static void put_params(int family, int link, int length)
{
	for (int off = 0; off < 64; off += 8)
		jit_put(&j, EC_ST | EBPF_MEM | EBPF_DW, 10, 0, (int16_t)(PARAMS + off), 0);
	jit_put(&j, EC_ST | EBPF_MEM | EBPF_B, 10, 0, PARAMS, family);
	jit_put(&j, EC_ST | EBPF_MEM | EBPF_H, 10, 0, LENGTH, length);
	put_word(LINK, link);
}

static void put_lookup(int flags, int size)
{
	put_copy(1, 6);
	put_at(2, PARAMS);
	put_mov(3, size);
	put_mov(4, flags);
	put_call(HELPER_FIB_LOOKUP);
	put_note();
}

static void put_written(int off)
{
	jit_put(&j, EC_LDX | EBPF_MEM | EBPF_B, 0, 10, (int16_t)off, 0);
	put_note();
}

/* Of 10.b.c.d, as it stands in memory. */
#define IPV4(b, c, d) ((d) << 24 | (c) << 16 | (b) << 8 | 10)

static void put_ipv4(int address, int link, int length, int flags)
{
	put_params(NIC_FIB_INET, link, length);
	put_word(DST_ADDR, address);
	put_lookup(flags, 64);
}

static void a_neighbour(void)
{
	put_ipv4(IPV4(1, 0, 9), 4, 100, 0);
	put_written(LINK);
	put_written(SMAC + 5);
	put_written(DMAC + 5);
}

static void a_gateway(void)
{
	put_ipv4(IPV4(2, 1, 1), 4, 100, 0);
	put_written(DST_ADDR + 1);
	put_written(DST_ADDR + 3);
	put_written(DMAC + 5);
}

static void no_way(void)
{
	put_ipv4(IPV4(2, 7, 1), 4, 100, 0);
	put_ipv4(IPV4(9, 0, 1), 4, 100, 0);
	put_ipv4(IPV4(1, 5, 5), 4, 100, 0);
	put_written(LINK); /* Linux says which link the neighbour is missing on */
}

static void no_neighbour_wanted(void)
{
	put_ipv4(IPV4(1, 5, 5), 4, 100, SKIP_NEIGH);
	put_written(LINK);
	put_written(DMAC + 5);
	put_written(SMAC + 5);
}

static void too_long(void)
{
	put_ipv4(IPV4(1, 0, 9), 4, 1500, 0);
	put_ipv4(IPV4(1, 0, 9), 4, 1501, 0);
	put_written(LENGTH);     /* the MTU */
	put_written(LENGTH + 1);
}

static void links_that_take_none(void)
{
	put_ipv4(IPV4(1, 0, 9), 6, 100, 0);
	put_ipv4(IPV4(1, 0, 9), 5, 100, 0);
	put_params(NIC_FIB_INET6, 4, 100);
	jit_put(&j, EC_ST | EBPF_MEM | EBPF_W, 10, 0, DST_ADDR, 0x0120);
	put_lookup(0, 64);
	put_mov(0, 0);
	put_note();
}

static void wrong_calls(void)
{
	put_ipv4(IPV4(1, 0, 9), 4, 100, UNKNOWN_FLAG);
	put_lookup(0, 63);
	put_params(9, 4, 100);
	put_lookup(0, 64);
	put_ipv4(IPV4(9, 0, 1), 4, 100, DIRECT);
}

static void tables_by_number(void)
{
	put_ipv4(IPV4(3, 0, 1), 4, 100, 0);
	put_params(NIC_FIB_INET, 4, 100);
	put_word(DST_ADDR, IPV4(3, 0, 1));
	put_word(TABLE, 100);
	put_lookup(DIRECT | TBID, 64);
	put_written(DMAC + 5);
	put_written(TABLE); /* is the VLAN now */
}

static void put_ipv6(int first, int last)
{
	put_params(NIC_FIB_INET6, 3, 100);
	put_word(SRC_ADDR, 0x0120);
	put_word(DST_ADDR, first);
	put_word(DST_ADDR + 12, last << 24);
	put_lookup(0, 64);
}

static void ipv6(void)
{
	put_ipv6(0x0120, 9);
	put_written(DMAC + 5);
	put_ipv6(0x80fe, 9); /* fe80:: */
	put_ipv6(0, 1);      /* ::1 */
}

static void results_are_those_of_linux(void **state)
{
	static const struct calls_row rows[] = {
		ROW(a_neighbour, OK, 3, 3, 0x19),
		ROW(a_gateway, OK, 1, 9, 0x19),
		ROW(no_way, BLACKHOLE, NOT_FWDED, NO_NEIGH, 3),
		ROW(no_neighbour_wanted, OK, 3, 0, 0),
		ROW(too_long, OK, FRAG_NEEDED, 1500 & 0xff, 1500 >> 8),
		ROW(links_that_take_none, NO_DEVICE, FWD_DISABLED, FWD_DISABLED, 0),
		ROW(wrong_calls, INVALID, INVALID, NO_FAMILY, NOT_FWDED),
		ROW(tables_by_number, NOT_FWDED, OK, 0x19, 0),
		ROW(ipv6, OK, 0x16, NOT_FWDED, NOT_FWDED),
	};

	(void)state;
	calls_check((struct calls){ .maps = tables, .n_maps = MAPS, .host = fill }, rows, sizeof(rows) / sizeof(*rows));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(results_are_those_of_linux) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
