// SPDX-License-Identifier: Apache-2.0
/*
 * {"map":[{"key":"hex","value":"hex"},...],...}; a per-CPU value is a list with one string per CPU.
 * Output is written as it is read from the map, one entry a line, because arrays may be large.
 */
#include "io.h"

#include <errno.h>
#include <jansson.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static size_t padded(uint32_t value_size)
{
	return ((size_t)value_size + 7) & ~(size_t)7;
}

bool maps_json_is_percpu(uint32_t type)
{
	return type == BPF_MAP_TYPE_PERCPU_ARRAY || type == BPF_MAP_TYPE_PERCPU_HASH || type == BPF_MAP_TYPE_LRU_PERCPU_HASH;
}

static bool is_array(uint32_t type)
{
	return type == BPF_MAP_TYPE_ARRAY || type == BPF_MAP_TYPE_PERCPU_ARRAY || type == BPF_MAP_TYPE_PROG_ARRAY ||
	       type == BPF_MAP_TYPE_DEVMAP || type == BPF_MAP_TYPE_CPUMAP || type == BPF_MAP_TYPE_XSKMAP || type == BPF_MAP_TYPE_ARRAY_OF_MAPS;
}

size_t maps_json_value_bytes(const struct maps_json_map *map)
{
	if (maps_json_is_percpu(map->type))
		return padded(map->value_size) * map->copies;
	return map->value_size;
}

/* A program or a map: its value is a number, and its name is written. */
static bool has_names(uint32_t type)
{
	return type == BPF_MAP_TYPE_PROG_ARRAY || type == BPF_MAP_TYPE_ARRAY_OF_MAPS || type == BPF_MAP_TYPE_HASH_OF_MAPS;
}

static int parse_program(const struct maps_json_map *map, const json_t *json, uint8_t *value,
			 struct io_error *err)
{
	const char *name = json_string_value(json);

	for (uint32_t i = 0; name && i < map->program_count; i++) {
		if (strcmp(name, map->programs[i]))
			continue;
		memcpy(value, &i, sizeof(i));
		return 0;
	}
	return io_fail(err, "map %s: there is no %s %s", map->name, map->type == BPF_MAP_TYPE_PROG_ARRAY ? "program" : "map", name ? name : "without a name");
}

/* Fills `value` from a string, or from a list of one string per CPU; CPUs left out get zeros. */
static int parse_value(const struct maps_json_map *map, const json_t *json, uint8_t *value,
		       struct io_error *err)
{
	memset(value, 0, maps_json_value_bytes(map));
	if (has_names(map->type))
		return parse_program(map, json, value, err);
	if (!maps_json_is_percpu(map->type)) {
		if (!json_is_string(json) ||
		    !io_hex_parse(value, map->value_size, json_string_value(json)))
			return io_fail(err, "map %s: a value must be a string of %u hex bytes",
				       map->name, map->value_size);
		return 0;
	}
	if (!json_is_array(json) || json_array_size(json) > map->copies)
		return io_fail(err, "map %s: a per-CPU value must be a list of at most %u strings",
			       map->name, map->copies);
	for (size_t cpu = 0; cpu < json_array_size(json); cpu++) {
		const char *text = json_string_value(json_array_get(json, cpu));

		if (!text || !io_hex_parse(value + cpu * padded(map->value_size), map->value_size,
					   text))
			return io_fail(err, "map %s: a value must be a string of %u hex bytes",
				       map->name, map->value_size);
	}
	return 0;
}

static int read_entries(const struct maps_json_map *map, const json_t *entries, uint8_t *key,
			uint8_t *value, struct io_error *err)
{
	if (!json_is_array(entries))
		return io_fail(err, "map %s: the entries must be a list", map->name);
	for (size_t i = 0; i < json_array_size(entries); i++) {
		const json_t *entry = json_array_get(entries, i);
		const char *text = json_string_value(json_object_get(entry, "key"));
		int result;

		if (!text || !io_hex_parse(key, map->key_size, text))
			return io_fail(err, "map %s: a key must be a string of %u hex bytes",
				       map->name, map->key_size);
		if (parse_value(map, json_object_get(entry, "value"), value, err))
			return -1;
		result = map->update(map->ctx, key, value);
		if (result)
			return io_fail(err, "map %s: key %s is not accepted: %s", map->name, text,
				       strerror(-result));
	}
	return 0;
}

static const struct maps_json_map *find_map(const struct maps_json_map *maps, size_t count,
					    const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(maps[i].name, name))
			return &maps[i];
	return NULL;
}

int maps_json_read(const char *path, const struct maps_json_map *maps, size_t count,
		   struct io_error *err)
{
	json_error_t json_err;
	json_t *root = json_load_file(path, JSON_REJECT_DUPLICATES, &json_err), *entries;
	const char *name;
	int result = 0;

	if (!root && json_err.line < 1)
		return io_fail(err, "%s cannot be read: %s", path, strerror(errno));
	if (!root)
		return io_fail(err, "%s: line %d: %s", path, json_err.line, json_err.text);
	if (!json_is_object(root))
		result = io_fail(err, "%s: the maps must be one JSON object", path);
	json_object_foreach(root, name, entries) {
		const struct maps_json_map *map = find_map(maps, count, name);
		uint8_t *key, *value;

		if (!map) {
			result = io_fail(err, "%s: there is no map named %s", path, name);
			break;
		}
		key = malloc(map->key_size);
		value = malloc(maps_json_value_bytes(map));
		if (key && value)
			result = read_entries(map, entries, key, value, err);
		else
			result = io_fail(err, "out of memory");
		free(key);
		free(value);
		if (result)
			break;
	}
	json_decref(root);
	return result;
}

/* qsort_r() and not qsort(): the comparison needs the key size. */
static int compare_keys(const void *a, const void *b, void *key_size)
{
	return memcmp(a, b, *(const size_t *)key_size);
}

/* All keys of the map, one after the other, sorted unless the map is an array. */
static uint8_t *collect_keys(const struct maps_json_map *map, size_t *count, struct io_error *err)
{
	size_t size = map->key_size, room = 0;
	uint8_t *keys = NULL;
	int result;

	for (*count = 0;; ++*count) {
		if (*count == room) {
			uint8_t *more;

			room = room ? 2 * room : 64;
			more = realloc(keys, room * size);
			if (!more) {
				free(keys);
				io_fail(err, "out of memory");
				return NULL;
			}
			keys = more;
		}
		result = map->next(map->ctx, *count ? keys + (*count - 1) * size : NULL,
				   keys + *count * size);
		if (result)
			break;
	}
	if (result != -ENOENT) {
		io_fail(err, "map %s: the keys cannot be read: %s", map->name, strerror(-result));
		free(keys);
		return NULL;
	}
	if (!is_array(map->type))
		qsort_r(keys, *count, size, compare_keys, &size);
	return keys;
}

static void print_hex(FILE *file, const uint8_t *bytes, size_t size)
{
	char text[2 * 64 + 1];

	putc('"', file);
	for (size_t done = 0; done < size; done += 64) {
		io_hex_print(text, bytes + done, size - done < 64 ? size - done : 64);
		fputs(text, file);
	}
	putc('"', file);
}

static void print_value(FILE *file, const struct maps_json_map *map, const uint8_t *value)
{
	uint32_t number;

	if (has_names(map->type)) {
		memcpy(&number, value, sizeof(number));
		fprintf(file, "\"%s\"", number < map->program_count ? map->programs[number] : "?");
		return;
	}
	if (!maps_json_is_percpu(map->type)) {
		print_hex(file, value, map->value_size);
		return;
	}
	putc('[', file);
	for (uint32_t cpu = 0; cpu < map->copies; cpu++) {
		if (cpu)
			putc(',', file);
		print_hex(file, value + cpu * padded(map->value_size), map->value_size);
	}
	putc(']', file);
}

static int write_map(FILE *file, const struct maps_json_map *map, struct io_error *err)
{
	size_t count;
	const char *separator = "\n";
	uint8_t *keys = collect_keys(map, &count, err);
	uint8_t *value = malloc(maps_json_value_bytes(map));
	int result = keys ? 0 : -1;

	if (keys && !value)
		result = io_fail(err, "out of memory");
	fprintf(file, "\"%s\":[", map->name);
	for (size_t i = 0; !result && i < count; i++) {
		const uint8_t *key = keys + i * map->key_size;

		result = map->lookup(map->ctx, key, value);
		if (result == -ENOENT) { /* an empty slot, or gone meanwhile */
			result = 0;
			continue;
		}
		if (result) {
			result = io_fail(err, "map %s: an entry cannot be read: %s", map->name,
					 strerror(-result));
			break;
		}
		fprintf(file, "%s{\"key\":", separator);
		separator = ",\n";
		print_hex(file, key, map->key_size);
		fputs(",\"value\":", file);
		print_value(file, map, value);
		putc('}', file);
	}
	putc(']', file);
	free(keys);
	free(value);
	return result;
}

static int compare_names(const void *a, const void *b)
{
	const struct maps_json_map *const *left = a, *const *right = b;

	return strcmp((*left)->name, (*right)->name);
}

/* Sorted by name, so that runners which number their maps differently write the same file. */
static int write_maps(FILE *file, const struct maps_json_map *maps, size_t count,
		      struct io_error *err)
{
	const struct maps_json_map **sorted = malloc((count + 1) * sizeof(*sorted));
	int result = 0;

	if (!sorted)
		return io_fail(err, "out of memory");
	for (size_t i = 0; i < count; i++)
		sorted[i] = &maps[i];
	qsort(sorted, count, sizeof(*sorted), compare_names);
	putc('{', file);
	for (size_t i = 0; !result && i < count; i++) {
		fputs(i ? ",\n" : "\n", file);
		result = write_map(file, sorted[i], err);
	}
	fputs("}\n", file);
	free(sorted);
	return result;
}

int maps_json_write(const char *path, const struct maps_json_map *maps, size_t count,
		    struct io_error *err)
{
	FILE *file = fopen(path, "w");
	int result;

	if (!file)
		return io_fail(err, "%s cannot be written: %s", path, strerror(errno));
	result = write_maps(file, maps, count, err);
	if (!result && ferror(file))
		result = io_fail(err, "%s could not be written", path);
	if (fclose(file) && !result)
		result = io_fail(err, "%s could not be written", path);
	return result;
}
