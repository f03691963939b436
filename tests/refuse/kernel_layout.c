// SPDX-License-Identifier: Apache-2.0
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct net_device {
	int ifindex;
} __attribute__((preserve_access_index));

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	struct net_device *device = (void *)(long)ctx->data;

	return device->ifindex;
}

char _license[] SEC("license") = "GPL";
