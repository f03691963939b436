// SPDX-License-Identifier: Apache-2.0
/* Helpers get one of two buffers on the stack: where it lies is known as the packet comes. */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <bpf/bpf_helpers.h>

struct four {
	__u32 word[4];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 640);
	__type(key, struct four);
	__type(value, struct four);
} seen SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_QUEUE);
	__uint(max_entries, 64);
	__type(value, struct four);
} last SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 16);
} records SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, __u64);
} results SEC(".maps");

static __always_inline void keep(__u32 what, __u64 result)
{
	__u64 *r = bpf_map_lookup_elem(&results, &what);

	if (r)
		*r = *r * 5 + result;
}

#define BUFFERS \
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end; \
	struct iphdr *ip = data + sizeof(struct ethhdr); \
	struct four a = { { 1, 2, 3, 4 } }, b = { { 5, 6, 7, 8 } }, *one; \
	if ((void *)(ip + 1) > end) \
		return XDP_DROP; \
	a.word[0] = ip->saddr; \
	b.word[1] = ip->daddr; \
	one = ip->protocol == 6 ? &a : &b; \
	asm volatile("" : "+r"(one))

SEC("xdp")
int key_and_value(struct xdp_md *ctx)
{
	BUFFERS;

	if (bpf_map_lookup_elem(&seen, one))
		return bpf_map_delete_elem(&seen, one) ? XDP_ABORTED : XDP_DROP;
	bpf_map_update_elem(&seen, one, one, BPF_ANY);
	return XDP_PASS;
}

SEC("xdp")
int element(struct xdp_md *ctx)
{
	BUFFERS;

	keep(0, bpf_map_push_elem(&last, one, BPF_EXIST));
	one->word[2] = 9;
	keep(1, bpf_map_peek_elem(&last, one));
	keep(2, one->word[2]);
	return XDP_PASS;
}

SEC("xdp")
int record(struct xdp_md *ctx)
{
	BUFFERS;

	keep(0, bpf_ringbuf_output(&records, one, 13, 0));
	keep(1, bpf_csum_diff((__be32 *)one, 16, (__be32 *)&a, 8, 5));
	return XDP_PASS;
}

SEC("xdp")
int bytes(struct xdp_md *ctx)
{
	BUFFERS;

	keep(0, bpf_xdp_load_bytes(ctx, 3, one, 11));
	keep(1, one->word[1]);
	keep(2, bpf_xdp_store_bytes(ctx, 6, one, 7));
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
