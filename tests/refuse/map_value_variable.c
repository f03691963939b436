// SPDX-License-Identifier: Apache-2.0
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 8);
	__type(key, __u32);
	__uint(value_size, 32);
} values SEC(".maps");

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	__u32 key = 0, *value = bpf_map_lookup_elem(&values, &key);

	if (!value)
		return XDP_PASS;
	return value[ctx->ingress_ifindex & 15];
}

char _license[] SEC("license") = "GPL";
