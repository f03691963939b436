// SPDX-License-Identifier: (GPL-2.0-only OR Apache-2.0)
/* Room in front of each IPv4 frame, with the frame's type in it, which is asked for there; then a further move, which fails for there is no more room
 * and is not asked whether it did: other bytes lie where the type would be. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

enum { ROOM = 208, MORE = 20, TYPE = 12 };

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	__u16 *half = (void *)(long)ctx->data, *end;
	__u32 *word;

	if (bpf_xdp_adjust_head(ctx, -ROOM))
		return XDP_ABORTED;
	half = (void *)(long)ctx->data;
	end = (void *)(long)ctx->data_end;
	word = (void *)half;
	if (half + (ROOM + TYPE) / 2 + 1 > end)
		return XDP_DROP;
#pragma unroll
	for (int n = 0; n < ROOM / 4; n++)
		word[n] = 0x1020304 * n;
	half[TYPE / 2] = half[(ROOM + TYPE) / 2];
	if (*(volatile __u16 *)&half[TYPE / 2] != 8)
		return XDP_TX;
	bpf_xdp_adjust_head(ctx, -MORE);
	half = (void *)(long)ctx->data;
	end = (void *)(long)ctx->data_end;
	if (half + (MORE + TYPE) / 2 + 1 > end)
		return XDP_DROP;
	half[4] = half[(MORE + TYPE) / 2];
	half[5] = 0x1122;
	half[6] = half[(MORE + TYPE) / 2];
	half[7] = 0x45;
	return XDP_TX;
}

char _license[] SEC("license") = "GPL";
