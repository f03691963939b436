// SPDX-License-Identifier: Apache-2.0
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 8);
	__type(key, __u32);
	__type(value, __u32);
} map SEC(".maps");

static int up(void *map, void *key, void *value, void *data)
{
	return 0;
}

static int down(void *map, void *key, void *value, void *data)
{
	return 1;
}

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	int (*round)(void *, void *, void *, void *) = ctx->rx_queue_index ? up : down;

	bpf_for_each_map_elem(&map, round, 0, 0);
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
