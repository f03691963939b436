// SPDX-License-Identifier: Apache-2.0
/* Hash keys of up to 512 bytes, from stack, packet, map value and global data, put in by host and packets; keys that differ in one byte only. */
#include "note.h"

#define TABLE(name, kind, bytes, entries) \
	struct name##_key { \
		__u8 text[bytes]; \
	}; \
	struct { \
		__uint(type, BPF_MAP_TYPE_##kind); \
		__uint(max_entries, entries); \
		__type(key, struct name##_key); \
		__type(value, __u64); \
	} name SEC(".maps")

TABLE(longest, HASH, 512, 4);
TABLE(stacked, HASH, 333, 6);
TABLE(recent, LRU_HASH, 200, 1024);
TABLE(own, PERCPU_HASH, 129, 8);

struct inner {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
};

struct outer_key {
	__u8 text[140];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH_OF_MAPS);
	__uint(max_entries, 4);
	__type(key, struct outer_key);
	__array(values, struct inner);
} outer SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, struct { __u8 before; __u8 text[131]; });
} texts SEC(".maps");

__u8 name[515]; /* all zero but what packets write */
__u8 outer_name[140];

static void change(void *map, const void *key, __u32 what, __u32 at)
{
	__u64 value = what, *found = bpf_map_lookup_elem(map, key);

	note(at, found ? (long)*found : -77);
	if (found)
		*found += 3;
	switch (what & 7) {
	case 0: note(at + 1, bpf_map_delete_elem(map, key)); break;
	case 1: note(at + 1, bpf_map_update_elem(map, key, &value, BPF_EXIST)); break;
	case 2: note(at + 1, bpf_map_update_elem(map, key, &value, BPF_NOEXIST)); break;
	default: note(at + 1, bpf_map_update_elem(map, key, &value, BPF_ANY)); break;
	}
}

static __always_inline void from_globals(const __u8 *data)
{
	name[3] = data[29] & 1;
	name[258] = data[28] & 1;
	name[3 + 511] = data[17] & 1;
	change(&longest, name + 3, data[25], 0);
}

static __always_inline void from_stack(const __u8 *data)
{
	struct stacked_key key;

	__builtin_memset(&key, data[17] & 1, sizeof(key));
	key.text[128] = data[29] & 3;
	key.text[332] = data[28] & 1;
	change(&stacked, &key, data[25] >> 1, 2);
}

static __always_inline void from_value(const __u8 *data)
{
	struct { __u8 before; __u8 text[131]; } *v;
	__u32 zero = 0;

	v = bpf_map_lookup_elem(&texts, &zero);
	if (!v)
		return;
	v->text[127] = data[29] & 7;
	v->text[128] = data[17] & 1;
	change(&own, v->text, data[25] >> 2, 4);
}

static __always_inline void of_maps(const __u8 *data)
{
	__u32 zero = 0;
	__u64 *count;
	void *map;

	outer_name[139] = data[29] & 1;
	map = bpf_map_lookup_elem(&outer, outer_name);
	count = map ? bpf_map_lookup_elem(map, &zero) : 0;
	note(6, count ? (long)++*count : -78);
}

SEC("xdp")
int long_keys(struct xdp_md *ctx)
{
	__u8 *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;

	if (data + 60 > end)
		return XDP_DROP;
	from_globals(data);
	from_stack(data);
	from_value(data);
	of_maps(data);
	if (data + 26 + 200 > end)
		return XDP_TX;
	for (int n = 0; n < 200; n++)
		data[26 + n] &= n == 3 || n == 199;
	change(&recent, data + 26, data[17], 8);
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
