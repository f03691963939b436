// SPDX-License-Identifier: Apache-2.0
/* Commands to maps, ROUNDS a packet, and as little else as can be: what map memory gives. Lookups are at random keys that are all there. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

enum { ROUNDS = 16, KEYS = 4096, PREFIXES = 1024, LINES = 1024, WORDS = 8 };

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

SEC("xdp")
int update(struct xdp_md *ctx)
{
	__u32 failed = 0;

#pragma unroll
	for (int n = 0; n < ROUNDS; n++) {
		__u64 key = bpf_get_prandom_u32() & (KEYS - 1);

		failed += bpf_map_update_elem(&flows, &key, &key, BPF_EXIST) != 0;
	}
	return failed ? XDP_ABORTED : XDP_DROP;
}

/* Words one behind the other, from random places on: each is a command of its own. */
struct line {
	__u64 word[WORDS];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, LINES);
	__type(key, __u32);
	__type(value, struct line);
} lines SEC(".maps");

static __always_inline struct line *any_line(void)
{
	__u32 key = bpf_get_prandom_u32() & (LINES - 1);

	return bpf_map_lookup_elem(&lines, &key);
}

SEC("xdp")
int load(struct xdp_md *ctx)
{
	__u64 all = 0;

#pragma unroll
	for (int n = 0; n < ROUNDS / WORDS; n++) {
		struct line *line = any_line();

		for (int i = 0; line && i < WORDS; i++)
			all |= line->word[i];
	}
	return all ? XDP_ABORTED : XDP_DROP;
}

SEC("xdp")
int add(struct xdp_md *ctx)
{
#pragma unroll
	for (int n = 0; n < ROUNDS / WORDS; n++) {
		struct line *line = any_line();

		for (int i = 0; line && i < WORDS; i++)
			__sync_fetch_and_add(&line->word[i], 1);
	}
	return XDP_DROP;
}

SEC("xdp")
int count(struct xdp_md *ctx)
{
	__u32 key = 0;
	struct line *line = bpf_map_lookup_elem(&lines, &key);

#pragma unroll
	for (int n = 0; line && n < ROUNDS; n++)
		__sync_fetch_and_add(&line->word[0], 1);
	return XDP_DROP;
}

char _license[] SEC("license") = "GPL";
