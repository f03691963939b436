// SPDX-License-Identifier: Apache-2.0
/* Functions and variables of the kernel that are not there: NULL, and what asks for them first is folded away. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define weak __attribute__((weak, section(".ksyms")))

extern int nobody_has_this_function(struct xdp_md *ctx, __u32 flags) weak;
extern const void nobody_has_this_variable weak;

SEC("xdp")
int absent_function(struct xdp_md *ctx)
{
	if (nobody_has_this_function)
		return nobody_has_this_function(ctx, 1);
	return ctx->data_end - ctx->data > 64 ? XDP_PASS : XDP_TX;
}

SEC("xdp")
int absent_variable(struct xdp_md *ctx)
{
	return &nobody_has_this_variable ? XDP_DROP : ctx->data_end - ctx->data > 64 ? XDP_PASS : XDP_TX;
}

SEC("xdp")
int not_asked(struct xdp_md *ctx)
{
	return nobody_has_this_function(ctx, 1);
}

char _license[] SEC("license") = "GPL";
