// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
#include "format.h"
#include "util.h"

static int is_digit(uint8_t ch)
{
	return ch >= '0' && ch <= '9';
}

static int is_space(uint8_t ch)
{
	return ch == ' ' || (ch >= '\t' && ch <= '\r');
}

static int is_punctuation(uint8_t ch)
{
	return ch > ' ' && ch < 127 && !is_digit(ch) && !((ch | 0x20) >= 'a' && (ch | 0x20) <= 'z');
}

int format_takes(uint8_t ch)
{
	return is_space(ch) || (ch > ' ' && ch < 127);
}

/* The conversion ends behind its letter. */
static int ends(uint8_t next)
{
	return !next || is_space(next) || is_punctuation(next);
}

static uint32_t flags_and_width(const uint8_t *at, struct conversion *c)
{
	uint32_t n = 0;

	for (; at[n] == '0' || at[n] == '+' || at[n] == '-' || at[n] == ' '; n++) {
		c->left |= at[n] == '-';
		c->zeroes |= at[n] == '0';
		if (at[n] == '+' || (at[n] == ' ' && !c->sign))
			c->sign = at[n];
	}
	for (; is_digit(at[n]); n++)
		c->width = c->width < WIDTH_MOST ? 10 * c->width + at[n] - '0' : WIDTH_MOST;
	return n;
}

/* Behind %p. */
static uint32_t pointer(const uint8_t *at, struct conversion *c)
{
	enum { CHARS_I4 = 15, CHARS_I6 = 39, CHARS_i6 = 32 };

	c->kind = CONV_POINTER;
	if (ends(at[0]))
		return 1;
	if (at[0] == 'K' || at[0] == 'x')
		return 2;
	if (at[0] == 's' || at[0] == 'S' || at[0] == 'B') {
		c->kind = CONV_SYMBOL;
		return 2;
	}
	if ((at[0] == 'k' || at[0] == 'u') && at[1] == 's') {
		c->kind = CONV_SYMBOL;
		return 3;
	}
	c->kind = CONV_ADDRESS;
	if ((at[0] != 'i' && at[0] != 'I') || (at[1] != '4' && at[1] != '6'))
		return 0;
	c->ip = at[1] - '0';
	c->fixed = c->ip == 6 ? (at[0] == 'I' ? CHARS_I6 : CHARS_i6) : at[0] == 'i' ? CHARS_I4 : 0;
	return 3;
}

static uint32_t number(const uint8_t *at, struct conversion *c)
{
	uint32_t n = 0;

	while (n < 2 && at[n] == 'l')
		n++;
	c->wide = n > 0;
	c->is_signed = at[n] == 'd' || at[n] == 'i';
	c->kind = at[n] == 'x' || at[n] == 'X' ? CONV_HEX : CONV_DECIMAL;
	c->upper = at[n] == 'X';
	return c->is_signed || c->kind == CONV_HEX || at[n] == 'u' ? n + 1 : 0;
}

uint32_t format_conversion(const uint8_t *at, struct conversion *c)
{
	uint32_t flags, n;

	memset(c, 0, sizeof(*c));
	flags = flags_and_width(at, c);
	at += flags;
	if (*at == 'p') {
		n = pointer(at + 1, c);
	} else if (*at == 's') {
		c->kind = CONV_STRING;
		n = ends(at[1]);
	} else if (*at == 'c') {
		c->kind = CONV_CHAR;
		n = 1;
	} else {
		n = number(at, c);
	}
	return n ? flags + n : 0;
}
