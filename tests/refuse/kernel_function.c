// SPDX-License-Identifier: Apache-2.0
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

extern void *bpf_xdp_flow_lookup(struct xdp_md *ctx, void *tuple, void *opts, __u32 size) __ksym;

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	__u64 tuple[8] = {};
	__u32 opts = 0;

	return bpf_xdp_flow_lookup(ctx, tuple, &opts, sizeof(opts)) ? XDP_PASS : XDP_DROP;
}

char _license[] SEC("license") = "GPL";
