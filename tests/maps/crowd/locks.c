// SPDX-License-Identifier: Apache-2.0
/* Steps that lose nothing only if they are done one after the other, in an array, in a hash and in global data; every packet does the same, so the order
 * does not show in the end. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct chain {
	__u64 a;
	struct bpf_spin_lock lock;
	__u32 torn;
	__u64 b;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct chain);
} array SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16);
	__type(key, __u32);
	__type(value, struct chain);
} hash SEC(".maps");

static struct bpf_spin_lock lock;
static __u64 here[5];

static __always_inline void step(struct chain *c)
{
	bpf_spin_lock(&c->lock);
	if (c->a != c->b)
		c->torn++;
	c->a = c->a * 3 + 1;
	c->b = c->b * 3 + 1;
	bpf_spin_unlock(&c->lock);
}

SEC("xdp")
int crowd(struct xdp_md *ctx)
{
	__u32 key = ((__u32)ctx->data_end - (__u32)ctx->data) & 3, zero = 0;
	struct chain fresh, *c = bpf_map_lookup_elem(&array, &zero);

	if (c)
		step(c);
	__builtin_memset(&fresh, 0, sizeof(fresh));
	fresh.lock.val = 0x1234567;
	bpf_map_update_elem(&hash, &key, &fresh, BPF_NOEXIST | (key & 1 ? BPF_F_LOCK : 0));
	c = bpf_map_lookup_elem(&hash, &key);
	if (c)
		step(c);
	bpf_spin_lock(&lock);
	for (__u32 n = 0; n < 5; n++)
		here[n] = here[n] * 5 + 1;
	bpf_spin_unlock(&lock);
	return XDP_DROP;
}

char _license[] SEC("license") = "GPL";
