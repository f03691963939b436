// SPDX-License-Identifier: Apache-2.0
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

static int up(__u32 index, void *data)
{
	return 0;
}

static int down(__u32 index, void *data)
{
	return 1;
}

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	int (*round)(__u32, void *) = ctx->rx_queue_index ? up : down;

	bpf_loop(4, round, 0, 0);
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
