// SPDX-License-Identifier: Apache-2.0
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct packed {
	__u8 flags;
	__u64 packets;
} __attribute__((packed));

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 8);
	__type(key, __u32);
	__type(value, struct packed);
} values SEC(".maps");

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	__u32 key = 0;
	struct packed *value = bpf_map_lookup_elem(&values, &key);

	if (!value)
		return XDP_PASS;
	__sync_fetch_and_add(&value->packets, 1);
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
