// SPDX-License-Identifier: (GPL-2.0-only OR Apache-2.0)
/* Headers in front of a frame repeat bytes that were tested before the packet moved: by a constant, by a number of the packet, by nothing when the move
 * fails; with the bytes changed in between on some frames. Packets that are too short for a test read zeroes in place of bytes. */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, __u64);
} seen SEC(".maps");

static __always_inline void note(__u32 key, __u64 value)
{
	__u64 *at = bpf_map_lookup_elem(&seen, &key);

	if (at)
		*at = *at * 31 + value;
}

enum { GROWN = 20 };

/* Ends as short ones do when byte 12 says so. */
static __always_inline int length_or_type(void *data, void *end)
{
	__u8 *type = data + 12;

	if (type + 2 > (__u8 *)end)
		return 1;
	return type[0] << 8 < 0x600;
}

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__u16 *half = data, type;
	__u32 *word = data, key;
	int moved, by = -GROWN;

	if (length_or_type(data, end))
		return XDP_ABORTED;
	if (data + 34 > end)
		return XDP_PASS;
	type = half[6];
	key = half[12]; /* identification and such: differs from packet to packet */
	if (type != 8)
		return XDP_PASS;
	if (key & 1)
		by = -1000; /* fails */
	if (key & 2)
		half[6] = 0x5544;
	moved = bpf_xdp_adjust_head(ctx, key & 4 ? by : -GROWN);
	note(0, moved);
	data = (void *)(long)ctx->data;
	end = (void *)(long)ctx->data_end;
	half = data;
	word = data;
	if (data + GROWN + 34 > end)
		return XDP_DROP;
	if (moved) {
		half[0] = half[6];
		half[1] = half[16];
		return XDP_TX;
	}
	word[0] = word[5];
	word[1] = word[6];
	word[2] = word[7];
	half[6] = half[16];
	half[7] = 0x45;
	half[8] = half[16];
	half[9] = half[16] + 1;
	note(1, half[16]);
	return XDP_TX;
}

char _license[] SEC("license") = "GPL";
