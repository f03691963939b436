// SPDX-License-Identifier: Apache-2.0
/* Values per CPU: by lookup, by update with all its errors, by constant and by variable index. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct counter {
	__u64 packets;
	__u32 bytes, unused;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, struct counter);
} counters SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} total SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, long);
} results SEC(".maps");

static void note(__u32 at, long result)
{
	bpf_map_update_elem(&results, &at, &result, BPF_ANY);
}

SEC("xdp")
int percpu_array(struct xdp_md *ctx)
{
	__u32 zero = 0, length = ctx->data_end - ctx->data, index = length & 7;
	__u64 *sum = bpf_map_lookup_elem(&total, &zero);
	struct counter *c = bpf_map_lookup_elem(&counters, &index);
	struct counter set = { length, 1, 7 };

	if (sum)
		*sum += length;
	if (c) {
		c->packets++;
		__sync_fetch_and_add(&c->bytes, length);
	}
	index = length & 3;
	if (length & 16)
		note(0, bpf_map_update_elem(&counters, &index, &set, BPF_EXIST));
	note(1, bpf_map_update_elem(&counters, &index, &set, BPF_NOEXIST));
	note(2, bpf_map_update_elem(&counters, &index, &set, 7));
	note(3, bpf_map_update_elem(&counters, &index, &set, 4));
	note(4, bpf_map_update_elem(&counters, &index, &set, 5));
	note(5, bpf_map_update_elem(&counters, &index, &set, 8));
	index = length;
	note(6, bpf_map_update_elem(&counters, &index, &set, length & 7));
	note(7, bpf_map_update_elem(&counters, &index, &set, 4));
	note(8, bpf_map_update_elem(&counters, &index, &set, BPF_NOEXIST));
	note(9, bpf_map_delete_elem(&counters, &index));
	note(10 + (length & 7), bpf_map_update_elem(&counters, &zero, &set, length & 7));
	return c ? XDP_PASS : XDP_DROP;
}

char _license[] SEC("license") = "GPL";
