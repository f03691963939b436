// SPDX-License-Identifier: Apache-2.0
#include "lock.h"

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	__u32 key = 0;
	struct value *v = bpf_map_lookup_elem(&map, &key);

	if (!v)
		return XDP_DROP;
	bpf_spin_lock(&v->lock);
	if (v->n++ & 1)
		return XDP_PASS;
	bpf_spin_unlock(&v->lock);
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
