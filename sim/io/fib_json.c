// SPDX-License-Identifier: Apache-2.0
/* What an element is, its members say: ip(8) puts no name on its lists. Links and settings come first, as routes and neighbours name them. */
#include "fib_json.h"

#include <arpa/inet.h>
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum kind { LINK, SETTING, NEIGHBOUR, ROUTE, RULE, UNKNOWN };

/* fib_json_free() needs the lists as what they are here. */
struct reader {
	struct nic_fib fib;
	struct nic_fib_link *links;
	struct nic_fib_address *addresses;
	struct nic_fib_route *routes;
	struct nic_fib_neighbour *neighbours;
	const char **names;       /* of the links */
	const char *path;
	json_t *all;
	int settings;
};

static const char *text_of(const json_t *j, const char *member)
{
	const char *text = json_string_value(json_object_get(j, member));

	return text ? text : "";
}

static uint32_t number_of(const json_t *j, const char *member)
{
	return (uint32_t)json_integer_value(json_object_get(j, member));
}

static int fails(const struct reader *r, const json_t *j, const char *what, struct io_error *err)
{
	char *text = json_dumps(j, JSON_COMPACT);

	io_fail(err, "%s: %s: %.300s", r->path, what, text ? text : "");
	free(text);
	return -1;
}

static enum kind kind_of(const json_t *j)
{
	if (json_object_get(j, "ifindex") && json_object_get(j, "ifname"))
		return LINK;
	if (json_object_get(j, "interface") && json_object_get(j, "family"))
		return SETTING;
	if (json_object_get(j, "priority") && json_object_get(j, "src"))
		return RULE;
	if (json_object_get(j, "dst"))
		return json_object_get(j, "state") ? NEIGHBOUR : ROUTE;
	return UNKNOWN;
}

static int has(const json_t *list, const char *name)
{
	for (size_t n = 0; n < json_array_size(list); n++)
		if (!strcmp(json_string_value(json_array_get(list, n)) ? json_string_value(json_array_get(list, n)) : "", name))
			return 1;
	return 0;
}

static int read_mac(const char *text, uint8_t mac[6])
{
	unsigned int byte[6];
	char rest;

	if (sscanf(text, "%2x:%2x:%2x:%2x:%2x:%2x%c", &byte[0], &byte[1], &byte[2], &byte[3], &byte[4], &byte[5], &rest) != 6)
		return -1;
	for (int n = 0; n < 6; n++)
		mac[n] = (uint8_t)byte[n];
	return 0;
}

/* The family, or 0. */
static uint8_t read_address(const char *text, uint8_t addr[16])
{
	memset(addr, 0, 16);
	if (inet_pton(AF_INET, text, addr) == 1)
		return NIC_FIB_INET;
	return inet_pton(AF_INET6, text, addr) == 1 ? NIC_FIB_INET6 : 0;
}

static uint32_t link_named(const struct reader *r, const char *name)
{
	for (uint32_t n = 0; n < r->fib.n_links; n++)
		if (!strcmp(r->names[n], name))
			return r->links[n].ifindex;
	return 0;
}

static struct nic_fib_link *link_at(const struct reader *r, const char *name)
{
	for (uint32_t n = 0; n < r->fib.n_links; n++)
		if (!strcmp(r->names[n], name))
			return &r->links[n];
	return NULL;
}

static uint8_t scope_of(const char *text)
{
	return !strcmp(text, "host") ? 254 : !strcmp(text, "link") ? 253 : 0;
}

static int read_link(struct reader *r, const json_t *j, struct io_error *err)
{
	const json_t *flags = json_object_get(j, "flags"), *list = json_object_get(j, "addr_info");
	struct nic_fib_link *l = &r->links[r->fib.n_links];

	if (link_named(r, text_of(j, "ifname")))
		return 0; /* of `ip link` and `ip addr` */
	*l = (struct nic_fib_link){ .ifindex = number_of(j, "ifindex"), .mtu = number_of(j, "mtu") };
	if (!l->ifindex)
		return fails(r, j, "a link without a number", err);
	if (!json_object_get(j, "mtu"))
		return fails(r, j, "a link without an MTU", err);
	read_mac(text_of(j, "address"), l->mac); /* a tunnel has none */
	l->one_neighbour = (uint8_t)(has(flags, "LOOPBACK") || has(flags, "POINTOPOINT"));
	r->names[r->fib.n_links++] = text_of(j, "ifname");
	for (size_t n = 0; n < json_array_size(list); n++) {
		const json_t *each = json_array_get(list, n);
		struct nic_fib_address *a = &r->addresses[r->fib.n_addresses];

		*a = (struct nic_fib_address){ .ifindex = l->ifindex, .bits = (uint8_t)number_of(each, "prefixlen"),
					       .secondary = json_is_true(json_object_get(each, "secondary")),
					       .scope = scope_of(text_of(each, "scope")) };
		a->family = read_address(text_of(each, "local"), a->addr);
		if (!a->family)
			return fails(r, each, "an address that can't be read", err);
		r->fib.n_addresses++;
	}
	return 0;
}

static int read_setting(struct reader *r, const json_t *j)
{
	struct nic_fib_link *l = link_at(r, text_of(j, "interface"));
	uint8_t on = json_is_true(json_object_get(j, "forwarding"));

	r->settings = 1;
	if (!l)
		return 0; /* all, default */
	if (!strcmp(text_of(j, "family"), "inet"))
		l->forwards4 = on;
	else if (!strcmp(text_of(j, "family"), "inet6"))
		l->forwards6 = on;
	return 0;
}

static int read_neighbour(struct reader *r, const json_t *j, struct io_error *err)
{
	static const char *const valid[] = { "PERMANENT", "NOARP", "REACHABLE", "PROBE", "STALE", "DELAY" };
	struct nic_fib_neighbour *n = &r->neighbours[r->fib.n_neighbours];
	int usable = 0;

	for (size_t k = 0; k < sizeof(valid) / sizeof(*valid); k++)
		usable |= has(json_object_get(j, "state"), valid[k]);
	if (!usable)
		return 0;
	n->ifindex = link_named(r, text_of(j, "dev"));
	n->family = read_address(text_of(j, "dst"), n->addr);
	if (!n->ifindex)
		return fails(r, j, "a neighbour on a link that is not in the file", err);
	if (!n->family)
		return fails(r, j, "a neighbour whose address can't be read", err);
	read_mac(text_of(j, "lladdr"), n->mac); /* there is none where frames have no addresses */
	r->fib.n_neighbours++;
	return 0;
}

static int read_table(const json_t *j, uint32_t *table)
{
	static const struct { const char *name; uint32_t number; } known[] = {
		{ "", NIC_FIB_MAIN }, { "main", NIC_FIB_MAIN }, { "local", NIC_FIB_LOCAL }, { "default", NIC_FIB_DEFAULT } };
	const char *text = text_of(j, "table");
	char *end;

	for (size_t n = 0; n < sizeof(known) / sizeof(*known); n++)
		if (!strcmp(text, known[n].name)) {
			*table = known[n].number;
			return 0;
		}
	*table = (uint32_t)strtoul(text, &end, 10);
	return *end ? -1 : 0;
}

static int read_type(const json_t *j, uint8_t *type)
{
	static const struct { const char *name; uint8_t type; } known[] = {
		{ "", NIC_FIB_UNICAST }, { "unicast", NIC_FIB_UNICAST }, { "local", NIC_FIB_HERE }, { "broadcast", NIC_FIB_HERE },
		{ "multicast", NIC_FIB_HERE }, { "anycast", NIC_FIB_HERE }, { "blackhole", NIC_FIB_BLACKHOLE },
		{ "unreachable", NIC_FIB_UNREACHABLE }, { "prohibit", NIC_FIB_PROHIBIT }, { "throw", NIC_FIB_THROW } };

	for (size_t n = 0; n < sizeof(known) / sizeof(*known); n++)
		if (!strcmp(text_of(j, "type"), known[n].name)) {
			*type = known[n].type;
			return 0;
		}
	return -1;
}

/* "10.0.0.0/8", "10.0.0.1", "default"; the family of the latter is that of the gateway, or of the member that only IPv6 routes have. */
static int read_prefix(const json_t *j, struct nic_fib_route *to)
{
	const char *text = text_of(j, "dst"), *slash = strchr(text, '/');
	char addr[64];
	char *end = NULL;

	if (!strcmp(text, "default")) {
		to->family = strchr(text_of(j, "gateway"), ':') || json_object_get(j, "pref") ? NIC_FIB_INET6 : NIC_FIB_INET;
		return 0;
	}
	snprintf(addr, sizeof(addr), "%.*s", slash ? (int)(slash - text) : (int)strlen(text), text);
	to->family = read_address(addr, to->to);
	to->bits = to->family == NIC_FIB_INET ? 32 : 128;
	if (!to->family)
		return -1;
	if (slash) {
		unsigned long bits = strtoul(slash + 1, &end, 10);

		if (*end || bits > to->bits)
			return -1;
		to->bits = (uint8_t)bits;
	}
	return 0;
}

static int read_gateway(const json_t *j, struct nic_fib_route *to)
{
	const json_t *via = json_object_get(j, "via");
	const char *text = via ? text_of(via, "host") : text_of(j, "gateway");

	if (!*text)
		return 0;
	to->gateway_family = read_address(text, to->gateway);
	return to->gateway_family ? 0 : -1;
}

static int read_route(struct reader *r, const json_t *j, struct io_error *err)
{
	struct nic_fib_route *to = &r->routes[r->fib.n_routes];
	const json_t *flags = json_object_get(j, "flags"), *metrics = json_array_get(json_object_get(j, "metrics"), 0);
	const char *source = text_of(j, "prefsrc");

	*to = (struct nic_fib_route){ .metric = number_of(j, "metric"), .ifindex = link_named(r, text_of(j, "dev")),
				      .scope = scope_of(text_of(j, "scope")), .encapsulated = json_object_get(j, "encap") != NULL };
	if (has(flags, "dead"))
		return 0;
	if (read_prefix(j, to))
		return fails(r, j, "a route whose prefix can't be read", err);
	if (read_table(j, &to->table))
		return fails(r, j, "a route of a table with a name (ip -N shows numbers)", err);
	if (read_type(j, &to->type))
		return fails(r, j, "a route of a type that the NIC does not know", err);
	if (json_object_get(j, "nexthops"))
		return fails(r, j, "a route with several next hops, of which the kernel takes one by a secret", err);
	if (json_object_get(j, "tos") || json_object_get(j, "from"))
		return fails(r, j, "a route that also depends on something else than the destination", err);
	if (read_gateway(j, to))
		return fails(r, j, "a route whose gateway can't be read", err);
	if (to->type == NIC_FIB_UNICAST && !to->ifindex)
		return fails(r, j, "a route over a link that is not in the file", err);
	if (json_is_true(json_object_get(metrics, "lock")))
		to->mtu = number_of(metrics, "mtu");
	to->has_source = *source && read_address(source, to->source) == to->family;
	r->fib.n_routes++;
	return 0;
}

static int is_usual_rule(const json_t *j)
{
	uint32_t priority = number_of(j, "priority");
	const char *table = text_of(j, "table");

	return !strcmp(text_of(j, "src"), "all") && ((priority == 0 && !strcmp(table, "local")) || (priority == 32766 && !strcmp(table, "main")) ||
						     (priority == 32767 && !strcmp(table, "default")));
}

static int read_element(struct reader *r, const json_t *j, enum kind kind, struct io_error *err)
{
	switch (kind) {
	case LINK:
		return read_link(r, j, err);
	case SETTING:
		return read_setting(r, j);
	case NEIGHBOUR:
		return read_neighbour(r, j, err);
	case ROUTE:
		return read_route(r, j, err);
	case RULE:
		return is_usual_rule(j) ? 0 : fails(r, j, "a rule for routing by more than the destination", err);
	default:
		return fails(r, j, "neither link, setting, route nor neighbour", err);
	}
}

/* Links before settings, and so on. */
static int read_elements(struct reader *r, struct io_error *err)
{
	static const enum kind order[] = { UNKNOWN, LINK, SETTING, NEIGHBOUR, ROUTE, RULE };

	for (size_t k = 0; k < sizeof(order) / sizeof(*order); k++)
		for (size_t n = 0; n < json_array_size(r->all); n++) {
			const json_t *j = json_array_get(r->all, n);

			if (json_object_size(j) && kind_of(j) == order[k] && read_element(r, j, order[k], err))
				return -1;
		}
	if (!r->fib.n_links)
		return io_fail(err, "%s: there are no links in it (ip -j addr)", r->path);
	return r->settings ? 0 : io_fail(err, "%s does not say which links forward (ip -j netconf)", r->path);
}

/* One list after the other. */
static int read_lists(struct reader *r, struct io_error *err)
{
	FILE *f = fopen(r->path, "r");
	json_error_t e;
	json_t *list;
	int result = 0, ch;

	if (!f)
		return io_fail(err, "%s cannot be read: %s", r->path, strerror(errno));
	while (!result) {
		do
			ch = fgetc(f);
		while (ch == ' ' || ch == '\n' || ch == '\r' || ch == '\t');
		if (ch == EOF)
			break;
		ungetc(ch, f);
		list = json_loadf(f, JSON_DISABLE_EOF_CHECK | JSON_REJECT_DUPLICATES, &e);
		if (!json_is_array(list))
			result = io_fail(err, "%s is not what ip -j prints: %s", r->path, list ? "there is no list" : e.text);
		else
			json_array_extend(r->all, list);
		json_decref(list);
	}
	fclose(f);
	return result;
}

static int make_room(struct reader *r, struct io_error *err)
{
	size_t n = json_array_size(r->all) + 1, addresses = 1;

	for (size_t k = 0; k + 1 < n; k++)
		addresses += json_array_size(json_object_get(json_array_get(r->all, k), "addr_info"));
	r->links = calloc(n, sizeof(*r->links));
	r->names = calloc(n, sizeof(*r->names));
	r->routes = calloc(n, sizeof(*r->routes));
	r->neighbours = calloc(n, sizeof(*r->neighbours));
	r->addresses = calloc(addresses, sizeof(*r->addresses));
	if (!r->links || !r->names || !r->routes || !r->neighbours || !r->addresses)
		return io_fail(err, "out of memory");
	r->fib.links = r->links;
	r->fib.routes = r->routes;
	r->fib.neighbours = r->neighbours;
	r->fib.addresses = r->addresses;
	return 0;
}

struct nic_fib *fib_json_read(const char *path, struct io_error *err)
{
	struct reader *r = calloc(1, sizeof(*r));

	if (!r) {
		io_fail(err, "out of memory");
		return NULL;
	}
	r->path = path;
	r->all = json_array();
	if (!read_lists(r, err) && !make_room(r, err) && !read_elements(r, err))
		return &r->fib;
	fib_json_free(&r->fib);
	return NULL;
}

void fib_json_free(struct nic_fib *fib)
{
	struct reader *r = (struct reader *)fib;

	if (!r)
		return;
	json_decref(r->all);
	free(r->links);
	free(r->names);
	free(r->routes);
	free(r->neighbours);
	free(r->addresses);
	free(r);
}
