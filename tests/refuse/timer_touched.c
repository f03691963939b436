// SPDX-License-Identifier: Apache-2.0
#include "timer.h"

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	__u32 key = 0;
	struct flow *f = bpf_map_lookup_elem(&flows, &key);

	if (!f)
		return XDP_DROP;
	if (f->packets)
		return *(volatile int *)&f->timer;
	*((volatile __u32 *)&f->timer + 3) = 1;
	return XDP_PASS;
}
