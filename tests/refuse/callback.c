// SPDX-License-Identifier: Apache-2.0
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

static int round(__u32 index, void *context)
{
	return 0;
}

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	bpf_loop(4, round, &ctx, 0);
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
