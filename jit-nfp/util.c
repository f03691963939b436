// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
#include "util.h"

void arena_init(struct arena *a, void *mem, size_t size)
{
	size_t skip = -(uintptr_t)mem & (ARENA_ALIGNMENT - 1);

	if (skip > size)
		skip = size;
	a->at = (uint8_t *)mem + skip;
	a->end = (uint8_t *)mem + size;
	a->failed = 0;
}

void *arena_alloc(struct arena *a, size_t size)
{
	size_t left = (size_t)(a->end - a->at);
	void *p = a->at;

	if (size > left) {
		a->failed = 1;
		return NULL;
	}
	size += -size & (ARENA_ALIGNMENT - 1); /* can't wrap: size is no more than an object's size */
	a->at += size < left ? size : left;
	return memset(p, 0, size < left ? size : left);
}

struct out {
	char *buf;
	size_t size, length;
};

static void put(struct out *o, char ch)
{
	if (o->length + 1 < o->size)
		o->buf[o->length] = ch;
	o->length++;
}

static void put_padding(struct out *o, int width, int used, char pad)
{
	for (; used < width; used++)
		put(o, pad);
}

static void put_number(struct out *o, unsigned long long v, int negative, unsigned int base,
		       int width, char pad)
{
	char digits[24];
	int n = 0;

	do {
		digits[n++] = "0123456789abcdef"[v % base];
		v /= base;
	} while (v);
	if (negative && pad == '0')
		put(o, '-');
	put_padding(o, width, n + negative, pad);
	if (negative && pad != '0')
		put(o, '-');
	while (n)
		put(o, digits[--n]);
}

static void put_string(struct out *o, const char *s, int width)
{
	if (!s)
		s = "(null)";
	put_padding(o, width, (int)strlen(s), ' ');
	while (*s)
		put(o, *s++);
}

/* How an integer argument was passed: the number of l's, or 3 for z. */
static const char *read_length(const char *f, int *length)
{
	*length = 0;
	if (*f == 'z') {
		*length = 3;
		return f + 1;
	}
	for (; *f == 'l' && *length < 2; f++)
		++*length;
	return f;
}

int text_vformat(char *buf, size_t size, const char *fmt, va_list args)
{
	struct out o = { buf, size, 0 };
	va_list ap;

	va_copy(ap, args); /* a copy's address can be passed on, a parameter's not on every ABI */
	for (const char *f = fmt; *f; f++) {
		unsigned long long u;
		int width = 0, length;
		char pad = ' ';
		long long d;

		if (*f != '%') {
			put(&o, *f);
			continue;
		}
		if (*++f == '0')
			pad = '0';
		for (; *f >= '0' && *f <= '9'; f++)
			width = width * 10 + (*f - '0');
		f = read_length(f, &length);
		switch (*f) {
		case 's':
			put_string(&o, va_arg(ap, const char *), width);
			break;
		case 'c':
			put_padding(&o, width, 1, ' ');
			put(&o, (char)va_arg(ap, int));
			break;
		case 'd':
			d = length == 3	  ? (long long)va_arg(ap, ptrdiff_t)
			    : length == 2 ? va_arg(ap, long long)
			    : length == 1 ? va_arg(ap, long)
					  : va_arg(ap, int);
			put_number(&o, d < 0 ? -(unsigned long long)d : (unsigned long long)d,
				   d < 0, 10, width, pad);
			break;
		case 'u':
		case 'x':
			u = length == 3	  ? va_arg(ap, size_t)
			    : length == 2 ? va_arg(ap, unsigned long long)
			    : length == 1 ? va_arg(ap, unsigned long)
					  : va_arg(ap, unsigned int);
			put_number(&o, u, 0, *f == 'x' ? 16 : 10, width, pad);
			break;
		default:
			put(&o, *f); /* %% */
		}
		if (!*f)
			break;
	}
	va_end(ap);
	if (size)
		buf[o.length < size ? o.length : size - 1] = 0;
	return (int)o.length;
}

int text_format(char *buf, size_t size, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = text_vformat(buf, size, fmt, ap);
	va_end(ap);
	return n;
}
