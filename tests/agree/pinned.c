// SPDX-License-Identifier: GPL-2.0
/* Maps that a loader would pin: asking leaves nothing behind, and finds nothing that others left. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, __u64);
	__uint(max_entries, 1);
	__uint(pinning, LIBBPF_PIN_BY_NAME);
} nicjit_pinned SEC(".maps");

SEC("xdp")
int pinned(struct xdp_md *ctx)
{
	__u32 zero = 0;
	__u64 *count = bpf_map_lookup_elem(&nicjit_pinned, &zero);

	if (!count)
		return XDP_ABORTED;
	*count += ctx->data_end - ctx->data;
	return *count & 1 ? XDP_PASS : XDP_DROP;
}

char _license[] SEC("license") = "GPL";
