// SPDX-License-Identifier: Apache-2.0
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	return *(__u8 *)(long)ctx->data_end;
}

char _license[] SEC("license") = "GPL";
