// SPDX-License-Identifier: Apache-2.0
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct element {
	__u64 number;
	struct bpf_timer timer;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, struct element);
} map SEC(".maps");

SEC("xdp")
__attribute__((naked)) int prog(void)
{
	asm volatile("r2 = %0 ll\n"
		     "if r6 == 0 goto +0\n"
		     "exit" :: "i"(&map));
}

char _license[] SEC("license") = "GPL";
