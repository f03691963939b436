// SPDX-License-Identifier: Apache-2.0
/* A lookup's result is read from x as long as no other WAIT word has come, and copied where it is needed later. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 100);
	__type(key, __u32);
	__type(value, __u64);
} flows SEC(".maps");

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	__u32 key = ctx->rx_queue_index, other = ctx->ingress_ifindex;
	__u64 *a = bpf_map_lookup_elem(&flows, &key), *b;

	if (!a)
		return XDP_DROP;
	__sync_fetch_and_add(a, 1);
	b = bpf_map_lookup_elem(&flows, &other);
	if (!b)
		return XDP_DROP;
	*b = *a;
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
