// SPDX-License-Identifier: Apache-2.0
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

static __attribute__((noinline)) int parse(__u8 *data, __u8 *end)
{
	return data + 14 > end ? XDP_DROP : XDP_PASS;
}

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	return parse((void *)(long)ctx->data, (void *)(long)ctx->data_end);
}

char _license[] SEC("license") = "GPL";
