// SPDX-License-Identifier: (GPL-2.0-only OR Apache-2.0)
/*
 * Limits the bytes per second that come from a network: the host gives prefixes, IPv4 and
 * IPv6, and for each the number of its token bucket. Networks may share a bucket.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define BUCKETS	64

struct prefix4 {
	__u32 length;
	__be32 addr;
};

struct prefix6 {
	__u32 length;
	__be32 addr[4];
};

struct bucket {
	__u64 bytes_per_second, burst; /* set by the host; 0 bytes a second: all is dropped */
	__u64 tokens, filled_ns;
	__u64 passed, dropped;
	struct bpf_spin_lock lock;
	__u32 zero;
};

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(max_entries, 1024);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct prefix4);
	__type(value, __u32);
} prefixes4 SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(max_entries, 1024);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct prefix6);
	__type(value, __u32);
} prefixes6 SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, BUCKETS);
	__type(key, __u32);
	__type(value, struct bucket);
} buckets SEC(".maps");

#define NS_PER_SECOND	1000000000ULL

static __always_inline int limit(struct bucket *bucket, __u64 now, __u64 length)
{
	int verdict = XDP_DROP;
	__u64 since;

	bpf_spin_lock(&bucket->lock);
	since = now - bucket->filled_ns;
	/* A bucket is full after ten seconds at the latest: so nothing overflows. */
	if (since > 10 * NS_PER_SECOND)
		since = 10 * NS_PER_SECOND;
	if (since > 1000000) {
		bucket->tokens += since / 1000 * bucket->bytes_per_second / 1000000;
		if (bucket->tokens > bucket->burst)
			bucket->tokens = bucket->burst;
		bucket->filled_ns = now;
	}
	if (bucket->tokens < length) {
		bucket->dropped++;
	} else {
		bucket->tokens -= length;
		bucket->passed++;
		verdict = XDP_PASS;
	}
	bpf_spin_unlock(&bucket->lock);
	return verdict;
}

SEC("xdp")
int prefix_limit(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;
	struct bucket *bucket;
	__u32 *id;

	if ((void *)(eth + 1) > end)
		return XDP_PASS;
	if (eth->h_proto == bpf_htons(ETH_P_IP)) {
		struct iphdr *ip = (void *)(eth + 1);
		struct prefix4 key = { .length = 32 };

		if ((void *)(ip + 1) > end)
			return XDP_PASS;
		key.addr = ip->saddr;
		id = bpf_map_lookup_elem(&prefixes4, &key);
	} else if (eth->h_proto == bpf_htons(ETH_P_IPV6)) {
		struct ipv6hdr *ip6 = (void *)(eth + 1);
		struct prefix6 key = { .length = 128 };

		if ((void *)(ip6 + 1) > end)
			return XDP_PASS;
		__builtin_memcpy(key.addr, &ip6->saddr, sizeof(key.addr));
		id = bpf_map_lookup_elem(&prefixes6, &key);
	} else {
		return XDP_PASS;
	}
	if (!id)
		return XDP_PASS;
	bucket = bpf_map_lookup_elem(&buckets, id);
	return bucket ? limit(bucket, bpf_ktime_get_ns(), end - data) : XDP_PASS;
}

char _license[] SEC("license") = "Dual GPL/Apache-2.0";
