// SPDX-License-Identifier: Apache-2.0
/* Values of maps compared with values that may be NULL. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 8);
	__type(key, __u32);
	__type(value, __u64);
} flows SEC(".maps"), others SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} records SEC(".maps");

static __always_inline __u64 *at(void *map, __u32 key, __u64 value)
{
	bpf_map_update_elem(map, &key, &value, BPF_NOEXIST);
	return bpf_map_lookup_elem(map, &key);
}

SEC("xdp")
int same_value(struct xdp_md *ctx)
{
	unsigned char *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__u32 key = 3;
	__u64 *known, *maybe;

	if (data + 34 > end)
		return XDP_DROP;
	known = at(&flows, data[17] & 3, 5);
	if (!known)
		return XDP_ABORTED;
	maybe = bpf_map_lookup_elem(&flows, &key);
	asm volatile("" : "+r"(maybe));
	if (known == maybe)
		return *maybe += 1, XDP_TX;
	if (maybe != known)
		*known += 2;
	return XDP_PASS;
}

SEC("xdp")
int maybe_first(struct xdp_md *ctx)
{
	unsigned char *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__u32 key = 3;
	__u64 *known, *maybe;

	if (data + 34 > end)
		return XDP_DROP;
	known = at(&flows, data[17] & 3, 5);
	if (!known)
		return XDP_ABORTED;
	maybe = bpf_map_lookup_elem(&flows, &key);
	asm volatile("" : "+r"(maybe));
	if (maybe != known)
		return XDP_PASS;
	*maybe += 1;
	return XDP_TX;
}

SEC("xdp")
int other_map(struct xdp_md *ctx)
{
	unsigned char *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__u32 key = 2;
	__u64 *known, *maybe;

	if (data + 34 > end)
		return XDP_DROP;
	known = at(&flows, data[17] & 3, 5);
	maybe = bpf_map_lookup_elem(&others, &key);
	asm volatile("" : "+r"(maybe));
	if (!known)
		return XDP_ABORTED;
	if (known == maybe)
		return *maybe ? XDP_TX : XDP_DROP;
	return (void *)data == (void *)maybe ? XDP_ABORTED : XDP_PASS;
}

SEC("xdp")
int not_equal_is_maybe(struct xdp_md *ctx)
{
	unsigned char *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__u32 key = 3;
	__u64 *known, *maybe;

	if (data + 34 > end)
		return XDP_DROP;
	known = at(&flows, data[17] & 3, 5);
	if (!known)
		return XDP_ABORTED;
	maybe = bpf_map_lookup_elem(&flows, &key);
	asm volatile("" : "+r"(maybe));
	if (maybe == known)
		return XDP_TX;
	return *maybe ? XDP_PASS : XDP_DROP;
}

/* What was a record's address is a number after it was given back. */
SEC("xdp")
int record_given_back(struct xdp_md *ctx)
{
	unsigned char *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	void *volatile on_stack;
	__u32 *record = NULL;

	if (data + 34 > end)
		return XDP_DROP;
	if (data[17] & 1)
		record = bpf_ringbuf_reserve(&records, 8, 0);
	on_stack = record;
	if (record) {
		record[0] = record[1] = data[17];
		if (data[17] & 2)
			bpf_ringbuf_submit(record, 0);
		else
			bpf_ringbuf_discard(record, 0);
	}
	asm volatile("" : "+r"(record));
	if (!record != !on_stack)
		return XDP_ABORTED;
	return record ? XDP_TX : XDP_PASS;
}

char _license[] SEC("license") = "GPL";
