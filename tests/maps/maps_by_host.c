// SPDX-License-Identifier: Apache-2.0
/* Maps of maps that the host fills: an array of prefixes, a hash of counters for each CPU with a lock-free table, and one of values with a lock. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct prefix {
	__u32 length;
	__u8 bytes[4];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 2);
	__type(key, __u32);
	__array(values, struct {
		__uint(type, BPF_MAP_TYPE_LPM_TRIE);
		__uint(max_entries, 8);
		__uint(map_flags, BPF_F_NO_PREALLOC);
		__uint(key_size, sizeof(struct prefix));
		__type(value, __u32);
	});
} tries SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH_OF_MAPS);
	__uint(max_entries, 8);
	__type(key, __u16);
	__array(values, struct {
		__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
		__uint(max_entries, 3);
		__type(key, __u32);
		__type(value, __u64);
	});
} counters SEC(".maps");

struct locked {
	__u64 packets;
	struct bpf_spin_lock lock;
	__u32 bytes;
};

struct table {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16);
	__type(key, __u32);
	__type(value, struct locked);
} plain SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH_OF_MAPS);
	__uint(max_entries, 3);
	__type(key, __u32);
	__array(values, struct table);
} locks SEC(".maps");

struct locked whole; /* or BTF would have its name alone */

SEC("xdp")
int by_host(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end, *map;
	__u32 length = end - data, which = length & 3, key = length % 5;
	__u16 name = length % 5;
	struct prefix prefix = { .length = 32 };
	struct locked fresh;
	__u32 verdict = XDP_PASS;

	if (data + 34 > end)
		return XDP_DROP;
	__builtin_memcpy(prefix.bytes, data + 26, 4);
	whole.packets++;
	bpf_map_delete_elem(&plain, &which);
	map = bpf_map_lookup_elem(&tries, &which);
	if (map) {
		__u32 *found = bpf_map_lookup_elem(map, &prefix);

		verdict = found ? *found : XDP_TX;
	}
	map = bpf_map_lookup_elem(&counters, &name);
	if (map) {
		__u64 *n = bpf_map_lookup_elem(map, &which);

		if (n)
			*n += length;
	}
	key = 7 * which;
	map = bpf_map_lookup_elem(&locks, &key);
	if (map) {
		struct locked *l;

		__builtin_memset(&fresh, 0, sizeof(fresh));
		fresh.bytes = 1;
		key = length % 13;
		l = bpf_map_lookup_elem(map, &key);
		if (l) {
			bpf_spin_lock(&l->lock);
			l->packets++;
			l->bytes += length;
			bpf_spin_unlock(&l->lock);
		}
		bpf_map_update_elem(map, &key, &fresh, l && l->packets > 6 ? BPF_F_LOCK : BPF_NOEXIST);
	}
	return verdict;
}

char _license[] SEC("license") = "GPL";
