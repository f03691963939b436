// SPDX-License-Identifier: Apache-2.0
#include "timer.h"

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, __u64[4]);
} plain SEC(".maps");

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	__u32 key = ctx->rx_queue_index;
	struct flow *f = bpf_map_lookup_elem(&flows, &key);
	__u64 *p;

	if (f && ctx->rx_queue_index == 1)
		bpf_timer_init(&f->timer, &plain, 1);
	else if (f && ctx->rx_queue_index == 2)
		bpf_timer_cancel((struct bpf_timer *)&f->packets);
	else if (ctx->rx_queue_index == 3)
		bpf_timer_set_callback(&f->timer, 0);
	else if ((p = bpf_map_lookup_elem(&plain, &key)))
		bpf_timer_start((struct bpf_timer *)p, 1, 0);
	return XDP_PASS;
}
