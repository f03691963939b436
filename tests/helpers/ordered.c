// SPDX-License-Identifier: Apache-2.0
/* Loads that acquire and stores that release, of each width, on the stack, in values of maps and in global data; among plain accesses to the same words. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include "ordered.h"

struct slot {
	__u64 whole;
	__u32 half[2];
	__u16 quarter[4];
	__u8 byte[8];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 8);
	__type(key, __u32);
	__type(value, struct slot);
} slots SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, __u8);
	__type(value, struct slot);
} flows SEC(".maps");

static struct slot shared;
static const volatile __u32 limit = 77;

static __always_inline __u64 use(struct slot *s, __u64 n)
{
	__u64 sum = load_acquire(db, &s->whole);

	s->half[1] += n;
	sum += load_acquire(c3, &s->half[0]) * 3 + s->half[1];
	store_release(db, &s->whole, sum + n);
	store_release(c3, &s->half[0], sum ^ n);
	s->quarter[2] = sum;
	sum += s->quarter[2] + load_acquire(cb, &s->quarter[1]);
	store_release(cb, &s->quarter[1], sum);
	store_release(cb, &s->quarter[2], s->quarter[2] + n);
	sum += load_acquire(d3, &s->byte[5]);
	store_release(d3, &s->byte[3], sum >> 3);
	s->byte[4] = s->byte[3] + 1;
	return sum + load_acquire(db, &s->byte[0]);
}

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	unsigned char *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct slot own = { .whole = 5, .byte = { 1, 2, 3 } }, *s;
	__u32 key = 3;
	__u8 flow;
	__u64 sum;

	if (data + 34 > end)
		return XDP_DROP;
	sum = use(&shared, data[17]) + use(&own, data[19] & 3);
	s = bpf_map_lookup_elem(&slots, &key);
	if (s)
		sum += use(s, data[21]);
	flow = data[29] & 15;
	s = bpf_map_lookup_elem(&flows, &flow);
	if (s)
		sum += use(s, sum);
	else
		bpf_map_update_elem(&flows, &flow, &own, BPF_ANY);
	return sum % 100 > load_acquire(c3, &limit) ? XDP_TX : XDP_PASS;
}

char _license[] SEC("license") = "GPL";
