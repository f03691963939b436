// SPDX-License-Identifier: Apache-2.0
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	bpf_printk("hello");
	return XDP_PASS;
}

char _license[] SEC("license") = "MIT";
