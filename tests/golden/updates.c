// SPDX-License-Identifier: Apache-2.0
/* Load, change, store back is one atomic operation, but where the old value has another reader, the width has no such operation, or a store
 * that may go to the same bytes lies between. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct count {
	__u64 packets, bytes, seen;
	__u32 flags, last;
	__u16 narrow, index;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, struct count);
} counts SEC(".maps");

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	__u32 key = ctx->rx_queue_index;
	struct count *c = bpf_map_lookup_elem(&counts, &key);
	volatile __u64 *between;

	if (!c)
		return XDP_ABORTED;
	c->packets++;
	c->bytes += ctx->data_end - ctx->data;
	c->flags |= ctx->ingress_ifindex;
	c->narrow++;
	between = (void *)c + (c->index & 7);
	key = c->last;
	*(volatile __u8 *)between = 1;
	c->last = key + 1;
	c->seen++;
	return c->seen > 9 ? XDP_DROP : XDP_PASS;
}

char _license[] SEC("license") = "GPL";
