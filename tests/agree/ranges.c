// SPDX-License-Identifier: Apache-2.0
/* Numbers from the packet that must lie in a range, which clang asks as `copy - least < size`, and that are places in a value or the packet then. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct segments {
	__u32 n;
	__u64 seen[5];
	__u32 last;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct segments);
} state SEC(".maps");

static __attribute__((always_inline)) struct segments *of_packet(struct xdp_md *ctx, __u8 *low, __u8 *high)
{
	__u8 *data = (void *)(long)ctx->data;
	__u32 zero = 0;

	if (data + 64 > (__u8 *)(long)ctx->data_end)
		return 0;
	*low = data[12];
	*high = data[13];
	return bpf_map_lookup_elem(&state, &zero);
}

SEC("xdp")
int one_to_four(struct xdp_md *ctx)
{
	__u8 low, high;
	struct segments *s = of_packet(ctx, &low, &high);

	if (!s || !low || low > 4)
		return XDP_PASS;
	s->seen[low]++;
	s->last = low;
	return XDP_TX;
}

SEC("xdp")
int word_in_a_range(struct xdp_md *ctx)
{
	__u8 low, high;
	struct segments *s = of_packet(ctx, &low, &high);
	__u32 n = low | high << 8;

	if (!s)
		return XDP_ABORTED;
	if (n < 8 || n > 12)
		return XDP_PASS;
	s->seen[n - 8]++;
	return n & 1 ? XDP_DROP : XDP_TX;
}

SEC("xdp")
int from_a_map(struct xdp_md *ctx)
{
	__u8 low, high;
	struct segments *s = of_packet(ctx, &low, &high);
	__u32 n;

	if (!s)
		return XDP_ABORTED;
	s->n = low;
	n = s->n;
	if (!n || n > 4)
		return XDP_PASS;
	s->seen[n]++;
	return XDP_TX;
}

SEC("xdp")
int length_of_header(struct xdp_md *ctx)
{
	__u8 *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__u32 bytes;

	if (data + 34 > end)
		return XDP_PASS;
	bytes = (data[14] & 15) * 4;
	if (bytes < 20 || bytes > 24)
		return XDP_DROP;
	if (data + 14 + bytes + 4 > end)
		return XDP_ABORTED;
	data[0] = data[14 + bytes + 2];
	return XDP_TX;
}

SEC("xdp")
int rest(struct xdp_md *ctx)
{
	unsigned char bytes[64] = {};
	__u32 length = bpf_xdp_get_buff_len(ctx), n;

	if (length < 60)
		return XDP_PASS;
	n = length - 54; /* never 0 */
	if (n > sizeof(bytes))
		n = sizeof(bytes);
	if (bpf_xdp_load_bytes(ctx, 54, bytes, n))
		return XDP_ABORTED;
	return bytes[3] & 1 ? XDP_TX : XDP_PASS;
}
