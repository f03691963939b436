// SPDX-License-Identifier: Apache-2.0
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	__u32 n = ctx->rx_queue_index, product = 1;

	for (__u32 i = 0; i < n; i++)
		product *= product + i;
	return product & 1 ? XDP_DROP : XDP_PASS;
}

char _license[] SEC("license") = "GPL";
