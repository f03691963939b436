// SPDX-License-Identifier: Apache-2.0
#include <linux/bpf.h>
#include <linux/ip.h>
#include <linux/tcp.h>
#include <bpf/bpf_helpers.h>

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct iphdr *ip = data + 14;
	struct tcphdr *tcp = (void *)(ip + 1);

	if ((void *)(tcp + 1) > end)
		return XDP_PASS;
	return bpf_tcp_raw_gen_syncookie_ipv4(ip, tcp, 4 * tcp->doff) < 0 ? XDP_DROP : bpf_tcp_raw_check_syncookie_ipv6((void *)ip, tcp) ? XDP_PASS : XDP_TX;
}

char _license[] SEC("license") = "GPL";
