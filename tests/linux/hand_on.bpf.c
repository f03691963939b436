// SPDX-License-Identifier: GPL-2.0
/* Every packet goes on to the device that the map names. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_DEVMAP);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} way SEC(".maps");

SEC("xdp")
int hand_on(struct xdp_md *ctx)
{
	return bpf_redirect_map(&way, 0, 0);
}

char _license[] SEC("license") = "GPL";
