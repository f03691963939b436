// SPDX-License-Identifier: Apache-2.0
/* nicctl trace: what the program prints, and the records that it puts into ring buffers and perf event arrays, as they come. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "nicctl.h"

static volatile sig_atomic_t stopped;

static void stop(int signal)
{
	(void)signal;
	stopped = 1;
}

/* A record by the type of its map, when the object says it: most ring buffers have none. */
static void print_record(struct ctl *c, const json_t *line)
{
	const char *map = ctl_string(line, "map"), *digits = ctl_string(line, "data");
	size_t size = strlen(digits) / 2;
	uint8_t *bytes = malloc(size + 1);
	uint32_t type = map_value_type(c, map);
	char *text;

	if (!bytes || !hex_parse(bytes, size, digits))
		abort();
	text = value_text(type ? value_btf(c) : NULL, type, bytes, size);
	printf("%s", map);
	if (json_object_get(line, "cpu"))
		printf(" thread %lu", ctl_number(line, "cpu"));
	printf(": %s\n", text);
	free(text);
	free(bytes);
}

static void print(struct ctl *c, const char *text)
{
	json_t *line = c->json ? NULL : json_loads(text, 0, NULL);
	const char *print = ctl_string(line, "printk");

	if (!line)
		puts(text);
	else if (json_object_get(line, "printk"))
		printf("printk: %s%s", print, *print && print[strlen(print) - 1] == '\n' ? "" : "\n");
	else
		print_record(c, line);
	json_decref(line);
}

/* Lines may come in several pieces. */
static int take(struct ctl *c, char **rest, size_t *got)
{
	json_t *piece = ctl_ask(c, "/nicjit/trace,%d", c->port);
	const char *text = json_string_value(piece);
	size_t had = strlen(*rest);
	char *end;

	if (!text) {
		json_decref(piece);
		return -1;
	}
	*got = strlen(text);
	*rest = realloc(*rest, had + *got + 1);
	if (!*rest)
		abort();
	strcpy(*rest + had, text);
	json_decref(piece);
	while ((end = strchr(*rest, '\n'))) {
		*end = '\0';
		print(c, *rest);
		memmove(*rest, end + 1, strlen(end + 1) + 1);
	}
	fflush(stdout);
	return 0;
}

int trace_show(struct ctl *c, int argc, char **argv)
{
	struct sigaction act = {.sa_handler = stop};
	char *rest = calloc(1, 1);
	size_t got = 0;
	int result = 0;

	(void)argv;
	if (argc)
		return free(rest), fail("trace takes no arguments; --count says how often it asks, --interval how long it waits between");
	sigaction(SIGINT, &act, NULL);
	sigaction(SIGTERM, &act, NULL);
	for (unsigned int n = 0; rest && !result && !stopped && (c->count == 0 || n < c->count);) {
		result = take(c, &rest, &got);
		if (got)
			continue;
		n++;
		if (c->count == 0 || n < c->count)
			usleep((useconds_t)(c->interval * 1e6));
	}
	if (!result)
		json_decref(ctl_ask(c, "/nicjit/trace,%d,end", c->port));
	free(rest);
	return result;
}
