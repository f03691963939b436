// SPDX-License-Identifier: (GPL-2.0-only OR Apache-2.0)
/*
 * Samples packets at random and counts them by flow; of each sampled packet a record with its
 * first bytes goes to the host. All packets go on.
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

#define SAMPLE_BYTES	64

struct flow {
	__be32 src[4], dst[4]; /* IPv4: the first word */
	__be16 sport, dport;
	__u16 ethertype;
	__u8 protocol, tos;
};

struct usage {
	__u64 packets, bytes;
	__u32 tcp_flags, longest;
};

struct sample {
	__u32 length, captured; /* of the packet, and how much of it follows */
	__u32 ifindex, queue;
	struct flow flow;
	__u8 bytes[SAMPLE_BYTES];
};

struct settings {
	__u32 threshold; /* of 2^32: how likely a packet is sampled; 0: never */
	__u32 tell; /* send records, too */
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct settings);
} settings SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_PERCPU_HASH);
	__uint(max_entries, 128);
	__type(key, struct flow);
	__type(value, struct usage);
} flows SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 64 * 1024);
} samples SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, __u64);
} lost SEC(".maps");

enum { NO_ROOM, NO_FLOW };

static __always_inline void count_lost(__u32 why)
{
	__u64 *n = bpf_map_lookup_elem(&lost, &why);

	if (n)
		++*n;
}

/* What is not there stays 0. Returns the TCP flags. */
static __always_inline __u32 dissect(void *data, void *end, struct flow *flow)
{
	struct ethhdr *eth = data;
	struct udphdr *ports;
	struct tcphdr *tcp;

	if ((void *)(eth + 1) > end)
		return 0;
	flow->ethertype = bpf_ntohs(eth->h_proto);
	if (flow->ethertype == ETH_P_IP) {
		struct iphdr *ip = (void *)(eth + 1);

		if ((void *)(ip + 1) > end)
			return 0;
		flow->src[0] = ip->saddr;
		flow->dst[0] = ip->daddr;
		flow->protocol = ip->protocol;
		flow->tos = ip->tos;
		if (ip->frag_off & bpf_htons(0x1fff) || ip->ihl < 5)
			return 0;
		ports = (void *)ip + ip->ihl * 4;
	} else if (flow->ethertype == ETH_P_IPV6) {
		struct ipv6hdr *ip6 = (void *)(eth + 1);

		if ((void *)(ip6 + 1) > end)
			return 0;
		__builtin_memcpy(flow->src, &ip6->saddr, sizeof(flow->src));
		__builtin_memcpy(flow->dst, &ip6->daddr, sizeof(flow->dst));
		flow->protocol = ip6->nexthdr;
		flow->tos = bpf_ntohl(*(__be32 *)ip6) >> 20;
		ports = (void *)(ip6 + 1);
	} else {
		return 0;
	}
	if (flow->protocol != IPPROTO_TCP && flow->protocol != IPPROTO_UDP)
		return 0;
	if ((void *)(ports + 1) > end)
		return 0;
	flow->sport = ports->source;
	flow->dport = ports->dest;
	tcp = (void *)ports;
	if (flow->protocol != IPPROTO_TCP || (void *)(tcp + 1) > end)
		return 0;
	return ((__u8 *)tcp)[13];
}

static __always_inline void tell(struct xdp_md *ctx, const struct flow *flow, __u64 length)
{
	__u64 captured = length < SAMPLE_BYTES ? length : SAMPLE_BYTES;
	struct sample *sample = bpf_ringbuf_reserve(&samples, sizeof(*sample), 0);

	if (!sample) {
		count_lost(NO_ROOM);
		return;
	}
	__builtin_memset(sample->bytes, 0, sizeof(sample->bytes));
	sample->length = length;
	sample->captured = captured;
	sample->ifindex = ctx->ingress_ifindex;
	sample->queue = ctx->rx_queue_index;
	sample->flow = *flow;
	asm volatile("" : "+r"(captured)); /* or clang forgets to compare what it passes */
	if (captured == 0 || captured > SAMPLE_BYTES || bpf_xdp_load_bytes(ctx, 0, sample->bytes, captured)) {
		bpf_ringbuf_discard(sample, 0);
		return;
	}
	bpf_ringbuf_submit(sample, 0);
}

static __always_inline void account(const struct flow *flow, __u32 length, __u32 tcp_flags)
{
	struct usage *usage = bpf_map_lookup_elem(&flows, flow);

	if (usage) {
		usage->packets++;
		usage->bytes += length;
		usage->tcp_flags |= tcp_flags;
		if (length > usage->longest)
			usage->longest = length;
	} else {
		struct usage first = { .packets = 1, .bytes = length, .tcp_flags = tcp_flags, .longest = length };

		if (bpf_map_update_elem(&flows, flow, &first, BPF_NOEXIST))
			count_lost(NO_FLOW);
	}
}

SEC("xdp")
int flow_exporter(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__u32 zero = 0, length = end - data, flags;
	const struct settings *set = bpf_map_lookup_elem(&settings, &zero);
	struct flow flow = {};

	if (!set || !set->threshold || bpf_get_prandom_u32() > set->threshold)
		return XDP_PASS;
	flags = dissect(data, end, &flow);
	account(&flow, length, flags);
	if (set->tell)
		tell(ctx, &flow, length);
	return XDP_PASS;
}

char _license[] SEC("license") = "Dual GPL/Apache-2.0";
