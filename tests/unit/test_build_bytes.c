// SPDX-License-Identifier: Apache-2.0
/* Helpers that go over bytes, of numbers of them that only the packet knows: sums, copies between packet and stack, what a copy leaves where it fails.
 * tests/helpers compares whole programs with Linux. */
#include "calls.h"

enum { BUFFER = 64, FROM = -2 * BUFFER, TO = -BUFFER, SIZE_AT = TYPE_AT, OTHER_SIZE_AT = TYPE_AT + 1, MOST = 63 };
enum { OK = 0, INVALID = 0xea, FAULT = 0xf2, SIZED = 0x40000000 };

static const struct prog_map none = { .name = "none", .type = MAP_TYPE_ARRAY, .key_size = 4, .value_size = 4, .max_entries = 1 };
static uint8_t frame[TYPE_BYTES];

/* r = the number at that byte of the packet, at most MOST */
static void put_size(unsigned int r, int at)
{
	jit_put(&j, EC_LDX | EBPF_MEM | EBPF_B, r, 7, (int16_t)at, 0);
	jit_put(&j, EC_ALU64 | EBPF_AND, r, 0, 0, MOST);
}

/* ---- sums ---- */

static uint8_t bytes[2 * BUFFER]; /* of the stack, from FROM on */
static uint32_t seed;
static int from_size, to_size;    /* SIZED and the number: the program knows it */

static void put_bytes(void)
{
	for (int n = 0; n < 2 * BUFFER; n += 4)
		put_word(FROM + n, (int)((uint32_t)bytes[n] | (uint32_t)bytes[n + 1] << 8 | (uint32_t)bytes[n + 2] << 16 | (uint32_t)bytes[n + 3] << 24));
}

static void put_either(unsigned int r, int size, int at)
{
	if (size & SIZED)
		put_mov(r, size & ~SIZED);
	else
		put_size(r, at);
}

static void put_sum(void)
{
	put_bytes();
	put_place(DATA, SIZE_AT + 2, DATA_END);
	put_at(1, FROM);
	put_either(2, from_size, SIZE_AT);
	put_at(3, TO);
	put_either(4, to_size, OTHER_SIZE_AT);
	put_mov(5, (int)seed);
	put_call(HELPER_CSUM_DIFF);
	put_copy(9, 0);
}

/* RFC 1071, of words as they lie in memory: what the sum of `to` without that of `from` leaves of 0xffff. */
static uint32_t sum_of(const uint8_t *at, int n)
{
	uint32_t sum = 0;

	for (int k = 0; k < n; k++)
		sum += (uint32_t)at[k] << k % 2 * 8;
	return sum % 0xffff;
}

static uint32_t wanted(void)
{
	uint32_t from = sum_of(bytes, from_size & ~SIZED), to = sum_of(bytes + BUFFER, to_size & ~SIZED);

	return (seed % 0xffff + to + 0xffff - from) % 0xffff;
}

static void check_sum(int from, int to)
{
	struct calls calls = { .maps = &none, .n_maps = 1, .put = put_sum, .type = frame };

	from_size = from;
	to_size = to;
	frame[SIZE_AT - TYPE_AT] = (uint8_t)from;
	frame[OTHER_SIZE_AT - TYPE_AT] = (uint8_t)to;
	for (calls.careful = 0; calls.careful < 2; calls.careful++) {
		uint32_t got = calls_result(&calls);

		if (got > 0xffff || got % 0xffff != wanted())
			fail_msg("%x and %x bytes, seed %x: %x, not %x", from, to, seed, got, wanted());
	}
}

static void sums_of_any_length(void **state)
{
	static const int sizes[][2] = { { 0, 0 }, { 0, 4 }, { 4, 0 }, { 4, 4 }, { 8, 20 }, { 20, 8 }, { 12, 60 }, { 60, 12 }, { 60, 60 }, { 40, 36 },
					{ 0, 1 }, { 3, 0 }, { 7, 13 }, { 62, 63 }, { 63, 61 } };
	static const uint32_t seeds[] = { 0, 1, 0xfffe, 0x7fffffff, 0xffffffff };

	(void)state;
	srand(1);
	for (size_t n = 0; n < sizeof(sizes) / sizeof(*sizes); n++) {
		for (int k = 0; k < 2 * BUFFER; k++)
			bytes[k] = n % 3 ? (uint8_t)rand() : 0xff;
		seed = seeds[n % 5];
		check_sum(sizes[n][0], sizes[n][1]);
		check_sum(sizes[n][0] | SIZED, sizes[n][1]);
		check_sum(sizes[n][0], sizes[n][1] | SIZED);
		check_sum(sizes[n][0] | SIZED, sizes[n][1] | SIZED);
	}
}

/* ---- copies; the buffer is at -64, and FILL where nothing was copied ---- */

enum { FILL = 0x77 };

static void put_fill(void)
{
	for (int n = 0; n < BUFFER; n += 4)
		put_word(TO + n, FILL * 0x01010101);
}

static void put_seen(int off)
{
	jit_put(&j, EC_LDX | EBPF_MEM | EBPF_B, 0, 10, (int16_t)(TO + off), 0);
	put_note();
}

/* bpf_xdp_load_bytes() or bpf_xdp_store_bytes(), as many as the packet says. */
static void put_packet_bytes(int helper, int at, int size_at)
{
	put_place(DATA, SIZE_AT + 2, DATA_END);
	put_size(4, size_at);
	jit_put(&j, EC_ALU64 | EBPF_OR, 4, 0, 0, 4); /* it has both already; but none at all is refused */
	put_copy(1, 6);
	put_mov(2, at);
	put_at(3, TO);
	put_call(helper);
	put_note();
}

static void load_a_few(void) /* 12 bytes from the 10th on; the numbers 12 and 60 are the 12th and the 13th */
{
	put_fill();
	put_packet_bytes(HELPER_XDP_LOAD_BYTES, 10, SIZE_AT);
	put_seen(1);
	put_seen(2);
	put_seen(12);
}

static void load_no_more(void)
{
	put_fill();
	put_packet_bytes(HELPER_XDP_LOAD_BYTES, 10, SIZE_AT);
	put_seen(11);
	put_seen(12);
	put_seen(13);
}

static void load_beyond(void)
{
	put_fill();
	put_packet_bytes(HELPER_XDP_LOAD_BYTES, 1, OTHER_SIZE_AT);
	put_seen(0);
	put_packet_bytes(HELPER_XDP_LOAD_BYTES, 0, OTHER_SIZE_AT);
	put_seen(59);
}

static void store_a_few(void)
{
	put_fill();
	put_packet_bytes(HELPER_XDP_STORE_BYTES, 20, SIZE_AT);
	put_place(DATA, 34, DATA_END);
	for (int off = 31; off < 34; off++) {
		jit_put(&j, EC_LDX | EBPF_MEM | EBPF_B, 0, 7, (int16_t)off, 0);
		put_note();
	}
}

/* bpf_probe_read_kernel() of packet bytes to the stack */
static void put_probe(int at, int size, int size_at)
{
	put_place(DATA, SIZE_AT + 2, DATA_END);
	put_at(1, TO);
	if (size_at)
		put_size(2, size_at);
	else
		put_mov(2, size);
	put_copy(3, 7);
	jit_put(&j, EC_ALU64 | EBPF_ADD, 3, 0, 0, at);
	put_call(HELPER_PROBE_READ_KERNEL);
	put_note();
}

static void probe_a_few(void)
{
	put_fill();
	put_probe(11, 0, SIZE_AT);
	put_seen(1);
	put_seen(11);
	put_seen(12);
}

static void probe_a_known_number(void)
{
	put_fill();
	put_probe(11, 7, 0);
	put_seen(1);
	put_seen(6);
	put_seen(7);
}

static void probe_beyond(void)
{
	put_fill();
	put_probe(1, 0, OTHER_SIZE_AT);
	put_seen(1);
	put_seen(59);
	put_seen(60);
}

static void probe_a_known_number_beyond(void)
{
	put_fill();
	put_probe(CALLS_FRAME - 6, 7, 0);
	put_seen(0);
	put_seen(6);
	put_seen(7);
}

static void probe_up_to_the_end(void)
{
	put_fill();
	put_probe(0, 0, OTHER_SIZE_AT);
	put_probe(CALLS_FRAME - 7, 7, 0);
	put_seen(59);
	put_seen(60);
}

static void results_are_those_of_linux(void **state)
{
	static const uint8_t sizes[TYPE_BYTES] = { 12, 60 };
	static const struct calls_row rows[] = {
		ROW(load_a_few, OK, 0, 12, FILL),
		ROW(load_no_more, OK, 0, FILL, FILL),
		ROW(load_beyond, INVALID, FILL, OK, 0),
		ROW(store_a_few, OK, FILL, 0, 0),
		ROW(probe_a_few, OK, 12, 0, FILL),
		ROW(probe_a_known_number, OK, 12, 0, FILL),
		ROW(probe_beyond, FAULT, 0, 0, FILL),
		ROW(probe_a_known_number_beyond, FAULT, 0, 0, FILL),
		ROW(probe_up_to_the_end, OK, OK, 0, FILL),
	};

	(void)state;
	calls_check((struct calls){ .maps = &none, .n_maps = 1, .type = sizes }, rows, sizeof(rows) / sizeof(*rows));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sums_of_any_length),
		cmocka_unit_test(results_are_those_of_linux),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
