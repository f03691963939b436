// SPDX-License-Identifier: (GPL-2.0-only OR Apache-2.0)
/*
 * Stateful firewall for TCP and UDP over IPv4. A packet from the inside network
 * opens a flow; a packet from outside passes only if it answers an open flow.
 * A TCP reset, from either side, closes its flow. ARP passes; all else is
 * dropped, fragments too, for only the first of them has ports.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/tcp.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define INSIDE_NET	bpf_htonl(0x0a000000) /* 10.0.0.0/8 */
#define INSIDE_MASK	bpf_htonl(0xff000000)
#define FRAGMENT	bpf_htons(0x3fff) /* more fragments, or an offset */

/* Seen from inside, so that both directions have the same key. */
struct flow_key {
	__be32 inside_addr;
	__be32 outside_addr;
	__be16 inside_port;
	__be16 outside_port;
	__u8 protocol;
	__u8 zero[3];
};

struct flow {
	__u64 packets;
	__u64 bytes;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, struct flow_key);
	__type(value, struct flow);
} flows SEC(".maps");

struct ports {
	__be16 source;
	__be16 dest;
};

SEC("xdp")
int firewall(struct xdp_md *ctx)
{
	void *data_end = (void *)(long)ctx->data_end;
	void *data = (void *)(long)ctx->data;
	__u64 len = data_end - data;
	struct ethhdr *eth = data;
	struct iphdr *ip = (void *)(eth + 1);
	struct flow_key key = {};
	struct ports *ports;
	struct tcphdr *tcp;
	struct flow *flow;
	int from_inside;
	int reset = 0;

	if ((void *)(eth + 1) > data_end)
		return XDP_DROP;
	if (eth->h_proto == bpf_htons(ETH_P_ARP))
		return XDP_PASS;
	if (eth->h_proto != bpf_htons(ETH_P_IP))
		return XDP_DROP;
	if ((void *)(ip + 1) > data_end || ip->version != 4 || ip->ihl < 5)
		return XDP_DROP;
	if (ip->frag_off & FRAGMENT)
		return XDP_DROP;

	ports = (void *)ip + ip->ihl * 4;
	switch (ip->protocol) {
	case IPPROTO_TCP:
		tcp = (void *)ports;
		if ((void *)(tcp + 1) > data_end)
			return XDP_DROP;
		reset = tcp->rst;
		break;
	case IPPROTO_UDP:
		if ((void *)(ports + 1) > data_end)
			return XDP_DROP;
		break;
	default:
		return XDP_DROP;
	}

	from_inside = (ip->saddr & INSIDE_MASK) == INSIDE_NET;
	key.protocol = ip->protocol;
	if (from_inside) {
		key.inside_addr = ip->saddr;
		key.outside_addr = ip->daddr;
		key.inside_port = ports->source;
		key.outside_port = ports->dest;
	} else {
		key.inside_addr = ip->daddr;
		key.outside_addr = ip->saddr;
		key.inside_port = ports->dest;
		key.outside_port = ports->source;
	}

	flow = bpf_map_lookup_elem(&flows, &key);
	if (flow) {
		__sync_fetch_and_add(&flow->packets, 1);
		__sync_fetch_and_add(&flow->bytes, len);
		if (reset)
			bpf_map_delete_elem(&flows, &key);
		return XDP_PASS;
	}
	if (!from_inside)
		return XDP_DROP;

	/* A reset closes; it has nothing to open. */
	if (!reset) {
		struct flow first = { .packets = 1, .bytes = len };

		/* A full table: without its flow no answer could come back. */
		if (bpf_map_update_elem(&flows, &key, &first, BPF_ANY))
			return XDP_DROP;
	}
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
