// SPDX-License-Identifier: Apache-2.0
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct prefix {
	__u32 length;
	__u8 data[4];
};

struct trie {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(max_entries, 16);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct prefix);
	__type(value, __u64);
} first SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 2);
	__type(key, __u32);
	__array(values, struct trie);
} tries SEC(".maps") = {
	.values = { [0] = &first },
};

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	struct prefix key = { 32, { 10, 1, 1, 1 } };
	__u32 index = ctx->rx_queue_index & 1;
	void *trie = bpf_map_lookup_elem(&tries, &index);

	if (!trie)
		return XDP_PASS;
	return bpf_map_delete_elem(trie, &key) ? XDP_DROP : XDP_PASS;
}

char _license[] SEC("license") = "GPL";
