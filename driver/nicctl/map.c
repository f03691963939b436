// SPDX-License-Identifier: Apache-2.0
/* nicctl map: the program's maps, wherever it runs. */
#include <arpa/inet.h>
#include <bpf/libbpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "map.h"

enum { REQUEST = 900, BATCH = 56, NAME = 32 };

static const char *type_name(uint32_t type)
{
	const char *name = type == 63 ? "printk" : libbpf_bpf_map_type_str(type);

	return name ? name : "unknown";
}

static void fill(struct map *m, const json_t *info)
{
	m->info = info;
	m->name = ctl_string(info, "name");
	m->id = (uint32_t)ctl_number(info, "id");
	m->type = (uint32_t)ctl_number(info, "type");
	m->key_size = (uint32_t)ctl_number(info, "key_size");
	m->value_size = (uint32_t)ctl_number(info, "value_size");
	m->cpus = (uint32_t)ctl_number(info, "cpus");
	m->key_type = (uint32_t)ctl_number(info, "key_type");
	m->value_type = (uint32_t)ctl_number(info, "value_type");
	m->one = m->cpus > 1 ? (m->value_size + 7) / 8 * 8 : m->value_size;
	m->value_bytes = m->one * m->cpus;
}

int map_find(struct ctl *c, const char *name, struct map *m)
{
	char *end;
	unsigned long id = strtoul(name, &end, 10);
	bool by_id = *name && !*end;
	const char *key;
	json_t *one;

	m->all = ctl_ask(c, "/nicjit/maps,%d", c->port);
	if (!m->all)
		return -1;
	json_object_foreach(m->all, key, one) {
		fill(m, one);
		if (by_id ? m->id == id : strcmp(m->name, name) == 0)
			return 0;
	}
	json_decref(m->all);
	return fail("the program has no map %s; nicctl map show names them", name);
}

uint32_t map_value_type(struct ctl *c, const char *name)
{
	json_t *all = ctl_ask(c, "/nicjit/maps,%d", c->port), *one;
	const char *key;
	uint32_t type = 0;

	json_object_foreach(all, key, one)
		if (strcmp(ctl_string(one, "name"), name) == 0)
			type = (uint32_t)ctl_number(one, "value_type");
	json_decref(all);
	return type;
}

int map_show(struct ctl *c, int argc, char **argv)
{
	json_t *all = ctl_ask(c, "/nicjit/maps,%d", c->port), *one;
	const char *key;
	struct map m;

	(void)argv;
	if (!all)
		return -1;
	if (argc) {
		json_decref(all);
		return fail("map show takes no arguments");
	}
	json_object_foreach(all, key, one) {
		fill(&m, one);
		json_object_set_new(one, "type_name", json_string(type_name(m.type)));
		if (!c->json)
			printf("%2u: %-20s %-18s key %u bytes, value %u bytes%s, %lu entries\n", m.id, m.name, type_name(m.type), m.key_size,
			       m.value_size, m.cpus > 1 ? " per thread" : "", ctl_number(one, "max_entries"));
	}
	if (c->json)
		ctl_print(all);
	else if (!json_object_size(all))
		puts("no maps");
	json_decref(all);
	return 0;
}

/* ---- Entries shown ---- */

/* Numbers of both, member by member; null where they can't be added. */
static json_t *sum(const json_t *a, const json_t *b)
{
	const char *name;
	json_t *value, *result;
	size_t i;

	if (json_is_integer(a) && json_is_integer(b))
		return json_integer((json_int_t)((uint64_t)json_integer_value(a) + (uint64_t)json_integer_value(b)));
	if (json_is_object(a) && json_is_object(b)) {
		result = json_object();
		json_object_foreach((json_t *)(uintptr_t)a, name, value)
			json_object_set_new(result, name, sum(value, json_object_get(b, name)));
		return result;
	}
	if (!json_is_array(a) || !json_is_array(b))
		return json_null();
	result = json_array();
	json_array_foreach(a, i, value)
		json_array_append_new(result, sum(value, json_array_get(b, i)));
	return result;
}

/* Without a type, what is as long as a number is one. */
static json_t *one_value(struct ctl *c, const struct map *m, const uint8_t *bytes)
{
	uint64_t n = 0;

	if ((value_btf(c) && m->value_type) || (m->value_size != 1 && m->value_size != 2 && m->value_size != 4 && m->value_size != 8))
		return value_json(value_btf(c), m->value_type, bytes, m->value_size);
	memcpy(&n, bytes, m->value_size);
	return n > INT64_MAX ? value_json(NULL, 0, bytes, m->value_size) : json_integer((json_int_t)n);
}

static json_t *one_key(struct ctl *c, const struct map *m, const uint8_t *bytes)
{
	char text[INET6_ADDRSTRLEN + 8];
	uint32_t index;

	if (m->type == BPF_MAP_TYPE_LPM_TRIE && (m->key_size == 8 || m->key_size == 20)) {
		memcpy(&index, bytes, 4);
		inet_ntop(m->key_size == 8 ? AF_INET : AF_INET6, bytes + 4, text, INET6_ADDRSTRLEN);
		snprintf(text + strlen(text), 8, "/%u", index > 128 ? 128 : index);
		return json_string(text);
	}
	if (m->key_type || m->key_size != 4)
		return value_json(value_btf(c), m->key_type, bytes, m->key_size);
	memcpy(&index, bytes, 4);
	return json_integer(index);
}

static json_t *entry_json(struct ctl *c, const struct map *m, const uint8_t *key, const uint8_t *value)
{
	json_t *e = json_object(), *values, *total = NULL, *next;

	if (m->key_size)
		json_object_set_new(e, "key", one_key(c, m, key));
	if (m->cpus == 1)
		return json_object_set_new(e, "value", one_value(c, m, value)), e;
	values = json_array();
	for (uint32_t cpu = 0; cpu < m->cpus; cpu++) {
		json_t *v = one_value(c, m, value + cpu * m->one);

		next = total ? sum(total, v) : json_incref(v);
		json_decref(total);
		total = next;
		json_array_append_new(values, json_pack("{s:i,s:o}", "cpu", cpu, "value", v));
	}
	json_object_set_new(e, "values", values);
	json_object_set_new(e, "sum", total);
	return e;
}

static char *text_of(const json_t *j)
{
	return json_is_string(j) ? strdup(json_string_value(j)) : json_dumps(j, JSON_PRESERVE_ORDER | JSON_ENCODE_ANY);
}

static void print_entry(const json_t *e)
{
	const json_t *values = json_object_get(e, "values"), *one;
	char *key = text_of(json_object_get(e, "key")), *value = text_of(json_object_get(e, values ? "sum" : "value")), *zero;
	size_t i;

	printf("%s%s%s\n", key ? key : "", key ? ": " : "", value);
	json_array_foreach(values, i, one) {
		char *text = text_of(json_object_get(one, "value"));
		bool empty = strspn(text, "0") == strlen(text) || (strncmp(text, "hex:", 4) == 0 && strspn(text + 4, "0") == strlen(text + 4));

		zero = strpbrk(text, "123456789");
		if (!empty && (zero || strchr(text, '"')))
			printf("    thread %lu: %s\n", ctl_number(one, "cpu"), text);
		free(text);
	}
	free(key);
	free(value);
}

/* Puts long bytes where the process keeps them; then they are called by our number. */
static int stage(struct ctl *c, const char *digits, char *name, size_t size)
{
	size_t all = strlen(digits), n;

	for (size_t at = 0; at < all; at += n) {
		json_t *answer;

		n = all - at < REQUEST ? all - at : REQUEST;
		answer = ctl_ask(c, "/nicjit/stage,%d,%zu,%.*s", getpid(), at / 2, (int)n, digits + at);
		if (!answer)
			return -1;
		json_decref(answer);
	}
	snprintf(name, size, "@%d", getpid());
	return 0;
}

/* A key as requests have it: itself, or what it is called; NULL when that failed. */
static const char *named(struct ctl *c, const char *key, char *name)
{
	return strlen(key) <= REQUEST ? key : stage(c, key, name, NAME) ? NULL : name;
}

int map_read(struct ctl *c, const struct map *m, const char *key, uint8_t *value)
{
	char name[NAME];
	size_t at = 0;

	key = named(c, key, name);
	if (!key)
		return -1;
	do {
		json_t *piece = ctl_ask(c, "/nicjit/map_lookup,%d,%u,%s,%zu", c->port, m->id, key, at);
		const char *digits = json_string_value(piece);
		size_t n = digits ? strlen(digits) / 2 : 0;
		bool good = digits && n <= m->value_bytes - at && (n || at == m->value_bytes) && hex_parse(value + at, n, digits);

		json_decref(piece);
		if (!piece)
			return -1;
		if (!good)
			return fail("the process gave a value that is none");
		at += n;
	} while (at < m->value_bytes);
	return 0;
}

/* One of a page: KEY VALUE, or KEY alone. */
static int show_entry(struct ctl *c, const struct map *m, char *text, uint8_t *key, uint8_t *value, json_t *list)
{
	char *digits = strchr(text, ' ');
	json_t *e;

	if (digits)
		*digits++ = '\0';
	if (!hex_parse(key, m->key_size, text) || (digits && !hex_parse(value, m->value_bytes, digits)))
		return fail("the process gave an entry that is none");
	if (!digits && map_read(c, m, text, value))
		return -1;
	e = entry_json(c, m, key, value);
	if (list)
		return json_array_append_new(list, e);
	print_entry(e);
	json_decref(e);
	return 0;
}

/* Entries behind last, which becomes the last one shown; -1, or how many. */
static int show_page(struct ctl *c, const struct map *m, char *last, uint8_t *bytes, json_t *list)
{
	char name[NAME];
	const char *behind = named(c, last, name);
	json_t *page = behind ? ctl_ask(c, "/nicjit/map_dump,%d,%u%s%s", c->port, m->id, *last ? "," : "", behind) : NULL;
	char *text = page ? strdup(json_is_string(page) ? json_string_value(page) : "") : NULL, *rest = text, *entry;
	int n = 0;

	json_decref(page);
	while (n >= 0 && rest && (entry = strsep(&rest, ";")) && *entry) {
		n = show_entry(c, m, entry, bytes, bytes + m->key_size, list) ? -1 : n + 1;
		snprintf(last, 2 * m->key_size + 1, "%s", entry);
	}
	free(text);
	return text ? n : -1;
}

int map_dump(struct ctl *c, int argc, char **argv)
{
	struct map m;
	uint64_t all = 0;
	json_t *list;
	char *last;
	uint8_t *bytes;
	int n = 1;

	if (argc != 1)
		return fail("map dump MAP");
	if (map_find(c, argv[0], &m))
		return -1;
	last = calloc(1, 2 * m.key_size + 1);
	bytes = calloc(1, m.key_size + m.value_bytes + 8);
	list = c->json ? json_array() : NULL;
	if (!last || !bytes)
		abort();
	/* Programs that put in more meanwhile must not keep us for ever. */
	while (n > 0 && all <= ctl_number(m.info, "max_entries")) {
		n = show_page(c, &m, last, bytes, list);
		all += n > 0 ? (uint64_t)n : 0;
	}
	if (n >= 0 && list)
		ctl_print(list);
	json_decref(list);
	free(last);
	free(bytes);
	json_decref(m.all);
	return n < 0 ? -1 : 0;
}

/* The key's digits; of a queue there are none. */
static char *key_digits(struct ctl *c, const struct map *m, const char *text)
{
	uint8_t *key = calloc(1, m->key_size + 1);
	char *digits = calloc(1, 2 * m->key_size + 1);

	if (!key || !digits)
		abort();
	if (m->key_size && value_parse(value_btf(c), m->key_type, text, key, m->key_size)) {
		free(digits);
		digits = NULL;
	} else {
		hex_print(digits, key, m->key_size);
	}
	free(key);
	return digits;
}

int map_lookup(struct ctl *c, int argc, char **argv)
{
	uint8_t *bytes;
	char *digits;
	struct map m;
	json_t *e;
	int result;

	if (argc < 1)
		return fail("map lookup MAP KEY");
	if (map_find(c, argv[0], &m))
		return -1;
	if (argc != 1 + (m.key_size > 0)) {
		json_decref(m.all);
		return fail(m.key_size ? "map lookup MAP KEY" : "map lookup MAP: it has no keys");
	}
	bytes = calloc(1, m.key_size + m.value_bytes + 8);
	digits = key_digits(c, &m, argv[1]);
	result = bytes && digits ? map_read(c, &m, digits, bytes + m.key_size) : -1;
	if (!result) {
		hex_parse(bytes, m.key_size, digits);
		e = entry_json(c, &m, bytes, bytes + m.key_size);
		if (c->json)
			ctl_print(e);
		else
			print_entry(e);
		json_decref(e);
	}
	free(bytes);
	free(digits);
	json_decref(m.all);
	return result;
}

/* ---- Changes ---- */

/* A long value is called by its name; behind a key that is long, both are. */
static int set(struct ctl *c, const struct map *m, const char *key, const char *value, unsigned int flags)
{
	size_t of_key = strlen(key), of_value = strlen(value);
	bool both = of_key > REQUEST;
	char name[NAME], *all;
	json_t *answer;
	int result;

	if (of_key + of_value > REQUEST) {
		all = malloc(of_key + of_value + 1);
		if (!all)
			abort();
		sprintf(all, "%s%s", both ? key : "", value);
		result = stage(c, all, name, sizeof(name));
		free(all);
		if (result)
			return -1;
		key = both ? name : key;
		value = name;
	}
	answer = ctl_ask(c, "/nicjit/map_update,%d,%u,%s,%s,%u", c->port, m->id, key, value, flags);
	json_decref(answer);
	return answer ? 0 : -1;
}

/* Of global data only what is named changes: the rest is read before. */
static bool is_section(struct ctl *c, const struct map *m)
{
	const struct btf *btf = value_btf(c);
	const struct btf_type *t = btf && m->value_type ? btf__type_by_id(btf, m->value_type) : NULL;

	return t && btf_is_datasec(t);
}

int map_change(struct ctl *c, const struct map *m, const char *key, const char *text, unsigned int flags)
{
	char *digits = key_digits(c, m, key), *value = calloc(1, 2 * m->value_size + 1);
	uint8_t *bytes = calloc(1, m->value_bytes + 8);
	int result = -1;

	if (!value || !bytes)
		abort();
	if (digits && (!is_section(c, m) || !map_read(c, m, digits, bytes)))
		result = value_parse(value_btf(c), m->value_type, text, bytes, m->value_size);
	if (!result) {
		hex_print(value, bytes, m->value_size);
		result = set(c, m, digits, value, flags);
	}
	free(digits);
	free(value);
	free(bytes);
	return result;
}

int map_update(struct ctl *c, int argc, char **argv)
{
	static const struct {
		const char *name;
		unsigned int flags;
	} kinds[] = {{"any", 0}, {"noexist", 1}, {"exist", 2}, {"lock", 4}}; /* BPF_F_LOCK */
	enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };
	unsigned int kind = 0;
	struct map m;
	int result, words;

	if (argc < 2)
		return fail("map update MAP KEY VALUE [any|noexist|exist|lock]");
	if (map_find(c, argv[0], &m))
		return -1;
	words = 2 + (m.key_size > 0);
	while (argc > words && kind < KINDS && strcmp(argv[words], kinds[kind].name))
		kind++;
	if (argc < words || argc > words + 1 || kind == KINDS)
		result = fail("map update MAP %sVALUE [any|noexist|exist|lock]", m.key_size ? "KEY " : "");
	else
		result = map_change(c, &m, argv[1], argv[words - 1], kinds[kind].flags);
	json_decref(m.all);
	return result;
}

int map_delete(struct ctl *c, int argc, char **argv)
{
	char name[NAME];
	struct map m;
	int result = 0;

	if (argc < 1)
		return fail("map delete MAP KEY..");
	if (map_find(c, argv[0], &m))
		return -1;
	if (argc < 2)
		result = fail("map delete MAP KEY..");
	for (int i = 1; !result && i < argc; i++) {
		char *digits = key_digits(c, &m, argv[i]);
		const char *key = digits ? named(c, digits, name) : NULL;
		json_t *answer = key ? ctl_ask(c, "/nicjit/map_delete,%d,%u,%s", c->port, m.id, key) : NULL;

		result = answer ? 0 : -1;
		json_decref(answer);
		free(digits);
	}
	json_decref(m.all);
	return result;
}

/* ---- Many at once ---- */

struct batch {
	struct ctl *c;
	const struct map *m;
	char text[1024];
	unsigned int entries;
	uint64_t done;
};

static int flush(struct batch *b)
{
	json_t *answer;

	if (!b->entries)
		return 0;
	answer = ctl_ask(b->c, "/nicjit/map_batch,%d,%u,0%s", b->c->port, b->m->id, b->text);
	b->done += ctl_number(answer, "done");
	json_decref(answer);
	b->text[0] = '\0';
	b->entries = 0;
	return answer ? 0 : -1;
}

static int add(struct batch *b, const char *key, const char *value)
{
	size_t need = strlen(key) + strlen(value) + 2, used = strlen(b->text);

	if (need > REQUEST)
		return set(b->c, b->m, key, value, 0) ? -1 : (b->done++, 0);
	if ((used + need > REQUEST || b->entries == BATCH) && flush(b))
		return -1;
	used = strlen(b->text);
	snprintf(b->text + used, sizeof(b->text) - used, ",%s=%s", key, value);
	b->entries++;
	return 0;
}

/* {"key": .., "value": ..} or, for each CPU, {"key": .., "values": [{"cpu": .., "value": ..}, ..]} */
static int bytes_of_entry(struct ctl *c, const struct map *m, const json_t *e, uint8_t *key, uint8_t *value)
{
	const json_t *values = json_object_get(e, "values"), *one = json_object_get(e, "value"), *k = json_object_get(e, "key");
	size_t i;

	if (!k || (!one && json_array_size(values) != m->cpus))
		return fail("an entry is {\"key\": .., \"value\": ..}%s", m->cpus > 1 ? ", or \"values\" of all threads, as map dump --json prints it" : "");
	if (value_parse_json(value_btf(c), m->key_type, k, key, m->key_size))
		return -1;
	for (uint32_t cpu = 0; one && cpu < m->cpus; cpu++)
		if (value_parse_json(value_btf(c), m->value_type, one, value + cpu * m->one, m->value_size))
			return -1;
	if (one)
		return 0;
	json_array_foreach(values, i, one)
		if (value_parse_json(value_btf(c), m->value_type, json_object_get(one, "value"), value + i * m->one, m->value_size))
			return -1;
	return 0;
}

static int fill_map(struct batch *b, const json_t *list)
{
	const struct map *m = b->m;
	char *digits = calloc(1, 2 * (size_t)m->key_size + 1), *value = calloc(1, 2 * m->value_bytes + 1);
	uint8_t *bytes = calloc(1, m->key_size + m->value_bytes + 8);
	const json_t *e;
	int result = 0;
	size_t i;

	if (!digits || !value || !bytes)
		abort();
	json_array_foreach(list, i, e) {
		result = bytes_of_entry(b->c, m, e, bytes, bytes + m->key_size);
		if (result)
			break;
		hex_print(digits, bytes, m->key_size);
		hex_print(value, bytes + m->key_size, m->value_bytes);
		result = add(b, digits, value);
		if (result)
			break;
	}
	if (!result)
		result = flush(b);
	free(digits);
	free(value);
	free(bytes);
	return result;
}

int map_batch(struct ctl *c, int argc, char **argv)
{
	json_error_t error;
	json_t *list;
	struct map m;
	struct batch b = {.c = c, .m = &m};
	int result;

	if (argc != 2)
		return fail("map fill MAP FILE: a list of {\"key\": .., \"value\": ..}, as map dump --json prints it; - is standard input");
	list = strcmp(argv[1], "-") ? json_load_file(argv[1], 0, &error) : json_loadf(stdin, 0, &error);
	if (!json_is_array(list)) {
		result = list ? fail("%s: a list is wanted", argv[1]) : fail("%s:%d: %s", argv[1], error.line, error.text);
		json_decref(list);
		return result;
	}
	result = map_find(c, argv[0], &m);
	if (!result) {
		result = fill_map(&b, list);
		if (c->json)
			printf("{\"entries\": %lu}\n", b.done);
		else
			printf("%lu of %zu entries\n", b.done, json_array_size(list));
		json_decref(m.all);
	}
	json_decref(list);
	return result;
}
