// SPDX-License-Identifier: Apache-2.0
/* nicctl prog: what runs, and changing it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "nicctl.h"

/* The state with the sentences that are too long to be in it. */
static json_t *state(struct ctl *c)
{
	json_t *show = ctl_ask(c, "/nicjit/xdp,%d", c->port), *why, *object;

	if (!show)
		return NULL;
	why = ctl_ask(c, "/nicjit/why,%d", c->port);
	object = ctl_ask(c, "/nicjit/object,%d", c->port);
	json_object_set_new(show, "port", json_integer(c->port));
	json_object_del(show, "state");
	if (object && *json_string_value(object))
		json_object_set(show, "object", object);
	if (why && *json_string_value(why))
		json_object_set(show, "why", why);
	json_decref(why);
	json_decref(object);
	return show;
}

static void print(const json_t *s, int port)
{
	static const char *const places[][2] = {{"none", "no program"}, {"offload", "in the NIC"}, {"host", "on the host"}};
	time_t loaded = (time_t)ctl_number(s, "loaded");
	char when[64];

	printf("port %d: ", port);
	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++)
		if (strcmp(places[i][0], ctl_string(s, "mode")) == 0)
			fputs(places[i][1], stdout);
	if (loaded) {
		strftime(when, sizeof(when), "%Y-%m-%d %H:%M:%S", localtime(&loaded));
		printf(": %s (section %s) of %s, loaded %s", ctl_string(s, "name"), ctl_string(s, "section"), ctl_string(s, "object"), when);
	}
	putchar('\n');
	if (json_object_get(s, "bundles"))
		printf("  %lu bundles at %lu\n", ctl_number(s, "bundles"), ctl_number(s, "first_bundle"));
	printf("  NIC %s, %lu cores of %lu threads, %lu wires; %lu maps\n", ctl_string(s, "nic"), ctl_number(s, "cores"), ctl_number(s, "threads"),
	       ctl_number(s, "wires"), ctl_number(s, "maps"));
	if (json_object_get(s, "why"))
		printf("  %s%s\n", loaded ? "not in the NIC: " : "", ctl_string(s, "why"));
}

static int show(struct ctl *c)
{
	json_t *s = state(c);

	if (!s)
		return -1;
	if (c->json)
		ctl_print(s);
	else
		print(s, c->port);
	json_decref(s);
	return 0;
}

int prog_show(struct ctl *c, int argc, char **argv)
{
	(void)argv;
	return argc ? fail("prog show takes no arguments") : show(c);
}

/* The other process may have another working directory. */
int prog_load(struct ctl *c, int argc, char **argv)
{
	const char *mode = "auto", *section = "", *entries = "";
	char *path;
	json_t *answer;

	if (argc < 1)
		return fail("prog load OBJECT [section NAME] [mode auto|offload|host] [entries MAP=N[:MAP=N]..]");
	for (int i = 1; i < argc; i += 2) {
		if (i + 1 < argc && strcmp(argv[i], "section") == 0)
			section = argv[i + 1];
		else if (i + 1 < argc && strcmp(argv[i], "mode") == 0)
			mode = argv[i + 1];
		else if (i + 1 < argc && strcmp(argv[i], "entries") == 0)
			entries = argv[i + 1];
		else
			return fail("prog load: %s is not understood; behind the object stand: section NAME, mode auto|offload|host, entries MAP=N[:MAP=N]..", argv[i]);
	}
	if (strchr(section, ',') || strchr(entries, ','))
		return fail("%s: telemetry takes no names with a comma", strchr(section, ',') ? section : entries);
	path = realpath(argv[0], NULL);
	if (!path)
		return fail("%s: there is no such file", argv[0]);
	if (strchr(path, ',')) {
		free(path);
		return fail("%s: telemetry takes no names with a comma", argv[0]);
	}
	answer = ctl_ask(c, "/nicjit/load,%d,%s,%s,%s%s%s", c->port, path, section, mode, *entries ? "," : "", entries);
	free(path);
	if (!answer)
		return -1;
	json_decref(answer);
	return show(c);
}

int prog_unload(struct ctl *c, int argc, char **argv)
{
	json_t *answer;

	(void)argv;
	if (argc)
		return fail("prog unload takes no arguments");
	answer = ctl_ask(c, "/nicjit/unload,%d", c->port);
	if (!answer)
		return -1;
	json_decref(answer);
	return show(c);
}

int prog_dump(struct ctl *c, int argc, char **argv)
{
	char command[64], *text;
	json_t *all;

	(void)argv;
	if (argc)
		return fail("prog dump takes no arguments");
	snprintf(command, sizeof(command), "/nicjit/prog_dump,%d", c->port);
	text = ctl_ask_all(c, command);
	if (!text)
		return -1;
	if (!*text) {
		free(text);
		return fail("port %d has no program", c->port);
	}
	if (c->json) {
		all = json_pack("{s:s}", "text", text);
		ctl_print(all);
		json_decref(all);
	} else {
		fputs(text, stdout);
	}
	free(text);
	return 0;
}
