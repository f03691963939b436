// SPDX-License-Identifier: Apache-2.0
/* nicctl map push, peek, pop: queues and stacks. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "map.h"

enum { QUEUE = 22, STACK = 23, FLAG_EXIST = 2 }; /* of enum bpf_map_type, of bpf(2) */

static int find_queue(struct ctl *c, const char *name, struct map *m)
{
	if (map_find(c, name, m))
		return -1;
	if (m->type == QUEUE || m->type == STACK)
		return 0;
	json_decref(m->all);
	return fail("map %s is neither a queue nor a stack", name);
}

int map_push(struct ctl *c, int argc, char **argv)
{
	bool exist = argc == 3 && strcmp(argv[2], "exist") == 0;
	struct map m;
	int result;

	if (argc != 2 && !exist)
		return fail("map push MAP VALUE [exist]");
	if (find_queue(c, argv[0], &m))
		return -1;
	result = map_change(c, &m, "", argv[1], exist ? FLAG_EXIST : 0);
	json_decref(m.all);
	return result;
}

static int show(struct ctl *c, const struct map *m, const char *digits)
{
	uint8_t *bytes = calloc(1, m->value_size + 8);
	char *text = NULL;
	int result = -1;

	if (!bytes)
		abort();
	if (!digits || !hex_parse(bytes, m->value_size, digits)) {
		fail("the answer has not the bytes of a value");
	} else if (c->json) {
		json_t *value = value_json(value_btf(c), m->value_type, bytes, m->value_size);

		ctl_print(value);
		json_decref(value);
		result = 0;
	} else {
		text = value_text(value_btf(c), m->value_type, bytes, m->value_size);
		puts(text);
		result = 0;
	}
	free(text);
	free(bytes);
	return result;
}

static int take(struct ctl *c, int argc, char **argv, const char *command, const char *usage)
{
	json_t *answer;
	struct map m;
	int result;

	if (argc != 1)
		return fail("%s", usage);
	if (find_queue(c, argv[0], &m))
		return -1;
	answer = ctl_ask(c, "/nicjit/%s,%d,%u", command, c->port, m.id);
	result = answer ? show(c, &m, json_string_value(answer)) : -1;
	json_decref(answer);
	json_decref(m.all);
	return result;
}

int map_peek(struct ctl *c, int argc, char **argv)
{
	return take(c, argc, argv, "map_lookup", "map peek MAP");
}

int map_pop(struct ctl *c, int argc, char **argv)
{
	return take(c, argc, argv, "map_pop", "map pop MAP");
}
