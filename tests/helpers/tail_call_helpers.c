// SPDX-License-Identifier: Apache-2.0
/* Helpers that need maps or keys of the NIC's own, called behind a tail call only. */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/tcp.h>
#include <bpf/bpf_helpers.h>

int asks(struct xdp_md *ctx);

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 1);
	__uint(key_size, sizeof(__u32));
	__array(values, int (void *));
} next SEC(".maps") = {
	.values = { [0] = (void *)&asks },
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, __s64);
} results SEC(".maps");

static __always_inline void keep(__u32 what, __s64 result)
{
	__s64 *r = bpf_map_lookup_elem(&results, &what);

	if (r)
		*r = *r * 3 + result;
}

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	bpf_tail_call(ctx, &next, 0);
	return XDP_ABORTED;
}

SEC("xdp")
int asks(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	struct iphdr *ip = data + ETH_HLEN;
	struct tcphdr *tcp = (void *)(ip + 1);
	struct bpf_fib_lookup route = { .family = 99 };

	if ((void *)(tcp + 1) > (void *)(long)ctx->data_end)
		return XDP_PASS;
	keep(0, bpf_fib_lookup(ctx, &route, sizeof(route), 0));
	keep(1, bpf_tcp_raw_gen_syncookie_ipv4(ip, tcp, 4));
	bpf_printk("protocol %d", ip->protocol);
	keep(2, ip->protocol);
	return XDP_TX;
}

char _license[] SEC("license") = "GPL";
