// SPDX-License-Identifier: Apache-2.0
/*
 * results-diff A B [MAPS_A MAPS_B]: compares two result files packet by packet (ret, len, data, and whether there was a fault),
 * whoever wrote them, and optionally two map files. Fields that only one side has (bundles, cycles) are not compared; a map that
 * only one side has is a difference. Prints the first differences; exit 0 equal, 1 different, 2 usage or unreadable.
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SHOWN_MAX = 10 };

static const char *const fields[] = { "n", "ret", "verdict", "len", "data" };

static json_t *next_row(FILE *f, const char *path)
{
	static char *line;
	static size_t size;
	json_error_t e;
	json_t *row;

	if (getline(&line, &size, f) < 0)
		return NULL;
	row = json_loads(line, 0, &e);
	if (!row) {
		fprintf(stderr, "results-diff: %s: not JSON Lines: %s\n", path, e.text);
		exit(2);
	}
	return row;
}

static char *field_text(const json_t *row, const char *field)
{
	const json_t *v = json_object_get(row, field);

	return v ? json_dumps(v, JSON_ENCODE_ANY | JSON_SORT_KEYS) : NULL;
}

static int row_differs(const json_t *a, const json_t *b, int show)
{
	int bad = 0;

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		char *ta = field_text(a, fields[i]), *tb = field_text(b, fields[i]);

		/* data may have been left out on one side; everything else must be on both */
		if ((!ta || !tb) ? strcmp(fields[i], "data") != 0 : strcmp(ta, tb) != 0) {
			bad = 1;
			if (show)
				printf("packet %lld: %s is %s and %s\n",
				       (long long)json_integer_value(json_object_get(a, "n")), fields[i],
				       ta ? ta : "missing", tb ? tb : "missing");
		}
		free(ta);
		free(tb);
	}
	if (!json_object_get(a, "fault") != !json_object_get(b, "fault")) {
		bad = 1;
		if (show)
			printf("packet %lld: only one side has a fault\n",
			       (long long)json_integer_value(json_object_get(a, "n")));
	}
	return bad;
}

static FILE *open_or_exit(const char *path)
{
	FILE *f = fopen(path, "r");

	if (!f) {
		fprintf(stderr, "results-diff: cannot read %s\n", path);
		exit(2);
	}
	return f;
}

static int results_differ(const char *pa, const char *pb)
{
	FILE *fa = open_or_exit(pa), *fb = open_or_exit(pb);
	int different = 0, rows = 0;

	for (;;) {
		json_t *a = next_row(fa, pa), *b = next_row(fb, pb);

		if (!a && !b)
			break;
		if (!a || !b) {
			printf("%s ends after %d packets\n", a ? pb : pa, rows);
			different++;
			json_decref(a);
			json_decref(b);
			break;
		}
		rows++;
		different += row_differs(a, b, different < SHOWN_MAX);
		json_decref(a);
		json_decref(b);
	}
	fclose(fa);
	fclose(fb);
	if (!rows) {
		printf("no packets to compare\n");
		return 1;
	}
	if (different)
		printf("%d of %d packets differ\n", different, rows);
	return different != 0;
}

/* Of a list of values per CPU those behind the last one that is not 0 mean nothing: machines have different numbers of CPUs. */
static void drop_zeros(json_t *value)
{
	while (json_array_size(value) > 1) {
		const char *last = json_string_value(json_array_get(value, json_array_size(value) - 1));

		if (!last || last[strspn(last, "0")])
			break;
		json_array_remove(value, json_array_size(value) - 1);
	}
}

/* The order of a map's entries means nothing: they become an object from key to value. */
static json_t *load_maps(const char *path)
{
	json_error_t e;
	json_t *file = json_load_file(path, 0, &e), *maps = json_object(), *entries, *entry;
	const char *name;
	size_t i;

	if (!file) {
		fprintf(stderr, "results-diff: %s: %s\n", path, e.text);
		exit(2);
	}
	json_object_foreach(file, name, entries) {
		json_t *map = json_object();

		json_array_foreach(entries, i, entry) {
			drop_zeros(json_object_get(entry, "value"));
			json_object_set(map, json_string_value(json_object_get(entry, "key")), json_object_get(entry, "value"));
		}
		json_object_set_new(maps, name, map);
	}
	json_decref(file);
	return maps;
}

static int maps_differ(const char *pa, const char *pb)
{
	json_t *a = load_maps(pa), *b = load_maps(pb);
	int bad = !json_equal(a, b);
	const char *name;
	json_t *map;

	json_object_foreach(a, name, map)
		if (!json_equal(map, json_object_get(b, name)))
			printf("map %s differs\n", name);
	json_object_foreach(b, name, map)
		if (!json_object_get(a, name))
			printf("map %s is only in %s\n", name, pb);
	json_decref(a);
	json_decref(b);
	return bad;
}

int main(int argc, char **argv)
{
	int bad;

	if (argc != 3 && argc != 5) {
		fprintf(stderr, "usage: results-diff A B [MAPS_A MAPS_B]\n");
		return 2;
	}
	bad = results_differ(argv[1], argv[2]);
	if (argc == 5)
		bad |= maps_differ(argv[3], argv[4]);
	return bad;
}
