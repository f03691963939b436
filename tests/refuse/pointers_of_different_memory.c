// SPDX-License-Identifier: Apache-2.0
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	__u8 local;

	return (void *)(long)ctx->data > (void *)&local ? XDP_DROP : XDP_PASS;
}

char _license[] SEC("license") = "GPL";
