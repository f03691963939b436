// SPDX-License-Identifier: (GPL-2.0-only OR Apache-2.0)
/*
 * A token bucket for each IPv4 source: a burst of 16 packets, then one a second.
 * A packet that finds the bucket empty is dropped; what is not IPv4 passes.
 *
 * Two packets of one source at the same moment may take the same token: the
 * limit is then off by one, which a limiter may be and a lock is not worth.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define BURST		16ULL
#define TOKEN_NS	1000000000ULL

struct bucket {
	__u64 tokens;
	__u64 filled_ns; /* up to when tokens have been handed out */
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, __be32);
	__type(value, struct bucket);
} buckets SEC(".maps");

SEC("xdp")
int rate_limit(struct xdp_md *ctx)
{
	void *data_end = (void *)(long)ctx->data_end;
	void *data = (void *)(long)ctx->data;
	struct ethhdr *eth = data;
	struct iphdr *ip = (void *)(eth + 1);
	struct bucket *bucket;
	__be32 source;
	__u64 now, fresh;

	if ((void *)(ip + 1) > data_end || eth->h_proto != bpf_htons(ETH_P_IP))
		return XDP_PASS;

	source = ip->saddr;
	now = bpf_ktime_get_ns();
	bucket = bpf_map_lookup_elem(&buckets, &source);
	if (!bucket) {
		struct bucket first = { .tokens = BURST - 1, .filled_ns = now };

		/* A full table must not cut off a new source: the result is not asked. */
		bpf_map_update_elem(&buckets, &source, &first, BPF_ANY);
		return XDP_PASS;
	}

	fresh = (now - bucket->filled_ns) / TOKEN_NS;
	if (fresh) {
		/* The part of a second left over counts towards the next token. */
		bucket->filled_ns += fresh * TOKEN_NS;
		bucket->tokens += fresh;
		if (bucket->tokens > BURST)
			bucket->tokens = BURST;
	}
	if (!bucket->tokens)
		return XDP_DROP;
	bucket->tokens--;
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
