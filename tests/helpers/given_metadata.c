// SPDX-License-Identifier: Apache-2.0
/* Metadata that is written and given back before the packet grows there, and that goes along with a packet which another program moves. */
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

static __always_inline int write(struct xdp_md *ctx, int size, __u32 what)
{
	__u32 *meta;

	if (bpf_xdp_adjust_meta(ctx, -size))
		return 0;
	meta = (void *)(long)ctx->data_meta;
	if ((void *)(meta + size / 4) > (void *)(long)ctx->data)
		return 0;
	for (int n = 0; n < size / 4; n++)
		meta[n] = what + n;
	return 1;
}

/* The first word of the metadata goes into the packet. */
SEC("xdp")
int grow(struct xdp_md *ctx)
{
	__u32 *meta, *data;

	if (bpf_xdp_adjust_head(ctx, -20))
		return XDP_ABORTED;
	meta = (void *)(long)ctx->data_meta;
	data = (void *)(long)ctx->data;
	if ((void *)(meta + 1) > (void *)data || (void *)(data + 1) > (void *)(long)ctx->data_end)
		return XDP_TX;
	data[0] = meta[0];
	return XDP_TX;
}

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	unsigned char *data = (void *)(long)ctx->data;

	if ((void *)(data + 34) > (void *)(long)ctx->data_end)
		return XDP_DROP;
	switch (data[33] & 3) {
	case 0:
		if (!write(ctx, 8, 0x01020304))
			return XDP_DROP;
		break;
	case 1:
		if (!write(ctx, 12, 0x11121314) || bpf_xdp_adjust_meta(ctx, 12))
			return XDP_DROP;
		break;
	case 2:
		if (!write(ctx, 16, 0x21222324) || bpf_xdp_adjust_head(ctx, -4) || bpf_xdp_adjust_meta(ctx, 8) || bpf_xdp_adjust_head(ctx, 30))
			return XDP_DROP;
		break;
	default:
		if (!write(ctx, 4, 0x31323334) || bpf_xdp_adjust_head(ctx, -40) || bpf_xdp_adjust_head(ctx, 36))
			return XDP_DROP;
	}
	bpf_tail_call(ctx, &next, 0);
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
