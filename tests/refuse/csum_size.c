// SPDX-License-Identifier: Apache-2.0
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	__u32 words[4] = { 1, 2, 3, ctx->rx_queue_index };

	return bpf_csum_diff(0, 0, words, ctx->rx_queue_index, 0) & 1;
}

char _license[] SEC("license") = "GPL";
