// SPDX-License-Identifier: Apache-2.0
/* Timers: what each call of them answers, and which have fired when the packets have gone and some time is over (timer.wait). */
#include "timer.h"

enum { ONCE, AGAIN, CANCELLED, CHANGED, DEAF, NEVER, ITSELF, ELEMENTS };

struct element {
	__u64 fired;
	struct bpf_timer timer;
	__s64 seen;
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

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 8);
	__type(key, __u64);
	__type(value, struct element);
} recent SEC(".maps");

static int once(void *map, __u32 *key, struct element *e)
{
	e->fired++;
	e->seen = *key + 100;
	return 0;
}

static int again(void *map, __u32 *key, struct element *e)
{
	if (++e->fired < 5)
		bpf_timer_start(&e->timer, 1000, 0);
	return 0;
}

static int itself(void *map, __u32 *key, struct element *e)
{
	e->fired++;
	e->seen = bpf_timer_cancel(&e->timer);
	return 0;
}

static int expire(void *map, __u32 *key, struct element *e)
{
	keep(40, 1);
	bpf_map_delete_elem(&flows, key);
	return 0;
}

static int age(void *map, __u64 *key, struct element *e)
{
	e->seen = (__s64)*key;
	e->fired += 1;
	return 0;
}

static __always_inline void misuse(void)
{
	__u32 key = NEVER;
	struct element *e = bpf_map_lookup_elem(&elements, &key);

	if (!e)
		return;
	keep(0, bpf_timer_start(&e->timer, 1, 0));
	keep(1, bpf_timer_set_callback(&e->timer, once));
	keep(2, bpf_timer_cancel(&e->timer));
	keep(3, bpf_timer_init(&e->timer, &elements, 2));
	keep(4, bpf_timer_init(&e->timer, &elements, 16 + MONOTONIC));
	keep(5, bpf_timer_init(&e->timer, &elements, MONOTONIC));
	keep(6, bpf_timer_init(&e->timer, &elements, BOOTTIME));
	keep(7, bpf_timer_start(&e->timer, 1, 0));
	keep(8, bpf_timer_cancel(&e->timer));
	keep(9, bpf_timer_set_callback(&e->timer, once));
	keep(10, bpf_timer_start(&e->timer, LATER, 4));
	keep(11, bpf_timer_start(&e->timer, -1, 0));
	keep(12, bpf_timer_cancel(&e->timer));
	keep(13, bpf_timer_cancel(&e->timer));
	keep(14, bpf_timer_start(&e->timer, LATER, 0));
	keep(15, bpf_timer_set_callback(&e->timer, once));
	keep(16, bpf_timer_start(&e->timer, -1, 0));
}

static __always_inline void arm(__u32 key, int (*callback)(void *, __u32 *, struct element *))
{
	struct element *e = bpf_map_lookup_elem(&elements, &key);

	if (!e)
		return;
	keep(20 + key, bpf_timer_init(&e->timer, &elements, MONOTONIC));
	keep(20 + key, bpf_timer_set_callback(&e->timer, callback));
	keep(20 + key, bpf_timer_start(&e->timer, LATER, key == ONCE ? PIN : 0));
}

static __always_inline void take_back(void)
{
	struct element none = { .seen = -5 };
	__u32 key = CANCELLED;
	struct element *e = bpf_map_lookup_elem(&elements, &key);

	if (e)
		keep(30, bpf_timer_cancel(&e->timer));
	key = CHANGED;
	e = bpf_map_lookup_elem(&elements, &key);
	keep(31, bpf_map_update_elem(&elements, &key, &none, BPF_ANY));
	if (e)
		keep(32, bpf_timer_start(&e->timer, 1, 0));
	keep(33, bpf_map_update_elem(&elements, &key, &none, BPF_F_LOCK));
}

static __always_inline void flow(__u32 key, int forget)
{
	struct element fresh = { .seen = key };
	struct element *e;

	keep(34, bpf_map_update_elem(&flows, &key, &fresh, BPF_NOEXIST));
	e = bpf_map_lookup_elem(&flows, &key);
	if (!e)
		return;
	keep(35, bpf_timer_init(&e->timer, &flows, MONOTONIC));
	bpf_timer_set_callback(&e->timer, expire);
	keep(36, bpf_timer_start(&e->timer, LATER, 0));
	if (forget == 1) {
		keep(37, bpf_map_delete_elem(&flows, &key));
		keep(37, bpf_timer_start(&e->timer, 1, 0));
	} else if (forget == 2) {
		keep(38, bpf_map_update_elem(&flows, &key, &fresh, BPF_EXIST));
		keep(38, bpf_timer_cancel(&e->timer));
		e = bpf_map_lookup_elem(&flows, &key);
		if (e)
			keep(38, bpf_timer_cancel(&e->timer));
	}
}

static __always_inline void aged(__u64 key)
{
	struct element fresh = { 0 };
	struct element *e;

	bpf_map_update_elem(&recent, &key, &fresh, BPF_NOEXIST);
	e = bpf_map_lookup_elem(&recent, &key);
	if (!e)
		return;
	keep(51, bpf_timer_init(&e->timer, &recent, MONOTONIC));
	keep(52, bpf_timer_set_callback(&e->timer, age));
	keep(53, bpf_timer_start(&e->timer, key & 1 ? bpf_ktime_get_ns() + LATER : LATER, key & 1 ? ABS : 0));
}

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	unsigned char *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__u32 number = 63;
	__s64 *n = bpf_map_lookup_elem(&results, &number);

	if (!n || data + 14 > end)
		return XDP_DROP;
	switch ((*n)++) {
	case 0:
		misuse();
		break;
	case 1:
		arm(ONCE, once);
		arm(AGAIN, again);
		arm(CANCELLED, once);
		arm(CHANGED, once);
		arm(ITSELF, itself);
		break;
	case 2:
		take_back();
		break;
	case 3:
		flow(1, 0);
		flow(2, 1);
		flow(3, 2);
		flow(4, 0);
		break;
	case 4:
		aged(7);
		aged(8);
		break;
	}
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
