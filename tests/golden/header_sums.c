// SPDX-License-Identifier: Apache-2.0
/* Checksums of a header that the program has just written: from what it wrote, in pieces for all lanes. The cleared field is not stored. */
#include <linux/bpf.h>
#include <linux/ip.h>
#include <bpf/bpf_helpers.h>

static __u16 folded(__u32 sum)
{
	sum = (sum & 0xffff) + (sum >> 16);
	return ~((sum & 0xffff) + (sum >> 16));
}

SEC("xdp")
int header_sums(struct xdp_md *ctx)
{
	struct iphdr *ip = (void *)(long)ctx->data, *old = ip + 1;

	if ((void *)(ip + 4) > (void *)(long)ctx->data_end)
		return XDP_DROP;
	ip->ttl = 64;
	ip->protocol = 1;
	ip->check = 0;
	ip->saddr = old->daddr;
	ip->daddr = old->saddr;
	ip->check = folded(bpf_csum_diff(0, 0, (void *)ip, sizeof(*ip), 0));
	old->check = folded(bpf_csum_diff(0, 0, (void *)old, 3 * sizeof(*ip), 0));
	return XDP_TX;
}

char _license[] SEC("license") = "GPL";
