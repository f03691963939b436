// SPDX-License-Identifier: (GPL-2.0-only OR Apache-2.0)
/*
 * A router for IPv4 and IPv6: asks the host's routes where a packet goes, gives it one hop less to live, the addresses of
 * the next link, and sends it out there. What the routes throw away is dropped; all else that it can't send on is the
 * host's, which may answer with ICMP or look for the neighbour.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

enum { INET = 2, INET6 = 10, IPV6_HEADER = 40 };

/* RFC 1624, equation 3: the upper byte of a word becomes one less. */
static __always_inline void ipv4_hop(struct iphdr *ip)
{
	__u32 sum = ip->check + bpf_htons(0x0100);

	ip->check = sum + (sum >= 0xffff);
	ip->ttl--;
}

static __always_inline int ask(struct xdp_md *ctx, struct bpf_fib_lookup *params)
{
	params->ifindex = ctx->ingress_ifindex;
	switch (bpf_fib_lookup(ctx, params, sizeof(*params), 0)) {
	case BPF_FIB_LKUP_RET_SUCCESS:
		return XDP_REDIRECT;
	case BPF_FIB_LKUP_RET_BLACKHOLE:
	case BPF_FIB_LKUP_RET_UNREACHABLE:
	case BPF_FIB_LKUP_RET_PROHIBIT:
		return XDP_DROP;
	default:
		return XDP_PASS;
	}
}

static __always_inline int send(struct ethhdr *eth, struct bpf_fib_lookup *params)
{
	__builtin_memcpy(eth->h_dest, params->dmac, ETH_ALEN);
	__builtin_memcpy(eth->h_source, params->smac, ETH_ALEN);
	return bpf_redirect(params->ifindex, 0);
}

static __always_inline int route_ipv4(struct xdp_md *ctx, struct ethhdr *eth, struct iphdr *ip)
{
	struct bpf_fib_lookup params = {
		.family = INET, .l4_protocol = ip->protocol, .tot_len = bpf_ntohs(ip->tot_len), .tos = ip->tos,
		.ipv4_src = ip->saddr, .ipv4_dst = ip->daddr,
	};
	int verdict;

	if (ip->ttl <= 1)
		return XDP_PASS;
	verdict = ask(ctx, &params);
	if (verdict != XDP_REDIRECT)
		return verdict;
	ipv4_hop(ip);
	return send(eth, &params);
}

static __always_inline int route_ipv6(struct xdp_md *ctx, struct ethhdr *eth, struct ipv6hdr *ip)
{
	struct bpf_fib_lookup params = {
		.family = INET6, .l4_protocol = ip->nexthdr, .tot_len = bpf_ntohs(ip->payload_len) + IPV6_HEADER,
		.flowinfo = *(__be32 *)ip & bpf_htonl(0x0fffffff),
	};
	int verdict;

	__builtin_memcpy(params.ipv6_src, &ip->saddr, sizeof(params.ipv6_src));
	__builtin_memcpy(params.ipv6_dst, &ip->daddr, sizeof(params.ipv6_dst));
	if (ip->hop_limit <= 1)
		return XDP_PASS;
	verdict = ask(ctx, &params);
	if (verdict != XDP_REDIRECT)
		return verdict;
	ip->hop_limit--;
	return send(eth, &params);
}

SEC("xdp")
int router(struct xdp_md *ctx)
{
	void *data_end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = (void *)(long)ctx->data;
	struct iphdr *ip = (void *)(eth + 1);
	struct ipv6hdr *ip6 = (void *)(eth + 1);

	if ((void *)(eth + 1) > data_end)
		return XDP_PASS;
	if (eth->h_proto == bpf_htons(ETH_P_IP) && (void *)(ip + 1) <= data_end)
		return route_ipv4(ctx, eth, ip);
	if (eth->h_proto == bpf_htons(ETH_P_IPV6) && (void *)(ip6 + 1) <= data_end)
		return route_ipv6(ctx, eth, ip6);
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
