// SPDX-License-Identifier: Apache-2.0
/* Arrays without max_entries, to which a loader gives one for each CPU: lookups inside and beyond them, redirects, a walk. A perf event array without any
 * sizes. */
#include "note.h"

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, __u64);
} counts SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__type(key, __u32);
	__type(value, __u64);
} own SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_CPUMAP);
	__type(key, __u32);
	__type(value, __u32);
} cpus SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
} events SEC(".maps");

static long add(void *map, __u32 *key, __u64 *value, __u64 *sum)
{
	(void)map;
	*sum += *value + *key;
	return 0;
}

SEC("xdp")
int sized_by_loader(struct xdp_md *ctx)
{
	__u8 *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__u64 *count, sum = 0, value;
	__u32 key;

	if (data + 60 > end)
		return XDP_DROP;
	key = data[29] & 63;
	value = data[17];
	count = bpf_map_lookup_elem(&counts, &key);
	note(0, count ? (long)++*count : -77);
	key ^= 32;
	note(1, bpf_map_update_elem(&counts, &key, &value, BPF_ANY));
	note(2, bpf_for_each_map_elem(&counts, add, &sum, 0));
	note(3, (long)sum);
	count = bpf_map_lookup_elem(&own, &key);
	note(4, count ? (long)++*count : -78);
	note(5, bpf_redirect_map(&cpus, key, XDP_TX)); /* nobody is there */
	if (key & 1)
		note(6, bpf_perf_event_output(ctx, &events, BPF_F_CURRENT_CPU, &key, sizeof(key)));
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
