// SPDX-License-Identifier: Apache-2.0
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct pair {
	__u64 a, b;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 8);
	__type(key, __u32);
	__type(value, struct pair);
} values SEC(".maps");

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	__u32 key = ctx->rx_queue_index;
	struct pair *value = bpf_map_lookup_elem(&values, &key);
	__u64 *b = &value->b;

	asm volatile("" : "+r"(b));
	if (!value)
		return XDP_PASS;
	return *b;
}

char _license[] SEC("license") = "GPL";
