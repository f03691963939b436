// SPDX-License-Identifier: Apache-2.0
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, __u64);
} last SEC(".maps");

static void keep(__u32 key, __u64 value)
{
	bpf_map_update_elem(&last, &key, &value, BPF_ANY);
}

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	keep(0, bpf_ktime_get_ns());
	keep(1, bpf_ktime_get_boot_ns());
	keep(2, bpf_ktime_get_coarse_ns() ^ bpf_ktime_get_tai_ns());
	keep(3, bpf_jiffies64());
	return bpf_jiffies64() & 1 ? XDP_PASS : XDP_DROP;
}

char _license[] SEC("license") = "GPL";
