// SPDX-License-Identifier: Apache-2.0
/* An address goes from a map to the packet, byte by byte: loads become wide with the stores. In the second copy a store to the map is between. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct addresses {
	unsigned char one[6], two[6];
	int count;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct addresses);
} table SEC(".maps");

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	unsigned char *data = (void *)(long)ctx->data;
	struct addresses *a;
	__u32 key = 0;

	if (data + 14 > (unsigned char *)(long)ctx->data_end)
		return XDP_DROP;
	a = bpf_map_lookup_elem(&table, &key);
	if (!a)
		return XDP_DROP;
	__builtin_memcpy(data, a->one, 6);
	for (int n = 0; n < 2; n++) {
		data[6 + n] = ((volatile unsigned char *)a->two)[n];
		((volatile unsigned char *)a->two)[1] = data[12];
	}
	return XDP_TX;
}

char _license[] SEC("license") = "GPL";
