// SPDX-License-Identifier: Apache-2.0
/* The kernel's checks of an array update, of which constant flags leave one. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, __u64);
} last SEC(".maps");

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	__u32 key = ctx->ingress_ifindex;
	__u64 value = ctx->rx_queue_index;

	return bpf_map_update_elem(&last, &key, &value, BPF_EXIST) ? XDP_DROP : XDP_PASS;
}

char _license[] SEC("license") = "GPL";
