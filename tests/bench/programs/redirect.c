// SPDX-License-Identifier: (GPL-2.0-only OR Apache-2.0)
/* Sends every packet to interface 2. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp")
int redirect(struct xdp_md *ctx)
{
	return bpf_redirect(2, 0);
}

char _license[] SEC("license") = "GPL";
