// SPDX-License-Identifier: Apache-2.0
/* A timer and a spin lock in one value: the timer's function takes the lock, and updates keep the one and cancel the other as the kernel has it. */
#include "timer.h"

struct bucket {
	__u64 tokens;
	struct bpf_timer timer;
	__u32 fired;
	struct bpf_spin_lock lock;
	__u32 more, unused;
};

struct locked_first {
	struct bpf_spin_lock lock;
	__u32 fired;
	struct bpf_timer timer;
	__u64 tokens;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 8);
	__type(key, __u32);
	__type(value, struct bucket);
} buckets SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 8);
	__type(key, __u32);
	__type(value, struct locked_first);
} flows SEC(".maps");

static int refill(void *map, __u32 *key, struct bucket *b)
{
	bpf_spin_lock(&b->lock);
	b->tokens += 10 + *key;
	b->fired++;
	bpf_spin_unlock(&b->lock);
	return 0;
}

static int expire(void *map, __u32 *key, struct locked_first *f)
{
	__u32 many;

	bpf_spin_lock(&f->lock);
	many = ++f->fired;
	f->tokens += many;
	bpf_spin_unlock(&f->lock);
	if (*key & 1)
		bpf_map_delete_elem(&flows, key);
	return 0;
}

/* An update of the element with these flags, and what the timer says then. */
static __always_inline void element(__u32 key, __u64 flags)
{
	struct bucket fresh = { .tokens = key, .fired = 100, .more = 7 };
	struct bucket *b = bpf_map_lookup_elem(&buckets, &key);

	if (!b)
		return;
	keep(2 * key, bpf_timer_init(&b->timer, &buckets, MONOTONIC));
	keep(2 * key, bpf_timer_set_callback(&b->timer, refill));
	keep(2 * key, bpf_timer_start(&b->timer, LATER, 0));
	bpf_spin_lock(&b->lock);
	b->tokens += 3;
	bpf_spin_unlock(&b->lock);
	if (key)
		keep(2 * key + 1, bpf_map_update_elem(&buckets, &key, &fresh, flags));
	keep(2 * key + 1, bpf_timer_start(&b->timer, LATER, 0));
}

static __always_inline void flow(__u32 key, __u64 flags)
{
	struct locked_first fresh = { .tokens = key };
	struct locked_first *f;

	keep(30 + 2 * key, bpf_map_update_elem(&flows, &key, &fresh, BPF_NOEXIST | (key & 2 ? BPF_F_LOCK : 0)));
	f = bpf_map_lookup_elem(&flows, &key);
	if (!f)
		return;
	keep(30 + 2 * key, bpf_timer_init(&f->timer, &flows, MONOTONIC));
	keep(30 + 2 * key, bpf_timer_set_callback(&f->timer, expire));
	keep(30 + 2 * key, bpf_timer_start(&f->timer, LATER, 0));
	bpf_spin_lock(&f->lock);
	f->tokens += 5;
	bpf_spin_unlock(&f->lock);
	fresh.tokens = 50;
	if (key > 2)
		keep(31 + 2 * key, bpf_map_update_elem(&flows, &key, &fresh, flags));
	f = bpf_map_lookup_elem(&flows, &key);
	if (!f)
		return;
	keep(31 + 2 * key, bpf_timer_start(&f->timer, LATER, 0));
	keep(31 + 2 * key, bpf_timer_init(&f->timer, &flows, MONOTONIC));
}

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	__u32 number = 127;
	__s64 *n = bpf_map_lookup_elem(&results, &number);

	if (!n)
		return XDP_DROP;
	switch ((*n)++) {
	case 0:
		element(0, 0);
		element(1, BPF_ANY);
		element(2, BPF_F_LOCK);
		element(3, BPF_F_LOCK | BPF_EXIST);
		break;
	case 1:
		element(4, BPF_EXIST);
		element(5, BPF_NOEXIST);
		element(6, BPF_F_LOCK | BPF_NOEXIST);
		element(7, 8);
		break;
	case 2:
		flow(1, 0);
		flow(2, 0);
		flow(3, BPF_ANY);
		flow(4, BPF_F_LOCK);
		break;
	case 3:
		flow(5, BPF_F_LOCK | BPF_EXIST);
		flow(6, BPF_EXIST);
		flow(7, BPF_NOEXIST);
		flow(8, BPF_F_LOCK | BPF_NOEXIST);
		break;
	}
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
