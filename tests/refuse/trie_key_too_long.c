// SPDX-License-Identifier: Apache-2.0
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct prefix {
	__u32 length;
	__u8 name[257];
};

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(max_entries, 16);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct prefix);
	__type(value, __u64);
} names SEC(".maps");

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	struct prefix key = { 32, { 'n' } };

	return bpf_map_lookup_elem(&names, &key) ? XDP_DROP : XDP_PASS;
}

char _license[] SEC("license") = "GPL";
