// SPDX-License-Identifier: Apache-2.0
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	__u32 at = ctx->rx_queue_index & 7;

	do {
		at = (at + 3) & 7;
		asm volatile("" : "+r"(at));
	} while (at != 9);
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
