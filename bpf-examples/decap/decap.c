// SPDX-License-Identifier: (GPL-2.0-only OR Apache-2.0)
/*
 * The receiving end of tunnels: IPIP and SIT, GRE (with key, checksum and sequence number,
 * carrying IP or Ethernet) and VXLAN, over IPv4, with or without a VLAN tag outside. What
 * is for one of the host's tunnel addresses is unpacked and goes to the host; an Ethernet frame
 * that comes out loses its VLAN tag, too.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/udp.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define VXLAN_PORT	bpf_htons(4789)
#define GRE_CHECKSUM	0x80
#define GRE_KEY		0x20
#define GRE_SEQUENCE	0x10
#define GRE_REST	0x4f /* routing, recursion and what is reserved */

struct vlan_tag {
	__be16 tci, proto;
};

struct gre {
	__u8 flags, version;
	__be16 proto;
};

struct vxlan {
	__u8 flags, reserved[3];
	__be32 vni;
};

enum kind { IPIP, SIT, GRE, VXLAN, WRONG, KINDS };

struct count {
	__u64 packets, bytes;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, __be32);
	__type(value, __u32); /* bit mask of the kinds it takes */
} endpoints SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, __u32);
	__type(value, __u32);
} networks SEC(".maps"); /* VXLAN's, by number */

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, KINDS);
	__type(key, __u32);
	__type(value, struct count);
} counts SEC(".maps");

static __always_inline void count(__u32 kind, __u64 bytes)
{
	struct count *c = bpf_map_lookup_elem(&counts, &kind);

	if (c) {
		c->packets++;
		c->bytes += bytes;
	}
}

/* The Ethernet header comes in front of the inner IP header. */
static __always_inline int unpack_ip(struct xdp_md *ctx, int inner, __be16 proto)
{
	struct ethhdr old, *eth = (void *)(long)ctx->data;

	if ((void *)(eth + 1) > (void *)(long)ctx->data_end)
		return XDP_ABORTED;
	old = *eth;
	if (bpf_xdp_adjust_head(ctx, inner - (int)sizeof(*eth)))
		return XDP_DROP;
	eth = (void *)(long)ctx->data;
	if ((void *)(eth + 1) > (void *)(long)ctx->data_end)
		return XDP_ABORTED;
	*eth = old;
	eth->h_proto = proto;
	return XDP_PASS;
}

static __always_inline int unpack_frame(struct xdp_md *ctx, int inner)
{
	struct vlan_tag *tag;
	struct ethhdr old, *eth;

	if (bpf_xdp_adjust_head(ctx, inner))
		return XDP_DROP;
	eth = (void *)(long)ctx->data;
	tag = (void *)(eth + 1);
	if ((void *)(tag + 1) > (void *)(long)ctx->data_end || eth->h_proto != bpf_htons(ETH_P_8021Q))
		return XDP_PASS;
	old = *eth;
	old.h_proto = tag->proto;
	if (bpf_xdp_adjust_head(ctx, sizeof(*tag)))
		return XDP_DROP;
	eth = (void *)(long)ctx->data;
	if ((void *)(eth + 1) > (void *)(long)ctx->data_end)
		return XDP_ABORTED;
	*eth = old;
	return XDP_PASS;
}

static __always_inline int wrong(void *data, void *end)
{
	count(WRONG, end - data);
	return XDP_DROP;
}

SEC("xdp")
int decap(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;
	__u32 *takes, kind, network;
	void *l4, *inner;
	struct iphdr *ip;
	__be16 proto;
	__be32 addr;

	if ((void *)(eth + 1) > end)
		return XDP_PASS;
	proto = eth->h_proto;
	ip = (void *)(eth + 1);
	if (proto == bpf_htons(ETH_P_8021Q)) {
		struct vlan_tag *tag = (void *)(eth + 1);

		if ((void *)(tag + 1) > end)
			return XDP_PASS;
		proto = tag->proto;
		ip = (void *)(tag + 1);
	}
	if (proto != bpf_htons(ETH_P_IP) || (void *)(ip + 1) > end || ip->ihl < 5 || ip->frag_off & bpf_htons(0x3fff))
		return XDP_PASS;
	addr = ip->daddr;
	takes = bpf_map_lookup_elem(&endpoints, &addr);
	if (!takes)
		return XDP_PASS;
	l4 = (void *)ip + ip->ihl * 4;
	switch (ip->protocol) {
	case IPPROTO_IPIP:
		kind = IPIP;
		inner = l4;
		proto = bpf_htons(ETH_P_IP);
		break;
	case IPPROTO_IPV6:
		kind = SIT;
		inner = l4;
		proto = bpf_htons(ETH_P_IPV6);
		break;
	case IPPROTO_GRE: {
		struct gre *gre = l4;

		kind = GRE;
		if ((void *)(gre + 1) > end || gre->flags & GRE_REST || gre->version)
			return wrong(data, end);
		proto = gre->proto;
		inner = gre + 1;
		inner += gre->flags & GRE_CHECKSUM ? 4 : 0;
		inner += gre->flags & GRE_KEY ? 4 : 0;
		inner += gre->flags & GRE_SEQUENCE ? 4 : 0;
		break;
	}
	case IPPROTO_UDP: {
		struct udphdr *udp = l4;
		struct vxlan *vxlan = (void *)(udp + 1);

		kind = VXLAN;
		if ((void *)(udp + 1) > end || udp->dest != VXLAN_PORT)
			return XDP_PASS;
		if ((void *)(vxlan + 1) > end || !(vxlan->flags & 8))
			return wrong(data, end);
		network = bpf_ntohl(vxlan->vni) >> 8;
		if (!bpf_map_lookup_elem(&networks, &network))
			return wrong(data, end);
		proto = bpf_htons(ETH_P_TEB);
		inner = vxlan + 1;
		break;
	}
	default:
		return XDP_PASS;
	}
	if (!(*takes & 1 << kind))
		return wrong(data, end);
	if (proto == bpf_htons(ETH_P_TEB)) {
		if (inner + sizeof(*eth) > end)
			return wrong(data, end);
		count(kind, end - data);
		return unpack_frame(ctx, inner - data);
	}
	if (inner + (proto == bpf_htons(ETH_P_IP) ? 20 : 40) > end || (proto != bpf_htons(ETH_P_IP) && proto != bpf_htons(ETH_P_IPV6)))
		return wrong(data, end);
	count(kind, end - data);
	return unpack_ip(ctx, inner - data, proto);
}

char _license[] SEC("license") = "Dual GPL/Apache-2.0";
