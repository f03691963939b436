// SPDX-License-Identifier: (GPL-2.0-only OR Apache-2.0)
/*
 * Lets packets in or keeps them out by the longest prefix of their source, IPv4 and IPv6,
 * under up to two VLAN tags, and remembers who is near: which Ethernet address a source
 * that came in was last seen with.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

enum action { ALLOW, DENY };

struct prefix4 {
	__u32 length;
	__be32 addr;
};

struct prefix6 {
	__u32 length;
	__be32 addr[4];
};

struct rule {
	__u32 action;
	__u32 number;
};

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(max_entries, 1024);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct prefix4);
	__type(value, struct rule);
} rules4 SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(max_entries, 1024);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct prefix6);
	__type(value, struct rule);
} rules6 SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, __u64);
} hits SEC(".maps"); /* by the number of the rule */

struct neighbour {
	__u8 mac[ETH_ALEN];
	__be16 vlan;
	__u64 packets;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1024);
	__type(key, struct prefix6);
	__type(value, struct neighbour);
} neighbours SEC(".maps");

struct vlan_tag {
	__be16 tci, proto;
};

static __always_inline int same_mac(const __u8 *a, const __u8 *b)
{
	const __u16 *x = (const void *)a, *y = (const void *)b;

	return x[0] == y[0] && x[1] == y[1] && x[2] == y[2];
}

static __always_inline void learn(const struct prefix6 *who, const struct ethhdr *eth, __be16 vlan)
{
	struct neighbour *known = bpf_map_lookup_elem(&neighbours, who);
	struct neighbour first = { .vlan = vlan, .packets = 1 };

	if (known) {
		__sync_fetch_and_add(&known->packets, 1);
		if (known->vlan == vlan && same_mac(known->mac, eth->h_source))
			return;
		__builtin_memcpy(known->mac, eth->h_source, ETH_ALEN);
		known->vlan = vlan;
		return;
	}
	__builtin_memcpy(first.mac, eth->h_source, ETH_ALEN);
	bpf_map_update_elem(&neighbours, who, &first, BPF_ANY);
}

SEC("xdp")
int prefix_filter(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;
	void *network = eth + 1;
	struct prefix6 who = {};
	struct rule *rule;
	__be16 proto, vlan = 0;
	__u64 *count;
	__u32 number;

	if (network > end)
		return XDP_DROP;
	proto = eth->h_proto;
	for (int i = 0; i < 2; i++) {
		struct vlan_tag *tag = network;

		if (proto != bpf_htons(ETH_P_8021Q) && proto != bpf_htons(ETH_P_8021AD))
			break;
		if ((void *)(tag + 1) > end)
			return XDP_DROP;
		vlan = tag->tci & bpf_htons(0xfff);
		proto = tag->proto;
		network = tag + 1;
	}
	if (proto == bpf_htons(ETH_P_IP)) {
		struct iphdr *ip = network;
		struct prefix4 key = { .length = 32 };

		if ((void *)(ip + 1) > end)
			return XDP_DROP;
		key.addr = ip->saddr;
		who.length = 32;
		who.addr[0] = ip->saddr;
		rule = bpf_map_lookup_elem(&rules4, &key);
	} else if (proto == bpf_htons(ETH_P_IPV6)) {
		struct ipv6hdr *ip6 = network;

		if ((void *)(ip6 + 1) > end)
			return XDP_DROP;
		who.length = 128;
		__builtin_memcpy(who.addr, &ip6->saddr, sizeof(who.addr));
		rule = bpf_map_lookup_elem(&rules6, &who);
	} else {
		return XDP_PASS;
	}
	if (!rule)
		return XDP_DROP; /* nobody has allowed it */
	number = rule->number;
	count = bpf_map_lookup_elem(&hits, &number);
	if (count)
		++*count;
	if (rule->action == DENY)
		return XDP_DROP;
	learn(&who, eth, vlan);
	return XDP_PASS;
}

char _license[] SEC("license") = "Dual GPL/Apache-2.0";
