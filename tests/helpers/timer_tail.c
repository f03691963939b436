// SPDX-License-Identifier: Apache-2.0
/* Timers of programs that tail calls lead to: functions of their own, one that two programs share, and a timer that another program arms than the one that gave it
 * its function. */
#include "timer.h"

enum { ELEMENTS = 16 };

int first(struct xdp_md *ctx);
int second(struct xdp_md *ctx);
int plain(struct xdp_md *ctx);

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 4);
	__uint(key_size, sizeof(__u32));
	__array(values, int (void *));
} next SEC(".maps") = {
	.values = {
		[0] = (void *)&first,
		[1] = (void *)&plain,
		[2] = (void *)&second,
	},
};

struct element {
	__u64 fired;
	struct bpf_timer timer;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, ELEMENTS);
	__type(key, __u32);
	__type(value, struct element);
} elements SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, struct element);
} flows SEC(".maps");

static int shared(void *map, __u32 *key, struct element *e)
{
	e->fired += 1;
	return 0;
}

static int of_first(void *map, __u32 *key, struct element *e)
{
	e->fired += 100 + *key;
	keep(40, 1);
	return 0;
}

static int of_second(void *map, __u32 *key, struct element *e)
{
	e->fired += 10000;
	if (e->fired < 30000)
		bpf_timer_start(&e->timer, 1000, 0);
	return 0;
}

static int forget(void *map, __u32 *key, struct element *e)
{
	keep(41, *key);
	bpf_map_delete_elem(&flows, key);
	return 0;
}

static __always_inline struct element *element(__u32 key)
{
	return bpf_map_lookup_elem(&elements, &key);
}

static __always_inline void arm(__u32 key, int (*callback)(void *, __u32 *, struct element *))
{
	struct element *e = element(key);

	if (!e)
		return;
	keep(key, bpf_timer_init(&e->timer, &elements, MONOTONIC));
	keep(key, bpf_timer_set_callback(&e->timer, callback));
	keep(key, bpf_timer_start(&e->timer, LATER, 0));
}

static __always_inline void flow(__u32 key, int (*callback)(void *, __u32 *, struct element *))
{
	struct element fresh = { .fired = 5 }, *e;

	bpf_map_update_elem(&flows, &key, &fresh, BPF_ANY);
	e = bpf_map_lookup_elem(&flows, &key);
	if (!e)
		return;
	keep(20 + key, bpf_timer_init(&e->timer, &flows, MONOTONIC));
	keep(20 + key, bpf_timer_set_callback(&e->timer, callback));
	keep(20 + key, bpf_timer_start(&e->timer, LATER, 0));
}

SEC("xdp")
int first(struct xdp_md *ctx)
{
	struct element *e;

	arm(1, of_first);
	arm(2, shared);
	arm(3, of_first);
	flow(1, forget);
	e = element(8);
	if (e)
		keep(8, bpf_timer_set_callback(&e->timer, of_first));
	e = element(9);
	if (e)
		keep(9, bpf_timer_cancel(&e->timer));
	bpf_tail_call(ctx, &next, 1);
	return XDP_DROP;
}

/* Arms and cancels what others have set. */
SEC("xdp")
int plain(struct xdp_md *ctx)
{
	struct element *e = element(8);

	if (e)
		keep(10, bpf_timer_start(&e->timer, LATER, 0));
	e = element(3);
	if (e)
		keep(11, bpf_timer_cancel(&e->timer));
	bpf_tail_call(ctx, &next, 2);
	return XDP_DROP;
}

static int each(__u32 n, void *context)
{
	arm(10 + n, shared);
	return 0;
}

SEC("xdp")
int second(struct xdp_md *ctx)
{
	bpf_loop(4, each, 0, 0);
	arm(4, of_second);
	arm(5, shared);
	arm(6, of_second);
	flow(2, forget);
	return XDP_TX;
}

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	struct element *e = element(0);

	if (!e || e->fired++)
		return XDP_PASS;
	arm(7, shared);
	arm(8, shared);
	arm(9, shared);
	bpf_tail_call(ctx, &next, 0);
	return XDP_DROP;
}

char _license[] SEC("license") = "GPL";
