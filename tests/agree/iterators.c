// SPDX-License-Identifier: Apache-2.0
/* Iterators made on one of two ways that meet: written over, left, destroyed, or their bytes used for something else. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct bpf_iter_num {
	__u64 opaque;
} __attribute__((aligned(8)));
extern int bpf_iter_num_new(struct bpf_iter_num *it, int start, int end) __ksym;
extern int *bpf_iter_num_next(struct bpf_iter_num *it) __ksym;
extern void bpf_iter_num_destroy(struct bpf_iter_num *it) __ksym;

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, __u64);
} results SEC(".maps");

static __always_inline int is_long(const struct xdp_md *ctx)
{
	return ctx->data_end - ctx->data > 100;
}

SEC("xdp")
int left_later(struct xdp_md *ctx)
{
	struct bpf_iter_num it;

	if (ctx->rx_queue_index)
		bpf_iter_num_new(&it, 0, 3);
	return XDP_PASS;
}

SEC("xdp")
int left_first(struct xdp_md *ctx)
{
	struct bpf_iter_num it;

	if (!ctx->rx_queue_index)
		bpf_iter_num_new(&it, 0, 3);
	return XDP_PASS;
}

SEC("xdp")
int written_over(struct xdp_md *ctx)
{
	struct bpf_iter_num it;

	if (ctx->rx_queue_index) {
		bpf_iter_num_new(&it, 0, 3);
		if (is_long(ctx))
			bpf_iter_num_destroy(&it);
	}
	it.opaque = 2;
	return bpf_map_lookup_elem(&results, &it) ? XDP_DROP : XDP_PASS;
}

SEC("xdp")
int destroyed_first(struct xdp_md *ctx)
{
	struct bpf_iter_num it;

	if (ctx->rx_queue_index) {
		bpf_iter_num_new(&it, 0, 3);
		bpf_iter_num_destroy(&it);
	}
	it.opaque = 2;
	return bpf_map_lookup_elem(&results, &it) ? XDP_DROP : XDP_PASS;
}

SEC("xdp")
int used_as_key(struct xdp_md *ctx)
{
	struct bpf_iter_num it = { 1 };

	if (ctx->rx_queue_index)
		bpf_iter_num_new(&it, 0, 3);
	if (is_long(ctx))
		bpf_map_lookup_elem(&results, &it);
	if (ctx->rx_queue_index)
		bpf_iter_num_destroy(&it);
	return XDP_PASS;
}

SEC("xdp")
int counts(struct xdp_md *ctx)
{
	struct bpf_iter_num it;
	__u64 *r;
	int *n, sum = 0;
	__u32 key = 1;

	bpf_iter_num_new(&it, 0, is_long(ctx) ? 7 : 3);
	while ((n = bpf_iter_num_next(&it)))
		sum += *n;
	bpf_iter_num_destroy(&it);
	r = bpf_map_lookup_elem(&results, &key);
	if (r)
		*r += sum;
	return sum & 1 ? XDP_DROP : XDP_PASS;
}

char _license[] SEC("license") = "GPL";
