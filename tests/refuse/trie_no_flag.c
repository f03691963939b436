// SPDX-License-Identifier: Apache-2.0
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct prefix {
	__u32 length;
	__u8 data[4];
};

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(max_entries, 16);

	__type(key, struct prefix);
	__type(value, __u64);
} routes SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct prefix);
} saved SEC(".maps");

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	struct prefix key = { 32, { 10, 1, 1, 1 } };
	__u64 value = 1;

	return bpf_map_lookup_elem(&routes, &key) ? XDP_DROP : (int)value + XDP_PASS;
}

char _license[] SEC("license") = "GPL";
