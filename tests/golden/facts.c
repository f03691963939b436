// SPDX-License-Identifier: Apache-2.0
/* What the verifier found out: which memory each access goes to and where, also through a function's argument, and which way jumps go. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16);
	__type(key, __u32);
	__type(value, __u64);
} seen SEC(".maps");

static __attribute__((noinline)) int count(__u32 *key)
{
	__u64 *n = bpf_map_lookup_elem(&seen, key);

	return n ? ++*n > 9 : 0;
}

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	__u8 *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__u32 key;

	if (data + 14 > end)
		return XDP_PASS;
	key = data[12];
	asm volatile("if %0 > %1 goto +0" : : "r"(data + 13), "r"(end));
	return count(&key) ? XDP_DROP : XDP_PASS;
}

char _license[] SEC("license") = "GPL";
