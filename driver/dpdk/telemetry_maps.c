// SPDX-License-Identifier: Apache-2.0
/*
 * Maps over telemetry. Keys and values are hexadecimal in memory order. Answers have at most 8 KiB, so a dump goes page by page and a long
 * value piece by piece; requests have 1 KiB, so long bytes are staged first and then named @OWNER.
 */
#include <pthread.h>
#include <stdlib.h>

#include "sim/io/io.h"
#include "telemetry.h"

enum { PIECE = 4000, STAGE_MAX = 1 << 20, ENTRIES = 1024 };

int telemetry_maps(struct nicjit_dev *d, const struct telemetry_params *p, struct rte_tel_data *data)
{
	struct nicjit_map m;

	(void)p;
	rte_tel_data_start_dict(data);
	for (unsigned int i = 0; !nicjit_map_info(d, i, &m); i++) {
		struct rte_tel_data *one = rte_tel_data_alloc();
		char id[16];

		if (!one)
			return -1;
		snprintf(id, sizeof(id), "%u", i); /* names may have characters that telemetry does not take */
		rte_tel_data_start_dict(one);
		rte_tel_data_add_dict_string(one, "name", m.name);
		rte_tel_data_add_dict_u64(one, "id", i);
		rte_tel_data_add_dict_u64(one, "type", m.type);
		rte_tel_data_add_dict_u64(one, "key_size", m.key_size);
		rte_tel_data_add_dict_u64(one, "value_size", m.value_size);
		rte_tel_data_add_dict_u64(one, "max_entries", m.max_entries);
		rte_tel_data_add_dict_u64(one, "cpus", m.cpus);
		rte_tel_data_add_dict_u64(one, "key_type", m.key_type);
		rte_tel_data_add_dict_u64(one, "value_type", m.value_type);
		if (rte_tel_data_add_dict_container(data, id, one, 0))
			rte_tel_data_free(one);
	}
	return 0;
}

/* ---- Bytes that are too long for one request ---- */

static struct {
	pthread_mutex_t lock;
	char owner[32];
	uint8_t *bytes;
	size_t size;
} staged = {.lock = PTHREAD_MUTEX_INITIALIZER};

static const char *put(size_t at, const char *digits)
{
	size_t n = strlen(digits) / 2;
	uint8_t *bytes;

	if (at != staged.size || at + n > STAGE_MAX)
		return "pieces come one after the other, and are 1 MiB at most";
	bytes = realloc(staged.bytes, at + n + 1);
	if (!bytes)
		return "out of memory";
	staged.bytes = bytes;
	if (!io_hex_parse(bytes + at, n, digits))
		return "bytes are hexadecimal digits";
	staged.size += n;
	return NULL;
}

int telemetry_stage(const struct telemetry_params *p, struct rte_tel_data *data)
{
	size_t at = p->n > 1 ? strtoull(p->at[1], NULL, 10) : 0;
	const char *error = "stage,OWNER,OFFSET,BYTES";

	pthread_mutex_lock(&staged.lock);
	if (p->n == 3 && at == 0) {
		snprintf(staged.owner, sizeof(staged.owner), "%s", p->at[0]);
		staged.size = 0;
	}
	if (p->n == 3)
		error = strcmp(p->at[0], staged.owner) ? "somebody else began meanwhile; begin again" : put(at, p->at[2]);
	pthread_mutex_unlock(&staged.lock);
	if (error)
		return telemetry_error(data, "%s", error);
	rte_tel_data_start_dict(data);
	rte_tel_data_add_dict_u64(data, "bytes", at + strlen(p->at[2]) / 2);
	return 0;
}

/* Those from byte at on, with so many more behind them at most. */
static bool take_staged(const char *owner, size_t at, uint8_t *bytes, size_t size, size_t more)
{
	bool good;

	pthread_mutex_lock(&staged.lock);
	good = strcmp(owner, staged.owner) == 0 && at + size <= staged.size && staged.size <= at + size + more;
	if (good)
		memcpy(bytes, staged.bytes + at, size);
	pthread_mutex_unlock(&staged.lock);
	return good;
}

/* ---- Calls ---- */

/* What a call on a map needs; bytes in one piece of memory. */
struct call {
	struct nicjit_map map;
	uint8_t *key, *value, *next;
	size_t staged; /* bytes of the key, if it was: a value that was lies behind it */
};

static int call_open(struct call *c, struct nicjit_dev *d, const struct telemetry_params *p, struct rte_tel_data *data)
{
	if (p->n < 2 || nicjit_map_find(d, p->at[1], &c->map)) {
		telemetry_error(data, "there is no map %s", p->n < 2 ? "" : p->at[1]);
		return -1;
	}
	c->key = calloc(1, 2 * (size_t)c->map.key_size + c->map.value_bytes + 8);
	if (!c->key)
		rte_panic("out of memory\n");
	c->next = c->key + c->map.key_size;
	c->value = c->next + c->map.key_size;
	return 0;
}

static int bad_size(const char *what, uint32_t size, struct rte_tel_data *data)
{
	telemetry_error(data, "the %s is %u bytes, as %u hexadecimal digits", what, size, 2 * size);
	return -1;
}

static int key_of(const char *text, struct call *c, struct rte_tel_data *data)
{
	uint32_t size = c->map.key_size;

	c->staged = text && text[0] == '@' ? size : 0;
	if (size == 0 || (text && (c->staged ? take_staged(text + 1, 0, c->key, size, c->map.value_bytes) : io_hex_parse(c->key, size, text))))
		return 0;
	return bad_size("key", size, data);
}

static int bytes_of(const char *text, const struct call *c, uint32_t size, struct rte_tel_data *data)
{
	if (text && (text[0] == '@' ? take_staged(text + 1, c->staged, c->value, size, 0) : io_hex_parse(c->value, size, text)))
		return 0;
	return bad_size("value", size, data);
}

/* One value for all CPUs, or one for each. */
static int value_of(const char *text, const struct call *c, struct rte_tel_data *data)
{
	uint32_t one = RTE_ALIGN_CEIL(c->map.value_size, 8);

	if (c->map.cpus == 1 || !text || text[0] == '@' || strlen(text) != 2 * c->map.value_size)
		return bytes_of(text, c, c->map.value_bytes, data);
	if (bytes_of(text, c, c->map.value_size, data))
		return -1;
	for (uint32_t cpu = 1; cpu < c->map.cpus; cpu++)
		memcpy(c->value + (size_t)cpu * one, c->value, one);
	return 0;
}

static const char *param(const struct telemetry_params *p, unsigned int n)
{
	return p->n > n ? p->at[n] : NULL;
}

static const char *sentence(int error)
{
	switch (error) {
	case -E2BIG: return "the map is full, or has no such index";
	case -EPERM: return "the program says that this may not be done to the map: constant data, or a flag";
	case -EFBIG: return "a value is longer than an answer of telemetry, 4000 bytes; the application can take it by rte_pmd_nicjit_map_pop()";
	case -EIO: return "the NIC is gone or hangs, or the map's memory is damaged: reset the port";
	case -EBUSY: return "the NIC did not come to rest; try again";
	case -ESTALE: return "the program was replaced meanwhile; ask for its maps again";
	default: return strerror(-error);
	}
}

static int answer_call(struct rte_tel_data *data, int error)
{
	if (error)
		return telemetry_error(data, "%s", sentence(error));
	rte_tel_data_start_dict(data);
	rte_tel_data_add_dict_string(data, "result", "done");
	return 0;
}

int telemetry_map_lookup(struct nicjit_dev *d, const struct telemetry_params *p, struct rte_tel_data *data)
{
	char text[2 * PIECE + 1] = "";
	struct call c;
	uint64_t at;
	int error;

	if (telemetry_number(param(p, 3), "bytes to skip", &at, data) || call_open(&c, d, p, data))
		return 0;
	if (!key_of(param(p, 2), &c, data)) {
		error = nicjit_map_lookup(d, &c.map, c.key, c.value);
		if (!error && at < c.map.value_bytes)
			io_hex_print(text, c.value + at, RTE_MIN(c.map.value_bytes - at, (size_t)PIECE));
		if (error)
			answer_call(data, error);
		else
			rte_tel_data_string(data, text);
	}
	free(c.key);
	return 0;
}

int telemetry_map_update(struct nicjit_dev *d, const struct telemetry_params *p, struct rte_tel_data *data)
{
	struct call c;
	uint64_t flags;

	if (telemetry_number(param(p, 4), "flags", &flags, data) || call_open(&c, d, p, data))
		return 0;
	if (!key_of(param(p, 2), &c, data) && !value_of(param(p, 3), &c, data))
		answer_call(data, nicjit_map_update(d, &c.map, c.key, c.value, flags));
	free(c.key);
	return 0;
}

int telemetry_map_delete(struct nicjit_dev *d, const struct telemetry_params *p, struct rte_tel_data *data)
{
	struct call c;

	if (call_open(&c, d, p, data))
		return 0;
	if (!key_of(param(p, 2), &c, data))
		answer_call(data, nicjit_map_delete(d, &c.map, c.key));
	free(c.key);
	return 0;
}

int telemetry_map_pop(struct nicjit_dev *d, const struct telemetry_params *p, struct rte_tel_data *data)
{
	char text[2 * PIECE + 1] = "";
	struct call c;
	int error;

	if (call_open(&c, d, p, data))
		return 0;
	/* The rest of a longer one would be lost. */
	error = c.map.value_bytes > PIECE ? -EFBIG : nicjit_map_pop(d, &c.map, c.value);
	if (error) {
		answer_call(data, error);
	} else {
		io_hex_print(text, c.value, c.map.value_bytes);
		rte_tel_data_string(data, text);
	}
	free(c.key);
	return 0;
}

/* Sets KEY=VALUE or removes KEY. -1: the answer is given. */
static int one_of_batch(struct nicjit_dev *d, struct call *c, char *text, uint64_t flags, struct rte_tel_data *data)
{
	char *value = strchr(text, '=');
	int error;

	if (value)
		*value++ = '\0';
	if (key_of(text, c, data) || (value && value_of(value, c, data)))
		return -1;
	error = value ? nicjit_map_update(d, &c->map, c->key, c->value, flags) : nicjit_map_delete(d, &c->map, c->key);
	if (error)
		answer_call(data, error);
	return error ? -1 : 0;
}

/* The answer says how many were done; the first that can't be ends it. */
int telemetry_map_batch(struct nicjit_dev *d, const struct telemetry_params *p, struct rte_tel_data *data)
{
	unsigned int n = 3;
	struct call c;
	uint64_t flags;

	if (telemetry_number(param(p, 2), "flags", &flags, data) || call_open(&c, d, p, data))
		return 0;
	while (n < p->n && !one_of_batch(d, &c, p->at[n], flags, data))
		n++;
	if (n >= p->n)
		rte_tel_data_start_dict(data);
	rte_tel_data_add_dict_u64(data, "done", n - 3);
	free(c.key);
	return 0;
}

/* KEY VALUE; or KEY; when the value is longer than a page. Returns the bytes put, 0: no room. */
static size_t print_entry(const struct call *c, bool long_value, char *text, size_t room)
{
	size_t need = 2 * (size_t)c->map.key_size + (long_value ? 1 : 2 + 2 * (size_t)c->map.value_bytes);
	char *at = text;

	if (need >= room)
		return 0;
	io_hex_print(at, c->key, c->map.key_size);
	at += 2 * (size_t)c->map.key_size;
	if (!long_value) {
		*at++ = ' ';
		io_hex_print(at, c->value, c->map.value_bytes);
		at += 2 * (size_t)c->map.value_bytes;
	}
	*at++ = ';';
	*at = '\0';
	return need;
}

/* Keys come in the order of nicjit_map_next(); an entry that goes meanwhile is left out. */
int telemetry_map_dump(struct nicjit_dev *d, const struct telemetry_params *p, struct rte_tel_data *data)
{
	char text[TELEMETRY_TEXT] = "";
	size_t used = 0, n;
	bool long_value;
	struct call c;
	int error;

	if (call_open(&c, d, p, data))
		return 0;
	if (p->n > 2 && key_of(p->at[2], &c, data)) {
		free(c.key);
		return 0;
	}
	long_value = 2 * ((size_t)c.map.key_size + c.map.value_bytes) + 3 > sizeof(text);
	error = nicjit_map_next(d, &c.map, p->n > 2 ? c.key : NULL, c.next);
	for (unsigned int i = 0; !error && i < ENTRIES; i++) {
		memcpy(c.key, c.next, c.map.key_size);
		if (!nicjit_map_lookup(d, &c.map, c.key, c.value)) {
			n = print_entry(&c, long_value, text + used, sizeof(text) - used);
			if (!n)
				break;
			used += n;
		}
		error = nicjit_map_next(d, &c.map, c.key, c.next);
	}
	free(c.key);
	return error && error != -ENOENT ? answer_call(data, error) : rte_tel_data_string(data, text);
}
