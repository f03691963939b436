// SPDX-License-Identifier: (GPL-2.0-only OR Apache-2.0)
/* Counts packets in a structure of 64 bytes for each thread, as Linux' XDP samples do. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, __u64[8]);
} counts SEC(".maps");

SEC("xdp")
int structures(struct xdp_md *ctx)
{
	__u32 key = bpf_get_smp_processor_id();
	__u64 *count = bpf_map_lookup_elem(&counts, &key);

	if (!count)
		return XDP_ABORTED;
	__sync_fetch_and_add(&count[2], 1);
	return XDP_DROP;
}

char _license[] SEC("license") = "Dual BSD/GPL";
