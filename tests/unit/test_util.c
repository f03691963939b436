// SPDX-License-Identifier: Apache-2.0
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <limits.h>
#include <stdio.h>
#include <cmocka.h>
#include "compile.h"

static void arena_aligns_and_zeroes(void **state)
{
	static uint8_t mem[256];
	struct arena a;
	uint8_t *p, *q;

	(void)state;
	memset(mem, 0xff, sizeof(mem));
	arena_init(&a, mem + 1, sizeof(mem) - 1);
	p = arena_alloc(&a, 5);
	q = arena_alloc(&a, 16);
	assert_non_null(p);
	assert_int_equal((uintptr_t)p % 16, 0);
	assert_ptr_equal(q, p + 16);
	for (int i = 0; i < 5; i++)
		assert_int_equal(p[i], 0);
}

static void arena_refuses_what_does_not_fit(void **state)
{
	static uint8_t mem[64] __attribute__((aligned(16)));
	struct arena a;

	(void)state;
	arena_init(&a, mem, sizeof(mem) - 1);
	assert_null(arena_alloc(&a, SIZE_MAX));
	assert_true(a.failed);
	assert_null(arena_alloc(&a, 64));
	assert_non_null(arena_alloc(&a, 63));
	assert_null(arena_alloc(&a, 1));
	arena_init(&a, mem + 1, 3);
	assert_null(arena_alloc(&a, 1));
}

#define SAME_AS_LIBC(...) \
	do { \
		char want[80], got[80]; \
		int n = snprintf(want, sizeof(want), __VA_ARGS__); \
		assert_int_equal(text_format(got, sizeof(got), __VA_ARGS__), n); \
		assert_string_equal(got, want); \
	} while (0)

static void text_equals_libc(void **state)
{
	(void)state;
	SAME_AS_LIBC("plain %% text");
	SAME_AS_LIBC("%s|%5s|%c", "abc", "de", 'x');
	SAME_AS_LIBC("%d %d %d %d", 0, -1, INT_MAX, INT_MIN);
	SAME_AS_LIBC("%5d|%05d|%02x|%4x", -42, -42, 7, 0xabc);
	SAME_AS_LIBC("%u %x", UINT_MAX, 0xdeadbeef);
	SAME_AS_LIBC("%lld %llu %llx", LLONG_MIN, ULLONG_MAX, 0x1234567890abcdefULL);
	SAME_AS_LIBC("%lu %zu %ld", ULONG_MAX, SIZE_MAX, LONG_MIN);
}

static void text_is_cut_and_terminated(void **state)
{
	char buf[4] = "zzz";

	(void)state;
	assert_int_equal(text_format(buf, sizeof(buf), "%s", "abcdef"), 6);
	assert_string_equal(buf, "abc");
	assert_int_equal(text_format(NULL, 0, "%d", 123), 3);
}

static void first_error_is_kept(void **state)
{
	static struct diag d;
	struct compile c = { .diag = &d };

	(void)state;
	assert_int_equal(error(&c, 3, "r%d is bad", 4), -1);
	assert_int_equal(error_note(&c, "way out"), -1);
	error(&c, 5, "second");
	error_note(&c, "second");
	assert_int_equal(d.insn, 3);
	assert_string_equal(d.text, "r4 is bad");
	assert_string_equal(d.note, "way out");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(arena_aligns_and_zeroes),
		cmocka_unit_test(arena_refuses_what_does_not_fit),
		cmocka_unit_test(text_equals_libc),
		cmocka_unit_test(text_is_cut_and_terminated),
		cmocka_unit_test(first_error_is_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
