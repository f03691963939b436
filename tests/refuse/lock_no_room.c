// SPDX-License-Identifier: Apache-2.0
/* Key and value come from one place of the packet, so the key would be copied, and all of the stack is used. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct entry {
	__u64 n;
	struct bpf_spin_lock lock;
	__u32 other;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4);
	__type(key, __u64[2]);
	__type(value, struct entry);
} entries SEC(".maps");

SEC("xdp")
int update(struct xdp_md *ctx)
{
	char *data = (char *)(long)ctx->data, *end = (char *)(long)ctx->data_end;
	char all[504];

	all[0] = 1;
	asm volatile("" : : "r"(all) : "memory");
	if (data + 32 > end)
		return XDP_DROP;
	bpf_map_update_elem(&entries, data, data, 0);
	return all[0];
}

char _license[] SEC("license") = "GPL";
