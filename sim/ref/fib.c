// SPDX-License-Identifier: Apache-2.0
/*
 * bpf_fib_lookup() by going over all routes, as include/uapi/linux/bpf.h describes it and the running kernel does it.
 * bpf_check_mtu() asks the same links.
 */
#include "interp.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

enum { KNOWN_FLAGS = BPF_FIB_LOOKUP_DIRECT | BPF_FIB_LOOKUP_OUTPUT | BPF_FIB_LOOKUP_SKIP_NEIGH | BPF_FIB_LOOKUP_TBID | BPF_FIB_LOOKUP_SRC | 1 << 5 };
enum { NO_SRC_ADDR = 9 };     /* BPF_FIB_LKUP_RET_NO_SRC_ADDR, newer than the headers of Debian 12 */
enum { IP_MTU_MAX = 65535, IPV6_MTU_MAX = 65575, IPV6_MTU_MIN = 1280 };
enum { SCOPE_LINK = 253, ETHERNET = 14, FIRST_PORT = 1 };

struct query {
	const struct nic_fib *fib;
	struct bpf_fib_lookup *params;
	uint32_t flags;
	bool six;
};

static const struct nic_fib_link *link_of(const struct nic_fib *fib, uint32_t ifindex)
{
	for (uint32_t n = 0; n < fib->n_links; n++)
		if (fib->links[n].ifindex == ifindex)
			return &fib->links[n];
	return NULL;
}

static bool covers(const uint8_t *prefix, uint32_t bits, const uint8_t *addr)
{
	for (uint32_t n = 0; n < bits; n++)
		if ((prefix[n / 8] ^ addr[n / 8]) & 0x80 >> n % 8)
			return false;
	return true;
}

static uint8_t *destination(const struct query *q)
{
	return q->six ? (uint8_t *)q->params->ipv6_dst : (uint8_t *)&q->params->ipv4_dst;
}

/* IPv4 keeps its local and main table in one as long as there are no rules. */
static bool in_table(const struct query *q, const struct nic_fib_route *r, uint32_t table)
{
	if (!q->six && table == NIC_FIB_LOCAL)
		table = NIC_FIB_MAIN;
	return r->table == table || (!q->six && table == NIC_FIB_MAIN && r->table == NIC_FIB_LOCAL);
}

static bool is_better(const struct nic_fib_route *r, const struct nic_fib_route *than)
{
	if (!than || r->bits != than->bits)
		return !than || r->bits > than->bits;
	if (r->table != than->table)
		return r->table > than->table;
	return r->metric < than->metric;
}

static const struct nic_fib_route *best_of(const struct query *q, uint32_t table)
{
	const struct nic_fib_route *best = NULL;

	for (uint32_t n = 0; n < q->fib->n_routes; n++) {
		const struct nic_fib_route *r = &q->fib->routes[n];

		if ((r->family == AF_INET6) != q->six || !in_table(q, r, table) || !covers(r->to, r->bits, destination(q)))
			continue;
		if (!q->six && q->flags & BPF_FIB_LOOKUP_OUTPUT && r->type == NIC_FIB_UNICAST && r->ifindex != q->params->ifindex)
			continue;
		if (is_better(r, best))
			best = r;
	}
	return best;
}

static const struct nic_fib_route *route_of(const struct query *q)
{
	const struct nic_fib_route *r = NULL;

	if (q->flags & BPF_FIB_LOOKUP_DIRECT) {
		uint32_t table = NIC_FIB_MAIN;

		if (q->flags & BPF_FIB_LOOKUP_TBID) {
			memcpy(&table, &q->params->h_vlan_proto, sizeof(table));
			memset(&q->params->h_vlan_proto, 0, sizeof(table));
		}
		return best_of(q, table ? table : NIC_FIB_MAIN);
	}
	if (q->six)
		r = best_of(q, NIC_FIB_LOCAL);
	return r ? r : best_of(q, NIC_FIB_MAIN);
}

static int refusal_of(const struct nic_fib_route *r)
{
	switch (r ? r->type : NIC_FIB_THROW) {
	case NIC_FIB_UNICAST:
		return 0;
	case NIC_FIB_BLACKHOLE:
		return BPF_FIB_LKUP_RET_BLACKHOLE;
	case NIC_FIB_UNREACHABLE:
		return BPF_FIB_LKUP_RET_UNREACHABLE;
	case NIC_FIB_PROHIBIT:
		return BPF_FIB_LKUP_RET_PROHIBIT;
	default:
		return BPF_FIB_LKUP_RET_NOT_FWDED;
	}
}

static uint32_t mtu_of(const struct query *q, const struct nic_fib_route *r, const struct nic_fib_link *out)
{
	if (r->mtu)
		return r->mtu;
	if (!q->six)
		return out->mtu < IP_MTU_MAX ? out->mtu : IP_MTU_MAX;
	if (out->mtu < IPV6_MTU_MIN)
		return IPV6_MTU_MIN;
	return out->mtu < IPV6_MTU_MAX ? out->mtu : IPV6_MTU_MAX;
}

/* Addresses of the link that frames leave by, that of the gateway's network first; when it has none, the first one of another link. */
static uint32_t source4(const struct query *q, const struct nic_fib_route *r)
{
	const struct nic_fib_address *best = NULL, *other = NULL;
	uint32_t found = 0;

	for (uint32_t n = 0; n < q->fib->n_addresses; n++) {
		const struct nic_fib_address *a = &q->fib->addresses[n];

		if (a->family != AF_INET || a->secondary || a->scope > r->scope)
			continue;
		if (!other && a->scope != SCOPE_LINK)
			other = a;
		if (a->ifindex != r->ifindex)
			continue;
		if (!best || (r->gateway_family == AF_INET && !covers(best->addr, best->bits, r->gateway) && covers(a->addr, a->bits, r->gateway)))
			best = a;
	}
	best = best ? best : other;
	if (best)
		memcpy(&found, best->addr, sizeof(found));
	return found;
}

static int set_source(const struct query *q, const struct nic_fib_route *r)
{
	const struct nic_fib_address *only = NULL;

	if (!q->six) {
		if (r->has_source)
			memcpy(&q->params->ipv4_src, r->source, 4);
		else
			q->params->ipv4_src = source4(q, r);
		return 0;
	}
	for (uint32_t n = 0; n < q->fib->n_addresses && !r->has_source; n++) {
		const struct nic_fib_address *a = &q->fib->addresses[n];

		if (a->ifindex == r->ifindex && a->family == AF_INET6 && !a->scope)
			only = a;
	}
	if (!r->has_source && !only)
		return NO_SRC_ADDR;
	memcpy(q->params->ipv6_src, r->has_source ? r->source : only->addr, 16);
	return 0;
}

static const struct nic_fib_neighbour *neighbour_of(const struct query *q, const struct nic_fib_link *out)
{
	static const uint8_t any[16];
	const uint8_t *addr = q->params->family == AF_INET6 ? (uint8_t *)q->params->ipv6_dst : (uint8_t *)&q->params->ipv4_dst;
	size_t size = q->params->family == AF_INET6 ? 16 : 4;

	if (size == 4 && out->one_neighbour)
		addr = any;
	for (uint32_t n = 0; n < q->fib->n_neighbours; n++) {
		const struct nic_fib_neighbour *each = &q->fib->neighbours[n];

		if (each->ifindex == out->ifindex && each->family == q->params->family && !memcmp(each->addr, addr, size))
			return each;
	}
	return NULL;
}

static bool never_leaves(const uint32_t *words)
{
	static const uint8_t loopback[16] = { [15] = 1 };
	const uint8_t *addr = (const uint8_t *)words;

	return addr[0] == 0xff || (addr[0] == 0xfe && (addr[1] & 0xc0) == 0x80) || !memcmp(addr, loopback, 16);
}

static int look_up(struct query *q)
{
	struct bpf_fib_lookup *p = q->params;
	const struct nic_fib_neighbour *neighbour;
	const struct nic_fib_link *in, *out;
	const struct nic_fib_route *r;
	uint32_t mtu;
	int result;

	if (q->six && (never_leaves(p->ipv6_dst) || never_leaves(p->ipv6_src)))
		return BPF_FIB_LKUP_RET_NOT_FWDED;
	in = link_of(q->fib, p->ifindex);
	if (!in)
		return -ENODEV;
	if (!(q->six ? in->forwards6 : in->forwards4))
		return BPF_FIB_LKUP_RET_FWD_DISABLED;
	r = route_of(q);
	result = refusal_of(r);
	if (result)
		return result;
	out = link_of(q->fib, r->ifindex);
	mtu = mtu_of(q, r, out);
	if (p->tot_len > mtu) {
		p->tot_len = (uint16_t)mtu;
		return BPF_FIB_LKUP_RET_FRAG_NEEDED;
	}
	if (r->encapsulated)
		return BPF_FIB_LKUP_RET_UNSUPP_LWT;
	p->rt_metric = r->metric;
	p->ifindex = out->ifindex;
	if (!q->six && q->flags & BPF_FIB_LOOKUP_SRC)
		set_source(q, r);
	if (r->gateway_family == AF_INET6 && !q->six)
		p->family = AF_INET6;
	if (r->gateway_family)
		memcpy(r->gateway_family == AF_INET6 ? (void *)p->ipv6_dst : (void *)&p->ipv4_dst, r->gateway, r->gateway_family == AF_INET6 ? 16 : 4);
	if (q->six && q->flags & BPF_FIB_LOOKUP_SRC && set_source(q, r))
		return NO_SRC_ADDR;
	if (!(q->flags & BPF_FIB_LOOKUP_SKIP_NEIGH)) {
		neighbour = neighbour_of(q, out);
		if (!neighbour)
			return BPF_FIB_LKUP_RET_NO_NEIGH;
		memcpy(p->dmac, neighbour->mac, sizeof(p->dmac));
		memcpy(p->smac, out->mac, sizeof(p->smac));
	}
	p->h_vlan_proto = p->h_vlan_TCI = 0;
	p->tot_len = (uint16_t)mtu;
	return 0;
}

bool fib_lookup(struct ref_machine *machine)
{
	struct ref_run *run = machine->run;
	uint8_t *bytes = memory_bytes(machine, run->reg[2], (uint32_t)run->reg[3], true);
	struct bpf_fib_lookup params;
	struct query q = { machine->fib, &params, (uint32_t)run->reg[4], false };
	int result;

	if (!bytes)
		return false;
	if ((int32_t)run->reg[3] < (int32_t)sizeof(params) || q.flags & ~(uint32_t)KNOWN_FLAGS) {
		result = -EINVAL;
	} else {
		memcpy(&params, bytes, sizeof(params));
		q.six = params.family == AF_INET6;
		result = q.six || params.family == AF_INET ? look_up(&q) : -EAFNOSUPPORT;
		memcpy(bytes, &params, sizeof(params));
	}
	run->reg[0] = (uint64_t)(int64_t)result;
	return true;
}

bool fib_check_mtu(struct ref_machine *machine)
{
	struct ref_run *run = machine->run;
	uint8_t *bytes = memory_bytes(machine, run->reg[3], sizeof(uint32_t), true);
	const struct nic_fib_link *link = link_of(machine->fib, (uint32_t)run->reg[2] ? (uint32_t)run->reg[2] : FIRST_PORT);
	uint32_t given, length = (uint32_t)(run->end - run->start);
	int result = 0;

	if (!bytes)
		return false;
	memcpy(&given, bytes, sizeof(given));
	if (run->reg[5]) {
		result = -EINVAL;
	} else if (!link) {
		result = -ENODEV;
	} else {
		if (given)
			length = given + ETHERNET;
		result = (int32_t)(length + (uint32_t)run->reg[4]) > (int32_t)(link->mtu + ETHERNET);
		memcpy(bytes, &link->mtu, sizeof(link->mtu));
	}
	run->reg[0] = (uint64_t)(int64_t)result;
	return true;
}
