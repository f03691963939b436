// SPDX-License-Identifier: Apache-2.0
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	bpf_printk("%d %s", ctx->ingress_ifindex, (char *)(long)ctx->data);
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
