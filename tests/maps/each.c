// SPDX-License-Identifier: Apache-2.0
/* bpf_for_each_map_elem over maps that packets fill, thin out and change on the way; in which order a hash comes, is not told. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct bpf_map;

enum { MANY = 12, RESULTS = 32 };

#define MAP(map, kind, n, bytes)                        \
	struct {                                        \
		__uint(type, BPF_MAP_TYPE_##kind);      \
		__uint(max_entries, n);                 \
		__uint(key_size, bytes);                \
		__type(value, __u64);                   \
	} map SEC(".maps")

MAP(results, ARRAY, RESULTS, 4);
MAP(array, ARRAY, 7, 4);
MAP(own_array, PERCPU_ARRAY, 5, 4);
MAP(hash, HASH, MANY, 4);
MAP(wide, HASH, MANY, 13);
MAP(own_hash, PERCPU_HASH, MANY, 8);
MAP(recent, LRU_HASH, 16, 4);
MAP(own_recent, LRU_PERCPU_HASH, 40, 4);

struct walk {
	__u64 keys, values;
	__u32 seen, stop;
};

static void keep(__u32 at, __u64 result)
{
	__u64 *old = bpf_map_lookup_elem(&results, &at);

	if (old)
		*old = *old * 31 + result;
}

static long add(struct bpf_map *map, __u32 *key, __u64 *value, struct walk *w)
{
	w->keys += *key * 2654435761u;
	w->values += *value ^ *key;
	return ++w->seen == w->stop;
}

static long change(struct bpf_map *map, __u32 *key, __u64 *value, struct walk *w)
{
	*value = *value * 3 + *key + 1;
	w->keys = w->keys * 7 + *key;
	return *key == w->stop;
}

static long thin_out(struct bpf_map *map, __u32 *key, __u64 *value, struct walk *w)
{
	__u32 own = *key;

	w->keys ^= own;
	w->values += *value;
	if (own & 1)
		w->seen += bpf_map_delete_elem(map, &own) == 0;
	return 0;
}

struct wide_key {
	__u8 bytes[13];
};

static long add_wide(struct bpf_map *map, struct wide_key *key, __u64 *value, struct walk *w)
{
	w->keys += key->bytes[0] + 256 * key->bytes[12];
	w->values ^= *value;
	return 0;
}

static long none(struct bpf_map *map, __u32 *key, __u64 *value, void *nothing)
{
	return 1;
}

static long nested(struct bpf_map *map, __u32 *key, __u64 *value, struct walk *w)
{
	struct walk inner = {};

	w->seen += bpf_for_each_map_elem(&hash, add, &inner, 0);
	w->values += inner.values * (*key + 1);
	return 0;
}

#define WALK(at, map, function, limit)                                          \
	do {                                                                    \
		struct walk w = { .stop = (limit) ? (limit) : 99 };                              \
		keep(at, bpf_for_each_map_elem(&map, function, &w, 0));         \
		if (!(limit))                                                   \
			keep((at) + 1, w.keys * 5 + w.values + w.seen);         \
	} while (0)

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	unsigned char *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct wide_key bytes = {};
	__u32 key, length = end - data;
	__u64 value, eight, *count;

	if (data + 42 > end)
		return XDP_DROP;
	key = data[33] & 15;
	value = length * 257;
	__builtin_memcpy(bytes.bytes, data + 26, sizeof(bytes));
	eight = data[37] & 7;
	bpf_map_update_elem(&hash, &key, &value, BPF_ANY);
	bpf_map_update_elem(&wide, &bytes, &value, BPF_ANY);
	bpf_map_update_elem(&own_hash, &eight, &value, BPF_ANY);
	key = data[25] & 7;
	bpf_map_update_elem(&recent, &key, &value, BPF_ANY);
	key = data[37] & 31;
	bpf_map_update_elem(&own_recent, &key, &value, BPF_ANY);
	key = RESULTS - 1; /* the RTL takes its time: another map with each packet */
	count = bpf_map_lookup_elem(&results, &key);
	if (!count)
		return XDP_DROP;
	switch ((*count)++ % 8) {
	case 0:
		WALK(0, array, change, 0);
		WALK(2, array, change, (length & 7) + 1);
		break;
	case 1:
		WALK(4, own_array, change, 0);
		WALK(6, hash, add, 0);
		break;
	case 2:
		WALK(8, hash, add, 3);
		WALK(10, wide, add_wide, 0);
		break;
	case 3:
		WALK(12, own_hash, add, 0);
		break;
	case 4:
		WALK(14, recent, add, 0);
		break;
	case 5:
		WALK(16, own_recent, add, 0);
		break;
	case 6:
		WALK(18, own_array, nested, 0);
		break;
	default:
		WALK(20, hash, thin_out, 0);
		WALK(22, hash, add, 0);
		keep(24, bpf_for_each_map_elem(&hash, none, (void *)0, length | 1));
		keep(25, bpf_for_each_map_elem(&hash, none, (void *)0, 0));
	}
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
