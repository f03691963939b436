// SPDX-License-Identifier: Apache-2.0
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	unsigned char *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;

	if (data + 40 > end)
		return XDP_DROP;
	if (bpf_xdp_adjust_tail(ctx, -20))
		return XDP_DROP;
	data = (void *)(long)ctx->data;
	return data[13] ? XDP_PASS : XDP_DROP;
}

char _license[] SEC("license") = "GPL";
