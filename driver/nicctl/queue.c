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

static void show(struct ctl *c, const struct map *m, const uint8_t *bytes)
{
	if (c->json) {
		json_t *value = value_json(value_btf(c), m->value_type, bytes, m->value_size);

		ctl_print(value);
		json_decref(value);
	} else {
		char *text = value_text(value_btf(c), m->value_type, bytes, m->value_size);

		puts(text);
		free(text);
	}
}

static int peek(struct ctl *c, const struct map *m, uint8_t *bytes)
{
	return map_read(c, m, "", bytes);
}

static int pop(struct ctl *c, const struct map *m, uint8_t *bytes)
{
	json_t *answer = ctl_ask(c, "/nicjit/map_pop,%d,%u", c->port, m->id);
	const char *digits = json_string_value(answer);
	int result = answer ? 0 : -1;

	if (answer && (!digits || !hex_parse(bytes, m->value_size, digits)))
		result = fail("the answer has not the bytes of a value");
	json_decref(answer);
	return result;
}

static int take(struct ctl *c, int argc, char **argv, int (*how)(struct ctl *, const struct map *, uint8_t *), const char *usage)
{
	uint8_t *bytes;
	struct map m;
	int result;

	if (argc != 1)
		return fail("%s", usage);
	if (find_queue(c, argv[0], &m))
		return -1;
	bytes = calloc(1, m.value_size + 8);
	if (!bytes)
		abort();
	result = how(c, &m, bytes);
	if (!result)
		show(c, &m, bytes);
	free(bytes);
	json_decref(m.all);
	return result;
}

int map_peek(struct ctl *c, int argc, char **argv)
{
	return take(c, argc, argv, peek, "map peek MAP");
}

int map_pop(struct ctl *c, int argc, char **argv)
{
	return take(c, argc, argv, pop, "map pop MAP");
}
