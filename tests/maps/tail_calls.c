// SPDX-License-Identifier: Apache-2.0
/* Tail calls out of functions in functions: the frames of the callers stay, 33 times those of three. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

int tail_calls(struct xdp_md *ctx);

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__array(values, int(void *));
} again SEC(".maps") = { .values = { (void *)tail_calls } };

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} runs SEC(".maps");

static __noinline int third(struct xdp_md *ctx)
{
	bpf_tail_call(ctx, &again, 0);
	return (int)ctx->rx_queue_index + XDP_PASS;
}

static __noinline int second(struct xdp_md *ctx)
{
	return third(ctx);
}

static __noinline int first(struct xdp_md *ctx)
{
	return second(ctx);
}

SEC("xdp")
int tail_calls(struct xdp_md *ctx)
{
	__u32 zero = 0;
	__u64 *count = bpf_map_lookup_elem(&runs, &zero);

	if (count)
		++*count;
	return first(ctx);
}

char _license[] SEC("license") = "GPL";
