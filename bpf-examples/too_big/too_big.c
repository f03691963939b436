// SPDX-License-Identifier: (GPL-2.0-only OR Apache-2.0)
/*
 * The entry to a link with a smaller MTU: an IPv4 packet that may not be
 * fragmented and does not fit is answered with "fragmentation needed"
 * (RFC 1191), which carries its first bytes back to the sender.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define IP_DF 0x4000

struct frag_needed {
	__u8 type, code;
	__sum16 checksum;
	__be16 unused, mtu;
};

enum { ICMP_DEST_UNREACH = 3, ICMP_FRAG_NEEDED = 4 };
enum {
	LINK_MTU = 1280,
	QUOTED = sizeof(struct iphdr) + 8, /* bytes of the packet that are sent back */
	HEADERS = sizeof(struct iphdr) + sizeof(struct frag_needed), /* in front of them */
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} answered SEC(".maps");

static __always_inline __u16 fold(__s64 sum)
{
	__u32 n = sum;

	n = (n & 0xffff) + (n >> 16);
	n = (n & 0xffff) + (n >> 16);
	return ~n;
}

static __always_inline void count(void)
{
	__u32 key = 0;
	__u64 *n = bpf_map_lookup_elem(&answered, &key);

	if (n)
		__sync_fetch_and_add(n, 1);
}

static __always_inline int answer(struct xdp_md *ctx, int length)
{
	struct frag_needed *icmp;
	struct ethhdr *eth, *old;
	struct iphdr *ip, *quoted;

	if (bpf_xdp_adjust_tail(ctx, (int)(sizeof(*eth) + QUOTED) - length) || bpf_xdp_adjust_head(ctx, -(int)HEADERS))
		return XDP_DROP;
	eth = (void *)(long)ctx->data;
	ip = (void *)(eth + 1);
	icmp = (void *)(ip + 1);
	quoted = (void *)(icmp + 1);
	old = (void *)quoted - sizeof(*old);
	if ((void *)quoted + QUOTED > (void *)(long)ctx->data_end)
		return XDP_DROP;
	__builtin_memcpy(eth->h_dest, old->h_source, ETH_ALEN);
	__builtin_memcpy(eth->h_source, old->h_dest, ETH_ALEN);
	eth->h_proto = bpf_htons(ETH_P_IP);
	*ip = (struct iphdr){
		.version = 4, .ihl = 5, .tot_len = bpf_htons(HEADERS + QUOTED), .ttl = 64,
		.protocol = IPPROTO_ICMP, .saddr = quoted->daddr, .daddr = quoted->saddr,
	};
	*icmp = (struct frag_needed){ .type = ICMP_DEST_UNREACH, .code = ICMP_FRAG_NEEDED, .mtu = bpf_htons(LINK_MTU) };
	ip->check = fold(bpf_csum_diff(0, 0, (__be32 *)ip, sizeof(*ip), 0));
	icmp->checksum = fold(bpf_csum_diff(0, 0, (__be32 *)icmp, sizeof(*icmp) + QUOTED, 0));
	count();
	return XDP_TX;
}

SEC("xdp")
int too_big(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;
	struct iphdr *ip = (void *)(eth + 1);
	int length = end - data;

	if ((void *)(ip + 1) > end || eth->h_proto != bpf_htons(ETH_P_IP) || ip->ihl != 5)
		return XDP_PASS;
	if (bpf_ntohs(ip->tot_len) <= LINK_MTU || !(ip->frag_off & bpf_htons(IP_DF)) ||
	    (void *)ip + QUOTED > end)
		return XDP_PASS;
	return answer(ctx, length);
}

char _license[] SEC("license") = "Dual GPL/Apache-2.0";
