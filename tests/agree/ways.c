// SPDX-License-Identifier: Apache-2.0
/* Flows looked up from both of their ends: which one is asked by the port or by the packet. */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

struct flow {
	__u32 near, far;
	__u16 near_port, far_port;
	__u32 protocol;
};
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, struct flow);
	__type(value, __u64);
} table SEC(".maps");
struct ports {
	__u16 source, dest;
};
struct headers {
	struct iphdr *ip;
	struct ports *l4;
};

static __always_inline int parse(struct xdp_md *ctx, struct headers *h)
{
	struct ethhdr *eth = (void *)(long)ctx->data;

	h->ip = (void *)(eth + 1);
	h->l4 = (void *)(h->ip + 1);
	if ((void *)(h->l4 + 1) > (void *)(long)ctx->data_end || eth->h_proto != bpf_htons(ETH_P_IP) || h->ip->ihl != 5)
		return 0;
	return h->ip->protocol == IPPROTO_TCP || h->ip->protocol == IPPROTO_UDP;
}

static __always_inline int seen(struct headers *h, int near, int open)
{
	struct flow key = {};
	__u64 one = 1, *count;

	key.protocol = h->ip->protocol;
	key.near = near ? h->ip->saddr : h->ip->daddr;
	key.far = near ? h->ip->daddr : h->ip->saddr;
	key.near_port = near ? h->l4->source : h->l4->dest;
	key.far_port = near ? h->l4->dest : h->l4->source;
	count = bpf_map_lookup_elem(&table, &key);
	if (count) {
		__sync_fetch_and_add(count, 1);
		return XDP_TX;
	}
	if (!open)
		return XDP_DROP;
	bpf_map_update_elem(&table, &key, &one, BPF_ANY);
	return XDP_PASS;
}

SEC("xdp")
int by_port(struct xdp_md *ctx)
{
	struct headers h;
	int near = ctx->ingress_ifindex == 1;

	return parse(ctx, &h) ? seen(&h, near, near) : XDP_DROP;
}

SEC("xdp")
int by_other_port(struct xdp_md *ctx)
{
	struct headers h;
	int near = ctx->ingress_ifindex == 2;

	return parse(ctx, &h) ? seen(&h, near, !near) : XDP_DROP;
}

SEC("xdp")
int by_field(struct xdp_md *ctx)
{
	struct headers h;

	return parse(ctx, &h) ? seen(&h, !h.ip->tos, 1) : XDP_DROP;
}

SEC("xdp")
int by_order(struct xdp_md *ctx)
{
	struct headers h;

	return parse(ctx, &h) ? seen(&h, h.ip->saddr < h.ip->daddr, 1) : XDP_DROP;
}

/* What one way has written is in its key. */
SEC("xdp")
int by_mark(struct xdp_md *ctx)
{
	struct headers h;
	int near;

	if (!parse(ctx, &h))
		return XDP_DROP;
	near = ctx->ingress_ifindex != 1;
	if (!near)
		h.l4->source = 7;
	return seen(&h, near, 1);
}

char _license[] SEC("license") = "GPL";
