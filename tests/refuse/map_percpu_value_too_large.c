// SPDX-License-Identifier: Apache-2.0
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct big {
	__u8 bytes[(32 << 10) + 1];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 8);
	__type(key, __u32);
	__type(value, struct big);
	__uint(map_flags, 0);
} values SEC(".maps");

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	__u32 key = 0;
	void *value = bpf_map_lookup_elem(&values, &key);

	return value ? XDP_DROP : XDP_PASS;
}

char _license[] SEC("license") = "GPL";
