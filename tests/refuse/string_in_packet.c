// SPDX-License-Identifier: Apache-2.0
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

static const char name[] = "abc";

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	unsigned char *data = (void *)(long)ctx->data;

	if (data + 14 > (unsigned char *)(long)ctx->data_end)
		return XDP_DROP;
	return bpf_strncmp((char *)data, 4, name) ? XDP_PASS : XDP_TX;
}

char _license[] SEC("license") = "GPL";
