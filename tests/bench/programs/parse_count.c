// SPDX-License-Identifier: (GPL-2.0-only OR Apache-2.0)
/*
 * Looks through up to two VLAN tags, counts packets by IP protocol, and drops them; with -DTX=1 (not 0) UDP goes back with
 * exchanged MAC addresses instead. What Linux' samples xdp1 and xdp2 did with direct packet access before they copied the headers to the stack:
 * the form that hXDP measured. -DCOUNTERS= the counters' map type.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

struct vlan {
	__be16 tci;
	__be16 proto;
};

struct {
	__uint(type, COUNTERS);
	__uint(max_entries, 256);
	__type(key, __u32);
	__type(value, __u64);
} packets SEC(".maps");

static __always_inline int is_vlan(__be16 proto)
{
	return proto == bpf_htons(ETH_P_8021Q) || proto == bpf_htons(ETH_P_8021AD);
}

static __always_inline __u32 protocol(__be16 proto, void *header, void *data_end)
{
	struct iphdr *ip = header;
	struct ipv6hdr *ip6 = header;

	if (proto == bpf_htons(ETH_P_IP))
		return (void *)(ip + 1) > data_end ? 0 : ip->protocol;
	if (proto == bpf_htons(ETH_P_IPV6))
		return (void *)(ip6 + 1) > data_end ? 0 : ip6->nexthdr;
	return 0;
}

static __always_inline int answer(struct ethhdr *eth, __u32 proto)
{
	__u8 mac[ETH_ALEN];

	if (!TX || proto != IPPROTO_UDP)
		return XDP_DROP;
	__builtin_memcpy(mac, eth->h_dest, ETH_ALEN);
	__builtin_memcpy(eth->h_dest, eth->h_source, ETH_ALEN);
	__builtin_memcpy(eth->h_source, mac, ETH_ALEN);
	return XDP_TX;
}

SEC("xdp")
int parse_count(struct xdp_md *ctx)
{
	void *data_end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = (void *)(long)ctx->data;
	void *header = eth + 1;
	__u64 *count;
	__be16 proto;
	__u32 key;

	if (header > data_end)
		return XDP_DROP;
	proto = eth->h_proto;
#pragma unroll
	for (int i = 0; i < 2; i++)
		if (is_vlan(proto)) {
			struct vlan *tag = header;

			header = tag + 1;
			if (header > data_end)
				return XDP_DROP;
			proto = tag->proto;
		}
	key = protocol(proto, header, data_end);
	count = bpf_map_lookup_elem(&packets, &key);
	if (count)
		*count += 1;
	return answer(eth, key);
}

char _license[] SEC("license") = "GPL";
