// SPDX-License-Identifier: Apache-2.0
/* What the NIC knows of a packet besides its bytes: a program is told that it is not there, and goes on without. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

extern int bpf_xdp_metadata_rx_timestamp(const struct xdp_md *ctx, __u64 *timestamp) __ksym;
extern int bpf_xdp_metadata_rx_hash(const struct xdp_md *ctx, __u32 *hash, __u32 *type) __ksym;
extern int bpf_xdp_metadata_rx_vlan_tag(const struct xdp_md *ctx, __u16 *protocol, __u16 *tag) __ksym __weak;

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __s64);
} results SEC(".maps");

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	__u32 hash = 7, type = 8, key = 0;
	__u16 protocol = 1, tag = 2;
	__u64 time = 9;
	__s64 *r = bpf_map_lookup_elem(&results, &key);

	if (!r)
		return XDP_DROP;
	*r = *r * 5 + bpf_xdp_metadata_rx_timestamp(ctx, &time) + (__s64)time;
	*r = *r * 5 + bpf_xdp_metadata_rx_hash(ctx, &hash, &type) + hash + type;
	if (bpf_xdp_metadata_rx_vlan_tag)
		*r = *r * 5 + bpf_xdp_metadata_rx_vlan_tag(ctx, &protocol, &tag) + protocol + tag;
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
