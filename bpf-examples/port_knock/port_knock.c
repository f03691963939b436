// SPDX-License-Identifier: (GPL-2.0-only OR Apache-2.0)
/*
 * Hides a TCP port: only a source that has knocked on three others, in order, may open
 * connections to it. A wrong knock begins anew. Knocks themselves are dropped: nobody sees
 * that there is anything.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define KNOCKS	3

struct settings {
	__u16 hidden, knocks[KNOCKS];
};

/* The host may set others before it loads the program. */
const volatile struct settings set = { .hidden = 22, .knocks = { 7000, 8000, 9000 } };

struct source {
	__be32 addr[4]; /* IPv4: the first word */
};

struct progress {
	__u32 knocks; /* right ones in a row; KNOCKS: open */
	__u32 refused;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1024);
	__type(key, struct source);
	__type(value, struct progress);
} sources SEC(".maps");

/* A UDP packet or a TCP SYN knocks; returns 0 when the packet has no port. */
static __always_inline int parse(void *data, void *end, struct source *source, __u16 *port, __u8 *protocol, int *opens)
{
	struct ethhdr *eth = data;
	struct udphdr *udp;

	if ((void *)(eth + 1) > end)
		return 0;
	switch (bpf_ntohs(eth->h_proto)) {
	case ETH_P_IP: {
		struct iphdr *ip = (void *)(eth + 1);

		if ((void *)(ip + 1) > end || ip->ihl < 5 || ip->frag_off & bpf_htons(0x1fff))
			return 0;
		source->addr[0] = ip->saddr;
		*protocol = ip->protocol;
		udp = (void *)ip + ip->ihl * 4;
		break;
	}
	case ETH_P_IPV6: {
		struct ipv6hdr *ip6 = (void *)(eth + 1);

		if ((void *)(ip6 + 1) > end)
			return 0;
		__builtin_memcpy(source->addr, &ip6->saddr, sizeof(source->addr));
		*protocol = ip6->nexthdr;
		udp = (void *)(ip6 + 1);
		break;
	}
	default:
		return 0;
	}
	if (*protocol == IPPROTO_TCP) {
		struct tcphdr *tcp = (void *)udp;

		if ((void *)(tcp + 1) > end)
			return 0;
		*opens = tcp->syn && !tcp->ack;
		*port = bpf_ntohs(tcp->dest);
		return 1;
	}
	if (*protocol == IPPROTO_UDP) {
		if ((void *)(udp + 1) > end)
			return 0;
		*opens = 1;
		*port = bpf_ntohs(udp->dest);
		return 1;
	}
	return 0;
}

static __always_inline int is_knock(__u16 port)
{
	for (int i = 0; i < KNOCKS; i++)
		if (port == set.knocks[i])
			return 1;
	return 0;
}

static __always_inline int knock(const struct source *source, __u16 port)
{
	struct progress *progress = bpf_map_lookup_elem(&sources, source);
	struct progress first = { .knocks = port == set.knocks[0] };

	if (!progress) {
		if (first.knocks)
			bpf_map_update_elem(&sources, source, &first, BPF_ANY);
	} else if (progress->knocks < KNOCKS) {
		if (port == set.knocks[progress->knocks])
			progress->knocks++;
		else
			progress->knocks = first.knocks;
	}
	return XDP_DROP;
}

SEC("xdp")
int port_knock(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct progress *progress;
	struct source source = {};
	int opens = 0;
	__u8 protocol;
	__u16 port;

	if (!parse(data, end, &source, &port, &protocol, &opens))
		return XDP_PASS;
	if (opens && is_knock(port))
		return knock(&source, port);
	if (protocol != IPPROTO_TCP || port != set.hidden)
		return XDP_PASS;
	progress = bpf_map_lookup_elem(&sources, &source);
	if (progress && progress->knocks == KNOCKS)
		return XDP_PASS;
	if (progress)
		__sync_fetch_and_add(&progress->refused, 1);
	return XDP_DROP;
}

char _license[] SEC("license") = "Dual GPL/Apache-2.0";
