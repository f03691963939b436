// SPDX-License-Identifier: Apache-2.0
/*
 * SYN cookies. Which cookie a connection gets is the host's secret; that the size of segments, the errors and what comes of checking
 * are the kernel's is not: a cookie is good for its own connection, in its own minute, and nothing else is.
 */
#include <linux/bpf.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

enum { ETHERNET = 14, OPTIONS = 16, CASES = 24 };

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, CASES);
	__type(key, __u32);
	__type(value, __s64);
} results SEC(".maps");

struct segment {
	struct tcphdr tcp;
	__u8 options[OPTIONS];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct segment);
} kept SEC(".maps");

static __always_inline void keep(__u32 what, __s64 result)
{
	__s64 *r = bpf_map_lookup_elem(&results, &what);

	if (r)
		*r = *r * 5 + result;
}

/* The acknowledgement of a cookie. */
static __always_inline void answer(struct tcphdr *tcp, __u64 cookie)
{
	tcp->ack_seq = bpf_htonl((__u32)cookie + 1);
	tcp->seq = bpf_htonl(bpf_ntohl(tcp->seq) + 1);
}

static __always_inline __s64 size_of(__s64 cookie)
{
	return cookie < 0 ? cookie : cookie >> 32;
}

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	unsigned char *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct tcphdr *in_packet = (void *)(data + ETHERNET + sizeof(struct iphdr));
	struct segment own = {}, *in_map;
	struct ipv6hdr six;
	struct iphdr four;
	__u32 zero = 0, n;
	__s64 cookie;

	if (data + ETHERNET + 64 > end)
		return XDP_PASS;
	__builtin_memcpy(&four, data + ETHERNET, sizeof(four));
	__builtin_memcpy(&six, data + ETHERNET, sizeof(six));
	__builtin_memcpy(&own.tcp, in_packet, sizeof(own.tcp));

	/* what packets hold: headers of any length, with any options */
	keep(0, size_of(bpf_tcp_raw_gen_syncookie_ipv4((void *)(data + ETHERNET), in_packet, sizeof(*in_packet))));
	n = data[ETHERNET + 20 + 12] >> 4 << 2;
	if (n <= 44) {
		keep(1, size_of(bpf_tcp_raw_gen_syncookie_ipv4((void *)(data + ETHERNET), in_packet, n)));
		keep(2, size_of(bpf_tcp_raw_gen_syncookie_ipv6((void *)(data + ETHERNET), in_packet, n)));
	}

	/* options made of the packet's bytes */
	for (int i = 0; i < OPTIONS; i++)
		own.options[i] = data[ETHERNET + 30 + i] & 7;
	if (data[17] & 1) {
		own.options[3] = 2;
		own.options[4] = 4;
		own.options[5] = data[19] & 7;
	}
	if (data[17] & 2) {
		own.options[8] = 2;
		own.options[9] = 4;
	}
	own.tcp.doff = 9;
	cookie = bpf_tcp_raw_gen_syncookie_ipv4(&four, &own.tcp, sizeof(own));
	keep(3, size_of(cookie));
	keep(4, size_of(bpf_tcp_raw_gen_syncookie_ipv4(&four, &own.tcp, sizeof(own) - 4)));
	keep(5, size_of(bpf_tcp_raw_gen_syncookie_ipv4(&four, &own.tcp, 8)));
	keep(6, size_of(bpf_tcp_raw_gen_syncookie_ipv4(&four, &own.tcp, 0)));
	answer(&own.tcp, cookie);
	keep(7, bpf_tcp_raw_check_syncookie_ipv4(&four, &own.tcp));
	own.tcp.ack_seq ^= bpf_htonl(1u << (data[18] & 15) << 6);
	keep(8, bpf_tcp_raw_check_syncookie_ipv4(&four, &own.tcp));
	own.tcp.ack_seq ^= bpf_htonl(1u << (data[18] & 15) << 6);
	four.saddr ^= 1;
	keep(9, bpf_tcp_raw_check_syncookie_ipv4(&four, &own.tcp));
	own.tcp.ack_seq = bpf_htonl((__u32)cookie + 1 - (2u << 24)); /* two minutes older */
	four.saddr ^= 1;
	keep(10, bpf_tcp_raw_check_syncookie_ipv4(&four, &own.tcp));

	/* a header in a map, and IPv6 */
	in_map = bpf_map_lookup_elem(&kept, &zero);
	if (!in_map)
		return XDP_DROP;
	*in_map = own;
	in_map->options[0] = 1;
	in_map->options[1] = 2;
	in_map->options[2] = 4;
	in_map->options[3] = data[20];
	in_map->options[4] = data[21];
	cookie = bpf_tcp_raw_gen_syncookie_ipv6(&six, &in_map->tcp, sizeof(*in_map));
	keep(11, size_of(cookie));
	answer(&in_map->tcp, cookie);
	keep(12, bpf_tcp_raw_check_syncookie_ipv6(&six, &in_map->tcp));
	six.daddr.s6_addr[15] ^= 4;
	keep(13, bpf_tcp_raw_check_syncookie_ipv6(&six, &in_map->tcp));
	six.daddr.s6_addr[15] ^= 4;
	in_map->tcp.source ^= 1;
	keep(14, bpf_tcp_raw_check_syncookie_ipv6(&six, &in_map->tcp));
	__builtin_memset(in_map, 0, sizeof(*in_map)); /* it has the cookie in it */

	/* in the packet itself */
	if ((void *)(data + ETHERNET + sizeof(four) + sizeof(own)) <= (void *)end) {
		in_packet->doff = 5;
		cookie = bpf_tcp_raw_gen_syncookie_ipv4((void *)(data + ETHERNET), in_packet, sizeof(*in_packet));
		answer(in_packet, cookie);
		keep(15, bpf_tcp_raw_check_syncookie_ipv4((void *)(data + ETHERNET), in_packet));
		keep(16, bpf_tcp_raw_check_syncookie_ipv6(&six, in_packet));
		in_packet->seq = in_packet->ack_seq = 0;
	}
	return XDP_TX;
}

char _license[] SEC("license") = "GPL";
