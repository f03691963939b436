// SPDX-License-Identifier: (GPL-2.0-only OR Apache-2.0)
/* -DTIMES=n calls of bpf_csum_diff over the IPv4 header, each continuing the sum of the last one. */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <bpf/bpf_helpers.h>

SEC("xdp")
int csum(struct xdp_md *ctx)
{
	void *data_end = (void *)(long)ctx->data_end;
	struct iphdr *ip = (void *)(long)ctx->data + ETH_HLEN;
	__u32 sum = 0;

	if ((void *)(ip + 1) > data_end)
		return XDP_PASS;
#pragma unroll
	for (int i = 0; i < TIMES; i++)
		sum = bpf_csum_diff(0, 0, (__be32 *)ip, sizeof(*ip), sum);
	return sum ? XDP_DROP : XDP_PASS;
}

char _license[] SEC("license") = "GPL";
