// SPDX-License-Identifier: Apache-2.0
#include "io.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int io_fail(struct io_error *err, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(err->text, sizeof(err->text), fmt, ap);
	va_end(ap);
	return -1;
}

void io_hex_print(char *text, const void *bytes, size_t size)
{
	static const char digits[] = "0123456789abcdef";
	const uint8_t *byte = bytes;

	for (size_t i = 0; i < size; i++) {
		*text++ = digits[byte[i] >> 4];
		*text++ = digits[byte[i] & 15];
	}
	*text = '\0';
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

bool io_hex_parse(void *bytes, size_t size, const char *text)
{
	uint8_t *byte = bytes;

	if (strlen(text) != 2 * size)
		return false;
	for (size_t i = 0; i < size; i++) {
		int high = hex_digit(text[2 * i]), low = hex_digit(text[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		byte[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}
