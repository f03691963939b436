// SPDX-License-Identifier: Apache-2.0
/* bpf_strtol() and bpf_strtoul(), as Linux has them. */
#include "interp.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { HELPER_STRTOL = 105, HELPER_STRTOUL = 106, BASE_MASK = 0x1f, LOOKED_AT = 63, HARD_SPACE = 0xa0 };

bool number_is_helper(int32_t helper)
{
	return helper == HELPER_STRTOL || helper == HELPER_STRTOUL;
}

static bool has_prefix(const char *text)
{
	return text[0] == '0' && tolower((unsigned char)text[1]) == 'x';
}

/* Digits in base 0, 8, 10 or 16: how many characters, or -ERANGE. What strtoull() takes besides, a sign and spaces, Linux does not. */
static int64_t digits(const char *text, unsigned int base, uint64_t *number)
{
	const char *from = text;
	char *end;

	if (base == 0)
		base = *text != '0' ? 10 : has_prefix(text) && isxdigit((unsigned char)text[2]) ? 16 : 8;
	if (base == 16 && has_prefix(text))
		from += 2;
	if (!isxdigit((unsigned char)*from) || has_prefix(from)) { /* 0x0x: a zero and no more */
		*number = 0;
		return *from == '0' ? from + 1 - text : -EINVAL;
	}
	errno = 0;
	*number = strtoull(from, &end, (int)base);
	return errno == ERANGE ? -ERANGE : end == from ? -EINVAL : end - text;
}

/* size bytes, of which spaces and a sign come first. */
static int64_t parse(const uint8_t *bytes, uint32_t size, uint64_t flags, uint64_t *number, bool *minus)
{
	unsigned int base = flags & BASE_MASK;
	char text[LOOKED_AT + 1] = "";
	uint32_t at = 0;
	int64_t length;

	if (flags > BASE_MASK || (base && base != 8 && base != 10 && base != 16))
		return -EINVAL;
	while (at < size && (isspace(bytes[at]) || bytes[at] == HARD_SPACE))
		at++;
	*minus = at < size && bytes[at] == '-';
	at += *minus;
	if (at == size)
		return -EINVAL;
	memcpy(text, bytes + at, size - at < LOOKED_AT ? size - at : LOOKED_AT);
	length = digits(text, base, number);
	return length < 0 ? length : at + length;
}

bool number_call(struct ref_machine *machine, int32_t helper)
{
	uint64_t *reg = machine->run->reg, number = 0;
	uint8_t *result = memory_bytes(machine, reg[4], sizeof(number), true);
	const uint8_t *text;
	bool minus = false;
	int64_t length;

	if (!result)
		return false;
	memset(result, 0, sizeof(number));
	text = memory_bytes(machine, reg[1], (uint32_t)reg[2], false);
	if (!text)
		return false;
	length = parse(text, (uint32_t)reg[2], reg[3], &number, &minus);
	if (length >= 0 && helper == HELPER_STRTOUL && minus)
		length = -EINVAL;
	if (length >= 0 && helper == HELPER_STRTOL && number > (uint64_t)INT64_MAX + minus)
		length = -ERANGE;
	if (length >= 0) {
		number = minus ? -number : number;
		memcpy(result, &number, sizeof(number));
	}
	reg[0] = (uint64_t)length;
	return true;
}
