// SPDX-License-Identifier: Apache-2.0
/* Two functions, one called twice, one through the other, with the address of a variable of the caller: no call is left, and the variable
 * stays on the stack only where it is read by its address. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct range {
	__u64 low, high;
};

static __attribute__((noinline)) __u32 clamp(__u32 n, const struct range *r)
{
	return n < r->low ? r->low : n > r->high ? r->high : n;
}

static __attribute__((noinline)) int both(__u32 a, __u32 b)
{
	struct range r = { a & 3, 9 };

	return clamp(a, &r) + clamp(b, &r);
}

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	return both(ctx->ingress_ifindex, ctx->rx_queue_index) > 8 ? XDP_DROP : XDP_PASS;
}

char _license[] SEC("license") = "GPL";
