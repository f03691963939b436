// SPDX-License-Identifier: Apache-2.0
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

static volatile __u32 table[4] = { 1, 2, 3, 4 };

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	return table[ctx->ingress_ifindex & 7];
}

char _license[] SEC("license") = "GPL";
