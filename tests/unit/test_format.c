// SPDX-License-Identifier: Apache-2.0
/* Conversions of bpf_trace_printk(): what each is, how many characters belong to it, and which there are none of. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <string.h>
#include <cmocka.h>
#include "jit-nfp/format.h"

static const struct { const char *text; uint32_t length; struct conversion is; } taken[] = {
	{ "d", 1, { .kind = CONV_DECIMAL, .is_signed = 1 } },
	{ "i,", 1, { .kind = CONV_DECIMAL, .is_signed = 1 } },
	{ "u", 1, { .kind = CONV_DECIMAL } },
	{ "lu", 2, { .kind = CONV_DECIMAL, .wide = 1 } },
	{ "lld", 3, { .kind = CONV_DECIMAL, .is_signed = 1, .wide = 1 } },
	{ "08x", 3, { .kind = CONV_HEX, .zeroes = 1, .width = 8 } },
	{ "-9X", 3, { .kind = CONV_HEX, .left = 1, .upper = 1, .width = 9 } },
	{ " +d", 3, { .kind = CONV_DECIMAL, .is_signed = 1, .sign = '+' } },
	{ "+ i", 3, { .kind = CONV_DECIMAL, .is_signed = 1, .sign = '+' } },
	{ " d", 2, { .kind = CONV_DECIMAL, .is_signed = 1, .sign = ' ' } },
	{ "llX\n", 3, { .kind = CONV_HEX, .upper = 1, .wide = 1 } },
	{ "+5d", 3, { .kind = CONV_DECIMAL, .is_signed = 1, .sign = '+', .width = 5 } },
	{ "99999999d", 9, { .kind = CONV_DECIMAL, .is_signed = 1, .width = 1 << 16 } },
	{ "c", 1, { .kind = CONV_CHAR } },
	{ "s", 1, { .kind = CONV_STRING } },
	{ "p", 1, { .kind = CONV_POINTER } },
	{ "px", 2, { .kind = CONV_POINTER } },
	{ "pS", 2, { .kind = CONV_SYMBOL } },
	{ "pI4", 3, { .kind = CONV_ADDRESS, .ip = 4 } },
	{ "pi4", 3, { .kind = CONV_ADDRESS, .ip = 4, .fixed = 15 } },
	{ "pI6", 3, { .kind = CONV_ADDRESS, .ip = 6, .fixed = 39 } },
	{ "pi6", 3, { .kind = CONV_ADDRESS, .ip = 6, .fixed = 32 } },
};

static void conversions_are_known(void **state)
{
	(void)state;
	for (size_t n = 0; n < sizeof(taken) / sizeof(taken[0]); n++) {
		struct conversion c;

		memset(&c, 0, sizeof(c));
		if (format_conversion((const uint8_t *)taken[n].text, &c) != taken[n].length)
			fail_msg("%%%s has another length", taken[n].text);
		if (c.kind != taken[n].is.kind || c.is_signed != taken[n].is.is_signed || c.wide != taken[n].is.wide || c.sign != taken[n].is.sign || c.ip != taken[n].is.ip ||
		    c.fixed != taken[n].is.fixed || c.left != taken[n].is.left || c.zeroes != taken[n].is.zeroes || c.upper != taken[n].is.upper || c.width != taken[n].is.width)
			fail_msg("%%%s is something else", taken[n].text);
	}
}

static void others_are_refused(void **state)
{
	static const char *const refused[] = { "", "q", "f", "l", "ll", "lllu", "hd", "pI5", "pM", "o", "n", "." };

	(void)state;
	for (size_t n = 0; n < sizeof(refused) / sizeof(refused[0]); n++) {
		struct conversion c;

		memset(&c, 0, sizeof(c));
		if (format_conversion((const uint8_t *)refused[n], &c))
			fail_msg("%%%s is taken", refused[n]);
	}
}

static void characters_are_printable_or_spaces(void **state)
{
	(void)state;
	for (unsigned int ch = 1; ch < 256; ch++)
		assert_int_equal(format_takes((uint8_t)ch), (ch >= 32 && ch < 127) || (ch >= '\t' && ch <= '\r'));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(conversions_are_known),
		cmocka_unit_test(others_are_refused),
		cmocka_unit_test(characters_are_printable_or_spaces),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
