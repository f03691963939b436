// SPDX-License-Identifier: Apache-2.0
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

extern int CONFIG_HZ __kconfig;

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	return CONFIG_HZ;
}

char _license[] SEC("license") = "GPL";
