// SPDX-License-Identifier: Apache-2.0
/* A value per CPU for each key: lookups, updates with all their errors until the map is full, deletes; values of a named CPU. */
#include "note.h"

struct flow {
	__u64 packets;
	__u32 bytes, unused;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_HASH);
	__uint(max_entries, 6);
	__type(key, __u16);
	__type(value, struct flow);
} flows SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, __u64);
} counts SEC(".maps");

SEC("xdp")
int percpu_hash(struct xdp_md *ctx)
{
	__u32 length = ctx->data_end - ctx->data, index = length & 7;
	__u16 key = (length >> 1) & 15, zero = 0;
	struct flow set = { 1, length, 3 }, *f = bpf_map_lookup_elem(&flows, &key);
	__u64 *count;

	if (f) {
		f->packets++;
		__sync_fetch_and_add(&f->bytes, length);
	} else {
		note(0, bpf_map_update_elem(&flows, &key, &set, BPF_NOEXIST));
	}
	note(1, bpf_map_update_elem(&flows, &key, &set, BPF_NOEXIST));
	if (length & 1)
		note(2, bpf_map_update_elem(&flows, &key, &set, BPF_EXIST));
	note(3, bpf_map_update_elem(&flows, &key, &set, 3));
	note(4, bpf_map_update_elem(&flows, &key, &set, 4));
	f = bpf_map_lookup_elem(&flows, &key);
	note(12, bpf_map_update_elem(&flows, &key, &set, BPF_ANY));
	if (f) /* found before the update: the value stays where it is */
		f->unused += length;
	key ^= 5;
	note(5, bpf_map_update_elem(&flows, &key, &set, length & 3));
	if (!(length & 12))
		note(6, bpf_map_delete_elem(&flows, &key));
	f = bpf_map_lookup_percpu_elem(&flows, &key, 0);
	note(7, f ? (long)f->packets : -1);
	f = bpf_map_lookup_percpu_elem(&flows, &key, length);
	note(8, !!f);
	count = bpf_map_lookup_percpu_elem(&counts, &index, 0);
	if (count)
		note(9, ++*count);
	index &= 3;
	count = bpf_map_lookup_percpu_elem(&counts, &index, length | 1024);
	note(10, !!count);
	note(11, bpf_map_delete_elem(&flows, &zero));
	return count ? XDP_DROP : XDP_PASS;
}

char _license[] SEC("license") = "GPL";
