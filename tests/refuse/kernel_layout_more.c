// SPDX-License-Identifier: Apache-2.0
#include <linux/bpf.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

struct net_device {
	int ifindex;
} __attribute__((preserve_access_index));

struct sk_buff {
	int len, hash;
} __attribute__((preserve_access_index));

struct sock {
	int refs, mark;
} __attribute__((preserve_access_index));

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	struct net_device *device = (void *)(long)ctx->data;
	struct sk_buff *skb = (void *)(long)ctx->data;

	if (bpf_core_type_exists(struct sk_buff))
		return skb->hash;
	if (((struct sock *)(long)ctx->data)->mark == 7)
		return XDP_DROP;
	return device->ifindex;
}

char _license[] SEC("license") = "GPL";
