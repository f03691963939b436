// SPDX-License-Identifier: Apache-2.0
/* Loops that end by the count of may_goto: what changes from round to round, and whether they end at all. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include "../helpers/can_loop.h"

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, __u64);
} results SEC(".maps");

static __u32 table[32];

static __always_inline void keep(__u32 at, __u64 n)
{
	__u64 *value = bpf_map_lookup_elem(&results, &at);

	if (value)
		*value += n;
}

SEC("xdp")
int digits(struct xdp_md *ctx)
{
	__u64 n = (ctx->data_end - ctx->data) * 7919ull, sum = 0;

	while (n && can_loop) {
		sum += n % 10;
		n /= 10;
	}
	keep(0, sum);
	return XDP_PASS;
}

/* The index is counted round by round, the sum is not looked at. */
SEC("xdp")
int indexed(struct xdp_md *ctx)
{
	__u32 sum = 0, length = ctx->data_end - ctx->data;

	for (__u32 i = 0; i < 32 && can_loop; i++) {
		table[i] += length + i;
		sum = sum * 5 + table[i];
	}
	keep(1, sum);
	return XDP_PASS;
}

SEC("xdp")
int nested(struct xdp_md *ctx)
{
	__u64 sum = 0;

	for (__u32 a = ctx->data_end - ctx->data; a && can_loop; a /= 3)
		for (__u32 b = a; b && can_loop; b >>= 2)
			sum += a ^ b;
	keep(2, sum);
	return XDP_PASS;
}

SEC("xdp")
int beyond_the_end(struct xdp_md *ctx)
{
	__u32 length = ctx->data_end - ctx->data;

	for (__u32 i = 0; i < length && can_loop; i++)
		table[i]++;
	return XDP_PASS;
}

/* The last value only is too large. */
SEC("xdp")
int one_too_many(struct xdp_md *ctx)
{
	for (__u32 i = 0; i <= 32 && can_loop; i++)
		*(volatile __u32 *)&table[i] += 1;
	return XDP_PASS;
}

/* Where the count is used up the inner loop ends, the outer one does not. */
SEC("xdp")
int outer_without_end(struct xdp_md *ctx)
{
	volatile __u32 n = 0;

	for (;;) {
		while (can_loop)
			n = n + 1;
	}
	return XDP_PASS;
}

SEC("xdp")
int packet_bytes(struct xdp_md *ctx)
{
	unsigned char *at = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__u64 hash = 0;
	__u32 n = 0;

	while (can_loop) {
		if (n >= 1000 || at + n + 1 > end)
			break;
		hash = hash * 31 + at[n];
		n++;
	}
	keep(3, hash);
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
