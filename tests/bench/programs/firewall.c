// SPDX-License-Identifier: (GPL-2.0-only OR Apache-2.0)
/*
 * A stateful firewall for TCP and UDP over IPv4: packets that come in on interface 1 (inside) open a flow, all others must belong to
 * one. What passes goes to the other side: XDP_TX stands for that, or with -DREDIRECT a DEVMAP and bpf_redirect_map().
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define INSIDE 1

struct flow_key {
	__be32 inside, outside;
	__be16 inside_port, outside_port;
	__u32 protocol;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, struct flow_key);
	__type(value, __u32);
} flows SEC(".maps");

#ifdef REDIRECT
struct {
	__uint(type, BPF_MAP_TYPE_DEVMAP);
	__uint(max_entries, 2);
	__uint(key_size, 4);
	__uint(value_size, 4);
} ports SEC(".maps");
#endif

struct transport {
	__be16 source, dest;
};

static __always_inline int forward(__u32 to)
{
#ifdef REDIRECT
	return bpf_redirect_map(&ports, to, 0);
#else
	return XDP_TX;
#endif
}

SEC("xdp")
int firewall(struct xdp_md *ctx)
{
	void *data_end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = (void *)(long)ctx->data;
	struct iphdr *ip = (void *)(eth + 1);
	struct transport *l4 = (void *)(ip + 1);
	struct flow_key key = {};
	int inside = ctx->ingress_ifindex == INSIDE;
	__u32 open = 1, *flow;

	if ((void *)(l4 + 1) > data_end)
		return XDP_DROP;
	if (eth->h_proto != bpf_htons(ETH_P_IP) || ip->ihl != 5)
		return XDP_DROP;
	if (ip->protocol != IPPROTO_TCP && ip->protocol != IPPROTO_UDP)
		return XDP_DROP;
	key.protocol = ip->protocol;
	key.inside = inside ? ip->saddr : ip->daddr;
	key.outside = inside ? ip->daddr : ip->saddr;
	key.inside_port = inside ? l4->source : l4->dest;
	key.outside_port = inside ? l4->dest : l4->source;
	flow = bpf_map_lookup_elem(&flows, &key);
	if (!flow) {
		if (!inside)
			return XDP_DROP;
		bpf_map_update_elem(&flows, &key, &open, BPF_ANY);
	}
	return forward(inside);
}

char _license[] SEC("license") = "GPL";
