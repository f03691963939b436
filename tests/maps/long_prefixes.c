// SPDX-License-Identifier: Apache-2.0
/* LPM tries with keys of up to 260 bytes, the longest that Linux takes. */
#include "note.h"

#define TRIE(name, data, entries) \
	struct name##_key { \
		__u32 length; \
		__u8 bytes[data]; \
	}; \
	struct { \
		__uint(type, BPF_MAP_TYPE_LPM_TRIE); \
		__uint(map_flags, BPF_F_NO_PREALLOC); \
		__uint(max_entries, entries); \
		__type(key, struct name##_key); \
		__type(value, __u64); \
	} name SEC(".maps")

TRIE(longest, 256, 12);
TRIE(names, 136, 9);

struct longest_key wanted; /* zeroes, but for what packets write */

SEC("xdp")
int long_prefixes(struct xdp_md *ctx)
{
	__u8 *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct names_key key = { 0 };
	__u64 *found, value;

	if (data + 60 > end)
		return XDP_DROP;
	wanted.length = 2048 - data[17] % 3;
	wanted.bytes[0] = data[29] & 1;
	wanted.bytes[125] = data[28] & 1;
	wanted.bytes[255] = data[17];
	found = bpf_map_lookup_elem(&longest, &wanted);
	note(0, found ? (long)*found : -77);
	wanted.length = data[29] & 2 ? 2048 : 8 * 200; /* what Linux keeps behind a prefix is not this test's */
	if (wanted.length < 2048)
		wanted.bytes[255] = 0;
	value = data[25];
	note(1, data[25] & 1 ? bpf_map_delete_elem(&longest, &wanted) : bpf_map_update_elem(&longest, &wanted, &value, data[25] >> 1 & 3));
	key.length = 136 * 8;
	key.bytes[3] = data[29] & 3;
	key.bytes[135] = data[28];
	found = bpf_map_lookup_elem(&names, &key);
	note(2, found ? (long)++*found : -78);
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
