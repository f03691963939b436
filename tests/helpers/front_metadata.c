// SPDX-License-Identifier: Apache-2.0
/* Puts headers in front of a packet with metadata, and writes none of their bytes: they are zero up to where the metadata was, which is behind them as it was. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

static int move(struct xdp_md *ctx, int first, int by)
{
	__u32 *meta;

	if (first && bpf_xdp_adjust_head(ctx, first))
		return XDP_ABORTED;
	if (bpf_xdp_adjust_meta(ctx, -8))
		return XDP_ABORTED;
	meta = (void *)(long)ctx->data_meta;
	if ((void *)(meta + 2) > (void *)(long)ctx->data)
		return XDP_ABORTED;
	meta[0] = 0x11223344;
	meta[1] = 0x55667788;
	return bpf_xdp_adjust_head(ctx, by) ? XDP_ABORTED : XDP_TX;
}

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	unsigned char *data = (void *)(long)ctx->data;

	if ((void *)(data + 34) > (void *)(long)ctx->data_end)
		return XDP_DROP;
	switch (data[33] & 7) {
	case 0:
		return move(ctx, 0, -20);
	case 1:
		return move(ctx, 0, -4);
	case 2:
		return move(ctx, 0, -8);
	case 3:
		return move(ctx, 4, -20);
	case 4:
		return move(ctx, -8, -20);
	case 5:
		return move(ctx, 12, -8);
	case 6:
		return move(ctx, 0, -100);
	default:
		return move(ctx, 0, 12);
	}
}

char _license[] SEC("license") = "GPL";
