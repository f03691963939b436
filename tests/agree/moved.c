// SPDX-License-Identifier: Apache-2.0
/* What of packet pointers is left after helpers that move or write the packet. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

/* the distance of two pointers from before the packet was moved; the barrier keeps the subtraction behind the call */
SEC("xdp")
int distance(struct xdp_md *ctx)
{
	__u8 *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end, *at;
	__u64 from, to;

	if (data + 34 > end)
		return XDP_PASS;
	at = data + (data[14] & 15) * 2;
	from = (__u64)data;
	to = (__u64)at;
	asm volatile("" : "+r"(from), "+r"(to));
	if (bpf_xdp_adjust_head(ctx, -16))
		return XDP_ABORTED;
	asm volatile("%0 -= %1" : "+r"(to) : "r"(from));
	to &= 63;
	data = (void *)(long)ctx->data;
	end = (void *)(long)ctx->data_end;
	at = data + to;
	if (at + 1 > end || data + 16 > end)
		return XDP_DROP;
	__builtin_memset(data, 0x55, 16);
	at[0] = 0xaa;
	return XDP_TX;
}

/* pointers stay good where only bytes were written, and what they read is new */
SEC("xdp")
int written(struct xdp_md *ctx)
{
	__u8 *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__u8 bytes[4], before, after;

	if (data + 40 > end)
		return XDP_PASS;
	before = data[16] + data[17] + data[30];
	__builtin_memcpy(bytes, data + 30, 4);
	bytes[1] ^= 0x5a;
	if (bpf_xdp_store_bytes(ctx, 14 + (data[23] & 7), bytes, 4))
		return XDP_ABORTED;
	after = data[16] + data[17] + data[30];
	data[35] = before;
	data[36] = after;
	return before == after ? XDP_DROP : XDP_TX;
}

char _license[] SEC("license") = "GPL";
