// SPDX-License-Identifier: Apache-2.0
/* Tables without max_entries, which are as large as their loader was told: when they are full, and what is beyond the last index. */
#include "note.h"

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, __u32);
	__type(value, __u32);
} flows SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_QUEUE);
	__type(value, __u32);
} last SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, __u64);
} bare SEC(".maps");

SEC("xdp")
int sized_by_user(struct xdp_md *ctx)
{
	__u8 *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__u32 key, value;
	__u64 *count;

	if (data + 60 > end)
		return XDP_DROP;
	key = data[29] & 7;
	value = data[17];
	note(0, bpf_map_update_elem(&flows, &key, &value, BPF_ANY));
	note(1, bpf_map_push_elem(&last, &value, value & 1 ? BPF_EXIST : BPF_ANY));
	count = bpf_map_lookup_elem(&bare, &key);
	note(2, count ? (long)++*count : -77);
	if (value & 16)
		note(3, bpf_map_delete_elem(&flows, &key));
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
