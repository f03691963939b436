// SPDX-License-Identifier: Apache-2.0
/* Whatever the packet asks: its bytes from 32 on are the parameters, before them flags and size. The answer goes into the packet. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#ifndef FLAGS
#define FLAGS (q->flags & ~(__u64)BPF_FIB_LOOKUP_OUTPUT)
#endif
#ifndef SIZE
#define SIZE sizeof(params)
#endif

struct query {
	__u8 ethernet[14];
	__u16 pad;
	__u32 flags;
	__s32 result;
	__u64 rest;
	struct bpf_fib_lookup params;
};

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	struct query *q = (void *)(long)ctx->data;
	struct bpf_fib_lookup params;

	if ((void *)(q + 1) > (void *)(long)ctx->data_end)
		return XDP_DROP;
	__builtin_memcpy(&params, &q->params, sizeof(params));
	q->result = bpf_fib_lookup(ctx, &params, SIZE, FLAGS);
	__builtin_memcpy(&q->params, &params, sizeof(params));
	return q->result ? XDP_PASS : XDP_TX;
}

char _license[] SEC("license") = "GPL";
