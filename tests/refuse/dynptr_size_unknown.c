// SPDX-License-Identifier: Apache-2.0
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

extern int bpf_dynptr_from_xdp(struct xdp_md *xdp, __u64 flags, struct bpf_dynptr *ptr) __ksym;
extern void *bpf_dynptr_slice(const struct bpf_dynptr *ptr, __u32 offset, void *buffer, __u32 size) __ksym;

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	struct bpf_dynptr ptr;
	__u8 buffer[64];

	bpf_dynptr_from_xdp(ctx, 0, &ptr);
	return bpf_dynptr_slice(&ptr, 0, buffer, bpf_get_prandom_u32() & 63) ? XDP_PASS : XDP_DROP;
}

char _license[] SEC("license") = "GPL";
