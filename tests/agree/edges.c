// SPDX-License-Identifier: Apache-2.0
/* Programs at the edges of what passes may assume: values that outlive their entries, ways out of locked regions, callbacks that change what their
 * caller goes on with, packets that move between a read and a store, sums of atomics in loops, numbers around 2^31 and 2^32, pointers
 * of the context as numbers that are not 0. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct value {
	struct bpf_spin_lock lock;
	__u32 count;
	__u64 sum;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, __u32);
	__type(value, __u64);
	__uint(max_entries, 2);
} few SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, __u32);
	__type(value, struct value);
	__uint(max_entries, 64);
} locked SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, __u64);
	__uint(max_entries, 8);
} counts SEC(".maps");

static __u64 *count_of(__u32 n)
{
	return bpf_map_lookup_elem(&counts, &n);
}

/* The map is full but for a moment: what was deleted is still read and written by its pointer. */
SEC("xdp")
int outlived(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__u32 key, other;
	__u64 *v, *w, one = 1;

	if (data + 34 > end)
		return XDP_DROP;
	key = *(__u8 *)(data + 29) & 3;
	other = key ^ 1;
	bpf_map_update_elem(&few, &key, &one, BPF_NOEXIST);
	v = bpf_map_lookup_elem(&few, &key);
	if (!v)
		return XDP_PASS;
	*v += 5;
	bpf_map_delete_elem(&few, &key);
	bpf_map_update_elem(&few, &other, &one, BPF_ANY);
	*v += 7;
	w = count_of(0);
	if (w)
		*w += *v;
	v = bpf_map_lookup_elem(&few, &key);
	return v ? XDP_TX : XDP_ABORTED;
}

/* Every way out of the region gives the lock back. */
SEC("xdp")
int ways_out(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct value fresh = {}, *v;
	__u32 key, size = end - data;

	if (data + 34 > end)
		return XDP_DROP;
	key = *(__u8 *)(data + 33) & 7;
	bpf_map_update_elem(&locked, &key, &fresh, BPF_NOEXIST);
	v = bpf_map_lookup_elem(&locked, &key);
	if (!v)
		return XDP_ABORTED;
	bpf_spin_lock(&v->lock);
	if (v->count >= 3) {
		v->sum = 0;
		bpf_spin_unlock(&v->lock);
		return XDP_TX;
	}
	v->count++;
	if (size & 1) {
		v->sum += size;
		bpf_spin_unlock(&v->lock);
		*(volatile __u8 *)(data + 1) = v->count;
		return XDP_PASS;
	}
	v->sum ^= size;
	size = v->sum;
	bpf_spin_unlock(&v->lock);
	return size > 64 ? XDP_PASS : XDP_DROP;
}

struct state {
	__u32 key, rounds;
	__u64 sum;
};

static int change(__u32 n, struct state *s)
{
	s->sum += n * s->key;
	s->key = (s->key + 1) & 7;
	s->rounds = n;
	return s->sum > 40;
}

/* The key on the stack is what the callback left there. */
SEC("xdp")
int changed_key(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct state s = { .key = 2 };
	__u64 *v;

	if (data + 34 > end)
		return XDP_DROP;
	s.key = *(__u8 *)(data + 29) & 7;
	bpf_loop(*(__u8 *)(data + 33) & 31, change, &s, 0);
	v = bpf_map_lookup_elem(&counts, &s.key);
	if (!v)
		return XDP_ABORTED;
	*v += s.sum << s.rounds;
	return s.rounds & 1 ? XDP_PASS : XDP_TX;
}

static long drop_odd(struct bpf_map *map, __u32 *key, __u64 *value, __u64 *sum)
{
	*sum += *value;
	if (*key & 1)
		bpf_map_delete_elem(map, key);
	else
		*value += 1;
	return 0;
}

/* Entries go while they are walked over. */
SEC("xdp")
int walked(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__u64 sum = 0, value, *v;
	__u32 key;

	if (data + 34 > end)
		return XDP_DROP;
	key = *(__u8 *)(data + 33) & 3;
	value = *(__u16 *)(data + 30);
	bpf_map_update_elem(&few, &key, &value, BPF_ANY);
	bpf_for_each_map_elem(&few, drop_odd, &sum, 0);
	v = count_of(3);
	if (v)
		*v += sum;
	return sum & 1 ? XDP_PASS : XDP_TX;
}

/* Read before the move, stored behind it, over what was read. */
SEC("xdp")
int moved_between(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__u64 first, second;
	__u16 type;

	if (data + 34 > end)
		return XDP_DROP;
	first = *(volatile __u64 *)data;
	second = *(volatile __u64 *)(data + 8);
	type = *(volatile __u16 *)(data + 12);
	if (bpf_xdp_adjust_head(ctx, type == 8 ? -4 : 4))
		return XDP_ABORTED;
	data = (void *)(long)ctx->data;
	end = (void *)(long)ctx->data_end;
	if (data + 30 > end)
		return XDP_DROP;
	*(volatile __u64 *)(data + 4) = second;
	*(volatile __u64 *)data = first;
	*(volatile __u16 *)(data + 6) = *(volatile __u16 *)(data + 12);
	if (bpf_xdp_adjust_head(ctx, 0) || bpf_xdp_adjust_tail(ctx, -4))
		return XDP_ABORTED;
	return XDP_TX;
}

/* What each addition gave goes on into the next. */
SEC("xdp")
int chained(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__u64 *v = count_of(5), old = 1;

	if (data + 34 > end || !v)
		return XDP_DROP;
	for (int n = 0; n < 6; n++) {
		old = __sync_fetch_and_add(v, old + *(__u8 *)(data + 26 + n));
		if (old & 0x80)
			__sync_fetch_and_xor(v, 0x5a5a);
	}
	*(__u32 *)data = old;
	return old & 1 ? XDP_PASS : XDP_TX;
}

#define COUNT(condition) (sum = sum * 2 + !!(condition))

/* Comparisons at the edges of both widths and both signs. */
SEC("xdp")
int edges(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__u64 sum = 0, wide, *v = count_of(6);
	__u32 narrow;

	if (data + 34 > end || !v)
		return XDP_DROP;
	narrow = *(volatile __u32 *)(data + 26);
	for (int n = 0; n < 4; n++) {
		COUNT((__s32)narrow < 0);
		COUNT((__s32)narrow > (__s32)0x80000000);
		COUNT(narrow >= 0x80000000u);
		COUNT(narrow == 0xffffffffu);
		wide = (__u64)narrow + 1;
		COUNT(wide >> 32);
		COUNT((__s64)(wide << 32) < 0);
		wide = (__s64)(__s32)narrow;
		COUNT(wide > 0xffffffff80000000ull);
		COUNT((__s64)wide / 3 < -7);
		narrow = n == 0 ? 0x7fffffff + (narrow & 1) : n == 1 ? 0xffffffff - (narrow & 1) : 0x80000000 + (narrow & 1);
	}
	*v = *v * 31 + sum;
	return sum & 1 ? XDP_PASS : XDP_TX;
}

SEC("xdp")
int context_says_null(struct xdp_md *ctx)
{
	unsigned char *data = (void *)(long)ctx->data;

	if (!ctx->data_meta || !ctx->data || !ctx->data_end)
		return XDP_ABORTED;
	if (data + 14 > (unsigned char *)(long)ctx->data_end)
		return XDP_DROP;
	return data[0] & 1 ? XDP_PASS : XDP_TX;
}

char _license[] SEC("license") = "GPL";
