// SPDX-License-Identifier: Apache-2.0
/* Copies from the packet to stack and map value, and back, at constant places and at those that the packet names. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct block {
	__u8 bytes[80];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, struct block);
} blocks SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 16);
	__type(key, __u32);
	__type(value, __s64);
} results SEC(".maps");

static __always_inline void keep(__u32 what, __s64 result)
{
	__s64 *s = bpf_map_lookup_elem(&results, &what);

	if (s)
		*s = *s * 31 + result;
}

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	__u32 key = 2;
	struct block *b = bpf_map_lookup_elem(&blocks, &key);
	unsigned char head[34], some[24] = {}, *data, *end;
	__u32 n, at;

	if (!b)
		return XDP_ABORTED;
	if (bpf_xdp_load_bytes(ctx, 0, head, sizeof(head)))
		return XDP_DROP;
	keep(0, head[23] + (head[33] << 8));
	n = head[17] & 63;
	at = head[25];
	if (n)
		keep(1, bpf_xdp_load_bytes(ctx, at, b->bytes, n));
	keep(2, bpf_xdp_load_bytes(ctx, at * 300, b->bytes + 64, 13));
	keep(3, bpf_xdp_load_bytes(ctx, head[16] << 8 | head[17], some, 24));
	keep(4, some[0] + some[23] * 256);
	keep(5, bpf_xdp_store_bytes(ctx, 6, some, 5));
	keep(6, bpf_xdp_store_bytes(ctx, at, head + 1, 30));
	if (n > 4)
		keep(7, bpf_xdp_store_bytes(ctx, at + 3, b->bytes + 3, n - 4));
	data = (void *)(long)ctx->data;
	end = (void *)(long)ctx->data_end;
	if (data + 20 > end)
		return XDP_ABORTED;
	data[0] ^= data[19];
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
