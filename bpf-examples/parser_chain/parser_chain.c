// SPDX-License-Identifier: (GPL-2.0-only OR Apache-2.0)
/*
 * A parser as a chain of programs: each looks at one header, counts it, and
 * calls the program for the next one by tail call. The host may put other programs into
 * the slots, or take some out: then a packet ends where the chain does.
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

enum { PARSE_IP, PARSE_IP6, PARSE_TCP, PARSE_UDP, N_PARSERS };
enum { META_MAGIC = 0x6e696a }; /* in front of the offset of the next header */

struct meta {
	__u32 magic, next_header;
};

int parse_ip(struct xdp_md *ctx);
int parse_ip6(struct xdp_md *ctx);
int parse_tcp(struct xdp_md *ctx);
int parse_udp(struct xdp_md *ctx);

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, N_PARSERS);
	__uint(key_size, sizeof(__u32));
	__array(values, int (void *));
} parsers SEC(".maps") = {
	.values = {
		[PARSE_IP] = (void *)&parse_ip,
		[PARSE_IP6] = (void *)&parse_ip6,
		[PARSE_TCP] = (void *)&parse_tcp,
		[PARSE_UDP] = (void *)&parse_udp,
	},
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, N_PARSERS);
	__type(key, __u32);
	__type(value, __u64);
} headers SEC(".maps");

static __always_inline void count(__u32 what)
{
	__u64 *n = bpf_map_lookup_elem(&headers, &what);

	if (n)
		__sync_fetch_and_add(n, 1);
}

/* Leaves the place of the next header to the next program, and calls it. */
static __always_inline int go_on(struct xdp_md *ctx, __u32 parser, __u32 next_header)
{
	struct meta *meta = (void *)(long)ctx->data_meta;

	if ((void *)(meta + 1) > (void *)(long)ctx->data)
		return XDP_ABORTED;
	meta->magic = META_MAGIC;
	meta->next_header = next_header;
	bpf_tail_call(ctx, &parsers, parser);
	return XDP_PASS;
}

/* The header that the program before has found, if all of it is there. */
static __always_inline void *header_of(struct xdp_md *ctx, __u32 size, __u32 *at)
{
	struct meta *meta = (void *)(long)ctx->data_meta;
	void *header = (void *)(long)ctx->data;

	if ((void *)(meta + 1) > (void *)(long)ctx->data || meta->magic != META_MAGIC || meta->next_header > 256)
		return NULL;
	*at = meta->next_header;
	header += *at;
	return header + size > (void *)(long)ctx->data_end ? NULL : header;
}

static __always_inline int by_protocol(struct xdp_md *ctx, __u8 protocol, __u32 at)
{
	if (protocol == IPPROTO_TCP)
		return go_on(ctx, PARSE_TCP, at);
	if (protocol == IPPROTO_UDP)
		return go_on(ctx, PARSE_UDP, at);
	return XDP_PASS;
}

SEC("xdp")
int parse_ip(struct xdp_md *ctx)
{
	__u32 at = 0;
	struct iphdr *ip = header_of(ctx, sizeof(*ip), &at);

	if (!ip || ip->ihl < 5 || ip->frag_off & bpf_htons(0x1fff))
		return XDP_PASS;
	count(PARSE_IP);
	return by_protocol(ctx, ip->protocol, at + 4 * ip->ihl);
}

SEC("xdp")
int parse_ip6(struct xdp_md *ctx)
{
	__u32 at = 0;
	struct ipv6hdr *ip6 = header_of(ctx, sizeof(*ip6), &at);

	if (!ip6)
		return XDP_PASS;
	count(PARSE_IP6);
	return by_protocol(ctx, ip6->nexthdr, at + sizeof(*ip6));
}

/* Connections are opened from within only. */
SEC("xdp")
int parse_tcp(struct xdp_md *ctx)
{
	__u32 at = 0;
	struct tcphdr *tcp = header_of(ctx, sizeof(*tcp), &at);

	if (!tcp)
		return XDP_PASS;
	count(PARSE_TCP);
	return tcp->syn && !tcp->ack ? XDP_DROP : XDP_PASS;
}

SEC("xdp")
int parse_udp(struct xdp_md *ctx)
{
	__u32 at = 0;
	struct udphdr *udp = header_of(ctx, sizeof(*udp), &at);

	if (!udp)
		return XDP_PASS;
	count(PARSE_UDP);
	return udp->dest == bpf_htons(5353) ? XDP_DROP : XDP_PASS;
}

SEC("xdp")
int parser_chain(struct xdp_md *ctx)
{
	struct ethhdr *eth = (void *)(long)ctx->data;
	__u16 protocol;

	if ((void *)(eth + 1) > (void *)(long)ctx->data_end)
		return XDP_PASS;
	protocol = eth->h_proto;
	if (protocol != bpf_htons(ETH_P_IP) && protocol != bpf_htons(ETH_P_IPV6))
		return XDP_PASS;
	if (bpf_xdp_adjust_meta(ctx, -(int)sizeof(struct meta)))
		return XDP_ABORTED;
	return go_on(ctx, protocol == bpf_htons(ETH_P_IP) ? PARSE_IP : PARSE_IP6, sizeof(*eth));
}

char _license[] SEC("license") = "Dual GPL/Apache-2.0";
