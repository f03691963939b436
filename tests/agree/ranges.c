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

/* A copy of 32 bits is bounded by the test of what it was made from. */
SEC("xdp")
__attribute__((naked)) int copied_word(struct xdp_md *ctx)
{
	asm volatile(
		"r6 = r1; r1 = 0;"
		"*(u64 *)(r10 - 8) = r1; *(u64 *)(r10 - 16) = r1;"
		"*(u64 *)(r10 - 24) = r1; *(u64 *)(r10 - 32) = r1;"
		"r1 = *(u32 *)(r6 + 4); r2 = *(u32 *)(r6 + 0); r3 = r2; r3 += 40; r0 = 2;"
		"if r3 > r1 goto 1f;"
		"r7 = *(u8 *)(r2 + 3); w7 += -5; w4 = w7;"
		"if w7 < 32 goto +1; w4 = 32; if w4 > 0 goto +1; w4 = 1;"
		"r1 = r6; r2 = 0; r3 = r10; r3 += -32; call 189; r6 = r0; r0 = 0; if r6 != 0 goto 1f;"
		"r0 = *(u8 *)(r10 - 29); r0 &= 3;"
		"1: exit");
}

/* The sign of the lowest three bits, as the place of a word: -32 to 24, for the lowest bits of the place are 0. */
SEC("xdp")
__attribute__((naked)) int signed_word(struct xdp_md *ctx)
{
	asm volatile(
		"r6 = r1; r1 = 0x1122334455667788 ll;"
		"*(u64 *)(r10 - 8) = r1; *(u64 *)(r10 - 16) = r1; *(u64 *)(r10 - 24) = r1; *(u64 *)(r10 - 32) = r1;"
		"*(u64 *)(r10 - 40) = r1; *(u64 *)(r10 - 48) = r1; *(u64 *)(r10 - 56) = r1; *(u64 *)(r10 - 64) = r1;"
		"r1 = *(u32 *)(r6 + 4); r2 = *(u32 *)(r6 + 0); r3 = r2; r3 += 40; r0 = 2;"
		"if r3 > r1 goto 1f;"
		"r7 = *(u8 *)(r2 + 3); r7 <<= 61; r7 s>>= 58; r3 = r10; r3 += r7;"
		"r1 = 3; *(u64 *)(r3 - 32) = r1; r0 = *(u64 *)(r10 - 24); r0 &= 3;"
		"1: exit");
}
