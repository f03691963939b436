// SPDX-License-Identifier: Apache-2.0
/* Moves the end by what the packet says; new bytes must be zero. Then by constants, and reads behind them. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 512);
	__type(key, __s32);
	__type(value, __s64);
} results SEC(".maps");

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	unsigned char *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__s64 result, before = end - data;
	__s32 by;

	asm volatile("" : "+r"(before));
	if (data + 26 > end)
		return XDP_DROP;
	by = (__s32)data[25] - 128;
	if (data[23] == 1)
		by = -20;
	if (data[23] == 6 && data[25] & 1)
		by = -4000;
	result = bpf_xdp_adjust_tail(ctx, by);
	bpf_map_update_elem(&results, &by, &result, BPF_ANY);
	data = (void *)(long)ctx->data;
	end = (void *)(long)ctx->data_end;
	if (data + 14 > end)
		return XDP_ABORTED;
	if (end - data != before + (result ? 0 : by))
		return XDP_ABORTED;
	data[2] = before >> 8;
	data[3] = before;
	data[4] = (end - data) >> 8;
	data[5] = end - data;
	if (by & 1)
		return XDP_TX;
	if (bpf_xdp_adjust_tail(ctx, 11))
		return XDP_DROP;
	data = (void *)(long)ctx->data;
	end = (void *)(long)ctx->data_end;
	if (data + 25 > end)
		return XDP_ABORTED;
	data[6] = data[24];
	if (by & 2)
		return XDP_PASS;
	if (bpf_xdp_adjust_tail(ctx, -40))
		return XDP_REDIRECT;
	data = (void *)(long)ctx->data;
	end = (void *)(long)ctx->data_end;
	if (data + 14 > end)
		return XDP_ABORTED;
	data[7] = end - data;
	if (data + 30 > end)
		return XDP_TX;
	data[8] = data[29];
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
