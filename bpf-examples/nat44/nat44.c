// SPDX-License-Identifier: (GPL-2.0-only OR Apache-2.0)
/*
 * NAT of many inside IPv4 addresses to one outside address: TCP and UDP by port, ICMP
 * echo by identifier, ICMP errors by the packet they quote. A mapping is the same for
 * all destinations. The stack routes what this has translated.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define FRAGMENT	bpf_htons(0x3fff)
#define PROBES		8

/* linux/icmp.h needs the C library's headers of the target. */
enum { ICMP_ECHOREPLY = 0, ICMP_DEST_UNREACH = 3, ICMP_ECHO = 8, ICMP_TIME_EXCEEDED = 11 };

struct icmphdr {
	__u8 type, code;
	__be16 checksum, id, sequence;
};

/* The host may set other values before it loads the program. */
const volatile __u32 inside_net = 0x0a000000, inside_mask = 0xff000000; /* 10.0.0.0/8 */
const volatile __u32 outside_addr = 0xcb007101; /* 203.0.113.1 */
const volatile __u16 first_port = 32768, ports = 16384;

struct endpoint {
	__be32 addr;
	__be16 port;
	__u8 protocol;
	__u8 zero;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, struct endpoint);
	__type(value, __be16);
} outward SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, struct endpoint);
	__type(value, struct endpoint);
} inward SEC(".maps");

enum { OUT, IN, ERROR_IN, NO_MAPPING, NO_PORT, FRAGMENTS, COUNTERS };

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, COUNTERS);
	__type(key, __u32);
	__type(value, __u64);
} counters SEC(".maps");

static __always_inline void count(__u32 what)
{
	__u64 *n = bpf_map_lookup_elem(&counters, &what);

	if (n)
		__sync_fetch_and_add(n, 1);
}

/* RFC 1624, equation 3: a word of what the checksum covers changes. */
static __always_inline __u16 adjust16(__u16 check, __u16 from, __u16 to)
{
	__u32 sum = (__u16)~check + (__u16)~from + to;

	sum = (sum & 0xffff) + (sum >> 16);
	return ~(sum + (sum >> 16));
}

static __always_inline __u16 adjust32(__u16 check, __be32 from, __be32 to)
{
	return adjust16(adjust16(check, from, to), from >> 16, to >> 16);
}

/* Where the packet has its port or echo identifier, and the checksum over it. */
struct place {
	__be16 *port, *check;
	int pseudo_header; /* the checksum is over the addresses, too */
};

static __always_inline int udp_or_tcp(void *l4, void *end, __u8 protocol, int from_inside, struct place *at)
{
	if (protocol == IPPROTO_TCP) {
		struct tcphdr *tcp = l4;

		if ((void *)(tcp + 1) > end)
			return -1;
		at->port = from_inside ? &tcp->source : &tcp->dest;
		at->check = &tcp->check;
	} else {
		struct udphdr *udp = l4;

		if ((void *)(udp + 1) > end)
			return -1;
		at->port = from_inside ? &udp->source : &udp->dest;
		at->check = udp->check ? &udp->check : NULL;
	}
	at->pseudo_header = 1;
	return 0;
}

static __always_inline void set_port(struct place *at, __be16 port, __be32 from, __be32 to, __u8 protocol)
{
	if (at->check) {
		__u16 check = adjust16(*at->check, *at->port, port);

		if (at->pseudo_header)
			check = adjust32(check, from, to);
		if (!check && protocol == IPPROTO_UDP)
			check = 0xffff; /* 0 would say there is none */
		*at->check = check;
	}
	*at->port = port;
}

static __always_inline __be16 *new_port(const struct endpoint *inside)
{
	struct endpoint outside = { .addr = bpf_htonl(outside_addr), .protocol = inside->protocol };
	__u32 hash = (bpf_ntohl(inside->addr) ^ (__u32)bpf_ntohs(inside->port) << 11) * 0x9e3779b1;

	/* The port it has inside, if nobody has it: then somewhere. */
	for (__u32 i = 0; i < PROBES; i++) {
		__u32 port = bpf_ntohs(inside->port);

		if (i || port - first_port >= ports)
			port = first_port + ((hash >> 8) + i) % ports;
		outside.port = bpf_htons(port);
		if (!bpf_map_update_elem(&inward, &outside, inside, BPF_NOEXIST)) {
			if (!bpf_map_update_elem(&outward, inside, &outside.port, BPF_ANY))
				return bpf_map_lookup_elem(&outward, inside);
			bpf_map_delete_elem(&inward, &outside);
			return NULL;
		}
	}
	return NULL;
}

static __always_inline int go_out(struct iphdr *ip, struct place *at)
{
	struct endpoint inside = { .addr = ip->saddr, .port = *at->port, .protocol = ip->protocol };
	__be32 outside = bpf_htonl(outside_addr);
	__be16 *port = bpf_map_lookup_elem(&outward, &inside);

	if (!port) {
		port = new_port(&inside);
		if (!port) {
			count(NO_PORT);
			return XDP_DROP;
		}
	}
	count(OUT);
	set_port(at, *port, ip->saddr, outside, ip->protocol);
	ip->check = adjust32(ip->check, ip->saddr, outside);
	ip->saddr = outside;
	return XDP_PASS;
}

static __always_inline int come_in(struct iphdr *ip, struct place *at)
{
	struct endpoint outside = { .addr = ip->daddr, .port = *at->port, .protocol = ip->protocol };
	const struct endpoint *inside = bpf_map_lookup_elem(&inward, &outside);

	if (!inside) {
		count(NO_MAPPING);
		return XDP_PASS; /* for the host itself */
	}
	count(IN);
	set_port(at, inside->port, ip->daddr, inside->addr, ip->protocol);
	ip->check = adjust32(ip->check, ip->daddr, inside->addr);
	ip->daddr = inside->addr;
	return XDP_PASS;
}

/* An error quotes a packet of ours as it left: its source is translated back, and the checksum of the error follows. */
static __always_inline int error_in(struct iphdr *ip, struct icmphdr *icmp, void *end)
{
	struct iphdr *quoted = (void *)(icmp + 1);
	__be16 *port = (void *)(quoted + 1);
	struct endpoint outside = {};
	const struct endpoint *inside;
	__u16 check, inner;

	if ((void *)(port + 4) > end || quoted->ihl != 5)
		return XDP_PASS;
	if (quoted->protocol != IPPROTO_TCP && quoted->protocol != IPPROTO_UDP)
		return XDP_PASS;
	outside.addr = quoted->saddr;
	outside.port = *port;
	outside.protocol = quoted->protocol;
	inside = bpf_map_lookup_elem(&inward, &outside);
	if (!inside) {
		count(NO_MAPPING);
		return XDP_PASS;
	}
	count(ERROR_IN);
	inner = adjust32(quoted->check, quoted->saddr, inside->addr);
	check = adjust16(icmp->checksum, quoted->check, inner);
	check = adjust32(check, quoted->saddr, inside->addr);
	icmp->checksum = adjust16(check, *port, inside->port);
	quoted->check = inner;
	quoted->saddr = inside->addr;
	*port = inside->port;
	ip->check = adjust32(ip->check, ip->daddr, inside->addr);
	ip->daddr = inside->addr;
	return XDP_PASS;
}

SEC("xdp")
int nat44(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;
	struct iphdr *ip = (void *)(eth + 1);
	int from_inside, to_outside;
	struct place at = {};
	void *l4;

	if ((void *)(ip + 1) > end || eth->h_proto != bpf_htons(ETH_P_IP) || ip->ihl < 5)
		return XDP_PASS;
	from_inside = (bpf_ntohl(ip->saddr) & inside_mask) == inside_net && (bpf_ntohl(ip->daddr) & inside_mask) != inside_net;
	to_outside = ip->daddr == bpf_htonl(outside_addr);
	if (!from_inside && !to_outside)
		return XDP_PASS;
	if (ip->frag_off & FRAGMENT) {
		count(FRAGMENTS);
		return XDP_DROP;
	}
	l4 = (void *)ip + ip->ihl * 4;
	if (ip->protocol == IPPROTO_TCP || ip->protocol == IPPROTO_UDP) {
		if (udp_or_tcp(l4, end, ip->protocol, from_inside, &at))
			return XDP_DROP;
	} else if (ip->protocol == IPPROTO_ICMP) {
		struct icmphdr *icmp = l4;

		if ((void *)(icmp + 1) > end)
			return XDP_DROP;
		if (!from_inside && (icmp->type == ICMP_DEST_UNREACH || icmp->type == ICMP_TIME_EXCEEDED))
			return error_in(ip, icmp, end);
		if (icmp->type != (from_inside ? ICMP_ECHO : ICMP_ECHOREPLY))
			return XDP_PASS;
		at.port = &icmp->id;
		at.check = &icmp->checksum;
	} else {
		return from_inside ? XDP_DROP : XDP_PASS;
	}
	return from_inside ? go_out(ip, &at) : come_in(ip, &at);
}

char _license[] SEC("license") = "Dual GPL/Apache-2.0";
