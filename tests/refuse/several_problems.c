// SPDX-License-Identifier: Apache-2.0
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_STACK_TRACE);
	__uint(max_entries, 8);
	__type(key, __u32);
	__type(value, __u64[4]);
} traces SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 8);
	__uint(map_flags, BPF_F_STACK_BUILD_ID);
	__type(key, __u32);
	__type(value, __u32);
} flows SEC(".maps");

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	char *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__u32 key = 0;

	if (end == data + 100)
		return data[1];
	if (data + 4 <= end)
		return data[4];
	if (bpf_map_lookup_elem(&traces, &key))
		return XDP_DROP;
	bpf_map_delete_elem(&flows, &key);
	return bpf_get_numa_node_id() + bpf_get_numa_node_id();
}

char _license[] SEC("license") = "GPL";
