// SPDX-License-Identifier: Apache-2.0
/* Longest prefixes, of an address in the packet and of one on the stack, by lengths up to beyond the data. The host has put the prefixes in. */
#include "note.h"

struct prefix {
	__u32 length;
	__u8 data[4];
};

struct wide {
	__u32 length;
	__u8 data[16];
};

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(max_entries, 16);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct prefix);
	__type(value, __u64);
} routes SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(max_entries, 16);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct wide);
	__type(value, __u32);
} wide SEC(".maps");

struct both {
	struct prefix key;
	struct wide long_key;
	__u8 odd;
	struct prefix unaligned;
} __attribute__((packed));

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, struct both);
} keys SEC(".maps");

/* Keys that lie in a map. */
static __always_inline void from_map(const struct prefix *key, const struct wide *long_key)
{
	__u32 index = long_key->data[3] & 1;
	struct both *b = bpf_map_lookup_elem(&keys, &index);
	__u64 *hit;
	__u32 *other;

	if (!b)
		return;
	b->key = b->unaligned = *key;
	b->long_key = *long_key;
	hit = bpf_map_lookup_elem(&routes, &b->key);
	note(4, hit ? *hit & 255 : -1);
	hit = bpf_map_lookup_elem(&routes, &b->unaligned);
	note(5, hit ? *hit & 255 : -1);
	other = bpf_map_lookup_elem(&wide, &b->long_key);
	note(6, other ? *other : -1);
}

SEC("xdp")
int lpm(struct xdp_md *ctx)
{
	unsigned char *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct prefix key = { 32, { 0 } };
	struct wide long_key = { 128, { 0 } };
	__u64 *hit;
	__u32 *other;

	if (data + 34 > end)
		return XDP_DROP;
	for (int n = 0; n < 4; n++)
		key.data[n] = data[26 + n];
	for (int n = 0; n < 16; n++)
		long_key.data[n] = data[18 + n];
	hit = bpf_map_lookup_elem(&routes, &key);
	note(0, hit ? *hit : -1);
	if (hit)
		__sync_fetch_and_add(hit, 256);
	key.length = data[17] & 63;
	hit = bpf_map_lookup_elem(&routes, &key);
	note(1, hit ? *hit & 255 : -1);
	other = bpf_map_lookup_elem(&wide, &long_key);
	note(2, other ? *other : -1);
	from_map(&key, &long_key);
	long_key.length = data[17];
	other = bpf_map_lookup_elem(&wide, &long_key);
	note(3, other ? *other : -1);
	return hit ? XDP_PASS : XDP_TX;
}

char _license[] SEC("license") = "GPL";
