// SPDX-License-Identifier: Apache-2.0
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

static __attribute__((noinline)) __u32 ladder(__u32 n)
{
	return n > 1 ? 3 * ladder(n - 1) + n : 1;
}

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	return ladder(ctx->rx_queue_index & 7) & 1 ? XDP_DROP : XDP_PASS;
}

char _license[] SEC("license") = "GPL";
