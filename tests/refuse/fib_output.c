// SPDX-License-Identifier: Apache-2.0
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	struct bpf_fib_lookup params = { .family = 2, .ifindex = ctx->ingress_ifindex };

	return bpf_fib_lookup(ctx, &params, sizeof(params), ctx->rx_queue_index & 3) ? XDP_PASS : XDP_TX;
}

char _license[] SEC("license") = "GPL";
