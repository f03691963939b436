// SPDX-License-Identifier: Apache-2.0
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	char format[] = "queue %d";

	return bpf_trace_printk(format, sizeof(format), ctx->rx_queue_index) > 7 ? XDP_PASS : XDP_DROP;
}

char _license[] SEC("license") = "GPL";
