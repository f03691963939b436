// SPDX-License-Identifier: Apache-2.0
/* What the kernel takes and the NIC does not have. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp")
int numa(struct xdp_md *ctx)
{
	return bpf_get_numa_node_id() ? XDP_DROP : XDP_PASS;
}

char _license[] SEC("license") = "GPL";
