// SPDX-License-Identifier: Apache-2.0
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	__u8 *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;

	if (data + 14 > end)
		return XDP_DROP;
	data += (data[0] & 15) * 4;
	if (data + 20 > end)
		return XDP_DROP;
	return data[20] ? XDP_PASS : XDP_DROP;
}

char _license[] SEC("license") = "GPL";
