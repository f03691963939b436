// SPDX-License-Identifier: Apache-2.0
#include "timer.h"

/* The upper 28 bits of the names' hashes are the same. */
static int tick_4345(void *map, __u32 *key, struct flow *f)
{
	f->packets++;
	return 0;
}

static int tick_12745(void *map, __u32 *key, struct flow *f)
{
	f->packets--;
	return 0;
}

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	__u32 key = 0;
	struct flow *f = bpf_map_lookup_elem(&flows, &key);

	if (!f)
		return XDP_DROP;
	bpf_timer_init(&f->timer, &flows, 1);
	bpf_timer_set_callback(&f->timer, tick_4345);
	bpf_timer_set_callback(&f->timer, tick_12745);
	bpf_timer_start(&f->timer, 1000, 0);
	return XDP_PASS;
}
