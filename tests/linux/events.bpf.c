// SPDX-License-Identifier: GPL-2.0
/* Tells the host of every packet: its length, and its first bytes. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} told SEC(".maps");

SEC("xdp")
int events(struct xdp_md *ctx)
{
	struct {
		__u32 mark, len;
	} what = { .mark = 0x1c41c0de, .len = ctx->data_end - ctx->data };

	return bpf_perf_event_output(ctx, &told, BPF_F_CURRENT_CPU | 34ULL << 32, &what, sizeof(what)) ? XDP_DROP : XDP_PASS;
}

char _license[] SEC("license") = "GPL";
