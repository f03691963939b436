// SPDX-License-Identifier: Apache-2.0
/* bpf_snprintf(), as Linux has it, of numbers and characters: the C library makes their text. */
#include "interp.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HELPER_SNPRINTF = 165, VALUES_MAX = 12, WIDTH_MOST = 1 << 16, TEXT_MAX = VALUES_MAX * WIDTH_MOST + 4096, FORMAT_MAX = 4096 };

struct text {
	char *at;                       /* TEXT_MAX bytes */
	uint32_t length;
};

bool text_is_helper(int32_t helper)
{
	return helper == HELPER_SNPRINTF;
}

/* One conversion; returns what follows it, or NULL where Linux takes none such. */
static const char *convert(struct text *t, const char *format, uint64_t value)
{
	char own[32] = "%", *to = own + 1;
	const char *flags = format;
	size_t room = TEXT_MAX - t->length;
	bool wide, left, is_signed;
	int width;

	format += strspn(format, "0+- ");
	width = (int)strtol(format, (char **)&format, 10);
	left = memchr(flags, '-', (size_t)(format - flags)) != NULL;
	if (width < 0 || width > WIDTH_MOST)
		return NULL;
	if (*format == 'c') {
		t->length += (uint32_t)snprintf(t->at + t->length, room, left ? "%-*c" : "%*c", width, (int)(unsigned char)value);
		return format + 1;
	}
	for (const char *f = flags; *f && strchr("0+- ", *f) && to < own + 16; f++)
		*to++ = *f;
	wide = *format == 'l';
	format += wide;
	format += wide && *format == 'l';
	is_signed = *format == 'd' || *format == 'i';
	if (!is_signed && *format != 'u' && *format != 'x' && *format != 'X')
		return NULL;
	if (!wide)
		value = is_signed ? (uint64_t)(int64_t)(int32_t)value : (uint32_t)value;
	snprintf(to, sizeof(own) - (size_t)(to - own), "*ll%c", *format);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	t->length += (uint32_t)snprintf(t->at + t->length, room, own, width, (unsigned long long)value);
#pragma GCC diagnostic pop
	return format + 1;
}

/* The length, or -EINVAL. */
static int64_t make(struct text *t, const char *format, const uint8_t *values, uint32_t n)
{
	uint64_t value;

	while (*format) {
		if ((!isprint((unsigned char)*format) && !isspace((unsigned char)*format)) || t->length >= TEXT_MAX)
			return -EINVAL;
		if (*format != '%' || format[1] == '%') {
			t->at[t->length++] = *format;
			format += 1 + (*format == '%');
			continue;
		}
		if (!n--)
			return -EINVAL;
		memcpy(&value, values, sizeof(value));
		values += sizeof(value);
		format = convert(t, format + 1, value);
		if (!format)
			return -EINVAL;
	}
	return t->length;
}

/* r1 buffer, r2 its size, r3 format, r4 numbers, r5 their size */
bool text_call(struct ref_machine *machine)
{
	uint64_t *reg = machine->run->reg;
	uint32_t size = (uint32_t)reg[2], bytes = (uint32_t)reg[5], n = 0;
	uint8_t *to = size ? memory_bytes(machine, reg[1], size, true) : NULL;
	const uint8_t *values = bytes ? memory_bytes(machine, reg[4], bytes, false) : NULL, *ch;
	char format[FORMAT_MAX] = "";
	struct text t = { 0 };
	int64_t length;

	if ((size && !to) || (bytes && !values))
		return false;
	while (n + 1 < FORMAT_MAX && (ch = memory_peek(machine, reg[3] + n)) && *ch)
		format[n++] = (char)*ch;
	t.at = malloc(TEXT_MAX + 1);
	if (!t.at)
		return interp_fault(machine->run, "out of memory");
	length = bytes > 8 * VALUES_MAX ? -EINVAL : make(&t, format, values, bytes / 8);
	if (length >= 0 && size) {
		memcpy(to, t.at, length < size ? (size_t)length : size - 1);
		to[length < size ? (uint32_t)length : size - 1] = 0;
	}
	free(t.at);
	reg[0] = (uint64_t)(length < 0 ? length : length + 1);
	return true;
}
