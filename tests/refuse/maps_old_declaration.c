// SPDX-License-Identifier: Apache-2.0
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct bpf_map_def {
	unsigned int type, key_size, value_size, max_entries;
} values SEC("maps") = { BPF_MAP_TYPE_ARRAY, 4, 8, 1 };

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	__u32 key = 0;
	__u64 *value = bpf_map_lookup_elem(&values, &key);

	return value ? XDP_DROP : XDP_PASS;
}

char _license[] SEC("license") = "GPL";
