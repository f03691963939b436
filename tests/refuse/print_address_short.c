// SPDX-License-Identifier: Apache-2.0
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;

	if (data + 20 <= end)
		bpf_printk("%pI6", data + 8);
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
