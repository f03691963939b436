// SPDX-License-Identifier: Apache-2.0
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

extern int bpf_xdp_metadata_rx_hash(const struct xdp_md *ctx, __u32 *hash, __u32 *type) __ksym;

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	__u32 hash = 0, type = 0;

	bpf_xdp_metadata_rx_hash(ctx, &hash, &type);
	return hash & 1;
}

char _license[] SEC("license") = "GPL";
