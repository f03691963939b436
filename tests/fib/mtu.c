// SPDX-License-Identifier: Apache-2.0
/* Will the packet be too long? What the frame says, as lookup.c: interface, length, difference; the flags are mostly 0. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct query {
	__u8 ethernet[14];
	__u16 pad;
	__u32 flags;
	__s32 result;
	__s32 own;
	__u32 length;
	__u16 family, sport, dport, tot_len;
	__u32 ifindex;
};

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	struct query *q = (void *)(long)ctx->data;
	__u32 length = 0, given;

	if ((void *)(q + 1) > (void *)(long)ctx->data_end)
		return XDP_DROP;
	q->own = bpf_check_mtu(ctx, q->ifindex, &length, q->tot_len - 64, 0);
	given = q->tot_len;
	q->length = length;
	q->result = bpf_check_mtu(ctx, q->ifindex & 3, &given, (__s32)(q->flags << 28) >> 24, q->flags & 64);
	q->sport = given;
	q->dport = given >> 16;
	return q->result ? XDP_PASS : XDP_TX;
}

char _license[] SEC("license") = "GPL";
