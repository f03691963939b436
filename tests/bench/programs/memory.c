// SPDX-License-Identifier: Apache-2.0
/* Lookups at random keys that are all there, ROUNDS a packet, and nothing else: what map memory gives. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

enum { ROUNDS = 16, KEYS = 4096, PREFIXES = 1024 };

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, KEYS);
	__type(key, __u64);
	__type(value, __u64);
} flows SEC(".maps");

struct prefix {
	__u32 length, address;
};

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(max_entries, PREFIXES);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct prefix);
	__type(value, __u64);
} routes SEC(".maps");

SEC("xdp")
int hash(struct xdp_md *ctx)
{
	__u32 found = 0;

#pragma unroll
	for (int n = 0; n < ROUNDS; n++) {
		__u64 key = bpf_get_prandom_u32() & (KEYS - 1);

		found += bpf_map_lookup_elem(&flows, &key) != 0;
	}
	return found == ROUNDS ? XDP_DROP : XDP_ABORTED;
}

/* Any address has a prefix of 8 bits and, in the second, one of 18. */
SEC("xdp")
int lpm(struct xdp_md *ctx)
{
	__u32 found = 0;

#pragma unroll
	for (int n = 0; n < ROUNDS; n++) {
		struct prefix key = { 32, bpf_get_prandom_u32() };

		found += bpf_map_lookup_elem(&routes, &key) != 0;
	}
	return found == ROUNDS ? XDP_DROP : XDP_ABORTED;
}

char _license[] SEC("license") = "GPL";
