// SPDX-License-Identifier: Apache-2.0
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	char text[16];

	return BPF_SNPRINTF(text, sizeof(text), "%d: %-8s", 1, "name") > 3 ? XDP_DROP : XDP_PASS;
}

char _license[] SEC("license") = "GPL";
