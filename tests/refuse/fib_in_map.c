// SPDX-License-Identifier: Apache-2.0
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct bpf_fib_lookup);
} scratch SEC(".maps");

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	__u32 key = 0;
	struct bpf_fib_lookup *params = bpf_map_lookup_elem(&scratch, &key);

	if (!params)
		return XDP_DROP;
	return bpf_fib_lookup(ctx, params, sizeof(*params), 0) ? XDP_PASS : XDP_TX;
}

char _license[] SEC("license") = "GPL";
