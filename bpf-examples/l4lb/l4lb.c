// SPDX-License-Identifier: (GPL-2.0-only OR Apache-2.0)
/*
 * A layer 4 load balancer, direct server return: a packet for a service goes to one of its
 * servers inside a second IP header. Each service has a ring of servers that the host fills
 * (Maglev's table), so that a server that comes or goes moves few connections, and these
 * stay where they are because the connection table is asked first.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define MAX_SERVICES	4
#define MAX_SERVERS	32
#define RING_SIZE	251 /* a prime */
#define FRAGMENT	bpf_htons(0x3fff)

/* IPv4 addresses are the first word, the others are 0. */
struct address {
	__be32 word[4];
};

struct service_key {
	struct address addr;
	__be16 port;
	__u8 protocol;
	__u8 family; /* 4 or 6 */
};

struct flow {
	struct address src, dst;
	__be16 sport, dport;
	__u8 protocol;
	__u8 family;
	__u16 zero;
};

struct server {
	struct address addr;
	__u32 family; /* 0: no server */
};

struct gateway {
	__u8 mac[ETH_ALEN], own_mac[ETH_ALEN];
	__be32 own4;
	struct address own6;
};

struct count {
	__u64 packets, bytes, new_connections;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, MAX_SERVICES);
	__type(key, struct service_key);
	__type(value, __u32);
} services SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, MAX_SERVICES * RING_SIZE);
	__type(key, __u32);
	__type(value, __u32);
} rings SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, MAX_SERVERS);
	__type(key, __u32);
	__type(value, struct server);
} servers SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, struct flow);
	__type(value, __u32);
} connections SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct gateway);
} gateways SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, MAX_SERVICES);
	__type(key, __u32);
	__type(value, struct count);
} counts SEC(".maps");

static __always_inline __u32 rotate(__u32 x, int by)
{
	return x << by | x >> (32 - by);
}

static __always_inline __u32 mix(__u32 hash, __u32 word)
{
	hash ^= rotate(word * 0xcc9e2d51, 15) * 0x1b873593;
	return rotate(hash, 13) * 5 + 0xe6546b64;
}

/* Of the client's side: the service's side is the ring. */
static __always_inline __u32 flow_hash(const struct flow *flow)
{
	__u32 hash = mix(flow->protocol, (__u32)flow->sport << 16 | flow->dport);

	hash = mix(hash, flow->src.word[0]);
	if (flow->family == 6) {
		hash = mix(hash, flow->src.word[1]);
		hash = mix(hash, flow->src.word[2]);
		hash = mix(hash, flow->src.word[3]);
	}
	hash ^= hash >> 16;
	hash *= 0x85ebca6b;
	return hash ^ hash >> 13;
}

static __always_inline __u16 fold(__u64 sum)
{
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return ~sum;
}

static __always_inline void ethernet(struct ethhdr *eth, const struct gateway *gateway, __u16 protocol)
{
	__builtin_memcpy(eth->h_dest, gateway->mac, ETH_ALEN);
	__builtin_memcpy(eth->h_source, gateway->own_mac, ETH_ALEN);
	eth->h_proto = bpf_htons(protocol);
}

static __always_inline int encapsulate4(struct xdp_md *ctx, const struct server *server, const struct gateway *gateway,
					__u16 length)
{
	struct ethhdr *eth;
	struct iphdr *ip;

	if (bpf_xdp_adjust_head(ctx, -(int)sizeof(*ip)))
		return XDP_DROP;
	eth = (void *)(long)ctx->data;
	ip = (void *)(eth + 1);
	if ((void *)(ip + 1) > (void *)(long)ctx->data_end)
		return XDP_DROP;
	ethernet(eth, gateway, ETH_P_IP);
	ip->version = 4;
	ip->ihl = 5;
	ip->tos = 0;
	ip->tot_len = bpf_htons(length + sizeof(*ip));
	ip->id = 0;
	ip->frag_off = 0;
	ip->ttl = 64;
	ip->protocol = IPPROTO_IPIP;
	ip->check = 0;
	ip->saddr = gateway->own4;
	ip->daddr = server->addr.word[0];
	ip->check = fold(bpf_csum_diff(0, 0, (__be32 *)ip, sizeof(*ip), 0));
	return XDP_TX;
}

static __always_inline int encapsulate6(struct xdp_md *ctx, const struct server *server, const struct gateway *gateway,
					__u16 length, __u8 inner)
{
	struct ethhdr *eth;
	struct ipv6hdr *ip6;

	if (bpf_xdp_adjust_head(ctx, -(int)sizeof(*ip6)))
		return XDP_DROP;
	eth = (void *)(long)ctx->data;
	ip6 = (void *)(eth + 1);
	if ((void *)(ip6 + 1) > (void *)(long)ctx->data_end)
		return XDP_DROP;
	ethernet(eth, gateway, ETH_P_IPV6);
	*(__be32 *)ip6 = bpf_htonl(6u << 28);
	ip6->payload_len = bpf_htons(length);
	ip6->nexthdr = inner;
	ip6->hop_limit = 64;
	__builtin_memcpy(&ip6->saddr, &gateway->own6, sizeof(ip6->saddr));
	__builtin_memcpy(&ip6->daddr, &server->addr, sizeof(ip6->daddr));
	return XDP_TX;
}

/* Fills in flow; returns the length of the IP packet, or 0 for what is not balanced. */
static __always_inline __u32 parse(void *data, void *end, struct flow *flow, int *opens)
{
	struct ethhdr *eth = data;
	struct udphdr *ports; /* TCP's begin alike */
	__u32 length;

	if ((void *)(eth + 1) > end)
		return 0;
	if (eth->h_proto == bpf_htons(ETH_P_IP)) {
		struct iphdr *ip = (void *)(eth + 1);

		if ((void *)(ip + 1) > end || ip->version != 4 || ip->ihl != 5 || ip->frag_off & FRAGMENT)
			return 0;
		flow->family = 4;
		flow->protocol = ip->protocol;
		flow->src.word[0] = ip->saddr;
		flow->dst.word[0] = ip->daddr;
		length = bpf_ntohs(ip->tot_len);
		ports = (void *)(ip + 1);
	} else if (eth->h_proto == bpf_htons(ETH_P_IPV6)) {
		struct ipv6hdr *ip6 = (void *)(eth + 1);

		if ((void *)(ip6 + 1) > end || ip6->version != 6)
			return 0;
		flow->family = 6;
		flow->protocol = ip6->nexthdr;
		__builtin_memcpy(&flow->src, &ip6->saddr, sizeof(flow->src));
		__builtin_memcpy(&flow->dst, &ip6->daddr, sizeof(flow->dst));
		length = bpf_ntohs(ip6->payload_len) + sizeof(*ip6);
		ports = (void *)(ip6 + 1);
	} else {
		return 0;
	}
	if (flow->protocol == IPPROTO_TCP) {
		struct tcphdr *tcp = (void *)ports;

		if ((void *)(tcp + 1) > end)
			return 0;
		*opens = tcp->syn && !tcp->ack;
	} else if (flow->protocol != IPPROTO_UDP || (void *)(ports + 1) > end) {
		return 0;
	}
	flow->sport = ports->source;
	flow->dport = ports->dest;
	return length;
}

static __always_inline const struct server *server_of(const struct flow *flow, __u32 service, int opens, struct count *count)
{
	__u32 *known = opens ? NULL : bpf_map_lookup_elem(&connections, flow);
	const struct server *server;
	__u32 slot, *id;

	if (known) {
		server = bpf_map_lookup_elem(&servers, known);
		if (server && server->family)
			return server;
	}
	slot = service * RING_SIZE + flow_hash(flow) % RING_SIZE;
	id = bpf_map_lookup_elem(&rings, &slot);
	if (!id)
		return NULL;
	server = bpf_map_lookup_elem(&servers, id);
	if (!server || !server->family)
		return NULL;
	count->new_connections++;
	bpf_map_update_elem(&connections, flow, id, BPF_ANY);
	return server;
}

SEC("xdp")
int l4lb(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct service_key key = {};
	const struct gateway *gateway;
	const struct server *server;
	struct flow flow = {};
	__u32 *service, zero = 0, length;
	struct count *count;
	int opens = 0;

	length = parse(data, end, &flow, &opens);
	if (!length)
		return XDP_PASS;
	key.addr = flow.dst;
	key.port = flow.dport;
	key.protocol = flow.protocol;
	key.family = flow.family;
	service = bpf_map_lookup_elem(&services, &key);
	if (!service)
		return XDP_PASS;
	count = bpf_map_lookup_elem(&counts, service);
	gateway = bpf_map_lookup_elem(&gateways, &zero);
	if (!count || !gateway)
		return XDP_ABORTED;
	count->packets++;
	count->bytes += length;
	server = server_of(&flow, *service, opens, count);
	if (!server)
		return XDP_DROP;
	if (server->family == 6)
		return encapsulate6(ctx, server, gateway, length, flow.family == 6 ? IPPROTO_IPV6 : IPPROTO_IPIP);
	return flow.family == 4 ? encapsulate4(ctx, server, gateway, length) : XDP_DROP;
}

char _license[] SEC("license") = "Dual GPL/Apache-2.0";
