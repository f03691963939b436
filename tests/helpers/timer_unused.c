// SPDX-License-Identifier: Apache-2.0
/* A map with timers that nobody gives a function: packets alone run the program (timer_unused.wait). */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct element {
	__u64 packets;
	struct bpf_timer timer;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct element);
} elements SEC(".maps");

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	__u32 key = 0;
	struct element *e = bpf_map_lookup_elem(&elements, &key);

	if (e)
		e->packets++;
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
