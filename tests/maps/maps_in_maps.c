// SPDX-License-Identifier: Apache-2.0
/* Arrays and hashes of maps: those that the program begins with, and what the host puts in. */
#include "note.h"

struct sums {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, __u64[4]); /* elements have a word between them */
} first SEC(".maps"), second SEC(".maps"), third SEC(".maps");

struct table {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 8);
	__type(key, __u64);
	__type(value, __u64);
} small SEC(".maps"), other SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 5);
	__type(key, __u32);
	__array(values, struct sums);
} arrays SEC(".maps") = { .values = { [0] = &first, [3] = &second } };

struct {
	__uint(type, BPF_MAP_TYPE_HASH_OF_MAPS);
	__uint(max_entries, 4);
	__type(key, __u32);
	__array(values, struct table);
} tables SEC(".maps") = { .values = { &small, &other } };

SEC("xdp")
int maps(struct xdp_md *ctx)
{
	__u64 length = ctx->data_end - ctx->data, key = length % 11, *value, four[4] = { length, length + 1, 0, length };
	__u32 which = length % 6, index = length % 5, table = length % 3;
	void *inner = bpf_map_lookup_elem(&arrays, &which), *hash;

	note(0, inner != NULL);
	if (inner) {
		value = bpf_map_lookup_elem(inner, &index);
		note(1, value ? *value : -1);
		if (value)
			value[3] += length;
		index ^= 1;
		note(2, bpf_map_update_elem(inner, &index, four, length % 4));
		note(3, bpf_map_delete_elem(inner, &index));
	}
	hash = bpf_map_lookup_elem(&tables, &table);
	note(4, hash != NULL);
	if (!hash)
		return XDP_PASS;
	value = bpf_map_lookup_elem(hash, &key);
	note(5, value ? *value : -1);
	if (value)
		__sync_fetch_and_add(value, which);
	else
		note(6, bpf_map_update_elem(hash, &key, &length, BPF_NOEXIST));
	if (length & 8)
		note(7, bpf_map_delete_elem(hash, &key));
	key ^= 3;
	note(8, bpf_map_update_elem(hash, &key, &length, length % 5));
	value = bpf_map_lookup_elem(inner ? inner : (void *)&third, &index);
	note(9, value ? *value : -1);
	return XDP_DROP;
}

char _license[] SEC("license") = "GPL";
