// SPDX-License-Identifier: (GPL-2.0-only OR Apache-2.0)
/* The least that can be done: one verdict for every packet. -DVERDICT=XDP_DROP, XDP_TX, XDP_PASS. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp")
int verdict(struct xdp_md *ctx)
{
	return VERDICT;
}

char _license[] SEC("license") = "GPL";
