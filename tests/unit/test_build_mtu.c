// SPDX-License-Identifier: Apache-2.0
/* bpf_check_mtu(): its results and the MTU it writes. tests/fib compares it with the kernel. */
#include "calls.h"
#include "driver/common/nic_fib.h"

enum { OK, TOO_LONG = 1, NO_DEVICE = 0xed, INVALID = 0xea };
enum { LINK = 3, SMALL = 4, MTU = 1500, SMALL_MTU = 68, ETHERNET = 14 };

static const struct prog_map table = { .name = FIB_LINKS, .type = MAP_TYPE_HASH, .key_size = 4, .value_size = 8, .max_entries = 2 };

static const struct nic_fib_link links[] = { { .ifindex = LINK, .mtu = MTU }, { .ifindex = SMALL, .mtu = SMALL_MTU } };

static void fill(struct nic *n, const struct image *image)
{
	const struct nic_fib fib = { .links = links, .n_links = 2 };
	struct nic_fib_refusal why = { 0 };

	if (nic_fib_fill(&n->regs, image, &fib, &why))
		fail_msg("%s", why.text);
}

/* given: the length to ask about, without the Ethernet header; 0: the packet's */
static void put_check(int link, int given, int more, int flags)
{
	put_word(-16, given);
	put_copy(1, 6);
	put_mov(2, link);
	put_at(3, -16);
	put_mov(4, more);
	put_mov(5, flags);
	put_call(HELPER_CHECK_MTU);
	put_note();
}

static void put_told(int off)
{
	jit_put(&j, EC_LDX | EBPF_MEM | EBPF_B, 0, 10, (int16_t)(-16 + off), 0);
	put_note();
}

static void the_packet(void)
{
	put_check(LINK, 0, 0, 0);
	put_told(0);
	put_told(1);
	put_check(LINK, 0, MTU + ETHERNET - CALLS_FRAME + 1, 0);
}

static void to_the_byte(void)
{
	put_check(LINK, MTU, 0, 0);
	put_check(LINK, MTU + 1, 0, 0);
	put_check(LINK, MTU + 1, -1, 0);
	put_check(LINK, 0, MTU + ETHERNET - CALLS_FRAME, 0);
}

static void the_link_says(void)
{
	put_check(SMALL, SMALL_MTU, 0, 0);
	put_check(SMALL, SMALL_MTU, 1, 0);
	put_told(0); /* also where the packet is too long */
	put_check(SMALL, 0, -1000, 0);
}

static void wrong_calls(void)
{
	put_check(9, 0, 0, 0);
	put_check(LINK, 0, 0, 1);
	put_check(9, 0, 0, 1);
	put_check(0, 0, 0, 0); /* the one it came by: 1 here, which is none of them */
}

static void results_are_those_of_linux(void **state)
{
	static const struct calls_row rows[] = {
		ROW(the_packet, OK, MTU & 0xff, MTU >> 8, TOO_LONG),
		ROW(to_the_byte, OK, TOO_LONG, OK, OK),
		ROW(the_link_says, OK, TOO_LONG, SMALL_MTU, OK),
		ROW(wrong_calls, NO_DEVICE, INVALID, INVALID, NO_DEVICE),
	};

	(void)state;
	calls_check((struct calls){ .maps = &table, .n_maps = 1, .host = fill }, rows, sizeof(rows) / sizeof(*rows));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(results_are_those_of_linux) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
