// SPDX-License-Identifier: (GPL-2.0-only OR Apache-2.0)
/*
 * A layer 4 load balancer. The virtual service (address, port, protocol) names a ring of real servers; the flow's hash picks one.
 * The frame goes to the server's MAC address (direct server return), or with -DTUNNEL inside an IPIP header, with the flow's server
 * remembered in an LRU table.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define RING	256
#define GOLDEN	0x9e3779b9U

struct service_key {
	__be32 address;
	__be16 port;
	__u16 protocol;
};

struct service {
	__u32 ring; /* first entry */
	__u32 reserved;
	__u64 packets, bytes;
};

struct server {
	__be32 address;
	__u8 mac[ETH_ALEN];
	__u8 pad[2];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, struct service_key);
	__type(value, struct service);
} services SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 4 * RING);
	__type(key, __u32);
	__type(value, __u32);
} ring SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, struct server);
} servers SEC(".maps");

struct transport {
	__be16 source, dest;
};

#ifdef TUNNEL
struct flow {
	__be32 source, dest;
	__be16 source_port, dest_port;
	__u32 protocol;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1024);
	__type(key, struct flow);
	__type(value, __u32);
} flows SEC(".maps");
#endif

static __always_inline __u32 flow_hash(const struct iphdr *ip, const struct transport *l4)
{
	__u32 h = ip->saddr * GOLDEN;

	h ^= (h >> 15) ^ ((__u32)l4->source << 16 | l4->dest);
	h *= GOLDEN;
	return h ^ h >> 16;
}

#ifdef TUNNEL
static __always_inline int deliver(struct xdp_md *ctx, struct ethhdr *eth, const struct server *server)
{
	struct ethhdr *old;
	void *data_end;
	struct iphdr *ip, *inner;
	__u32 sum = 0;
	__u16 *word;

	if (bpf_xdp_adjust_head(ctx, -(int)sizeof(*ip)))
		return XDP_DROP;
	data_end = (void *)(long)ctx->data_end;
	eth = (void *)(long)ctx->data;
	ip = (void *)(eth + 1);
	old = (void *)eth + sizeof(*ip);
	inner = (void *)(old + 1);
	if ((void *)(inner + 1) > data_end)
		return XDP_DROP;
	__builtin_memcpy(eth->h_source, old->h_dest, ETH_ALEN);
	__builtin_memcpy(eth->h_dest, server->mac, ETH_ALEN);
	eth->h_proto = bpf_htons(ETH_P_IP);
	__builtin_memset(ip, 0, sizeof(*ip));
	ip->version = 4;
	ip->ihl = 5;
	ip->tot_len = bpf_htons(bpf_ntohs(inner->tot_len) + sizeof(*ip));
	ip->ttl = 64;
	ip->protocol = IPPROTO_IPIP;
	ip->saddr = inner->daddr;
	ip->daddr = server->address;
	word = (__u16 *)ip;
#pragma unroll
	for (unsigned int i = 0; i < sizeof(*ip) / 2; i++)
		sum += word[i];
	sum = (sum & 0xffff) + (sum >> 16);
	ip->check = ~((sum & 0xffff) + (sum >> 16));
	return XDP_TX;
}

static __always_inline __u32 pick(const struct iphdr *ip, const struct transport *l4, __u32 slot)
{
	struct flow key = {ip->saddr, ip->daddr, l4->source, l4->dest, ip->protocol};
	__u32 *known = bpf_map_lookup_elem(&flows, &key), *entry, number;

	if (known)
		return *known;
	entry = bpf_map_lookup_elem(&ring, &slot);
	number = entry ? *entry : 0;
	bpf_map_update_elem(&flows, &key, &number, BPF_ANY);
	return number;
}
#else
static __always_inline int deliver(struct xdp_md *ctx, struct ethhdr *eth, const struct server *server)
{
	__builtin_memcpy(eth->h_source, eth->h_dest, ETH_ALEN);
	__builtin_memcpy(eth->h_dest, server->mac, ETH_ALEN);
	return XDP_TX;
}

static __always_inline __u32 pick(const struct iphdr *ip, const struct transport *l4, __u32 slot)
{
	__u32 *entry = bpf_map_lookup_elem(&ring, &slot);

	return entry ? *entry : 0;
}
#endif

SEC("xdp")
int balancer(struct xdp_md *ctx)
{
	void *data_end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = (void *)(long)ctx->data;
	struct iphdr *ip = (void *)(eth + 1);
	struct transport *l4 = (void *)(ip + 1);
	struct service_key key = {};
	struct service *service;
	struct server *server;
	__u32 number;

	if ((void *)(l4 + 1) > data_end)
		return XDP_PASS;
	if (eth->h_proto != bpf_htons(ETH_P_IP) || ip->ihl != 5 || ip->frag_off & bpf_htons(0x3fff))
		return XDP_PASS;
	if (ip->protocol != IPPROTO_TCP && ip->protocol != IPPROTO_UDP)
		return XDP_PASS;
	key.address = ip->daddr;
	key.port = l4->dest;
	key.protocol = ip->protocol;
	service = bpf_map_lookup_elem(&services, &key);
	if (!service)
		return XDP_PASS;
	__sync_fetch_and_add(&service->packets, 1);
	__sync_fetch_and_add(&service->bytes, data_end - (void *)eth);
	number = pick(ip, l4, service->ring + flow_hash(ip, l4) % RING);
	server = bpf_map_lookup_elem(&servers, &number);
	if (!server)
		return XDP_DROP;
	return deliver(ctx, eth, server);
}

char _license[] SEC("license") = "GPL";
