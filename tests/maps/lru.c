// SPDX-License-Identifier: Apache-2.0
/* LRU tables with room for all: as hash tables. Which key goes when there is none is the NIC's affair (tests/fabric). */
#include "note.h"

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1024);
	__type(key, __u32);
	__type(value, __u64);
} flows SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_PERCPU_HASH);
	__uint(max_entries, 256);
	__type(key, __u16);
	__type(value, __u64);
} own SEC(".maps");

SEC("xdp")
int lru(struct xdp_md *ctx)
{
	__u32 key = ctx->data_end - ctx->data;
	__u64 value = key, *seen = bpf_map_lookup_elem(&flows, &key);
	__u16 small = key & 7;

	if (seen)
		__sync_fetch_and_add(seen, 1);
	else
		note(0, bpf_map_update_elem(&flows, &key, &value, BPF_NOEXIST));
	note(1, bpf_map_update_elem(&flows, &key, &value, BPF_NOEXIST));
	note(2, bpf_map_update_elem(&flows, &key, &value, 3));
	note(3, bpf_map_update_elem(&flows, &key, &value, 4));
	key ^= 1;
	note(4, bpf_map_update_elem(&flows, &key, &value, BPF_EXIST));
	if (key & 2)
		note(5, bpf_map_delete_elem(&flows, &key));
	seen = bpf_map_lookup_elem(&own, &small);
	if (seen)
		__sync_fetch_and_add(seen, key);
	else
		note(6, bpf_map_update_elem(&own, &small, &value, BPF_ANY));
	note(7, bpf_map_update_elem(&own, &small, &value, BPF_NOEXIST));
	seen = bpf_map_lookup_elem(&own, &small);
	note(10, bpf_map_update_elem(&own, &small, &value, BPF_EXIST));
	if (seen) /* found before the update: the value stays where it is */
		*seen += key;
	if (key & 4)
		note(8, bpf_map_delete_elem(&own, &small));
	seen = bpf_map_lookup_percpu_elem(&own, &small, 0);
	note(9, seen ? *seen : -1);
	return seen ? XDP_PASS : XDP_DROP;
}

char _license[] SEC("license") = "GPL";
