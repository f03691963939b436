// SPDX-License-Identifier: Apache-2.0
/* A load that acquires through what may be NULL, and what is wrong behind it. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include "../helpers/ordered.h"

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 8);
	__type(key, __u32);
	__type(value, __u64);
} flows SEC(".maps");

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	__u32 key = 0;
	__u64 *flow = bpf_map_lookup_elem(&flows, &key), n;

	asm volatile("r0 = 0" : : : "r0");
	n = load_acquire(db, flow);
	return n + *(char *)(long)ctx->data;
}

char _license[] SEC("license") = "GPL";
