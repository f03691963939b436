// SPDX-License-Identifier: Apache-2.0
/* The length of the packet as it came, asked for when the packet has been moved: compilers subtract and compare pointers as late as they can. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct lengths {
	__u64 came, shorter, longer, now;
	__u32 large, reached;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 2048);
	__type(key, __u64);
	__type(value, struct lengths);
} results SEC(".maps");

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end, *shorter, *shorter_end;
	struct lengths l = {};
	__u64 key;

	if (data + 34 > end)
		return XDP_PASS;
	key = *(__u64 *)(data + 26) + *(__u8 *)(data + 19);
	if (bpf_xdp_adjust_tail(ctx, -20))
		return XDP_DROP;
	shorter = (void *)(long)ctx->data;
	shorter_end = (void *)(long)ctx->data_end;
	if (bpf_xdp_adjust_head(ctx, key & 1 ? -36 : 4))
		l.reached = 1;
	l.came = end - data;
	l.shorter = shorter_end - shorter;
	l.large = data + 90 > end;
	l.large += shorter_end < shorter + 70 ? 2 : 0;
	data = (void *)(long)ctx->data;
	end = (void *)(long)ctx->data_end;
	l.now = end - data;
	if (data + 60 <= end)
		l.longer = *(__u32 *)(data + 56) + (end - data) - (shorter_end - shorter);
	bpf_map_update_elem(&results, &key, &l, BPF_ANY);
	return (__u16)l.came % 3 + 1;
}

char _license[] SEC("license") = "GPL";
