// SPDX-License-Identifier: Apache-2.0
/*
 * Control of a running process over DPDK's telemetry socket. Parameters are separated by commas, keys and values are hexadecimal in
 * memory order; what can't be done is answered with {"error": sentence}.
 */
#include <stdarg.h>
#include <stdlib.h>

#include "sim/io/io.h"
#include "telemetry.h"

/* Bytes that fit into an answer as digits. */
enum { BYTES = 4000 };

int telemetry_error(struct rte_tel_data *data, const char *fmt, ...)
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

int telemetry_number(const char *text, const char *what, uint64_t *n, struct rte_tel_data *data)
{
	char *end = NULL;

	*n = text && *text ? strtoull(text, &end, 0) : 0;
	if (!text || !*text || (*text >= '0' && *text <= '9' && !*end))
		return 0;
	telemetry_error(data, "%s: %s are a number", text, what);
	return -1;
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

static struct telemetry_params split(const char *text)
{
	struct telemetry_params p = {.text = strdup(text ? text : "")};
	char *rest = p.text;

	if (!p.text)
		rte_panic("out of memory\n");
	while (rest && *rest && p.n < TELEMETRY_PARAMS)
		p.at[p.n++] = strsep(&rest, ",");
	return p;
}

/* NULL: there is none, or it is closed. */
static struct nicjit_dev *port_of(const struct telemetry_params *p)
{
	char *end = NULL;
	unsigned long port = p->n ? strtoul(p->at[0], &end, 10) : RTE_MAX_ETHPORTS;

	if (port >= RTE_MAX_ETHPORTS || *end || !rte_eth_dev_is_valid_port(port) || !nicjit_is(&rte_eth_devices[port]))
		return NULL;
	return nicjit_dev(&rte_eth_devices[port])->bus ? nicjit_dev(&rte_eth_devices[port]) : NULL;
}

/* ---- Programs ---- */

static int show(struct nicjit_dev *d, const struct telemetry_params *p, struct rte_tel_data *data)
{
	static const char *const modes[] = {[NICJIT_XDP_NONE] = "none", [NICJIT_XDP_OFFLOAD] = "offload", [NICJIT_XDP_HOST] = "host"};
	char text[RTE_TEL_MAX_STRING_LEN];
	struct nicjit_xdp_info info;
	bool there = !nicjit_xdp_info(d, &info);

	(void)p;
	nicjit_xdp_describe(d, text, sizeof(text));
	rte_tel_data_start_dict(data);
	rte_tel_data_add_dict_string(data, "mode", modes[info.mode]);
	rte_tel_data_add_dict_string(data, "state", text);
	rte_tel_data_add_dict_u64(data, "maps", nicjit_xdp_maps(d));
	rte_tel_data_add_dict_string(data, "nic", d->bus->name);
	rte_tel_data_add_dict_u64(data, "cores", d->cores);
	rte_tel_data_add_dict_u64(data, "threads", d->threads);
	rte_tel_data_add_dict_u64(data, "wires", d->wires);
	if (!there)
		return 0;
	rte_tel_data_add_dict_string(data, "name", info.name);
	rte_tel_data_add_dict_string(data, "section", info.section);
	rte_tel_data_add_dict_u64(data, "loaded", info.loaded);
	rte_tel_data_add_dict_u64(data, "btf_bytes", info.btf_bytes);
	if (info.mode == NICJIT_XDP_OFFLOAD) {
		rte_tel_data_add_dict_u64(data, "bundles", info.bundles);
		rte_tel_data_add_dict_u64(data, "first_bundle", info.base);
	}
	return 0;
}

static int answer_text(struct rte_tel_data *data, const char *text)
{
	return rte_tel_data_string(data, text);
}

/* What may be longer than a string of a dictionary. */
static int why(struct nicjit_dev *d, const struct telemetry_params *p, struct rte_tel_data *data)
{
	struct nicjit_xdp_info info;

	(void)p;
	nicjit_xdp_info(d, &info);
	return answer_text(data, info.why);
}

static int object(struct nicjit_dev *d, const struct telemetry_params *p, struct rte_tel_data *data)
{
	struct nicjit_xdp_info info;

	(void)p;
	nicjit_xdp_info(d, &info);
	return answer_text(data, info.object);
}

/* 0, or -1 with the error answered. */
static int offset_of(const struct telemetry_params *p, uint64_t *offset, struct rte_tel_data *data)
{
	return telemetry_number(p->n > 1 ? p->at[1] : NULL, "bytes to skip", offset, data);
}

static int btf(struct nicjit_dev *d, const struct telemetry_params *p, struct rte_tel_data *data)
{
	uint8_t bytes[BYTES];
	char text[2 * BYTES + 1] = "";
	uint64_t at;

	if (offset_of(p, &at, data))
		return 0;
	io_hex_print(text, bytes, nicjit_xdp_btf(d, at, bytes, sizeof(bytes)));
	return answer_text(data, text);
}

/* Text of which half may have to be escaped must fit, too. */
static int prog_dump(struct nicjit_dev *d, const struct telemetry_params *p, struct rte_tel_data *data)
{
	char *text, piece[BYTES + 1];
	uint64_t at;

	if (offset_of(p, &at, data))
		return 0;
	text = nicjit_xdp_text(d);
	snprintf(piece, sizeof(piece), "%s", text && at < strlen(text) ? text + at : "");
	free(text);
	return answer_text(data, piece);
}

static int trace(struct nicjit_dev *d, const struct telemetry_params *p, struct rte_tel_data *data)
{
	char text[BYTES + 1];
	size_t n = nicjit_xdp_trace(d, p->n < 2 || strcmp(p->at[1], "end") != 0, text, BYTES);

	text[n] = '\0';
	return answer_text(data, text);
}

static int load(struct nicjit_dev *d, const struct telemetry_params *p, struct rte_tel_data *data)
{
	const char *section = p->n > 2 && *p->at[2] ? p->at[2] : NULL;
	enum nicjit_xdp_want want = NICJIT_WANT_AUTO;
	const char *entries = p->n > 4 ? p->at[4] : NULL;
	char why[NICJIT_WHY];

	if (p->n < 2)
		return telemetry_error(data, "the object is missing: load,PORT,OBJECT[,SECTION[,MODE[,ENTRIES]]]");
	if (p->n > 3 && nicjit_xdp_want(p->at[3], &want))
		return telemetry_error(data, "a mode is auto, offload or host");
	if (nicjit_xdp_load(d, p->at[1], section, entries, want, why))
		return answer_why(data, why);
	return show(d, p, data);
}

static int unload(struct nicjit_dev *d, const struct telemetry_params *p, struct rte_tel_data *data)
{
	char why[NICJIT_WHY];

	if (nicjit_xdp_unload(d, why))
		return answer_why(data, why);
	return show(d, p, data);
}

static int routes(struct nicjit_dev *d, const struct telemetry_params *p, struct rte_tel_data *data)
{
	char why[NICJIT_WHY];

	if (p->n < 2)
		return telemetry_error(data, "the file is missing: routes,PORT,FILE");
	if (nicjit_xdp_routes(d, p->at[1], why))
		return answer_why(data, why);
	return show(d, p, data);
}

/* ---- Commands ---- */

static int ports(const char *name, const char *text, struct rte_tel_data *data)
{
	uint16_t port;

	(void)name;
	(void)text;
	rte_tel_data_start_array(data, RTE_TEL_INT_VAL);
	RTE_ETH_FOREACH_DEV(port)
		if (nicjit_is(&rte_eth_devices[port]))
			rte_tel_data_add_array_int(data, port);
	return 0;
}

static int stage(const char *name, const char *text, struct rte_tel_data *data)
{
	struct telemetry_params p = split(text);
	int result = telemetry_stage(&p, data);

	(void)name;
	free(p.text);
	return result;
}

static const struct command {
	const char *name, *help;
	telemetry_run *run;
} commands[] = {
	{"/nicjit/xdp", "What program a port has. Parameters: PORT", show},
	{"/nicjit/why", "Why it is not in the NIC. Parameters: PORT", why},
	{"/nicjit/object", "The file it came from. Parameters: PORT", object},
	{"/nicjit/load", "Compiles an XDP object and puts it into the NIC, or on the host. Parameters: PORT,OBJECT[,SECTION[,MODE[,ENTRIES]]]", load},
	{"/nicjit/unload", "Takes the program away. Parameters: PORT", unload},
	{"/nicjit/routes", "Sets the routing that programs look up, from a file of what ip -j prints. Parameters: PORT,FILE", routes},
	{"/nicjit/prog_dump", "Its code: a piece from a byte on; empty at the end. Parameters: PORT[,OFFSET]", prog_dump},
	{"/nicjit/btf", "BTF of its object: a piece from a byte on, hexadecimal; empty at the end. Parameters: PORT[,OFFSET]", btf},
	{"/nicjit/trace", "What it told since the last call, lines of JSON, in pieces. Parameters: PORT[,end]", trace},
	{"/nicjit/maps", "The program's maps. Parameters: PORT", telemetry_maps},
	{"/nicjit/map_dump", "Entries of a map behind a key, KEY VALUE;KEY VALUE;.. Parameters: PORT,MAP[,KEY]", telemetry_map_dump},
	{"/nicjit/map_lookup", "A value, from a byte on. Parameters: PORT,MAP,KEY[,OFFSET]", telemetry_map_lookup},
	{"/nicjit/map_update", "Sets a value. Parameters: PORT,MAP,KEY,VALUE[,FLAGS]", telemetry_map_update},
	{"/nicjit/map_delete", "Removes a key. Parameters: PORT,MAP,KEY", telemetry_map_delete},
	{"/nicjit/map_pop", "Takes the next value of a queue or stack. Parameters: PORT,MAP", telemetry_map_pop},
	{"/nicjit/map_batch", "Sets or removes many. Parameters: PORT,MAP,FLAGS,KEY=VALUE|KEY,..", telemetry_map_batch},
};

static int run(const char *name, const char *text, struct rte_tel_data *data)
{
	struct telemetry_params p = split(text);
	struct nicjit_dev *d;
	int result = -1;

	nicjit_lock();
	d = port_of(&p);
	if (!d)
		result = telemetry_error(data, "%s,PORT: there is no such port of this driver", name);
	for (unsigned int i = 0; d && i < RTE_DIM(commands); i++)
		if (strcmp(commands[i].name, name) == 0)
			result = commands[i].run(d, &p, data);
	nicjit_unlock();
	free(p.text);
	return result;
}

RTE_INIT(nicjit_telemetry)
{
	for (unsigned int i = 0; i < RTE_DIM(commands); i++)
		rte_telemetry_register_cmd(commands[i].name, run, commands[i].help);
	rte_telemetry_register_cmd("/nicjit/ports", ports, "Ports of this driver.");
	rte_telemetry_register_cmd("/nicjit/stage", stage, "Keeps bytes of a long key or value, named @OWNER then. Parameters: OWNER,OFFSET,BYTES");
}
