// SPDX-License-Identifier: Apache-2.0
/* Moves the start by what the packet says, and writes what it finds: the new length, the result. Bytes in front that nobody wrote are zero. */
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
	__s32 by;
	__s64 result, before = end - data;

	asm volatile("" : "+r"(before)); /* computed here, while the pointers are valid */
	if (data + 26 > end)
		return XDP_DROP;
	by = ((__s32)data[25] - 100) * (data[18] & 1 ? 4 : 1);
	if (data[23] == 1)
		by = -20;
	result = bpf_xdp_adjust_head(ctx, by);
	bpf_map_update_elem(&results, &by, &result, BPF_ANY);
	data = (void *)(long)ctx->data;
	end = (void *)(long)ctx->data_end;
	if (data + 14 > end)
		return XDP_ABORTED;
	if (end - data != before - (result ? 0 : by))
		return XDP_ABORTED;
	data[2] = before >> 8;
	data[3] = before;
	data[4] = (end - data) >> 8;
	data[5] = end - data;
	for (int n = 6; n < 14; n++)
		data[n] = 7;
	return bpf_xdp_get_buff_len(ctx) & 1 ? XDP_PASS : XDP_TX;
}

char _license[] SEC("license") = "GPL";
