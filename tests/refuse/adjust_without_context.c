// SPDX-License-Identifier: Apache-2.0
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	return bpf_xdp_adjust_head((void *)(long)ctx->data, 4) ? XDP_DROP : XDP_PASS;
}

char _license[] SEC("license") = "GPL";
