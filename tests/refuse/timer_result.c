// SPDX-License-Identifier: Apache-2.0
#include "timer.h"

static int expire(void *map, __u32 *key, struct flow *f)
{
	return f->packets++ ? 1 : 0;
}

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	__u32 key = 0;
	struct flow *f = bpf_map_lookup_elem(&flows, &key);

	if (!f)
		return XDP_DROP;
	bpf_timer_init(&f->timer, &flows, 1);
	bpf_timer_set_callback(&f->timer, expire);
	bpf_timer_start(&f->timer, 1000, 0);
	return XDP_PASS;
}
