// SPDX-License-Identifier: GPL-2.0
/* Functions of timers that the watchdog ends (nicsim --watchdog 1000): their timers can be cancelled all the same. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct value {
	__u64 sum;
	struct bpf_timer timer;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, struct value);
} timers SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} packets SEC(".maps");

static int add(__u32 n, __u64 *sum)
{
	*sum += n ^ 5;
	return 0;
}

static int work(void *map, __u32 *key, struct value *v)
{
	__u64 sum = 0;

	bpf_loop(200, add, &sum, 0);
	v->sum += sum;
	return 0;
}

/* The first packet starts all, a later one cancels them. */
SEC("xdp")
int dead_tick(struct xdp_md *ctx)
{
	__u32 key = 0;
	__u64 *n = bpf_map_lookup_elem(&packets, &key), nth;
	struct value *v;

	if (!n)
		return XDP_DROP;
	nth = (*n)++;
	if (nth != 0 && nth != 300)
		return XDP_PASS;
	for (; key < 4; key++) {
		v = bpf_map_lookup_elem(&timers, &key);
		if (!v)
			return XDP_DROP;
		if (nth ? bpf_timer_cancel(&v->timer) :
			  bpf_timer_init(&v->timer, &timers, 1) || bpf_timer_set_callback(&v->timer, work) || bpf_timer_start(&v->timer, 500, 0))
			return XDP_DROP;
	}
	return XDP_TX;
}

char _license[] SEC("license") = "GPL";
