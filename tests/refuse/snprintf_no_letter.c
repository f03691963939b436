// SPDX-License-Identifier: Apache-2.0
/* What is said of the conversion ends where the text does, and where no terminal should be given it. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	char text[16];

	return BPF_SNPRINTF(text, sizeof(text), "%d %5\033[1m", 1, 2) > 3 ? XDP_DROP : XDP_PASS;
}

char _license[] SEC("license") = "GPL";
