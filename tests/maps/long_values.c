// SPDX-License-Identifier: Apache-2.0
/* Values that the host's window to the map engine (1,280 bytes) does not hold: put in by the host, then read, changed and copied by packets. */
#include "note.h"

struct value {
	__u8 bytes[2001];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, struct value);
} table SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 16);
	__type(key, __u32);
	__type(value, struct value);
} recent SEC(".maps");

SEC("xdp")
int long_values(struct xdp_md *ctx)
{
	__u32 length = ctx->data_end - ctx->data, key = length & 3;
	struct value *v = bpf_map_lookup_elem(&table, &key), *r = bpf_map_lookup_elem(&recent, &key);

	note(0, r ? r->bytes[0] | r->bytes[1279] << 8 | r->bytes[1280] << 16 | r->bytes[2000] << 24 : -1);
	if (!v)
		return XDP_DROP;
	note(1, v->bytes[0] | v->bytes[1279] << 8 | v->bytes[1280] << 16 | v->bytes[2000] << 24);
	v->bytes[1999] += length;
	note(2, bpf_map_update_elem(&recent, &key, v, length >> 2 & 3));
	key ^= 2;
	note(3, bpf_map_update_elem(&table, &key, v, length >> 3 & 1));
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
