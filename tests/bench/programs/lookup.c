// SPDX-License-Identifier: (GPL-2.0-only OR Apache-2.0)
/* One map lookup with a key of -DKEY=n bytes, taken from the packet at -DAT=; -DTYPE= the map's type. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct key {
	__u8 bytes[KEY];
};

struct {
	__uint(type, TYPE);
	__uint(max_entries, 256);
	__uint(key_size, KEY);
	__type(value, __u64);
} table SEC(".maps");

SEC("xdp")
int lookup(struct xdp_md *ctx)
{
	void *data_end = (void *)(long)ctx->data_end;
	void *data = (void *)(long)ctx->data;
	struct key key;

	if (data + AT + KEY > data_end)
		return XDP_DROP;
	__builtin_memcpy(&key, data + AT, KEY);
	return bpf_map_lookup_elem(&table, &key) ? XDP_DROP : XDP_PASS;
}

char _license[] SEC("license") = "GPL";
