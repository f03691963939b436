// SPDX-License-Identifier: (GPL-2.0-only OR Apache-2.0)
/*
 * A switch with a fixed table: frames go to the port of their destination
 * address; frames of groups and unknown stations go to the host; frames that came from that very
 * port are dropped. With 802.1Q tags, only the VLANs that the host has set up pass.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

struct station {
	__u8 address[ETH_ALEN];
	__u16 vlan;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, struct station);
	__type(value, __u32); /* place in ports */
} stations SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_DEVMAP);
	__uint(max_entries, 8);
	__type(key, __u32);
	__type(value, __u32);
} ports SEC(".maps");

SEC("xdp")
int forward(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;
	struct station to = {};
	__u32 *port;

	if (data + sizeof(*eth) + 4 > end)
		return XDP_DROP;
	__builtin_memcpy(to.address, eth->h_dest, ETH_ALEN);
	if (eth->h_proto == bpf_htons(ETH_P_8021Q))
		to.vlan = bpf_ntohs(*(__be16 *)(eth + 1)) & 0xfff;
	port = bpf_map_lookup_elem(&stations, &to);
	if (!port)
		return XDP_PASS;
	return bpf_redirect_map(&ports, *port, XDP_DROP);
}

char _license[] SEC("license") = "Dual GPL/Apache-2.0";
