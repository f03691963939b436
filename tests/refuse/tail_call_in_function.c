// SPDX-License-Identifier: Apache-2.0
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, __u32);
} next SEC(".maps");

static __noinline int go_on(struct xdp_md *ctx)
{
	bpf_tail_call(ctx, &next, 1);
	return XDP_DROP;
}

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	return go_on(ctx) == XDP_DROP ? XDP_PASS : XDP_TX;
}

char _license[] SEC("license") = "GPL";
