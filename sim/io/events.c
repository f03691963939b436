// SPDX-License-Identifier: Apache-2.0
#include "events.h"

#include <ctype.h>
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct events {
	FILE *file;
};

struct events *events_create(const char *path, struct io_error *err)
{
	struct events *e = malloc(sizeof(*e));

	if (!e) {
		io_fail(err, "out of memory");
		return NULL;
	}
	e->file = fopen(path, "w");
	if (e->file)
		return e;
	io_fail(err, "%s cannot be written: %s", path, strerror(errno));
	free(e);
	return NULL;
}

static void write_line(struct events *e, json_t *line)
{
	if (json_dumpf(line, e->file, JSON_COMPACT) == 0)
		putc('\n', e->file);
	json_decref(line);
}

void events_add(struct events *e, const char *map, int cpu, const void *bytes, size_t size)
{
	char *text = malloc(2 * size + 1);

	if (!text)
		return;
	io_hex_print(text, bytes, size);
	if (cpu == EVENTS_NO_CPU)
		write_line(e, json_pack("{ssss}", "map", map, "data", text));
	else
		write_line(e, json_pack("{sssiss}", "map", map, "cpu", cpu, "data", text));
	free(text);
}

void events_print(struct events *e, const char *text)
{
	write_line(e, json_pack("{ss}", "printk", text));
}

int events_finish(struct events *e, struct io_error *err)
{
	int bad;

	if (!e)
		return 0;
	bad = ferror(e->file);
	bad |= fclose(e->file);
	free(e);
	return bad ? io_fail(err, "the events could not be written") : 0;
}

size_t events_raw_size(size_t size)
{
	return ((size + 4 + 7) & ~(size_t)7) - 4;
}

/* One conversion from `at` on, behind its %: copied to spec; the bytes it takes, 0 when Linux does not know it. */
static size_t conversion(const char *at, char *spec, uint64_t *number)
{
	size_t n = 0, l = 0;
	char kind;

	while (at[n] == '0' || at[n] == '+' || at[n] == '-' || at[n] == ' ')
		n++;
	while (isdigit((unsigned char)at[n]))
		n++;
	if (n > 16)
		return 0;
	sprintf(spec, "%%%.*s", (int)n, at);
	while (l < 2 && at[n + l] == 'l')
		l++;
	kind = at[n + l];
	if (kind == 'c' && !l) {
		strcat(spec, "c");
		*number &= 0xff;
		return n + 1;
	}
	if (!kind || !strchr("diuxX", kind))
		return 0;
	strcat(spec, "ll");
	spec[strlen(spec) + 1] = 0;
	spec[strlen(spec)] = kind;
	if (!l)
		*number = kind == 'd' || kind == 'i' ? (uint64_t)(int32_t)*number : (uint32_t)*number;
	return n + l + 1;
}

static bool put_number(char *text, size_t *length, const char **at, uint64_t number)
{
	char spec[32];
	size_t taken = conversion(*at, spec, &number);

	if (!taken || *length >= EVENTS_TEXT - 64)
		return false;
	*at += taken;
	*length += (size_t)snprintf(text + *length, EVENTS_TEXT - *length, spec, number);
	return *length < EVENTS_TEXT;
}

bool events_format(char *text, const char *format, size_t size, const uint64_t *numbers, size_t count)
{
	size_t length = 0, used = 0;

	if (!memchr(format, 0, size))
		return false;
	while (*format && length < EVENTS_TEXT - 1) {
		if (!isprint((unsigned char)*format) && !isspace((unsigned char)*format))
			return false;
		if (*format != '%') {
			text[length++] = *format++;
		} else if (*++format == '%') {
			text[length++] = *format++;
		} else if (used == count || !put_number(text, &length, &format, numbers[used++])) {
			return false;
		}
	}
	text[length] = 0;
	return true;
}
