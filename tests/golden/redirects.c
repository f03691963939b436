// SPDX-License-Identifier: Apache-2.0
/* Where a packet goes may be set before it is known that it goes there, unless it could be redirected without. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_DEVMAP);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, __u32);
} ports SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 256);
	__type(key, __u32);
	__type(value, __u64);
} counts SEC(".maps");

SEC("xdp")
int redirects(struct xdp_md *ctx)
{
	__u8 *data = (__u8 *)(long)ctx->data;
	__u64 *count;
	__u32 key;

	if (data + 14 > (__u8 *)(long)ctx->data_end)
		return XDP_REDIRECT;
	key = data[6];
	count = bpf_map_lookup_elem(&counts, &key);
	if (count)
		__sync_fetch_and_add(count, 1);
	return bpf_redirect_map(&ports, 2, 0);
}

char _license[] SEC("license") = "GPL";
