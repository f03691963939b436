// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
#include "nic_fib.h"

#include "nic_lpm.h"

enum { BLACKHOLE = 1, UNREACHABLE, PROHIBIT, NOT_FORWARDED, UNSUPPORTED = 6, NO_NEIGHBOUR }; /* BPF_FIB_LKUP_RET_* */
enum { DIRECT = 1, TBID = 8, SRC = 16 }; /* BPF_FIB_LOOKUP_* */
enum { MTU4_MAX = 65535, MTU6_MIN = 1280, MTU6_MAX = 65575 };
enum { SCOPE_LINK = 253, EXISTS = -17, HOP_WORDS = FIB_HOP_BYTES / 8, WHOLE = 0 };

struct filling {
	const struct nic_regs *regs;
	const struct nic_fib *fib;
	struct nic_fib_refusal *why;
	struct nic_map links, routes4, routes6, hops;
	uint32_t n_hops, n_routes[2];
};

static int find(const struct image *image, const struct nic_regs *regs, const char *name, struct nic_map *map)
{
	for (uint32_t n = 0; n < image->header->n_maps; n++) {
		const char *text = image_string(image, image->maps[n].name);
		uint32_t k = 0;

		while (text[k] && text[k] == name[k])
			k++;
		if (text[k] || name[k])
			continue;
		*map = (struct nic_map){ .regs = regs, .layout = &image->maps[n], .index = n, .image = image };
		return 1;
	}
	return 0;
}

int nic_fib_wanted(const struct image *image)
{
	struct nic_map map;

	return find(image, NULL, FIB_LINKS, &map);
}

static int refuse(struct filling *f, const char *text, uint32_t need, uint32_t have)
{
	*f->why = (struct nic_fib_refusal){ text, need, have };
	return -1;
}

static int equal(const uint8_t *a, const uint8_t *b, uint32_t size)
{
	for (uint32_t n = 0; n < size; n++)
		if (a[n] != b[n])
			return 0;
	return 1;
}

static int covers(const uint8_t *prefix, uint32_t bits, const uint8_t *addr)
{
	return equal(prefix, addr, bits / 8) && (bits % 8 == 0 || !((prefix[bits / 8] ^ addr[bits / 8]) >> (8 - bits % 8)));
}

static uint32_t bits_of(uint8_t family)
{
	return family == NIC_FIB_INET6 ? 128 : 32;
}

static const struct nic_fib_link *link_of(const struct filling *f, uint32_t ifindex)
{
	for (uint32_t n = 0; n < f->fib->n_links; n++)
		if (f->fib->links[n].ifindex == ifindex)
			return &f->fib->links[n];
	return NULL;
}

/* ---- which route counts ---- */

/* Is the route in the table that a key names? Linux has IPv4's local and main table in one, and looks into IPv6's local one first. */
static int in_table(const struct nic_fib_route *r, uint32_t table)
{
	if (table == WHOLE || (r->family == NIC_FIB_INET && table == NIC_FIB_MAIN))
		return r->table == NIC_FIB_MAIN || r->table == NIC_FIB_LOCAL;
	return r->table == table;
}

/* Does r stand before other, which covers the same addresses or more? */
static int comes_first(const struct nic_fib_route *r, const struct nic_fib_route *other, uint32_t table)
{
	if (r->family == NIC_FIB_INET6 && table == WHOLE && r->table != other->table)
		return r->table == NIC_FIB_LOCAL;
	if (r->bits != other->bits)
		return r->bits > other->bits;
	if (r->table != other->table)
		return r->table > other->table;
	return r->metric != other->metric ? r->metric < other->metric : r < other;
}

static const struct nic_fib_route *best_for(const struct filling *f, uint8_t family, const uint8_t *addr, uint32_t table)
{
	const struct nic_fib_route *best = NULL;

	for (uint32_t n = 0; n < f->fib->n_routes; n++) {
		const struct nic_fib_route *r = &f->fib->routes[n];

		if (r->family == family && in_table(r, table) && covers(r->to, r->bits, addr) && (!best || comes_first(r, best, table)))
			best = r;
	}
	return best;
}

/* Another one of the same addresses, or one that all of them go to anyway. */
static int is_hidden(const struct filling *f, const struct nic_fib_route *r, uint32_t table)
{
	for (uint32_t n = 0; n < f->fib->n_routes; n++) {
		const struct nic_fib_route *other = &f->fib->routes[n];

		if (other != r && other->family == r->family && other->bits <= r->bits && in_table(other, table) && covers(other->to, other->bits, r->to) &&
		    comes_first(other, r, table))
			return 1;
	}
	return 0;
}

/* ---- hops ---- */

static uint64_t bytes_from(const uint8_t *bytes, uint32_t size)
{
	uint64_t word = 0;

	for (uint32_t n = 0; n < size; n++)
		word |= (uint64_t)bytes[n] << 8 * n;
	return word;
}

static uint32_t mtu_of(const struct nic_fib_route *r, const struct nic_fib_link *out)
{
	uint32_t mtu = r->mtu ? r->mtu : out->mtu, most = r->family == NIC_FIB_INET6 ? MTU6_MAX : MTU4_MAX;

	if (!r->mtu && r->family == NIC_FIB_INET6 && mtu < MTU6_MIN)
		mtu = MTU6_MIN;
	return mtu < most ? mtu : most;
}

/* Linux picks the address of the link that frames leave by, first one of the gateway's network, and else that of another link. */
static const uint8_t *source4(const struct filling *f, const struct nic_fib_route *r)
{
	static const uint8_t none[4];
	const struct nic_fib_address *best = NULL, *other = NULL;

	for (uint32_t n = 0; n < f->fib->n_addresses; n++) {
		const struct nic_fib_address *a = &f->fib->addresses[n];

		if (a->family != NIC_FIB_INET || a->secondary || a->scope > r->scope)
			continue;
		if (!other && a->scope != SCOPE_LINK)
			other = a;
		if (a->ifindex == r->ifindex &&
		    (!best || (r->gateway_family == NIC_FIB_INET && !covers(best->addr, best->bits, r->gateway) && covers(a->addr, a->bits, r->gateway))))
			best = a;
	}
	return best ? best->addr : other ? other->addr : none;
}

/* 0 when there is none, and two when the choice would depend on the destination. */
static unsigned int source6(const struct filling *f, const struct nic_fib_route *r, const uint8_t **source)
{
	unsigned int found = 0;

	for (uint32_t n = 0; n < f->fib->n_addresses && found < 2; n++) {
		const struct nic_fib_address *a = &f->fib->addresses[n];

		if (a->family != NIC_FIB_INET6 || a->ifindex != r->ifindex || a->scope)
			continue;
		*source = a->addr;
		found++;
	}
	return found;
}

static uint64_t put_source(struct filling *f, const struct nic_fib_route *r, uint64_t hop[HOP_WORDS])
{
	const uint8_t *source = r->source;

	if (!r->has_source && r->family == NIC_FIB_INET)
		source = source4(f, r);
	else if (!r->has_source && source6(f, r, &source) != 1)
		return FIB_NO_SOURCE;
	hop[FIB_SOURCE / 8] = bytes_from(source, r->family == NIC_FIB_INET ? 4 : 8);
	if (r->family == NIC_FIB_INET6)
		hop[FIB_SOURCE / 8 + 1] = bytes_from(source + 8, 8);
	return 0;
}

static uint64_t put_gateway(const struct nic_fib_route *r, uint64_t hop[HOP_WORDS])
{
	if (!r->gateway_family)
		return 0;
	hop[FIB_GATEWAY / 8] = bytes_from(r->gateway, r->gateway_family == NIC_FIB_INET ? 4 : 8);
	if (r->gateway_family == NIC_FIB_INET)
		return FIB_HAS_GATEWAY4;
	hop[FIB_GATEWAY / 8 + 1] = bytes_from(r->gateway + 8, 8);
	return FIB_HAS_GATEWAY6;
}

static const struct nic_fib_neighbour *neighbour_at(const struct filling *f, uint32_t ifindex, uint8_t family, const uint8_t *addr)
{
	for (uint32_t n = 0; n < f->fib->n_neighbours; n++) {
		const struct nic_fib_neighbour *each = &f->fib->neighbours[n];

		if (each->ifindex == ifindex && each->family == family && equal(each->addr, addr, bits_of(family) / 8))
			return each;
	}
	return NULL;
}

/* The one that all packets of the route go to, if there is one such. */
static const struct nic_fib_neighbour *neighbour_of(const struct filling *f, const struct nic_fib_route *r, const struct nic_fib_link *out)
{
	static const uint8_t any[16];
	uint8_t family = r->gateway_family ? r->gateway_family : r->family;

	if (family == NIC_FIB_INET && out->one_neighbour)
		return neighbour_at(f, r->ifindex, family, any);
	return r->gateway_family ? neighbour_at(f, r->ifindex, family, r->gateway) : NULL;
}

static void put_neighbour(const struct nic_fib_link *out, const struct nic_fib_neighbour *to, uint64_t hop[HOP_WORDS])
{
	hop[FIB_MACS / 8] = bytes_from(out->mac, 4) << 32;
	hop[FIB_MACS / 8 + 1] = bytes_from(out->mac + 4, 2) | bytes_from(to->mac, 6) << 16;
}

static uint64_t refusal_of(const struct nic_fib_route *r)
{
	switch (r->type) {
	case NIC_FIB_BLACKHOLE:
		return BLACKHOLE;
	case NIC_FIB_UNREACHABLE:
		return UNREACHABLE;
	case NIC_FIB_PROHIBIT:
		return PROHIBIT;
	default:
		return NOT_FORWARDED;
	}
}

/* A destination on the link is what the packet's is: then the quick way writes it again. */
static uint64_t quick_word(const struct nic_fib_route *r, const struct nic_fib_neighbour *host, const uint64_t hop[HOP_WORDS], uint32_t mtu)
{
	if (r->family == NIC_FIB_INET6)
		return (uint64_t)(r->gateway_family != 0) << 32 | (mtu + 1);
	if (r->gateway_family == NIC_FIB_INET)
		return hop[FIB_GATEWAY / 8] << 32 | (mtu + 1);
	return host ? bytes_from(host->addr, 4) << 32 | (mtu + 1) : 0;
}

/* host: the neighbour itself is the destination. */
static int make_hop(struct filling *f, const struct nic_fib_route *r, const struct nic_fib_neighbour *host, uint64_t hop[HOP_WORDS])
{
	const struct nic_fib_link *out = link_of(f, r->ifindex);
	const struct nic_fib_neighbour *to;
	uint64_t code = NO_NEIGHBOUR, flags;
	uint32_t mtu;

	for (int n = 0; n < HOP_WORDS; n++)
		hop[n] = 0;
	if (r->type != NIC_FIB_UNICAST) {
		hop[FIB_SLOW / 8] = refusal_of(r);
		return 0;
	}
	if (!out)
		return refuse(f, "a route goes over an interface that is not there; its index is", r->ifindex, 0);
	mtu = mtu_of(r, out);
	to = host ? host : neighbour_of(f, r, out);
	hop[FIB_OUT / 8] = (uint64_t)r->metric << 32 | r->ifindex;
	flags = put_gateway(r, hop) | put_source(f, r, hop);
	if (to) {
		put_neighbour(out, to, hop);
		code = 0;
	}
	if (r->encapsulated)
		code = UNSUPPORTED;
	hop[FIB_SLOW / 8] = (uint64_t)mtu << 32 | flags << 8 | code;
	hop[FIB_QUICK / 8] = code ? 0 : quick_word(r, host, hop, mtu);
	return 0;
}

static uint32_t hop_at(const struct filling *f, uint32_t n)
{
	return f->hops.layout->values + n * f->hops.layout->stride;
}

static int is_hop(const struct filling *f, uint32_t n, const uint64_t hop[HOP_WORDS])
{
	for (uint32_t k = 0; k < HOP_WORDS; k++)
		if (nic_maps_read_word(f->regs, hop_at(f, n) + 8 * k) != hop[k])
			return 0;
	return 1;
}

/* Routes of one gateway share a hop. */
static int put_hop(struct filling *f, const uint64_t hop[HOP_WORDS], uint64_t *pointer)
{
	uint32_t n = 0;

	while (n < f->n_hops && !is_hop(f, n, hop))
		n++;
	if (n == f->hops.layout->max_entries)
		return refuse(f, "the routes have more next hops than the image has room for", n + 1, n);
	for (uint32_t k = 0; n == f->n_hops && k < HOP_WORDS; k++)
		nic_maps_write_word(f->regs, hop_at(f, n) + 8 * k, hop[k]);
	f->n_hops += n == f->n_hops;
	*pointer = 3ULL << 60 | (uint64_t)f->hops.index << 48 | hop_at(f, n);
	return 0;
}

/* ---- tables ---- */

static int put_route(struct filling *f, const struct nic_fib_route *r, const struct nic_fib_neighbour *host, uint32_t table)
{
	const struct nic_map *map = r->family == NIC_FIB_INET6 ? &f->routes6 : &f->routes4;
	uint32_t *count = &f->n_routes[r->family == NIC_FIB_INET6], bits = FIB_TABLE_BITS + (host ? bits_of(r->family) : r->bits);
	const uint8_t *to = host ? host->addr : r->to;
	uint64_t hop[HOP_WORDS], pointer;
	uint8_t key[24] = { (uint8_t)bits };
	int result;

	for (uint32_t n = 0; n < 4; n++)
		key[4 + n] = (uint8_t)(table >> 8 * n);
	for (uint32_t n = 0; n < bits_of(r->family) / 8; n++)
		key[8 + n] = to[n];
	if (make_hop(f, r, host, hop) || put_hop(f, hop, &pointer))
		return -1;
	if (*count == map->layout->max_entries)
		return refuse(f, "there are more routes and neighbours than the image has room for", *count + 1, *count);
	result = nic_lpm_update(map, key, &pointer, 1);
	if (!result)
		++*count;
	if (result == EXISTS)
		result = nic_lpm_update(map, key, &pointer, 0);
	return result ? refuse(f, "the NIC does not take a route; its error is", (uint32_t)-result, 0) : 0;
}

static int fill_table(struct filling *f, uint8_t family, uint32_t table)
{
	for (uint32_t n = 0; n < f->fib->n_routes; n++) {
		const struct nic_fib_route *r = &f->fib->routes[n];

		if (r->family == family && in_table(r, table) && !is_hidden(f, r, table) && put_route(f, r, NULL, table))
			return -1;
	}
	for (uint32_t n = 0; n < f->fib->n_neighbours; n++) {
		const struct nic_fib_neighbour *host = &f->fib->neighbours[n];
		const struct nic_fib_route *r = host->family == family ? best_for(f, family, host->addr, table) : NULL;
		const struct nic_fib_link *out = r ? link_of(f, r->ifindex) : NULL;

		if (!out || r->type != NIC_FIB_UNICAST || r->gateway_family || r->ifindex != host->ifindex || (family == NIC_FIB_INET && out->one_neighbour))
			continue;
		if (put_route(f, r, host, table))
			return -1;
	}
	return 0;
}

/* The tables besides the whole that lookups with these flags may name, each once. */
static int fill_named(struct filling *f, uint8_t family, uint32_t flags)
{
	if (!(flags & DIRECT))
		return 0;
	if (fill_table(f, family, NIC_FIB_MAIN))
		return -1;
	for (uint32_t n = 0; flags & TBID && n < f->fib->n_routes; n++) {
		const struct nic_fib_route *r = &f->fib->routes[n];
		uint32_t before = 0;

		if (r->family != family || r->table == NIC_FIB_MAIN || (family == NIC_FIB_INET && r->table == NIC_FIB_LOCAL))
			continue;
		while (f->fib->routes[before].family != family || f->fib->routes[before].table != r->table)
			before++;
		if (before == n && fill_table(f, family, r->table))
			return -1;
	}
	return 0;
}

static int fill_links(struct filling *f)
{
	for (uint32_t n = 0; n < f->fib->n_links; n++) {
		const struct nic_fib_link *l = &f->fib->links[n];
		uint64_t value = (uint64_t)l->mtu << 32 | (l->forwards4 ? FIB_FORWARDS4 : 0) | (l->forwards6 ? FIB_FORWARDS6 : 0);

		if (nic_maps_update(&f->links, &l->ifindex, &value, 0))
			return refuse(f, "there are more interfaces than the image has room for", f->fib->n_links, f->links.layout->max_entries);
	}
	return 0;
}

int nic_fib_fill(const struct nic_regs *regs, const struct image *image, const struct nic_fib *fib, struct nic_fib_refusal *why)
{
	struct filling f = { .regs = regs, .fib = fib, .why = why };
	uint32_t flags;

	why->text = NULL;
	if (!find(image, regs, FIB_LINKS, &f.links))
		return refuse(&f, "the program asks for no routes", 0, 0);
	if (fill_links(&f) || !find(image, regs, FIB_HOPS, &f.hops))
		return f.why->text ? -1 : 0;
	if (!find(image, regs, FIB_ROUTES4, &f.routes4) || !find(image, regs, FIB_ROUTES6, &f.routes6) || f.hops.layout->stride != FIB_HOP_BYTES ||
	    f.routes4.layout->key_size != 12 || f.routes6.layout->key_size != 24)
		return refuse(&f, "the image has other tables than this loader knows", 0, 0);
	flags = f.routes4.layout->flags;
	return fill_table(&f, NIC_FIB_INET, WHOLE) || fill_table(&f, NIC_FIB_INET6, WHOLE) || fill_named(&f, NIC_FIB_INET, flags) ||
			       fill_named(&f, NIC_FIB_INET6, flags)
		       ? -1
		       : 0;
}
