// SPDX-License-Identifier: Apache-2.0
/* Bloom filters of several sizes: what was put in is there, and of the rest those that Linux takes for it, too, as both hash alike from 0 on. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define FILTER(name, size, entries, functions) \
	struct { \
		__uint(type, BPF_MAP_TYPE_BLOOM_FILTER); \
		__uint(map_flags, BPF_F_ZERO_SEED); \
		__uint(max_entries, entries); \
		__uint(map_extra, functions); \
		__uint(value_size, size); \
	} name SEC(".maps")

FILTER(hosts, 4, 30, 3);
FILTER(flows, 13, 60, 0);
FILTER(odd, 27, 3, 2);
FILTER(bytes, 1, 1, 1);

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 8);
	__type(key, __u32);
	__type(value, __u64);
} results SEC(".maps");

static __always_inline void keep(__u32 what, __u64 result)
{
	__u64 *r = bpf_map_lookup_elem(&results, &what);

	if (r)
		*r = (*r << 3 | *r >> 61) + result;
}

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	__u8 *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end, frame[46];

	if (data + 60 > end)
		return XDP_DROP;
	__builtin_memcpy(frame, data + 14, sizeof(frame));
	keep(0, bpf_map_peek_elem(&hosts, frame + 12));
	if (frame[3] & 1)
		keep(1, bpf_map_push_elem(&hosts, frame + 16, frame[3] & 4));
	keep(2, bpf_map_peek_elem(&flows, frame + 9));
	if (frame[3] & 2)
		keep(3, bpf_map_push_elem(&flows, frame + 9, BPF_ANY));
	keep(4, bpf_map_peek_elem(&odd, frame + 8));
	if ((frame[3] & 31) == 8)
		bpf_map_push_elem(&odd, frame + 8, BPF_ANY);
	keep(5, bpf_map_peek_elem(&bytes, frame + 11));
	if ((frame[11] & 7) == 3)
		bpf_map_push_elem(&bytes, frame + 11, BPF_ANY);
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
