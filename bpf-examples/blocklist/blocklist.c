// SPDX-License-Identifier: (GPL-2.0-only OR Apache-2.0)
/*
 * Drops IPv4 packets whose source address the host has put on the list, and
 * counts them there. All else passes.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

struct count {
	__u64 packets;
	__u64 bytes;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, __be32);
	__type(value, struct count);
} blocklist SEC(".maps");

SEC("xdp")
int block_sources(struct xdp_md *ctx)
{
	void *data_end = (void *)(long)ctx->data_end;
	void *data = (void *)(long)ctx->data;
	struct ethhdr *eth = data;
	struct iphdr *ip = (void *)(eth + 1);
	struct count *dropped;
	__be32 source;

	if ((void *)(ip + 1) > data_end || eth->h_proto != bpf_htons(ETH_P_IP))
		return XDP_PASS;

	source = ip->saddr;
	dropped = bpf_map_lookup_elem(&blocklist, &source);
	if (!dropped)
		return XDP_PASS;

	__sync_fetch_and_add(&dropped->packets, 1);
	__sync_fetch_and_add(&dropped->bytes, data_end - data);
	return XDP_DROP;
}

char _license[] SEC("license") = "GPL";
