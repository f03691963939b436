// SPDX-License-Identifier: Apache-2.0
/* LPM tries that the program changes, and one with long keys: what each call says, and what is found. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define TRIE(name, data, entries, what) \
	struct name##_key { \
		__u32 length; \
		__u8 bytes[data]; \
	}; \
	struct { \
		__uint(type, BPF_MAP_TYPE_LPM_TRIE); \
		__uint(map_flags, BPF_F_NO_PREALLOC); \
		__uint(max_entries, entries); \
		__type(key, struct name##_key); \
		__type(value, what); \
	} name SEC(".maps")

TRIE(nets, 4, 12, __u64);
TRIE(nets6, 16, 40, __u32);
TRIE(names, 40, 9, struct { __u32 count; __u8 text[4]; });

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 16);
	__type(key, __u32);
	__type(value, __u64);
} results SEC(".maps");

static __always_inline void keep(__u32 what, __u64 result)
{
	__u64 *r = bpf_map_lookup_elem(&results, &what);

	if (r)
		*r = (*r << 5 | *r >> 59) + result;
}

/* Only bits of the prefix: which others Linux keeps beside it is not this test's. */
static __always_inline void cut(__u8 *bytes, __u32 n, __u32 length)
{
	for (__u32 i = 0; i < n; i++)
		bytes[i] &= length >= 8 * i + 8 ? 0xff : length <= 8 * i ? 0 : 0xff00 >> (length - 8 * i);
}

static __always_inline void change_nets(const __u8 *data)
{
	struct nets_key key = { data[29] % 36 }, longest = { 32 };
	__u64 value = data[17] | (__u64)data[29] << 32, *found;

	__builtin_memcpy(key.bytes, data + 26, 4);
	__builtin_memcpy(longest.bytes, data + 26, 4);
	cut(key.bytes, 4, key.length);
	if (data[25] & 1)
		keep(0, bpf_map_delete_elem(&nets, &key));
	else
		keep(1, bpf_map_update_elem(&nets, &key, &value, data[25] >> 1 & 3));
	found = bpf_map_lookup_elem(&nets, &longest);
	keep(2, found ? *found : 99);
	if (found)
		__sync_fetch_and_add(found, 1);
	found = bpf_map_lookup_elem(&nets, data + 30); /* the packet's bytes as they come */
	keep(3, found ? *found : 98);
}

static __always_inline void change_nets6(const __u8 *data)
{
	struct nets6_key key = { data[25] >> 1 }, longest = { 128 };
	__u32 value = data[29], *found;

	for (int n = 0; n < 16; n++)
		longest.bytes[n] = key.bytes[n] = data[26 + n % 4] >> (n & 3);
	cut(key.bytes, 16, key.length);
	keep(4, data[17] & 1 ? bpf_map_update_elem(&nets6, &key, &value, BPF_ANY) : bpf_map_delete_elem(&nets6, &key));
	longest.bytes[12] ^= data[17] >> 1 & 1;
	found = bpf_map_lookup_elem(&nets6, &longest);
	keep(5, found ? *found : 97);
	longest.length = data[29];
	found = bpf_map_lookup_elem(&nets6, &longest);
	keep(6, found ? *found : 96);
}

static __always_inline void change_names(const __u8 *data)
{
	struct names_key key = { 0 };
	struct { __u32 count; __u8 text[4]; } *found, value = { data[17], { data[18], 1, 2, 3 } };

	for (int n = 0; n < 40; n++)
		key.bytes[n] = 'a' + (data[26 + n % 8] & 1);
	key.length = 8 * (data[29] % 42);
	found = bpf_map_lookup_elem(&names, &key);
	keep(7, found ? found->count + found->text[0] : 95);
	cut(key.bytes, 40, key.length);
	keep(8, data[17] & 4 ? bpf_map_update_elem(&names, &key, &value, BPF_NOEXIST) : bpf_map_delete_elem(&names, &key));
}

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	__u8 *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;

	if (data + 60 > end)
		return XDP_DROP;
	change_nets(data);
	change_nets6(data);
	change_names(data);
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
