// SPDX-License-Identifier: (GPL-2.0-only OR Apache-2.0)
/*
 * A tunnel's end: IPv4 packets for a network behind the tunnel get a second IPv4
 * header in front and go out; packets that come through the tunnel lose theirs
 * and go on to the host. All else is the host's.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

struct tunnel {
	__u32 local, remote;
	__u8 next_hop[ETH_ALEN], from[ETH_ALEN];
};

/* By the upper 24 bits of the destination, in network order. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 256);
	__type(key, __u32);
	__type(value, struct tunnel);
} tunnels SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16);
	__type(key, __u32);
	__type(value, __u32);
} own_addresses SEC(".maps");

static __always_inline __u16 fold(__s64 sum)
{
	__u32 n = sum;

	n = (n & 0xffff) + (n >> 16);
	n = (n & 0xffff) + (n >> 16);
	return ~n;
}

static __always_inline int decapsulate(struct xdp_md *ctx)
{
	struct ethhdr old, *eth;
	void *end;

	if (bpf_xdp_load_bytes(ctx, 0, &old, sizeof(old)) || bpf_xdp_adjust_head(ctx, sizeof(struct iphdr)))
		return XDP_DROP;
	eth = (void *)(long)ctx->data;
	end = (void *)(long)ctx->data_end;
	if ((void *)(eth + 1) > end)
		return XDP_DROP;
	*eth = old;
	return XDP_PASS;
}

static __always_inline int encapsulate(struct xdp_md *ctx, const struct tunnel *to, __u8 tos, __u16 length)
{
	struct iphdr outer = {
		.version = 4, .ihl = 5, .tos = tos, .tot_len = bpf_htons(length + sizeof(outer)), .ttl = 64,
		.protocol = IPPROTO_IPIP, .saddr = to->local, .daddr = to->remote,
	};
	struct ethhdr *eth;
	struct iphdr *ip;
	void *end;

	outer.check = fold(bpf_csum_diff(0, 0, (__be32 *)&outer, sizeof(outer), 0));
	if (bpf_xdp_adjust_head(ctx, -(int)sizeof(outer)))
		return XDP_DROP;
	eth = (void *)(long)ctx->data;
	end = (void *)(long)ctx->data_end;
	ip = (void *)(eth + 1);
	if ((void *)(ip + 1) > end)
		return XDP_DROP;
	__builtin_memcpy(eth->h_dest, to->next_hop, ETH_ALEN);
	__builtin_memcpy(eth->h_source, to->from, ETH_ALEN);
	eth->h_proto = bpf_htons(ETH_P_IP);
	*ip = outer;
	return XDP_TX;
}

SEC("xdp")
int ipip(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;
	struct iphdr *ip = (void *)(eth + 1);
	const struct tunnel *to;
	__u32 network, address;

	if ((void *)(ip + 1) > end || eth->h_proto != bpf_htons(ETH_P_IP))
		return XDP_PASS;
	address = ip->daddr;
	if (ip->protocol == IPPROTO_IPIP && ip->ihl == 5 && bpf_map_lookup_elem(&own_addresses, &address))
		return decapsulate(ctx);
	network = address & bpf_htonl(0xffffff00);
	to = bpf_map_lookup_elem(&tunnels, &network);
	return to ? encapsulate(ctx, to, ip->tos, bpf_ntohs(ip->tot_len)) : XDP_PASS;
}

char _license[] SEC("license") = "Dual GPL/Apache-2.0";
