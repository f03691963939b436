// SPDX-License-Identifier: Apache-2.0
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

extern void *bpf_dynptr_slice(const struct bpf_dynptr *ptr, __u32 offset, void *buffer, __u32 size) __ksym;

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	struct bpf_dynptr ptr;

	return bpf_dynptr_slice(&ptr, 0, 0, 14) ? XDP_PASS : XDP_DROP;
}

char _license[] SEC("license") = "GPL";
