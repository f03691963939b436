// SPDX-License-Identifier: (GPL-2.0-only OR Apache-2.0)
/*
 * Keeps SYN floods from the servers behind: a client's SYN is answered here with a cookie, which costs no memory, and only who
 * acknowledges a cookie is let through and remembered. The server must accept acknowledgements of cookies that it has not
 * sent itself: of Linux, one with the same keys and net.ipv4.tcp_syncookies = 2.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define TCP_HEADER_MAX	60
#define WINDOW		bpf_htons(65535)
#define TTL		64

enum { OTHERS, ANSWERED, ACCEPTED, KNOWN, REFUSED, CLOSED, RESULTS };

struct flow {
	__be32 source[4], dest[4];
	__be16 source_port, dest_port;
};

struct segment_size { /* TCP's option */
	__u8 kind, length;
	__be16 size;
};

struct syn_ack {
	struct tcphdr tcp;
	struct segment_size option;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, __be16);
	__type(value, __u32);
} services SEC(".maps"); /* ports that are guarded */

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1024);
	__type(key, struct flow);
	__type(value, __u64);
} flows SEC(".maps"); /* their segments since they were let through */

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, RESULTS);
	__type(key, __u32);
	__type(value, __u64);
} results SEC(".maps");

static __always_inline int count(__u32 what, int verdict)
{
	__u64 *n = bpf_map_lookup_elem(&results, &what);

	if (n)
		++*n;
	return verdict;
}

static __always_inline __u16 fold(__u64 sum)
{
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return ~sum;
}

static __always_inline void exchange_ethernet(struct ethhdr *eth)
{
	__u8 mac[ETH_ALEN];

	__builtin_memcpy(mac, eth->h_source, ETH_ALEN);
	__builtin_memcpy(eth->h_source, eth->h_dest, ETH_ALEN);
	__builtin_memcpy(eth->h_dest, mac, ETH_ALEN);
}

/* What stands behind the IP header; addresses: the sum of both. */
static __always_inline void write_syn_ack(struct syn_ack *s, __u64 cookie, __s64 addresses)
{
	__be16 port = s->tcp.source;
	__be32 seq = s->tcp.seq;

	s->tcp.source = s->tcp.dest;
	s->tcp.dest = port;
	s->tcp.seq = bpf_htonl((__u32)cookie);
	s->tcp.ack_seq = bpf_htonl(bpf_ntohl(seq) + 1);
	((__be16 *)&s->tcp)[6] = bpf_htons(sizeof(*s) / 4 << 12 | 0x12); /* SYN, ACK */
	s->tcp.window = WINDOW;
	s->tcp.check = 0;
	s->tcp.urg_ptr = 0;
	s->option.kind = 2;
	s->option.length = sizeof(s->option);
	s->option.size = bpf_htons((__u16)(cookie >> 32));
	s->tcp.check = fold(bpf_csum_diff(0, 0, (__be32 *)s, sizeof(*s), (__wsum)addresses) + bpf_htons(IPPROTO_TCP) + bpf_htons(sizeof(*s)));
}

static __always_inline int answer4(struct xdp_md *ctx, __u64 cookie)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;
	struct iphdr *ip = (void *)(eth + 1);
	struct syn_ack *s = (void *)(ip + 1);
	__be32 addr;

	if ((void *)(s + 1) > end)
		return XDP_ABORTED;
	exchange_ethernet(eth);
	addr = ip->saddr;
	ip->saddr = ip->daddr;
	ip->daddr = addr;
	ip->tos = 0;
	ip->tot_len = bpf_htons(sizeof(*ip) + sizeof(*s));
	ip->id = 0;
	ip->frag_off = bpf_htons(0x4000); /* don't fragment */
	ip->ttl = TTL;
	ip->check = 0;
	ip->check = fold(bpf_csum_diff(0, 0, (__be32 *)ip, sizeof(*ip), 0));
	write_syn_ack(s, cookie, bpf_csum_diff(0, 0, &ip->saddr, 2 * sizeof(ip->saddr), 0));
	return count(ANSWERED, XDP_TX);
}

static __always_inline int answer6(struct xdp_md *ctx, __u64 cookie)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;
	struct ipv6hdr *ip = (void *)(eth + 1);
	struct syn_ack *s = (void *)(ip + 1);
	struct in6_addr addr;

	if ((void *)(s + 1) > end)
		return XDP_ABORTED;
	exchange_ethernet(eth);
	addr = ip->saddr;
	ip->saddr = ip->daddr;
	ip->daddr = addr;
	*(__be32 *)ip = bpf_htonl(6u << 28);
	ip->payload_len = bpf_htons(sizeof(*s));
	ip->hop_limit = TTL;
	write_syn_ack(s, cookie, bpf_csum_diff(0, 0, (__be32 *)&ip->saddr, 2 * sizeof(ip->saddr), 0));
	return count(ANSWERED, XDP_TX);
}

/* A SYN whose TCP header begins at `at`: the frame becomes the answer. */
static __always_inline int respond(struct xdp_md *ctx, __u32 at, __u32 header, int six)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__u8 tcp[TCP_HEADER_MAX] = {};
	int change = (int)(at + sizeof(struct syn_ack)) - (int)(end - data);
	__s64 cookie;

	if (header < sizeof(struct tcphdr) || header > sizeof(tcp) || bpf_xdp_load_bytes(ctx, at, tcp, header))
		return count(REFUSED, XDP_DROP);
	if (six)
		cookie = bpf_tcp_raw_gen_syncookie_ipv6(data + sizeof(struct ethhdr), (void *)tcp, header);
	else
		cookie = bpf_tcp_raw_gen_syncookie_ipv4(data + sizeof(struct ethhdr), (void *)tcp, header);
	if (cookie < 0 || bpf_xdp_adjust_tail(ctx, change))
		return count(REFUSED, XDP_DROP);
	return six ? answer6(ctx, (__u64)cookie) : answer4(ctx, (__u64)cookie);
}

static __always_inline int guard(struct xdp_md *ctx, struct flow *flow, struct tcphdr *tcp, __u32 at, int six)
{
	void *data = (void *)(long)ctx->data;
	const __u32 *guarded = bpf_map_lookup_elem(&services, &tcp->dest);
	__u64 *segments, one = 1;

	if (!guarded)
		return count(OTHERS, XDP_PASS);
	if (tcp->syn) /* with anything else: nothing that a client begins with */
		return tcp->ack || tcp->rst || tcp->fin ? count(REFUSED, XDP_DROP) : respond(ctx, at, tcp->doff * 4, six);
	flow->source_port = tcp->source;
	flow->dest_port = tcp->dest;
	segments = bpf_map_lookup_elem(&flows, flow);
	if (segments && tcp->rst) {
		bpf_map_delete_elem(&flows, flow);
		return count(CLOSED, XDP_PASS);
	}
	if (segments) {
		++*segments;
		return count(KNOWN, XDP_PASS);
	}
	if (!tcp->ack || tcp->rst)
		return count(REFUSED, XDP_DROP);
	if (six ? bpf_tcp_raw_check_syncookie_ipv6(data + sizeof(struct ethhdr), tcp) :
		  bpf_tcp_raw_check_syncookie_ipv4(data + sizeof(struct ethhdr), tcp))
		return count(REFUSED, XDP_DROP);
	bpf_map_update_elem(&flows, flow, &one, BPF_ANY);
	return count(ACCEPTED, XDP_PASS);
}

SEC("xdp")
int syn_responder(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;
	struct iphdr *ip = (void *)(eth + 1);
	struct ipv6hdr *ip6 = (void *)(eth + 1);
	struct flow flow = {};
	struct tcphdr *tcp;

	if ((void *)(ip + 1) > end)
		return XDP_PASS;
	if (eth->h_proto == bpf_htons(ETH_P_IP)) {
		tcp = (void *)(ip + 1);
		if ((void *)(tcp + 1) > end || ip->ihl != 5 || ip->protocol != IPPROTO_TCP || ip->frag_off & bpf_htons(0x3fff))
			return XDP_PASS;
		flow.source[0] = ip->saddr;
		flow.dest[0] = ip->daddr;
		return guard(ctx, &flow, tcp, sizeof(*eth) + sizeof(*ip), 0);
	}
	tcp = (void *)(ip6 + 1);
	if (eth->h_proto != bpf_htons(ETH_P_IPV6) || (void *)(tcp + 1) > end || ip6->nexthdr != IPPROTO_TCP)
		return XDP_PASS;
	__builtin_memcpy(flow.source, &ip6->saddr, sizeof(flow.source));
	__builtin_memcpy(flow.dest, &ip6->daddr, sizeof(flow.dest));
	return guard(ctx, &flow, tcp, sizeof(*eth) + sizeof(*ip6), 1);
}

char _license[] SEC("license") = "GPL"; /* the helpers ask for it */
