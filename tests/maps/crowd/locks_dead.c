// SPDX-License-Identifier: Apache-2.0
/* Each hundredth packet works so long with the lock held that the watchdog ends it. The others go on. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct value {
	struct bpf_spin_lock lock;
	__u32 packets;
	__u64 work;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct value);
} map SEC(".maps");

static __u64 begun;

SEC("xdp")
int dead(struct xdp_md *ctx)
{
	__u64 number = __sync_fetch_and_add(&begun, 1);
	__u32 zero = 0;
	struct value *v = bpf_map_lookup_elem(&map, &zero);

	if (!v)
		return XDP_DROP;
	bpf_spin_lock(&v->lock);
	v->packets++;
	if (number % 100 == 99)
		for (int n = 0; n < 20000; n++)
			v->work = v->work * 7 + n;
	bpf_spin_unlock(&v->lock);
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
