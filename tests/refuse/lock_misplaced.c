// SPDX-License-Identifier: Apache-2.0
#include "lock.h"

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	__u32 key = 0;
	struct value *v = bpf_map_lookup_elem(&map, &key);

	if (!v)
		return XDP_DROP;
	bpf_spin_lock((void *)v);
	bpf_spin_unlock((void *)v);
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
