// SPDX-License-Identifier: Apache-2.0
/*
 * Control of a running process over DPDK's telemetry socket. Parameters are separated by commas, keys and values are hexadecimal in
 * memory order; what can't be done is answered with {"error": sentence}.
 */
#include <inttypes.h>
#include <rte_telemetry.h>
#include <stdarg.h>
#include <stdlib.h>

#include "sim/io/io.h"
#include "pmd.h"

enum { PARAMS_MAX = 6, PAGE = 64, SHOWN = 60, TEXT = 8192 };

struct params {
	char *text;
	char *at[PARAMS_MAX];
	unsigned int n;
};

static int answer_error(struct rte_tel_data *data, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static int answer_error(struct rte_tel_data *data, const char *fmt, ...)
{
	char text[RTE_TEL_MAX_STRING_LEN];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	rte_tel_data_start_dict(data);
	rte_tel_data_add_dict_string(data, "error", text);
	return 0;
}

/* The sentence may be longer than a string of a dictionary. */
static int answer_why(struct rte_tel_data *data, const char *why)
{
	char piece[RTE_TEL_MAX_STRING_LEN];

	rte_tel_data_start_array(data, RTE_TEL_STRING_VAL);
	rte_tel_data_add_array_string(data, "error");
	for (size_t at = 0, len = strlen(why); at < len; at += sizeof(piece) - 1) {
		snprintf(piece, sizeof(piece), "%s", why + at);
		rte_tel_data_add_array_string(data, piece);
	}
	return 0;
}

static struct params split(const char *text)
{
	struct params p = {.text = strdup(text ? text : "")};
	char *rest = p.text;

	if (!p.text)
		rte_panic("out of memory\n");
	while (rest && *rest && p.n < PARAMS_MAX)
		p.at[p.n++] = strsep(&rest, ",");
	return p;
}

static struct nicjit_dev *port_of(const struct params *p)
{
	char *end = NULL;
	unsigned long port = p->n ? strtoul(p->at[0], &end, 10) : RTE_MAX_ETHPORTS;

	if (port >= RTE_MAX_ETHPORTS || *end || !rte_eth_dev_is_valid_port(port) || !nicjit_is(&rte_eth_devices[port]))
		return NULL;
	return nicjit_dev(&rte_eth_devices[port]);
}

/* ---- Programs ---- */

static int show(struct nicjit_dev *d, const struct params *p, struct rte_tel_data *data)
{
	static const char *const modes[] = {[NICJIT_XDP_NONE] = "none", [NICJIT_XDP_OFFLOAD] = "offload", [NICJIT_XDP_HOST] = "host"};
	char text[RTE_TEL_MAX_STRING_LEN];

	(void)p;
	nicjit_xdp_describe(d, text, sizeof(text));
	rte_tel_data_start_dict(data);
	rte_tel_data_add_dict_string(data, "mode", modes[nicjit_xdp_mode(d)]);
	rte_tel_data_add_dict_string(data, "state", text);
	rte_tel_data_add_dict_u64(data, "maps", nicjit_xdp_maps(d));
	return 0;
}

static int load(struct nicjit_dev *d, const struct params *p, struct rte_tel_data *data)
{
	const char *section = p->n > 2 && *p->at[2] ? p->at[2] : NULL;
	enum nicjit_xdp_want want = NICJIT_WANT_AUTO;
	char why[NICJIT_WHY];

	if (p->n < 2)
		return answer_error(data, "the object is missing: load,PORT,OBJECT[,SECTION[,MODE]]");
	if (p->n > 3 && nicjit_xdp_want(p->at[3], &want))
		return answer_error(data, "a mode is auto, offload or host");
	if (nicjit_xdp_load(d, p->at[1], section, want, why))
		return answer_why(data, why);
	return show(d, p, data);
}

static int unload(struct nicjit_dev *d, const struct params *p, struct rte_tel_data *data)
{
	char why[NICJIT_WHY];

	if (nicjit_xdp_unload(d, why))
		return answer_why(data, why);
	return show(d, p, data);
}

/* ---- Maps ---- */

static int maps(struct nicjit_dev *d, const struct params *p, struct rte_tel_data *data)
{
	struct nicjit_map m;

	(void)p;
	rte_tel_data_start_dict(data);
	for (unsigned int i = 0; i < nicjit_xdp_maps(d) && !nicjit_map_info(d, i, &m); i++) {
		struct rte_tel_data *one = rte_tel_data_alloc();

		if (!one)
			return -1;
		rte_tel_data_start_dict(one);
		rte_tel_data_add_dict_u64(one, "id", i);
		rte_tel_data_add_dict_u64(one, "type", m.type);
		rte_tel_data_add_dict_u64(one, "key_size", m.key_size);
		rte_tel_data_add_dict_u64(one, "value_size", m.value_size);
		rte_tel_data_add_dict_u64(one, "max_entries", m.max_entries);
		rte_tel_data_add_dict_container(data, m.name, one, 0);
	}
	return 0;
}

/* What a call on a map needs; bytes in one piece of memory. */
struct call {
	struct nicjit_map map;
	uint8_t *key, *value, *next;
};

static int call_open(struct call *c, struct nicjit_dev *d, const struct params *p, struct rte_tel_data *data)
{
	if (p->n < 2 || nicjit_map_find(d, p->at[1], &c->map)) {
		answer_error(data, "there is no map %s", p->n < 2 ? "" : p->at[1]);
		return -1;
	}
	c->key = calloc(1, 2 * c->map.key_size + c->map.value_bytes + 8);
	if (!c->key)
		rte_panic("out of memory\n");
	c->next = c->key + c->map.key_size;
	c->value = c->next + c->map.key_size;
	return 0;
}

static int bytes_of(const struct params *p, unsigned int n, uint8_t *bytes, uint32_t size, const char *what, struct rte_tel_data *data)
{
	if (p->n > n && io_hex_parse(bytes, size, p->at[n]))
		return 0;
	answer_error(data, "the %s is %u bytes, as %u hexadecimal digits", what, size, 2 * size);
	return -1;
}

static int answer_call(struct rte_tel_data *data, int error)
{
	if (error)
		return answer_error(data, "%s", strerror(-error));
	rte_tel_data_start_dict(data);
	rte_tel_data_add_dict_string(data, "result", "done");
	return 0;
}

static int answer_value(struct rte_tel_data *data, const uint8_t *value, uint32_t size)
{
	char text[TEXT];

	if (2 * size >= sizeof(text))
		return answer_error(data, "a value of %u bytes is too long for telemetry", size);
	io_hex_print(text, value, size);
	return rte_tel_data_string(data, text);
}

static int map_lookup(struct nicjit_dev *d, const struct params *p, struct rte_tel_data *data)
{
	struct call c;
	int error;

	if (call_open(&c, d, p, data))
		return 0;
	if (!bytes_of(p, 2, c.key, c.map.key_size, "key", data)) {
		error = nicjit_map_lookup(d, &c.map, c.key, c.value);
		if (error)
			answer_call(data, error);
		else
			answer_value(data, c.value, c.map.value_bytes);
	}
	free(c.key);
	return 0;
}

static int map_update(struct nicjit_dev *d, const struct params *p, struct rte_tel_data *data)
{
	struct call c;

	if (call_open(&c, d, p, data))
		return 0;
	if (!bytes_of(p, 2, c.key, c.map.key_size, "key", data) && !bytes_of(p, 3, c.value, c.map.value_bytes, "value", data))
		answer_call(data, nicjit_map_update(d, &c.map, c.key, c.value, p->n > 4 ? strtoull(p->at[4], NULL, 0) : 0));
	free(c.key);
	return 0;
}

static int map_delete(struct nicjit_dev *d, const struct params *p, struct rte_tel_data *data)
{
	struct call c;

	if (call_open(&c, d, p, data))
		return 0;
	if (!bytes_of(p, 2, c.key, c.map.key_size, "key", data))
		answer_call(data, nicjit_map_delete(d, &c.map, c.key));
	free(c.key);
	return 0;
}

static void add_entry(struct rte_tel_data *data, const struct call *c)
{
	uint32_t key_shown = RTE_MIN(c->map.key_size, (uint32_t)SHOWN), shown = RTE_MIN(c->map.value_bytes, (uint32_t)SHOWN);
	char key[2 * SHOWN + 1], value[2 * SHOWN + 1];
	struct rte_tel_data *one = rte_tel_data_alloc();

	if (!one)
		return;
	io_hex_print(key, c->key, key_shown);
	io_hex_print(value, c->value, shown);
	rte_tel_data_start_array(one, RTE_TEL_STRING_VAL);
	rte_tel_data_add_array_string(one, key);
	rte_tel_data_add_array_string(one, value);
	rte_tel_data_add_array_container(data, one, 0);
}

/* A page of entries [key, value] behind a key, or the first one; long keys and values are cut, map_lookup shows them whole. */
static int map_dump(struct nicjit_dev *d, const struct params *p, struct rte_tel_data *data)
{
	struct call c;
	int error;

	if (call_open(&c, d, p, data))
		return 0;
	if (p->n > 2 && bytes_of(p, 2, c.key, c.map.key_size, "key", data)) {
		free(c.key);
		return 0;
	}
	error = nicjit_map_next(d, &c.map, p->n > 2 ? c.key : NULL, c.next);
	if (error && error != -ENOENT)
		answer_call(data, error);
	else
		rte_tel_data_start_array(data, RTE_TEL_CONTAINER);
	for (unsigned int n = 0; !error && n < PAGE; n++) {
		memcpy(c.key, c.next, c.map.key_size);
		if (!nicjit_map_lookup(d, &c.map, c.key, c.value))
			add_entry(data, &c);
		error = nicjit_map_next(d, &c.map, c.key, c.next);
	}
	free(c.key);
	return 0;
}

/* ---- Commands ---- */

static const struct command {
	const char *name, *help;
	int (*run)(struct nicjit_dev *d, const struct params *p, struct rte_tel_data *data);
} commands[] = {
	{"/nicjit/xdp", "What program a port has. Parameters: PORT", show},
	{"/nicjit/load", "Compiles an XDP object and puts it into the NIC, or on the host. Parameters: PORT,OBJECT[,SECTION[,MODE]]", load},
	{"/nicjit/unload", "Takes the program away. Parameters: PORT", unload},
	{"/nicjit/maps", "The program's maps. Parameters: PORT", maps},
	{"/nicjit/map_dump", "Entries of a map, 64 behind a key. Parameters: PORT,MAP[,KEY]", map_dump},
	{"/nicjit/map_lookup", "A value. Parameters: PORT,MAP,KEY", map_lookup},
	{"/nicjit/map_update", "Sets a value. Parameters: PORT,MAP,KEY,VALUE[,FLAGS]", map_update},
	{"/nicjit/map_delete", "Removes a key. Parameters: PORT,MAP,KEY", map_delete},
};

static int run(const char *name, const char *text, struct rte_tel_data *data)
{
	struct params p = split(text);
	struct nicjit_dev *d = port_of(&p);
	int result = -1;

	if (!d)
		result = answer_error(data, "%s,PORT: there is no such port of this driver", name);
	for (unsigned int i = 0; d && i < RTE_DIM(commands); i++)
		if (strcmp(commands[i].name, name) == 0)
			result = commands[i].run(d, &p, data);
	free(p.text);
	return result;
}

RTE_INIT(nicjit_telemetry)
{
	for (unsigned int i = 0; i < RTE_DIM(commands); i++)
		rte_telemetry_register_cmd(commands[i].name, run, commands[i].help);
}
