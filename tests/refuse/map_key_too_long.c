// SPDX-License-Identifier: Apache-2.0
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct key {
	__u8 name[600];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 8);
	__type(key, struct key);
	__type(value, __u64);
} values SEC(".maps");

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	struct key *key = (void *)(long)ctx->data;

	if ((void *)(key + 1) > (void *)(long)ctx->data_end)
		return XDP_PASS;
	return bpf_map_lookup_elem(&values, key) ? XDP_DROP : XDP_PASS;
}

char _license[] SEC("license") = "GPL";
