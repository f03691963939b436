// SPDX-License-Identifier: Apache-2.0
/* How many entries its map has, the loader says. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, __u32);
	__type(value, __u32);
} flows SEC(".maps");

SEC("xdp")
int sized(struct xdp_md *ctx)
{
	__u32 queue = ctx->rx_queue_index;

	return bpf_map_lookup_elem(&flows, &queue) ? XDP_DROP : XDP_PASS;
}

char _license[] SEC("license") = "GPL";
