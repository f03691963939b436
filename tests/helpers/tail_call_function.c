// SPDX-License-Identifier: Apache-2.0
/* Tail calls by functions, whose callers return what they return. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

int drops(struct xdp_md *ctx);
int sends(struct xdp_md *ctx);

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 4);
	__uint(key_size, sizeof(__u32));
	__array(values, int (void *));
} next SEC(".maps") = {
	.values = {
		[0] = (void *)&drops,
		[2] = (void *)&sends,
	},
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 8);
	__type(key, __u32);
	__type(value, __u64);
} seen SEC(".maps");

static __always_inline void count(__u32 what)
{
	__u64 *n = bpf_map_lookup_elem(&seen, &what);

	if (n)
		*n += 1;
}

SEC("xdp")
int drops(struct xdp_md *ctx)
{
	char stack[32] = {};

	asm volatile("" : : "r"(stack) : "memory");
	count(1);
	return stack[3] ? XDP_TX : XDP_DROP;
}

static __noinline int deeper(struct xdp_md *ctx, __u32 slot)
{
	char stack[16] = { 1, 2, 3 };

	asm volatile("" : : "r"(stack) : "memory");
	bpf_tail_call(ctx, &next, slot & 7);
	count(2);
	return stack[slot & 15] ? XDP_PASS : XDP_DROP;
}

static __noinline int choose(struct xdp_md *ctx, __u32 slot)
{
	count(3);
	if (slot & 1)
		return deeper(ctx, slot >> 1);
	bpf_tail_call(ctx, &next, slot >> 1 & 7);
	count(4);
	return XDP_ABORTED;
}

SEC("xdp")
int sends(struct xdp_md *ctx)
{
	unsigned char *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;

	count(5);
	if (data + 20 > end)
		return XDP_TX;
	return deeper(ctx, data[19] & 1 ? 0 : 3);
}

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	unsigned char *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;

	count(0);
	if (data + 14 > end)
		return XDP_DROP;
	if (data[11] & 1) { /* the result goes by another register, and its sign is extended on the way */
		long verdict = choose(ctx, data[13]);

		asm volatile("r6 = %0; r6 <<= 32; r6 s>>= 32; %0 = r6" : "+r"(verdict) : : "r6");
		return (int)verdict;
	}
	return choose(ctx, (end - data) ^ data[12]);
}

char _license[] SEC("license") = "GPL";
