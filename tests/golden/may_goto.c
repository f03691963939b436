// SPDX-License-Identifier: Apache-2.0
/* A loop that may_goto counts: the count is a value of its own, and each function has one. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include "../helpers/can_loop.h"

static __noinline int halves(__u32 n)
{
	int rounds = 0;

	for (; n && can_loop; n >>= 1)
		rounds++;
	return rounds;
}

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	__u32 n = ctx->rx_queue_index;

	while (n && can_loop)
		n >>= halves(n);
	return n ? XDP_DROP : XDP_PASS;
}

char _license[] SEC("license") = "GPL";
