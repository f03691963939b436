// SPDX-License-Identifier: Apache-2.0
/* A chain of parsers: slots declared and filled by the host, empty ones, a slot beyond the end, and a program that calls itself
 * until it may not any more. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

int by_ip(struct xdp_md *ctx);
int by_rest(struct xdp_md *ctx);
int prog(struct xdp_md *ctx);

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 8);
	__uint(key_size, sizeof(__u32));
	__array(values, int (void *));
} next SEC(".maps") = {
	.values = {
		[1] = (void *)&by_ip,
		[4] = (void *)&by_rest,
		[7] = (void *)&prog,
	},
};

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 2);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(__u32));
} by_host SEC(".maps");

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
int by_ip(struct xdp_md *ctx)
{
	unsigned char *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	char stack[64] = {};

	count(1);
	if (data + 24 > end)
		return XDP_DROP;
	stack[data[23] & 63] = 3;
	asm volatile("" : : "r"(stack) : "memory");
	data[6] = stack[17];
	unsigned int protocol = data[23];

	bpf_tail_call(ctx, &next, protocol);
	count(2);
	bpf_tail_call(ctx, &by_host, protocol & 1);
	return XDP_PASS;
}

SEC("xdp")
int by_rest(struct xdp_md *ctx)
{
	count(3);
	return XDP_TX;
}

SEC("xdp")
int by_host_only(struct xdp_md *ctx)
{
	unsigned char *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;

	count(4);
	if (data + 14 > end)
		return XDP_DROP;
	data[7]++;
	bpf_tail_call(ctx, &by_host, 0);
	data = (void *)(long)ctx->data;
	end = (void *)(long)ctx->data_end;
	if (data + 15 > end)
		return XDP_DROP;
	data[8] = data[14];
	return XDP_DROP;
}

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	unsigned char *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;

	count(0);
	if (data + 14 > end)
		return XDP_DROP;
	bpf_tail_call(ctx, &next, 8);
	bpf_tail_call(ctx, &next, 2);
	data = (void *)(long)ctx->data;
	end = (void *)(long)ctx->data_end;
	if (data + 14 > end)
		return XDP_ABORTED;
	data[9]++; /* how often it was called */
	if (data[12] == 8)
		bpf_tail_call(ctx, &next, 1);
	else if (data[12] == 0x86)
		bpf_tail_call(ctx, &next, 7);
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
