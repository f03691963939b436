// SPDX-License-Identifier: Apache-2.0
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct nobody;
struct nobody *bpf_nobody_has_this(struct xdp_md *ctx) __attribute__((weak, section(".ksyms")));
struct nobody *bpf_nor_this(struct xdp_md *ctx) __attribute__((weak, section(".ksyms")));

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	if (bpf_nobody_has_this)
		bpf_nobody_has_this(ctx);
	return bpf_nor_this(ctx) ? XDP_PASS : XDP_DROP;
}

char _license[] SEC("license") = "GPL";
