// SPDX-License-Identifier: Apache-2.0
/* Puts metadata in front of the packet, moves the start, and looks whether it came along. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, __s32[2]);
	__type(value, __s64[3]);
} results SEC(".maps");

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	unsigned char *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end, *meta;
	__s32 by[2] = {};
	__s64 result[3] = {};
	unsigned int size = 0;

	if (data + 26 > end)
		return XDP_DROP;
	by[0] = -(__s32)(data[25] & (data[25] & 128 ? 0x7f : 0x3c));
	by[1] = ((__s32)data[24] - 128) & ~1;
	data[6] = data[24];
	result[0] = bpf_xdp_adjust_meta(ctx, by[0]);
	data = (void *)(long)ctx->data;
	meta = (void *)(long)ctx->data_meta;
	for (int n = 0; n < 64 && meta + n + 1 <= data; n++)
		meta[n] = n + 1;
	result[1] = bpf_xdp_adjust_head(ctx, by[1]);
	data = (void *)(long)ctx->data;
	end = (void *)(long)ctx->data_end;
	meta = (void *)(long)ctx->data_meta;
	for (int n = 0; n < 64 && meta + n + 1 <= data; n++) {
		size = size * 3 + meta[n];
		result[2]++;
	}
	bpf_map_update_elem(&results, by, result, BPF_ANY);
	for (int n = 0; n < 128; n++) {
		if (result[1] || n >= -by[1] || data + n + 1 > end)
			break;
		data[n] = 0;
	}
	if (data + 14 > end)
		return XDP_ABORTED;
	data[0] = size;
	data[1] = size >> 8;
	data[2] = size >> 16;
	return bpf_xdp_adjust_meta(ctx, 4) ? XDP_PASS : XDP_TX;
}

char _license[] SEC("license") = "GPL";
