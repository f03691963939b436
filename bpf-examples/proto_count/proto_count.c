// SPDX-License-Identifier: (GPL-2.0-only OR Apache-2.0)
/*
 * Counts packets and bytes by the protocol number of the IPv4 or IPv6 header
 * and passes them all. The two entries after the 256 protocols count what has
 * no such number.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define NOT_IP		256
#define TRUNCATED	257
#define ENTRIES		258

struct count {
	__u64 packets;
	__u64 bytes;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, ENTRIES);
	__type(key, __u32);
	__type(value, struct count);
} counts SEC(".maps");

static __always_inline __u32 protocol(void *data, void *data_end)
{
	struct ethhdr *eth = data;
	struct iphdr *ip;
	struct ipv6hdr *ip6;

	if ((void *)(eth + 1) > data_end)
		return TRUNCATED;

	switch (eth->h_proto) {
	case bpf_htons(ETH_P_IP):
		ip = (void *)(eth + 1);
		if ((void *)(ip + 1) > data_end)
			return TRUNCATED;
		return ip->protocol;
	case bpf_htons(ETH_P_IPV6):
		ip6 = (void *)(eth + 1);
		if ((void *)(ip6 + 1) > data_end)
			return TRUNCATED;
		return ip6->nexthdr;
	default:
		return NOT_IP;
	}
}

SEC("xdp")
int proto_count(struct xdp_md *ctx)
{
	void *data_end = (void *)(long)ctx->data_end;
	void *data = (void *)(long)ctx->data;
	__u32 key = protocol(data, data_end);
	struct count *count = bpf_map_lookup_elem(&counts, &key);

	if (count) {
		__sync_fetch_and_add(&count->packets, 1);
		__sync_fetch_and_add(&count->bytes, data_end - data);
	}
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
