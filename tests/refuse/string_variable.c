// SPDX-License-Identifier: Apache-2.0
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	char own[4] = "abc", other[4] = "abd";

	own[0] += ctx->rx_queue_index;
	return bpf_strncmp(own, sizeof(own), other) ? XDP_PASS : XDP_TX;
}

char _license[] SEC("license") = "GPL";
