// SPDX-License-Identifier: Apache-2.0
/* Puts headers in front and writes some of their bytes, or none: the others are zero, but for what has been in the packet before. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

static int move(struct xdp_md *ctx, int by, int more)
{
	unsigned char *data;

	if (bpf_xdp_adjust_head(ctx, by))
		return XDP_ABORTED;
	data = (void *)(long)ctx->data;
	if ((void *)(data + 14) > (void *)(long)ctx->data_end)
		return XDP_ABORTED;
	data[3] = 3;
	data[12] = 0x08;
	if (!more)
		return XDP_TX;
	return bpf_xdp_adjust_head(ctx, more) ? XDP_ABORTED : XDP_TX;
}

/* As with IPIP: all is written but two fields, where the frame turns out to be long enough. */
static int encapsulate(struct xdp_md *ctx)
{
	unsigned char *data = (void *)(long)ctx->data;
	__u32 *word;
	__u32 sum = 0;

	if (bpf_xdp_adjust_head(ctx, -20))
		return XDP_DROP;
	data = (void *)(long)ctx->data;
	if ((void *)(data + 90) > (void *)(long)ctx->data_end)
		return XDP_DROP;
	__builtin_memcpy(data, data + 20, 14);
	word = (void *)data + 14;
	word[0] = bpf_htonl(0x45000054);
	word[2] = bpf_htonl(0x40040000);
	word[3] = 0x0100000a;
	for (int n = 0; n < 10; n++)
		sum += ((__u16 *)word)[n];
	sum = (sum & 0xffff) + (sum >> 16);
	((__u16 *)word)[5] = ~(sum + (sum >> 16));
	return XDP_TX;
}

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	unsigned char *data = (void *)(long)ctx->data;
	int turns;

	if ((void *)(data + 34) > (void *)(long)ctx->data_end)
		return XDP_DROP;
	turns = data[32] & 3;
	switch (data[33] & 7) {
	case 0:
		return move(ctx, -40, 0);
	case 1:
		return move(ctx, -100, 0);
	case 2:
		return move(ctx, 4, -4); /* its own bytes come back */
	case 3:
		return move(ctx, 4, -30);
	case 4:
		return move(ctx, -8, -8);
	case 5:
		return move(ctx, -8, 8);
	case 6:
		for (int n = 0; n < turns; n++)
			if (bpf_xdp_adjust_head(ctx, n * 8 - 12))
				break;
		return XDP_PASS;
	default:
		return encapsulate(ctx);
	}
}

char _license[] SEC("license") = "GPL";
