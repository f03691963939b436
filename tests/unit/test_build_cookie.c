// SPDX-License-Identifier: Apache-2.0
/* SYN cookies: what is made is put together here as Linux's comments on it say, with a SipHash that has to give its authors' own vector first; what is checked, and what is
 * refused. tests/helpers compares whole programs with the reference. */
#include "calls.h"
#include "sim/ref/ref.h"

enum { HZ = 250, SECONDS = 86400 };                   /* of the clock that cookies age by, and what it shows */
enum { FIRST_JIFFY = 5 * 60 * HZ };                   /* Linux begins that many below 2^32 */
enum { IP = -112, TCP = -72, IP6_BYTES = 40, TCP_BYTES = 20, TCP_MAX = 60 }; /* places in the stack */
enum { SEQUENCE = 0x01020304, MINUTES = ((1ULL << 32) - FIRST_JIFFY + (uint64_t)SECONDS * HZ) / (60 * HZ) };

static const struct prog_map keys = { .name = COOKIE_KEYS, .type = MAP_TYPE_ARRAY, .key_size = 4, .value_size = COOKIE_KEYS_BYTES, .max_entries = 1 };

static struct {
	int six, checks, options;    /* options: bytes of them */
	uint32_t acknowledged, length; /* length: what the program says, 0: the truth */
	uint8_t option[40];
	int upper;                   /* the result's bits 63:32 are wanted */
} at;

static const uint8_t addresses[32] = { 192, 168, 1, 2, 10, 0, 0, 1, 0x20, 1, 0xd, 0xb8, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20 };
static const uint8_t ports[4] = { 0xc0, 1, 0, 80 };

static void put_bytes(int off, const uint8_t *bytes, int n)
{
	for (int i = 0; i < n; i++)
		jit_put(&j, EC_ST | EBPF_MEM | EBPF_B, 10, 0, (int16_t)(off + i), bytes[i]);
}

static void put_big(int off, uint32_t word)
{
	const uint8_t bytes[4] = { (uint8_t)(word >> 24), (uint8_t)(word >> 16), (uint8_t)(word >> 8), (uint8_t)word };

	put_bytes(off, bytes, 4);
}

/* The headers, the call, and the lower or upper half of what it gives as the program's result. */
static void put_cookie(void)
{
	uint8_t offset = (uint8_t)((TCP_BYTES + at.options) / 4 << 4);

	for (int off = IP; off < TCP + TCP_MAX; off += 4)
		put_word(off, 0);
	put_bytes(IP + (at.six ? 8 : 12), addresses, at.six ? 32 : 8);
	put_bytes(TCP, ports, 4);
	put_big(TCP + 4, (uint32_t)SEQUENCE + (at.checks ? 1 : 0));
	put_big(TCP + 8, at.acknowledged);
	put_bytes(TCP + 12, &offset, 1);
	put_bytes(TCP + TCP_BYTES, at.option, at.options);
	put_at(1, IP);
	put_at(2, TCP);
	put_mov(3, (int)(at.length ? at.length : (uint32_t)(TCP_BYTES + at.options)));
	put_call((at.checks ? HELPER_TCP_RAW_CHECK_SYNCOOKIE_IPV4 : HELPER_TCP_RAW_GEN_SYNCOOKIE_IPV4) + at.six);
	if (at.upper)
		jit_put(&j, EC_ALU64 | EBPF_RSH, 0, 0, 0, 32);
	put_copy(9, 0);
}

static void set_clock(struct nic *n, const struct image *image)
{
	uint64_t ns = (uint64_t)SECONDS * 1000000000;

	(void)image;
	n->regs.write(n->regs.ctx, REG_TIME_LO, (uint32_t)ns);
	n->regs.write(n->regs.ctx, REG_TIME_HI, (uint32_t)(ns >> 32));
}

static uint32_t result(void)
{
	struct calls calls = { .maps = &keys, .n_maps = 1, .put = put_cookie, .host = set_clock };
	uint32_t got = calls_result(&calls);

	calls.careful = 1;
	assert_int_equal(calls_result(&calls), got);
	return got;
}

static uint32_t hash(int which, uint32_t minute)
{
	uint32_t n = at.six ? 32 : 8;
	uint8_t bytes[40];

	memcpy(bytes, addresses, n);
	memcpy(bytes + n, ports, 4);
	memcpy(bytes + n + 4, &minute, 4);
	return (uint32_t)cookie_siphash(device_cookie_keys + 16 * which, bytes, n + 8);
}

static uint32_t cookie(uint32_t minute, uint32_t size)
{
	return hash(0, 0) + SEQUENCE + (minute << 24) + ((hash(1, minute) + size) & 0xffffff);
}

static void siphash_is_the_published_one(void **state)
{
	uint8_t bytes[15];

	(void)state;
	for (uint8_t n = 0; n < sizeof(bytes); n++)
		bytes[n] = n;
	assert_true(cookie_siphash(device_cookie_keys, bytes, sizeof(bytes)) == 0xa129ca6149be45e5); /* SipHash paper, appendix A */
}

static void cookies_are_made(void **state)
{
	(void)state;
	for (int six = 0; six < 2; six++) {
		memset(&at, 0, sizeof(at));
		at.six = six;
		assert_int_equal(result(), cookie(MINUTES, 0));
		at.upper = 1;
		assert_int_equal(result(), six ? 1220 : 536);
	}
}

static void the_last_size_counts(void **state)
{
	static const struct { int six, n; uint8_t option[12]; uint32_t size, number; } rows[] = {
		{ 0, 4, { 2, 4, 1460 >> 8, 1460 & 0xff }, 1460, 3 },
		{ 0, 4, { 2, 4, 1459 >> 8, 1459 & 0xff }, 1440, 2 },
		{ 0, 4, { 2, 4, 0, 1 }, 536, 0 },                                                 /* below the least */
		{ 0, 8, { 1, 1, 1, 2, 4, 1300 >> 8, 1300 & 0xff }, 1300, 1 },
		{ 0, 8, { 2, 4, 1460 >> 8, 1460 & 0xff, 2, 4, 1300 >> 8, 1300 & 0xff }, 1300, 1 },
		{ 0, 8, { 2, 4, 1460 >> 8, 1460 & 0xff, 2, 4, 0, 0 }, 1460, 3 },                  /* 0 says nothing */
		{ 0, 8, { 0, 0, 0, 0, 2, 4, 1460 >> 8, 1460 & 0xff }, 536, 0 },                   /* the list has ended */
		{ 0, 8, { 8, 9, 0, 0, 2, 4, 1460 >> 8, 1460 & 0xff }, 536, 0 },                   /* longer than what is left */
		{ 0, 8, { 8, 1, 0, 0, 2, 4, 1460 >> 8, 1460 & 0xff }, 536, 0 },                   /* too short to be one */
		{ 0, 12, { 4, 2, 3, 3, 7, 2, 3, 5, 5, 1, 1, 1 }, 536, 0 },                        /* a size of 3 bytes */
		{ 1, 4, { 2, 4, 8940 >> 8, 8940 & 0xff }, 8940, 3 },
		{ 1, 4, { 2, 4, 1439 >> 8, 1439 & 0xff }, 1420, 1 },
	};

	(void)state;
	for (size_t n = 0; n < sizeof(rows) / sizeof(*rows); n++) {
		memset(&at, 0, sizeof(at));
		at.six = rows[n].six;
		at.options = rows[n].n;
		memcpy(at.option, rows[n].option, sizeof(rows[n].option));
		assert_int_equal(result(), cookie(MINUTES, rows[n].number));
		at.upper = 1;
		assert_int_equal(result(), rows[n].size);
	}
}

static void lengths_agree(void **state)
{
	(void)state;
	memset(&at, 0, sizeof(at));
	at.length = 19;
	assert_int_equal((int32_t)result(), -22);
	at.length = 24;
	assert_int_equal((int32_t)result(), -22);
	at.options = 4;
	assert_int_equal(result(), cookie(MINUTES, 0));
}

static void check(uint32_t minute, uint32_t size, uint32_t off, int answer)
{
	memset(&at, 0, sizeof(at));
	at.checks = 1;
	for (at.six = 0; at.six < 2; at.six++) {
		at.acknowledged = cookie(minute, size) + 1 + off;
		assert_int_equal((int32_t)result(), answer);
	}
}

static void cookies_are_known_again(void **state)
{
	(void)state;
	check(MINUTES, 0, 0, 0);
	check(MINUTES, 3, 0, 0);
	check(MINUTES - 1, 2, 0, 0);
	check(MINUTES - 2, 0, 0, -13);
	check(MINUTES + 1, 0, 0, -13);
	check(MINUTES, 4, 0, -13); /* no such size */
	check(MINUTES, 0, 0x10000, -13);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(siphash_is_the_published_one), cmocka_unit_test(cookies_are_made), cmocka_unit_test(the_last_size_counts),
		cmocka_unit_test(lengths_agree), cmocka_unit_test(cookies_are_known_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
