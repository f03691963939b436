// SPDX-License-Identifier: (GPL-2.0-only OR Apache-2.0)
/* Passes every frame to the host. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp")
int pass_all(struct xdp_md *ctx)
{
	(void)ctx;
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
