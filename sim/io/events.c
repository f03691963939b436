// SPDX-License-Identifier: Apache-2.0
#include "events.h"

#include <ctype.h>
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct events {
	FILE *file;           /* or NULL, and take */
	events_taker *take;
	void *arg;
};

struct events *events_create(const char *path, struct io_error *err)
{
	struct events *e = malloc(sizeof(*e));

	if (!e) {
		io_fail(err, "out of memory");
		return NULL;
	}
	*e = (struct events){ .file = fopen(path, "w") };
	if (e->file)
		return e;
	io_fail(err, "%s cannot be written: %s", path, strerror(errno));
	free(e);
	return NULL;
}

struct events *events_give(events_taker *take, void *arg)
{
	struct events *e = malloc(sizeof(*e));

	if (e)
		*e = (struct events){ .take = take, .arg = arg };
	return e;
}

static void write_line(struct events *e, json_t *line)
{
	if (json_dumpf(line, e->file, JSON_COMPACT) == 0)
		putc('\n', e->file);
	json_decref(line);
}

void events_add(struct events *e, const char *map, int cpu, const void *bytes, size_t size)
{
	char *text;

	if (e->take) {
		e->take(e->arg, map, bytes, size);
		return;
	}
	text = malloc(2 * size + 1);
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
	if (e->file)
		write_line(e, json_pack("{ss}", "printk", text));
}

int events_finish(struct events *e, struct io_error *err)
{
	int bad;

	if (!e)
		return 0;
	bad = e->file && ferror(e->file);
	bad |= e->file && fclose(e->file);
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

/* Behind the % at `at`: what flags and width there are, and then the letters of a conversion of memory, or of a pointer. */
static size_t flags_of(const char *at)
{
	return strspn(at, "0123456789+- ");
}

static bool ends(const char *at)
{
	return !*at || isspace((unsigned char)*at) || ispunct((unsigned char)*at);
}

size_t events_memory(const char *at)
{
	at += flags_of(at);
	if (*at == 's')
		return ends(at + 1) ? EVENTS_STRING : 0;
	if (*at == 'p' && (at[1] == 'i' || at[1] == 'I') && (at[2] == '4' || at[2] == '6'))
		return at[2] == '4' ? 4 : 16;
	return 0;
}

static size_t pointer_letters(const char *at)
{
	return *at != 'p' ? 0 : ends(at + 1) ? 1 : strchr("KxsSB", at[1]) ? 2 : 0;
}

/* As Linux has them: %pi4 with leading zeroes, %pi6 without colons, %pI6 all digits of all groups. */
static void address_text(char *to, const char *letters, const uint8_t *b)
{
	if (letters[1] == '4') {
		sprintf(to, *letters == 'i' ? "%03u.%03u.%03u.%03u" : "%u.%u.%u.%u", b[0], b[1], b[2], b[3]);
		return;
	}
	for (int n = 0; n < 16; n += 2)
		to += sprintf(to, "%02x%02x%s", b[n], b[n + 1], *letters == 'I' && n < 14 ? ":" : "");
}

static bool put_memory(char *text, size_t *length, const char **at, const void *bytes, size_t size)
{
	size_t flags = flags_of(*at), room = EVENTS_TEXT - *length, string = (*at)[flags] == 's';
	char spec[40], part[EVENTS_STRING + 1] = "";

	if (flags > 16 || (!string && size < events_memory(*at)))
		return false;
	sprintf(spec, "%%%.*ss", string ? (int)flags : 0, *at);
	if (string)
		memcpy(part, bytes, size < EVENTS_STRING ? size : EVENTS_STRING);
	else
		address_text(part, *at + flags + 1, bytes);
	*at += flags + (string ? 1 : 3);
	*length += (size_t)snprintf(text + *length, room, spec, part);
	return *length < EVENTS_TEXT;
}

static bool put_pointer(char *text, size_t *length, const char **at, uint64_t number)
{
	size_t flags = flags_of(*at);

	*at += flags + pointer_letters(*at + flags);
	*length += (size_t)snprintf(text + *length, EVENTS_TEXT - *length, "%016llx", (unsigned long long)number);
	return *length < EVENTS_TEXT;
}

/* The conversion behind a %; *used: words that were printed before. */
static bool put_value(char *text, size_t *length, const char **at, const uint64_t *numbers, size_t count, size_t *used)
{
	uint64_t first;

	if (*used == count)
		return false;
	first = numbers[(*used)++];
	if (pointer_letters(*at + flags_of(*at)))
		return put_pointer(text, length, at, first);
	if (!events_memory(*at))
		return put_number(text, length, at, first);
	if (first / 8 > count - *used || !put_memory(text, length, at, numbers + *used, (size_t)first))
		return false;
	*used += (size_t)first / 8;
	return true;
}

bool events_format_length(char *text, size_t *length, const char *format, size_t size, const uint64_t *numbers, size_t count)
{
	size_t used = 0;

	*length = 0;
	if (!memchr(format, 0, size))
		return false;
	while (*format && *length < EVENTS_TEXT - 1) {
		if (!isprint((unsigned char)*format) && !isspace((unsigned char)*format))
			return false;
		if (*format != '%') {
			text[(*length)++] = *format++;
		} else if (*++format == '%') {
			text[(*length)++] = *format++;
		} else if (!put_value(text, length, &format, numbers, count, &used)) {
			return false;
		}
	}
	text[*length] = 0;
	return true;
}

bool events_format(char *text, const char *format, size_t size, const uint64_t *numbers, size_t count)
{
	size_t length;

	return events_format_length(text, &length, format, size, numbers, count);
}
