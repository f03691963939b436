// SPDX-License-Identifier: Apache-2.0
/* Loops that end by themselves, which may_goto lets the verifier take. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include "can_loop.h"

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 8);
	__type(key, __u32);
	__type(value, __u64);
} results SEC(".maps");

static __u8 table[64];
static const volatile __u32 zero; /* the verifier does not follow each round */

static __always_inline void keep(__u32 what, __u64 result)
{
	__u64 *r = bpf_map_lookup_elem(&results, &what);

	if (r)
		*r = *r * 5 + result;
}

/* Nothing but the number says when it ends. */
static __noinline __u64 collatz(__u64 n)
{
	__u64 rounds = 0;

	while (n > 1 && can_loop) {
		n = n & 1 ? 3 * n + 1 : n >> 1;
		rounds++;
	}
	return rounds;
}

static __noinline __u32 gcd(__u32 a, __u32 b)
{
	while (b && can_loop) {
		__u32 rest = a % b;

		a = b;
		b = rest;
	}
	return a;
}

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	unsigned char *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__u64 sum = 0, hash = 5381;
	__u32 at;

	if (data + 34 > end)
		return XDP_DROP;
	keep(0, collatz(data[17] + 1));
	keep(0, collatz(0));
	keep(1, gcd(data[21] * 6, data[23] * 4));
	for (at = zero; at < sizeof(table) && can_loop; at++)
		table[at] += (__u8)(at ^ data[19]);
	for (at = zero; at < 1500 && can_loop; at++) { /* to the end of the packet */
		if (data + at + 1 > end)
			break;
		hash = hash * 33 + data[at];
	}
	keep(2, hash);
	for (at = zero; at < 12 && can_loop; at++)
		for (__u32 k = zero; k < at && can_loop; k++)
			sum += at * k + collatz(table[k & 63] & 15);
	keep(3, sum);
	keep(4, table[data[20] & 63]);
	return hash & 1 ? XDP_TX : XDP_PASS;
}

char _license[] SEC("license") = "GPL";
