// SPDX-License-Identifier: Apache-2.0
/* One instruction, several memories or maps: what compilers make when they merge the ends of branches. */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

struct address {
	__u8 bytes[16];
};
#define MAP(map, kind, n, k, v) \
	struct { __uint(type, BPF_MAP_TYPE_##kind); __uint(max_entries, n); __type(key, k); __type(value, v); } map SEC(".maps")
MAP(small, HASH, 16, __u32, __u64);
MAP(other, HASH, 64, __u32, __u64);
MAP(third, LRU_HASH, 64, __u32, __u64);
MAP(plain, ARRAY, 8, __u32, __u64);
MAP(second, ARRAY, 8, __u32, __u64);
MAP(wide, HASH, 64, struct address, __u64);
MAP(defaults, ARRAY, 1, __u32, struct address);

#define HEADERS(bytes) \
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end; \
	__u8 *p = data; \
	if (data + (bytes) > end) \
		return XDP_PASS

/* the barriers keep clang from telling the paths apart again */
#define HIDE(x) asm volatile("" : "+r"(x))

/* one of three hash maps */
SEC("xdp")
int one_of_maps(struct xdp_md *ctx)
{
	HEADERS(34);
	void *map = &small;
	__u32 key = p[33] & 15;
	__u64 first = 1, *value;

	if (p[23] == 6)
		map = &other;
	else if (p[23] == 17)
		map = &third;
	HIDE(map);
	value = bpf_map_lookup_elem(map, &key);
	if (!value)
		return bpf_map_update_elem(map, &key, &first, BPF_ANY) ? XDP_ABORTED : XDP_PASS;
	__sync_fetch_and_add(value, 1);
	if (*value & 4)
		bpf_map_delete_elem(map, &key);
	return XDP_DROP;
}

/* array maps, the key a variable */
SEC("xdp")
int one_of_arrays(struct xdp_md *ctx)
{
	HEADERS(34);
	void *map = p[23] == 17 ? (void *)&plain : (void *)&second;
	__u32 key = p[30] & 15;
	__u64 *value;

	HIDE(map);
	value = bpf_map_lookup_elem(map, &key);
	if (!value)
		return XDP_PASS;
	*value += p[31];
	return *value & 1 ? XDP_TX : XDP_DROP;
}

/* a map of another kind with another one's key: hash and array */
SEC("xdp")
int hash_or_array(struct xdp_md *ctx)
{
	HEADERS(34);
	void *map = p[23] == 17 ? (void *)&plain : (void *)&small;
	__u32 key = p[30] & 7;
	__u64 *value, one = 1;

	HIDE(map);
	bpf_map_update_elem(map, &key, &one, BPF_NOEXIST);
	value = bpf_map_lookup_elem(map, &key);
	return value ? (int)(*value & 3) : XDP_PASS;
}

/* the address in the packet, on the stack, or in a map */
SEC("xdp")
int one_of_memories(struct xdp_md *ctx)
{
	HEADERS(54);
	struct address mine = { { 1, 2, 3 } };
	__u32 zero = 0;
	__u8 *at = p + 22;
	int sum = 0;

	if (p[12] == 0x08) {
		mine.bytes[p[26] & 15] = p[27];
		at = mine.bytes;
	} else if (p[12] != 0x86) {
		struct address *a = bpf_map_lookup_elem(&defaults, &zero);

		if (!a)
			return XDP_ABORTED;
		a->bytes[3]++;
		at = a->bytes;
	}
	HIDE(at);
	for (int n = 0; n < 16; n++)
		sum += at[n] << (n & 3);
	at[5] = (__u8)sum;
	*(__u32 *)(at + 8) = sum;
	return sum & 1 ? XDP_TX : XDP_DROP;
}

/* a key in the packet or on the stack, for one of two maps: both at once */
SEC("xdp")
int key_and_map(struct xdp_md *ctx)
{
	HEADERS(54);
	struct address mine = {};
	void *map = p[23] & 1 ? (void *)&small : (void *)&other;
	void *key = p + 26;
	__u64 one = 1, *value;

	if (p[12] != 0x08) {
		__builtin_memcpy(mine.bytes, p + 20, 4);
		key = mine.bytes;
	}
	HIDE(map);
	HIDE(key);
	value = bpf_map_lookup_elem(map, key);
	if (!value)
		return bpf_map_update_elem(map, key, &one, BPF_ANY) ? XDP_TX : XDP_PASS;
	__sync_fetch_and_add(value, 1);
	return XDP_DROP;
}

/* in a loop, and in a function */
static __attribute__((noinline)) int sum_of(__u8 *at)
{
	int sum = 0;

	for (int n = 0; n < 6; n++)
		sum += at[n];
	return sum;
}

SEC("xdp")
int in_functions(struct xdp_md *ctx)
{
	HEADERS(34);
	__u8 copy[8] = {};
	__u8 *at = p;
	int sum = 0;

	for (int n = 0; n < 8; n++) {
		copy[n & 7] = p[n + 6] + (__u8)sum;
		at = n & 1 ? copy : p;
		HIDE(at);
		sum += at[n & 3];
	}
	at = sum & 1 ? copy : p;
	HIDE(at);
	return sum_of(at) & 1 ? XDP_DROP : XDP_PASS;
}

/* an atomic operation on the stack or on a map value */
SEC("xdp")
int atomic_either(struct xdp_md *ctx)
{
	HEADERS(34);
	__u64 mine = p[30], *at = &mine;
	__u32 key = p[33] & 7;

	if (p[23] == 17) {
		at = bpf_map_lookup_elem(&plain, &key);
		if (!at)
			return XDP_ABORTED;
	}
	HIDE(at);
	__sync_fetch_and_add(at, 3);
	return *at & 1 ? XDP_DROP : XDP_PASS;
}

/* nothing, or some bytes, to the checksum */
SEC("xdp")
int sum_or_null(struct xdp_md *ctx)
{
	HEADERS(34);
	__u32 words[2] = { p[30], p[31] }, *from = 0, bytes = 0;

	if (p[23] == 17) {
		from = words;
		bytes = 8;
	}
	return bpf_csum_diff(from, bytes, words, 8, 0) & 1 ? XDP_DROP : XDP_PASS;
}

char _license[] SEC("license") = "GPL";
