// SPDX-License-Identifier: (GPL-2.0-only OR Apache-2.0)
/*
 * One hop of a router on a wire: takes one from the TTL (IPv4) or the hop limit
 * (IPv6) and sends the packet on; drops it when its life is over. What is not
 * IP, or too short to be, is the host's.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

/* The checksum after one 16-bit word of the header changes: RFC 1624, equation 3. */
static __always_inline __u16 csum_replace(__u16 check, __u16 old, __u16 new)
{
	__u32 sum = (__u16)~check + (__u16)~old + new;

	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return ~sum;
}

static __always_inline int ipv4_hop(struct iphdr *ip)
{
	__u16 old = bpf_htons(ip->ttl << 8 | ip->protocol);

	if (ip->ttl <= 1)
		return XDP_DROP;
	ip->ttl--;
	ip->check = csum_replace(ip->check, old, bpf_htons(ip->ttl << 8 | ip->protocol));
	return XDP_TX;
}

static __always_inline int ipv6_hop(struct ipv6hdr *ip6)
{
	if (ip6->hop_limit <= 1)
		return XDP_DROP;
	ip6->hop_limit--;
	return XDP_TX;
}

SEC("xdp")
int ttl_dec(struct xdp_md *ctx)
{
	void *data_end = (void *)(long)ctx->data_end;
	void *data = (void *)(long)ctx->data;
	struct ethhdr *eth = data;
	struct iphdr *ip = (void *)(eth + 1);
	struct ipv6hdr *ip6 = (void *)(eth + 1);

	if ((void *)(eth + 1) > data_end)
		return XDP_PASS;
	if (eth->h_proto == bpf_htons(ETH_P_IP) && (void *)(ip + 1) <= data_end)
		return ipv4_hop(ip);
	if (eth->h_proto == bpf_htons(ETH_P_IPV6) && (void *)(ip6 + 1) <= data_end)
		return ipv6_hop(ip6);
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
