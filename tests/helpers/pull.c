// SPDX-License-Identifier: Apache-2.0
/* Pulling a packet into one piece, where it always lies: lengths that it has and has not, and its bytes afterwards. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

extern int bpf_xdp_pull_data(struct xdp_md *xdp, __u32 len) __ksym __weak;

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, __s64);
} results SEC(".maps");

static __always_inline void keep(__u32 what, __s64 result)
{
	__s64 *r = bpf_map_lookup_elem(&results, &what);

	if (r)
		*r = *r * 5 + result;
}

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	__u8 *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__u32 length = end - data;

	if (data + 18 > end)
		return XDP_DROP;
	keep(0, bpf_xdp_pull_data(ctx, (__u32)data[16] << 8 | data[17]));
	keep(1, bpf_xdp_pull_data(ctx, length));
	keep(2, bpf_xdp_pull_data(ctx, length + 1));
	if (bpf_xdp_adjust_head(ctx, 4))
		return XDP_ABORTED;
	keep(3, bpf_xdp_pull_data(ctx, length - 3) + 2 * bpf_xdp_pull_data(ctx, -1));
	if (bpf_xdp_pull_data(ctx, 60))
		return XDP_PASS;
	data = (void *)(long)ctx->data;
	end = (void *)(long)ctx->data_end;
	if (data + 60 > end)
		return XDP_ABORTED; /* never */
	data[0] ^= data[59];
	return XDP_TX;
}

char _license[] SEC("license") = "GPL";
