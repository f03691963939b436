// SPDX-License-Identifier: Apache-2.0
/* Whatever the packet asks: its bytes from 32 on are the parameters, before them flags and size. The answer goes into the packet. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#ifndef FLAGS
#define FLAGS (q->flags & ~(__u64)BPF_FIB_LOOKUP_OUTPUT)
#endif
#ifndef SIZE
#define SIZE sizeof(*params)
#endif

struct query {
	__u8 ethernet[14];
	__u16 pad;
	__u32 flags;
	__s32 result;
	__u64 rest;
	struct bpf_fib_lookup params;
};

/* Where the parameters are for so long. */
#if defined IN_MAP
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct bpf_fib_lookup);
} scratch SEC(".maps");
#define PLACE bpf_map_lookup_elem(&scratch, &(__u32){0})
#define DONE
#elif defined IN_RECORD
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 18);
} records SEC(".maps");
#define PLACE bpf_ringbuf_reserve(&records, sizeof(*params), 0)
#define DONE bpf_ringbuf_discard(params, 0)
#else
#define PLACE (&(struct bpf_fib_lookup){0})
#define DONE
#endif

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	struct query *q = (void *)(long)ctx->data;
	struct bpf_fib_lookup *params;

	if ((void *)(q + 1) > (void *)(long)ctx->data_end)
		return XDP_DROP;
	params = PLACE;
	if (!params)
		return XDP_ABORTED;
	__builtin_memcpy(params, &q->params, sizeof(*params));
	q->result = bpf_fib_lookup(ctx, params, SIZE, FLAGS);
	__builtin_memcpy(&q->params, params, sizeof(*params));
	DONE;
	return q->result ? XDP_PASS : XDP_TX;
}

char _license[] SEC("license") = "GPL";
