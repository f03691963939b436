// SPDX-License-Identifier: Apache-2.0
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

const volatile __u32 limit = 5;

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	*(volatile __u32 *)&limit = 6;
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
