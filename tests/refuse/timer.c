// SPDX-License-Identifier: Apache-2.0
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct flow {
	struct bpf_timer timer;
	__u64 packets;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct flow);
} flows SEC(".maps");

static int expire(void *map, __u32 *key, struct flow *f)
{
	f->packets = 0;
	return 0;
}

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	__u32 key = 0;
	struct flow *f = bpf_map_lookup_elem(&flows, &key);

	if (!f)
		return XDP_DROP;
	if (!f->packets++) {
		bpf_timer_init(&f->timer, &flows, 1);
		bpf_timer_set_callback(&f->timer, expire);
		bpf_timer_start(&f->timer, 1000000000, 0);
	}
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
