// SPDX-License-Identifier: Apache-2.0
/* Arrays at places that are known: Linux 6.14 and later want no question whether there is something. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define ENTRIES 3
#define at_a_word __attribute__((aligned(8))) /* where Linux keeps numbers apart from 0 */

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, ENTRIES);
	__type(key, __u32);
	__type(value, __u64);
} counts SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, ENTRIES);
	__type(key, __u32);
	__type(value, __u64);
} per_cpu SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, ENTRIES);
	__type(key, __u32);
	__type(value, __u64);
} hash SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, ENTRIES);
	__type(key, __u32);
	__type(value, struct { __u64 n; struct bpf_spin_lock lock; });
} locked SEC(".maps");

SEC("xdp")
int place_first(struct xdp_md *ctx)
{
	__u32 key = 0;
	__u64 *n = bpf_map_lookup_elem(&counts, &key);

	*n += 1;
	return XDP_PASS;
}

SEC("xdp")
int place_last(struct xdp_md *ctx)
{
	__u32 key at_a_word = ENTRIES - 1;
	__u64 *n = bpf_map_lookup_elem(&counts, &key);

	*n += ctx->data_end - ctx->data;
	return XDP_PASS;
}

SEC("xdp")
int place_behind(struct xdp_md *ctx)
{
	__u32 key at_a_word = ENTRIES;
	__u64 *n = bpf_map_lookup_elem(&counts, &key);

	*n += 1;
	return XDP_PASS;
}

SEC("xdp")
int place_on_cpu(struct xdp_md *ctx)
{
	__u32 key at_a_word = 1;
	__u64 *n = bpf_map_lookup_elem(&per_cpu, &key);

	*n += 1;
	return *n > 2 ? XDP_PASS : XDP_DROP;
}

SEC("xdp")
int place_in_hash(struct xdp_md *ctx)
{
	__u32 key = 0;
	__u64 *n = bpf_map_lookup_elem(&hash, &key);

	*n += 1;
	return XDP_PASS;
}

SEC("xdp")
int place_unknown(struct xdp_md *ctx)
{
	__u32 key = ctx->rx_queue_index & 1;
	__u64 *n = bpf_map_lookup_elem(&counts, &key);

	*n += 1;
	return XDP_PASS;
}

SEC("xdp")
int place_in_a_word(struct xdp_md *ctx)
{
	struct { __u32 other, key; } k at_a_word = { 0, 1 };
	__u64 *n;

	asm volatile("" : : "r"(&k) : "memory");
	n = bpf_map_lookup_elem(&counts, &k.key);
	*n += 1;
	return XDP_PASS;
}

/* One of two. */
SEC("xdp")
int place_chosen(struct xdp_md *ctx)
{
	volatile __u32 key at_a_word = 1;
	__u64 *n;

	if (ctx->data_end - ctx->data > 64)
		key = 2;
	n = bpf_map_lookup_elem(&counts, (const void *)&key);
	*n += 1;
	return XDP_PASS;
}

/* One of the two is not there. */
SEC("xdp")
int place_chosen_behind(struct xdp_md *ctx)
{
	volatile __u32 key at_a_word = 1;
	__u64 *n;

	if (ctx->data_end - ctx->data > 64)
		key = ENTRIES;
	n = bpf_map_lookup_elem(&counts, (const void *)&key);
	*n += 1;
	return XDP_PASS;
}

SEC("xdp")
int place_chosen_there(struct xdp_md *ctx)
{
	volatile __u32 key at_a_word = ENTRIES;
	__u64 *n;

	if (ctx->data_end - ctx->data > 64)
		key = 1;
	n = bpf_map_lookup_elem(&counts, (const void *)&key);
	*n += 1;
	return XDP_PASS;
}

SEC("xdp")
int place_asked(struct xdp_md *ctx)
{
	__u32 key at_a_word = 2;
	__u64 *n = bpf_map_lookup_elem(&counts, &key);

	if (!n)
		return *(volatile int *)0; /* never */
	*n += 1;
	return XDP_TX;
}

/* Bytes that were put there one by one are no number, but for 0. */
SEC("xdp")
int place_of_bytes(struct xdp_md *ctx)
{
	volatile __u8 key[4] = { 1, 0, 0, 0 };
	__u64 *n = bpf_map_lookup_elem(&counts, (const void *)key);

	*n += 1;
	return XDP_PASS;
}

SEC("xdp")
int place_of_zeroes(struct xdp_md *ctx)
{
	volatile __u8 key[4] __attribute__((aligned(4)));
	__u64 *n;

	key[0] = key[1] = key[2] = key[3] = 0;
	n = bpf_map_lookup_elem(&counts, (const void *)key);
	*n += 1;
	return XDP_PASS;
}

SEC("xdp")
int place_of_half(struct xdp_md *ctx)
{
	volatile __u64 key = 1;
	__u64 *n = bpf_map_lookup_elem(&counts, (const void *)&key);

	*n += 1;
	return XDP_PASS;
}

SEC("xdp")
int place_locked(struct xdp_md *ctx)
{
	__u32 key at_a_word = 1;
	struct { __u64 n; struct bpf_spin_lock lock; } *v = bpf_map_lookup_elem(&locked, &key), *w;

	bpf_spin_lock(&v->lock);
	v->n++;
	bpf_spin_unlock(&v->lock);
	w = bpf_map_lookup_elem(&locked, &key);
	return w->n > 3 ? XDP_PASS : XDP_DROP;
}

char _license[] SEC("license") = "GPL";
