// SPDX-License-Identifier: Apache-2.0
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_QUEUE);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, __u32);
} queue SEC(".maps");

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	__u32 value = 0;

	return bpf_map_push_elem(&queue, &value, 0) ? XDP_DROP : XDP_PASS;
}

char _license[] SEC("license") = "GPL";
