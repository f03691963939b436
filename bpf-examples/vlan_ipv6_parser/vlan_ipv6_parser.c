// SPDX-License-Identifier: (GPL-2.0-only OR Apache-2.0)
/*
 * Finds TCP and UDP under up to two VLAN tags, in IPv4 with options or in IPv6
 * behind up to four extension headers; counts packets by class; drops telnet
 * (destination port 23) wherever it hides. What is nested deeper is dropped,
 * or it would be a way past the check.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define MAX_TAGS	2
#define MAX_EXTENSIONS	4
#define TELNET		bpf_htons(23)
#define V4_OFFSET	bpf_htons(0x1fff)
#define V6_OFFSET	bpf_htons(0xfff8)

enum class {
	NOT_IP,
	IPV4_TCP,
	IPV4_UDP,
	IPV4_OTHER,
	IPV6_TCP,
	IPV6_UDP,
	IPV6_OTHER,
	LATER_FRAGMENT, /* carries no ports */
	TELNET_DROPPED,
	TOO_DEEP,
	MALFORMED, /* ends inside a header, or the header says it is none */
	CLASSES
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, CLASSES);
	__type(key, __u32);
	__type(value, __u64);
} classes SEC(".maps");

struct vlan_tag {
	__be16 tci;
	__be16 proto;
};

/* The first two bytes are the same in every extension header. */
struct extension {
	__u8 nexthdr;
	__u8 len;
	__be16 frag_off; /* of the fragment header only */
	__u8 rest[4];
};

struct ports {
	__be16 source;
	__be16 dest;
};

static __always_inline int is_vlan(__be16 proto)
{
	return proto == bpf_htons(ETH_P_8021Q) || proto == bpf_htons(ETH_P_8021AD);
}

static __always_inline enum class ports_class(struct ports *ports, void *data_end, __u8 protocol,
					      enum class tcp, enum class udp, enum class other)
{
	if (protocol != IPPROTO_TCP && protocol != IPPROTO_UDP)
		return other;
	if ((void *)(ports + 1) > data_end)
		return MALFORMED;
	if (ports->dest == TELNET)
		return TELNET_DROPPED;
	return protocol == IPPROTO_TCP ? tcp : udp;
}

static __always_inline enum class ipv4_class(struct iphdr *ip, void *data_end)
{
	if ((void *)(ip + 1) > data_end || ip->version != 4 || ip->ihl < 5)
		return MALFORMED;
	if (ip->frag_off & V4_OFFSET)
		return LATER_FRAGMENT;
	return ports_class((void *)ip + ip->ihl * 4, data_end, ip->protocol,
			   IPV4_TCP, IPV4_UDP, IPV4_OTHER);
}

static __always_inline int is_extension(__u8 nexthdr)
{
	return nexthdr == IPPROTO_HOPOPTS || nexthdr == IPPROTO_ROUTING ||
	       nexthdr == IPPROTO_FRAGMENT || nexthdr == IPPROTO_DSTOPTS ||
	       nexthdr == IPPROTO_AH;
}

static __always_inline enum class ipv6_class(struct ipv6hdr *ip6, void *data_end)
{
	struct extension *ext = (void *)(ip6 + 1);
	__u8 nexthdr;

	if ((void *)(ip6 + 1) > data_end || ip6->version != 6)
		return MALFORMED;

	nexthdr = ip6->nexthdr;
#pragma unroll
	for (int i = 0; i < MAX_EXTENSIONS; i++) {
		__u32 len;

		if (!is_extension(nexthdr))
			break;
		if ((void *)(ext + 1) > data_end)
			return MALFORMED;
		if (nexthdr == IPPROTO_FRAGMENT) {
			if (ext->frag_off & V6_OFFSET)
				return LATER_FRAGMENT;
			len = sizeof(*ext);
		} else if (nexthdr == IPPROTO_AH) {
			len = (ext->len + 2) * 4;
		} else {
			len = (ext->len + 1) * 8;
		}
		nexthdr = ext->nexthdr;
		ext = (void *)ext + len;
	}
	if (is_extension(nexthdr))
		return TOO_DEEP;
	return ports_class((void *)ext, data_end, nexthdr, IPV6_TCP, IPV6_UDP, IPV6_OTHER);
}

static __always_inline enum class packet_class(void *data, void *data_end)
{
	struct ethhdr *eth = data;
	struct vlan_tag *tag = (void *)(eth + 1);
	__be16 proto;

	if ((void *)(eth + 1) > data_end)
		return MALFORMED;

	proto = eth->h_proto;
#pragma unroll
	for (int i = 0; i < MAX_TAGS; i++) {
		if (!is_vlan(proto))
			break;
		if ((void *)(tag + 1) > data_end)
			return MALFORMED;
		proto = tag->proto;
		tag++;
	}
	if (is_vlan(proto))
		return TOO_DEEP;
	if (proto == bpf_htons(ETH_P_IP))
		return ipv4_class((void *)tag, data_end);
	if (proto == bpf_htons(ETH_P_IPV6))
		return ipv6_class((void *)tag, data_end);
	return NOT_IP;
}

SEC("xdp")
int vlan_ipv6_parser(struct xdp_md *ctx)
{
	void *data_end = (void *)(long)ctx->data_end;
	void *data = (void *)(long)ctx->data;
	__u32 class = packet_class(data, data_end);
	__u64 *packets = bpf_map_lookup_elem(&classes, &class);

	if (packets)
		__sync_fetch_and_add(packets, 1);

	switch (class) {
	case TELNET_DROPPED:
	case TOO_DEEP:
		return XDP_DROP;
	case MALFORMED:
		return XDP_ABORTED;
	default:
		return XDP_PASS;
	}
}

char _license[] SEC("license") = "GPL";
