// SPDX-License-Identifier: GPL-2.0
/* CO-RE: programs that ask whether the kernel has something before they use it. Neither kernel nor NIC has what is called nowhere. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

struct nowhere {
	int x, y;
} __attribute__((preserve_access_index));

enum nowhere_at_all { NOWHERE = 3 };
enum bpf_func_id___x { BPF_FUNC_ktime_get_ns___x = 42 };
enum bpf_func_id___y { BPF_FUNC_nowhere___y = 999 };

SEC("xdp")
int type_is_missing(struct xdp_md *ctx)
{
	struct nowhere *n = (void *)(long)ctx->data;

	if (bpf_core_type_exists(struct nowhere) && (void *)(n + 1) <= (void *)(long)ctx->data_end)
		return n->y;
	return bpf_core_type_exists(struct xdp_md) ? XDP_TX : XDP_PASS;
}

SEC("xdp")
int field_is_missing(struct xdp_md *ctx)
{
	struct nowhere *n = (void *)(long)ctx->data;

	if (bpf_core_field_exists(n->x))
		return (long)ctx->data_end - (long)ctx->data + bpf_core_field_offset(n->y);
	return XDP_DROP;
}

struct xdp_md___other {
	__u32 rx_queue_index, nowhere;
} __attribute__((preserve_access_index));

SEC("xdp")
int field_of_the_context_is_missing(struct xdp_md *ctx)
{
	struct xdp_md___other *other = (void *)ctx;

	if (bpf_core_field_exists(other->nowhere))
		return other->nowhere;
	return bpf_core_field_exists(other->rx_queue_index) ? XDP_TX + other->rx_queue_index : XDP_DROP;
}

SEC("xdp")
int value_is_missing(struct xdp_md *ctx)
{
	if (bpf_core_enum_value_exists(enum nowhere_at_all, NOWHERE))
		return bpf_core_enum_value(enum nowhere_at_all, NOWHERE);
	return bpf_core_enum_value_exists(enum bpf_func_id___x, BPF_FUNC_ktime_get_ns___x) ? XDP_TX : XDP_PASS;
}

SEC("xdp")
int helper_is_missing(struct xdp_md *ctx)
{
	return bpf_core_enum_value_exists(enum bpf_func_id___y, BPF_FUNC_nowhere___y) ? XDP_DROP : XDP_PASS;
}

SEC("xdp")
int enumeration_exists(struct xdp_md *ctx)
{
	return bpf_core_type_exists(enum xdp_action) && bpf_core_type_exists(enum bpf_func_id) ? XDP_TX : XDP_PASS;
}

SEC("xdp")
int value_is_another(struct xdp_md *ctx)
{
	return bpf_core_enum_value(enum bpf_func_id___x, BPF_FUNC_ktime_get_ns___x) == BPF_FUNC_ktime_get_ns ? XDP_PASS : XDP_DROP;
}

/* metadata in front of the packet are told apart by the number of their type in the object */
struct hints {
	__u32 rx_hash, btf_id;
};

SEC("xdp")
int type_of_hints(struct xdp_md *ctx)
{
	struct hints *h;

	if (bpf_xdp_adjust_meta(ctx, -(int)sizeof(*h)))
		return XDP_ABORTED;
	h = (void *)(long)ctx->data_meta;
	if ((void *)(h + 1) > (void *)(long)ctx->data)
		return XDP_ABORTED;
	h->rx_hash = 5;
	h->btf_id = bpf_core_type_id_local(struct hints);
	return h->btf_id % 3 + XDP_DROP;
}

/* refused where control comes to it */
SEC("xdp")
int used_unasked(struct xdp_md *ctx)
{
	struct nowhere *n = (void *)(long)ctx->data;

	return (void *)(n + 1) <= (void *)(long)ctx->data_end ? n->y : XDP_PASS;
}

char _license[] SEC("license") = "GPL";
