// SPDX-License-Identifier: Apache-2.0
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

static __attribute__((noinline)) int third(const __u8 *data)
{
	return data[2];
}

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	__u8 *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;

	if (data + 2 > end)
		return XDP_PASS;
	return third(data) ? XDP_DROP : XDP_PASS;
}

char _license[] SEC("license") = "GPL";
