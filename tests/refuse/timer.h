/* SPDX-License-Identifier: Apache-2.0 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct flow {
	__u64 packets;
	struct bpf_timer timer;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, struct flow);
} flows SEC(".maps");

char _license[] SEC("license") = "GPL";
