// SPDX-License-Identifier: Apache-2.0
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	return bpf_printk("%d", ctx->ingress_ifindex);
}

char _license[] SEC("license") = "GPL";
