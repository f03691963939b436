// SPDX-License-Identifier: Apache-2.0
/* Grows in front, writes there, gives it back in part and grows into it again, also in a program that a tail call leads to: what was written is there. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

int grow(struct xdp_md *ctx);

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 1);
	__uint(key_size, sizeof(__u32));
	__array(values, int (void *));
} next SEC(".maps") = {
	.values = { (void *)&grow },
};

static __always_inline int move(struct xdp_md *ctx, int by, unsigned char what)
{
	unsigned char *data;

	if (bpf_xdp_adjust_head(ctx, by))
		return 0;
	data = (void *)(long)ctx->data;
	if ((void *)(data + 14) <= (void *)(long)ctx->data_end)
		for (int n = 0; n < 14; n++)
			data[n] = what + n;
	return 1;
}

SEC("xdp")
int grow(struct xdp_md *ctx)
{
	return bpf_xdp_adjust_head(ctx, -35) ? XDP_ABORTED : XDP_TX;
}

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	unsigned char *data = (void *)(long)ctx->data;
	int turns;

	if ((void *)(data + 34) > (void *)(long)ctx->data_end)
		return XDP_DROP;
	turns = data[32] & 7;
	switch (data[33] & 7) {
	case 0:
		if (move(ctx, -40, 0x40))
			bpf_xdp_adjust_head(ctx, 20);
		return bpf_xdp_adjust_head(ctx, -20) ? XDP_ABORTED : XDP_TX;
	case 1:
		if (move(ctx, -40, 0x50))
			bpf_xdp_adjust_head(ctx, 30);
		break;
	case 2:
		if (!move(ctx, 4, 0x60) || !move(ctx, -30, 0x70) || !move(ctx, 20, 0x80))
			return XDP_DROP;
		return bpf_xdp_adjust_head(ctx, -50) ? XDP_ABORTED : XDP_TX;
	case 3:
		for (int n = 0; n < turns; n++)
			if (!move(ctx, n & 1 ? 24 : -16 * n, 0x90 + 16 * n))
				return XDP_ABORTED;
		return bpf_xdp_adjust_head(ctx, -turns) ? XDP_DROP : XDP_PASS;
	case 4:
		move(ctx, -300, 0xa0); /* too much: nothing moves */
		move(ctx, -16, 0xb0);
		bpf_xdp_adjust_head(ctx, 16);
		break;
	case 5: /* by itself again, where it was */
		if (bpf_xdp_adjust_head(ctx, 8))
			return XDP_ABORTED;
		break;
	default:
		return XDP_PASS;
	}
	bpf_tail_call(ctx, &next, 0);
	return XDP_DROP;
}

char _license[] SEC("license") = "GPL";
