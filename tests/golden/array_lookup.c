// SPDX-License-Identifier: Apache-2.0
/* An array lookup is arithmetic; the NULL check goes with the bounds check on the index. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 100);
	__type(key, __u32);
	__uint(value_size, 12);
} counts SEC(".maps");

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	__u32 key = ctx->ingress_ifindex;
	__u32 *count = bpf_map_lookup_elem(&counts, &key);

	if (!count)
		return XDP_ABORTED;
	count[1] = 7;
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
