// SPDX-License-Identifier: Apache-2.0
/* LPM tries in maps that the program changes: those that the declaration puts in, of two sizes, and a spare one that the host puts in. */
#include "note.h"

struct net {
	__u32 length;
	__u8 bytes[4];
};

struct name {
	__u32 length;
	__u8 bytes[28];
};

struct nets {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 12);
	__type(key, struct net);
	__type(value, __u64);
} first SEC(".maps"), second SEC(".maps");

struct names {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 6);
	__uint(key_size, sizeof(struct name));
	__type(value, __u32);
};

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 5);
	__type(key, struct net);
	__type(value, __u64);
} small SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 4);
	__type(key, __u32);
	__array(values, struct nets);
} by_index SEC(".maps") = { .values = { [0] = &first, [1] = &second, [2] = (void *)&small } };

struct {
	__uint(type, BPF_MAP_TYPE_HASH_OF_MAPS);
	__uint(max_entries, 4);
	__type(key, __u32);
	__array(values, struct names);
} by_key SEC(".maps");

/* Only bits of the prefix: which others Linux keeps beside it is not this test's. */
static __always_inline void cut(__u8 *bytes, __u32 n, __u32 length)
{
	for (__u32 i = 0; i < n; i++)
		bytes[i] &= length >= 8 * i + 8 ? 0xff : length <= 8 * i ? 0 : 0xff00 >> (length - 8 * i);
}

static __always_inline void change_nets(void *nets, const __u8 *data)
{
	struct net key = { data[29] % 36 }, longest = { 32 };
	__u64 value = data[17] | (__u64)data[29] << 32, *found;

	__builtin_memcpy(key.bytes, data + 26, 4);
	__builtin_memcpy(longest.bytes, data + 26, 4);
	cut(key.bytes, 4, key.length);
	if ((data[25] & 3) == 1)
		note(1, bpf_map_delete_elem(nets, &key));
	else
		note(2, bpf_map_update_elem(nets, &key, &value, data[25] >> 1 & 3));
	found = bpf_map_lookup_elem(nets, &longest);
	note(3, found ? *found : 99);
	if (found)
		__sync_fetch_and_add(found, 1);
	found = bpf_map_lookup_elem(nets, data + 30); /* the packet's bytes as they come */
	note(4, found ? *found : 98);
}

static __always_inline void change_names(void *names, const __u8 *data)
{
	struct name key = { 0 };
	__u32 value = data[17], *found;

	for (int n = 0; n < 28; n++)
		key.bytes[n] = 'a' + (data[26 + n % 8] & 1);
	key.length = data[29] % 230;
	found = bpf_map_lookup_elem(names, &key);
	note(6, found ? *found : 95);
	cut(key.bytes, 28, key.length);
	note(7, data[17] & 4 ? bpf_map_update_elem(names, &key, &value, BPF_NOEXIST) : bpf_map_delete_elem(names, &key));
}

SEC("xdp")
int tries(struct xdp_md *ctx)
{
	__u8 *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__u32 which, key;
	void *inner;

	if (data + 60 > end)
		return XDP_DROP;
	which = (data[29] ^ data[17]) & 3;
	inner = bpf_map_lookup_elem(&by_index, &which);
	note(0, inner != NULL);
	if (inner)
		change_nets(inner, data);
	key = data[28] & 1;
	inner = bpf_map_lookup_elem(&by_key, &key);
	note(5, inner != NULL);
	if (inner)
		change_names(inner, data);
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
