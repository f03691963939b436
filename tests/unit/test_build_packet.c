// SPDX-License-Identifier: Apache-2.0
/* Moving the packet's start and end: what a packet that grows has at its end, and where its metadata goes. tests/helpers compares whole programs with Linux. */
#include "calls.h"

enum { FRAME = CALLS_FRAME, ETHERNET = 14, OK = 0, INVALID = 0xea };
enum { MARK = 0x5a };

static void put_byte(int off, int byte)
{
	jit_put(&j, EC_ST | EBPF_MEM | EBPF_B, 7, 0, (int16_t)off, byte);
}

static void put_seen(int off)
{
	jit_put(&j, EC_LDX | EBPF_MEM | EBPF_B, 0, 7, (int16_t)off, 0);
	put_note();
}

/* One note of all of them: what any has. */
static void put_or(int off, int bytes)
{
	put_mov(1, 0);
	for (int n = 0; n < bytes; n++) {
		jit_put(&j, EC_LDX | EBPF_MEM | EBPF_B, 0, 7, (int16_t)(off + n), 0);
		jit_put(&j, EC_ALU64 | EBPF_OR | EBPF_X, 1, 0, 0, 0);
	}
	put_copy(0, 1);
	put_note();
}

static void put_length(void)
{
	put_ctx_call(HELPER_XDP_GET_BUFF_LEN, 0, 0);
}

/* ---- the end ---- */

static void put_marks(void)
{
	put_place(DATA, FRAME, DATA_END);
	for (int off = 0; off < FRAME; off++)
		put_byte(off, MARK);
}

/* What a packet has lost is zero when it comes back, and nothing else is. */
static void put_shrink_and_grow(int by)
{
	put_marks();
	put_ctx_call(HELPER_XDP_ADJUST_TAIL, -by, 0);
	put_ctx_call(HELPER_XDP_ADJUST_TAIL, by, 0);
	put_place(DATA, FRAME, DATA_END);
	put_or(FRAME - by, by);
	put_seen(FRAME - by - 1);
}

static void by_every_size_of_store(void)
{
	put_shrink_and_grow(15);
}

static void by_one(void)
{
	put_shrink_and_grow(1);
}

/* By a number only the packet knows: its byte at 13, which is `by`. */
static void put_unknown(int by, int sign)
{
	put_place(DATA, FRAME - 46, DATA_END);
	put_byte(ETHERNET - 1, by);
	jit_put(&j, EC_LDX | EBPF_MEM | EBPF_B, 2, 7, ETHERNET - 1, 0);
	if (sign < 0)
		jit_put(&j, EC_ALU64 | EBPF_NEG, 2, 0, 0, 0);
	put_copy(1, 6);
	put_call(HELPER_XDP_ADJUST_TAIL);
	put_note();
}

static void by_an_unknown_number(void)
{
	put_marks();
	put_unknown(23, -1);
	put_unknown(23, 1);
	put_place(DATA, FRAME, DATA_END);
	put_or(FRAME - 23, 23);
	put_seen(FRAME - 24);
}

static void by_an_unknown_even_number(void)
{
	put_marks();
	put_unknown(32, -1);
	put_unknown(32, 1);
	put_place(DATA, FRAME, DATA_END);
	put_or(FRAME - 32, 32);
	put_seen(FRAME - 33);
}

static void further_than_it_was(void)
{
	put_ctx_call(HELPER_XDP_ADJUST_TAIL, 100, 0); /* more than is done store by store */
	put_length();
	put_place(DATA, FRAME + 100, DATA_END);
	put_or(FRAME, 100);
	put_ctx_call(HELPER_XDP_ADJUST_TAIL, 1 << 20, 0);
}

static void no_shorter_than_a_header(void)
{
	put_ctx_call(HELPER_XDP_ADJUST_TAIL, ETHERNET - FRAME - 1, 0);
	put_length();
	put_ctx_call(HELPER_XDP_ADJUST_TAIL, ETHERNET - FRAME, 0);
	put_length();
}

/* ---- the start; none of these programs has metadata ---- */

static void the_start_goes_and_comes(void)
{
	put_marks();
	put_ctx_call(HELPER_XDP_ADJUST_HEAD, -8, 0);
	put_length();
	put_ctx_call(HELPER_XDP_ADJUST_HEAD, 9, 0);
	put_place(DATA, FRAME - 1, DATA_END);
	put_seen(0);
}

static void the_start_has_limits(void)
{
	put_ctx_call(HELPER_XDP_ADJUST_HEAD, FRAME - ETHERNET + 1, 0);
	put_ctx_call(HELPER_XDP_ADJUST_HEAD, -4096, 0);
	put_ctx_call(HELPER_XDP_ADJUST_HEAD, FRAME - ETHERNET, 0);
	put_length();
}

/* ---- metadata ---- */

static void put_metadata(int bytes)
{
	put_ctx_call(HELPER_XDP_ADJUST_META, -bytes, 0);
	put_place(DATA_META, bytes, DATA);
	for (int off = 0; off < bytes; off++)
		put_byte(off, MARK + off);
}

/* One note: how many bytes of it there are. */
static void put_metadata_length(void)
{
	put_field(0, DATA);
	put_field(1, DATA_META);
	jit_put(&j, EC_ALU64 | EBPF_SUB | EBPF_X, 0, 1, 0, 0);
	put_note();
}

static void put_move(int by)
{
	put_copy(1, 6);
	put_mov(2, by);
	put_call(HELPER_XDP_ADJUST_HEAD);
}

static void put_first_and_last(int bytes)
{
	put_place(DATA_META, bytes, DATA);
	put_seen(0);
	put_seen(bytes - 1);
}

static void it_goes_back_with_the_start(void)
{
	put_metadata(12);
	put_move(4); /* less than it is long: its places overlap */
	put_metadata_length();
	put_first_and_last(12);
}

static void it_goes_forward_with_the_start(void)
{
	put_metadata(12);
	put_move(-4);
	put_metadata_length();
	put_first_and_last(12);
}

static void it_goes_as_far_as_the_start(void)
{
	put_metadata(8);
	put_move(FRAME - ETHERNET);
	put_length();
	put_first_and_last(8);
}

static void it_stays_where_the_start_does(void)
{
	put_metadata(8);
	put_move(FRAME - ETHERNET + 1);
	put_note();
	put_first_and_last(8);
}

static void it_stays_where_there_is_no_room(void)
{
	put_metadata(8);
	put_move(-4096);
	put_note();
	put_first_and_last(8);
}

/* ---- what they give ---- */

static void results_are_those_of_linux(void **state)
{
	static const struct calls_row rows[] = {
		ROW(by_every_size_of_store, OK, OK, 0, MARK),
		ROW(by_one, OK, OK, 0, MARK),
		ROW(by_an_unknown_number, OK, OK, 0, MARK),
		ROW(by_an_unknown_even_number, OK, OK, 0, MARK),
		ROW(further_than_it_was, OK, FRAME + 100, 0, INVALID),
		ROW(no_shorter_than_a_header, INVALID, FRAME, OK, ETHERNET),
		ROW(the_start_goes_and_comes, OK, FRAME + 8, OK, MARK),
		ROW(the_start_has_limits, INVALID, INVALID, OK, ETHERNET),
		ROW(it_goes_back_with_the_start, OK, 12, MARK, MARK + 11),
		ROW(it_goes_forward_with_the_start, OK, 12, MARK, MARK + 11),
		ROW(it_goes_as_far_as_the_start, OK, ETHERNET, MARK, MARK + 7),
		ROW(it_stays_where_the_start_does, OK, INVALID, MARK, MARK + 7),
		ROW(it_stays_where_there_is_no_room, OK, INVALID, MARK, MARK + 7),
	};
	const struct prog_map none = { .name = "none", .type = MAP_TYPE_ARRAY, .key_size = 4, .value_size = 4, .max_entries = 1 };

	(void)state;
	calls_check((struct calls){ .maps = &none, .n_maps = 1 }, rows, sizeof(rows) / sizeof(*rows));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(results_are_those_of_linux) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
