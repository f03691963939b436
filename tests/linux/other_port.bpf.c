// SPDX-License-Identifier: Apache-2.0
/* Segments go to the port behind the one that they were sent to, and their checksum does not say so: nobody may take them. */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/tcp.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

SEC("xdp")
int other_port(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;
	struct iphdr *ip = (void *)(eth + 1);
	struct tcphdr *tcp = (void *)(ip + 1);

	if ((void *)(tcp + 1) <= end && eth->h_proto == bpf_htons(ETH_P_IP) && ip->ihl == 5 && ip->protocol == IPPROTO_TCP)
		tcp->dest = bpf_htons(bpf_ntohs(tcp->dest) + 1);
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
