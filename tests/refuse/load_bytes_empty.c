// SPDX-License-Identifier: Apache-2.0
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	char bytes[8] = {};

	return bpf_xdp_load_bytes(ctx, 0, bytes, ctx->rx_queue_index & 7) ? XDP_DROP : XDP_PASS;
}

char _license[] SEC("license") = "GPL";
