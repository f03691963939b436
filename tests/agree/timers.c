// SPDX-License-Identifier: Apache-2.0
/* Timers: what may be passed, and what their functions may do. None of them fires while packets come. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

enum { LATER = 2000000000 };

struct flow {
	__u64 packets;
	struct bpf_timer timer;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, struct flow);
} flows SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, struct flow);
} slots SEC(".maps");

static int plain(void *map, __u32 *key, struct flow *f)
{
	f->packets += *key;
	return 0;
}

static int other(void *map, __u32 *key, struct flow *f)
{
	f->packets = 0;
	bpf_timer_start(&f->timer, LATER, 0);
	return 0;
}

static int one(void *map, __u32 *key, struct flow *f)
{
	return 1;
}

static int too_far(void *map, __u32 *key, struct flow *f)
{
	*((volatile __u64 *)f + 3) = 1;
	return 0;
}

static int deletes(void *map, __u32 *key, struct flow *f)
{
	__u32 k = *key;

	return bpf_map_delete_elem(&flows, &k) > 0;
}

static __always_inline int sum(struct flow *f, int words)
{
	volatile __u64 all[60];

	for (int i = 0; i < words; i++)
		all[i] = f->packets + i;
	for (int i = 0; i < words; i++)
		f->packets = f->packets * 5 + all[i];
	return 0;
}

static int deep(void *map, __u32 *key, struct flow *f)
{
	return sum(f, 60);
}

static __noinline int half(struct flow *f)
{
	return f ? sum(f, 20) : 0;
}

static int deeper(void *map, __u32 *key, struct flow *f)
{
	half(f);
	return sum(f, 20);
}

static struct flow *slot(__u32 key)
{
	return bpf_map_lookup_elem(&slots, &key);
}

SEC("xdp")
int timer_set(struct xdp_md *ctx)
{
	struct flow *f = slot(1);

	if (!f)
		return XDP_DROP;
	if (!bpf_timer_init(&f->timer, &slots, 1))
		bpf_timer_set_callback(&f->timer, plain);
	f->packets++;
	return bpf_timer_start(&f->timer, LATER, 0) ? XDP_DROP : XDP_PASS;
}

SEC("xdp")
int timer_two(struct xdp_md *ctx)
{
	struct flow *f = slot(2);

	if (!f)
		return XDP_DROP;
	bpf_timer_init(&f->timer, &slots, 1);
	if (ctx->rx_queue_index)
		bpf_timer_set_callback(&f->timer, plain);
	else
		bpf_timer_set_callback(&f->timer, other);
	bpf_timer_start(&f->timer, LATER, 0);
	return bpf_timer_cancel(&f->timer) + 1;
}

SEC("xdp")
int timer_returns_one(struct xdp_md *ctx)
{
	struct flow *f = slot(1);

	if (f && !bpf_timer_init(&f->timer, &slots, 1))
		bpf_timer_set_callback(&f->timer, one);
	return XDP_PASS;
}

SEC("xdp")
int timer_too_far(struct xdp_md *ctx)
{
	struct flow *f = slot(1);

	if (f && !bpf_timer_init(&f->timer, &slots, 1))
		bpf_timer_set_callback(&f->timer, too_far);
	return XDP_PASS;
}

SEC("xdp")
int timer_deletes(struct xdp_md *ctx)
{
	__u32 key = 7;
	struct flow fresh = { .packets = 1 }, *f;

	bpf_map_update_elem(&flows, &key, &fresh, BPF_ANY);
	f = bpf_map_lookup_elem(&flows, &key);
	if (!f)
		return XDP_DROP;
	if (!bpf_timer_init(&f->timer, &flows, 7))
		bpf_timer_set_callback(&f->timer, deletes);
	return bpf_timer_start(&f->timer, LATER, 0) ? XDP_DROP : XDP_PASS;
}

SEC("xdp")
int timer_other_map(struct xdp_md *ctx)
{
	struct flow *f = slot(1);

	return f && bpf_timer_init(&f->timer, &flows, 1) ? XDP_PASS : XDP_DROP;
}

SEC("xdp")
int timer_read(struct xdp_md *ctx)
{
	struct flow *f = slot(1);

	return f && *(volatile __u32 *)&f->timer ? XDP_PASS : XDP_DROP;
}

SEC("xdp")
int timer_not_there(struct xdp_md *ctx)
{
	struct flow *f = slot(1);

	return bpf_timer_cancel(&f->timer) ? XDP_PASS : XDP_DROP;
}

SEC("xdp")
int timer_deep(struct xdp_md *ctx)
{
	struct flow *f = slot(1);

	if (!f)
		return XDP_DROP;
	if (!bpf_timer_init(&f->timer, &slots, 1))
		bpf_timer_set_callback(&f->timer, deep);
	return sum(f, 55) + XDP_PASS;
}

SEC("xdp")
int timer_too_deep(struct xdp_md *ctx)
{
	struct flow *f = slot(1);

	if (f && !bpf_timer_init(&f->timer, &slots, 1))
		bpf_timer_set_callback(&f->timer, deeper);
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
