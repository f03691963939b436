// SPDX-License-Identifier: Apache-2.0
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>
#define noinline __attribute__((noinline))
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 16);
	__type(key, __u32);
	__type(value, __u64[8]);
} arr SEC(".maps");
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16);
	__type(key, __u64);
	__type(value, __u64[4]);
} hash SEC(".maps");
struct big {
	__u32 n;
	__u8 bytes[100];
	__u16 h[20];
};
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct big);
} bigs SEC(".maps");
struct hdr_cursor {
	void *pos;
};
struct vlan_hdr {
	__be16 h_vlan_TCI, h_vlan_encapsulated_proto;
};

static __always_inline int parse_ethhdr(struct hdr_cursor *nh, void *data_end, struct ethhdr **eth)
{
	struct ethhdr *e = nh->pos;
	int hdrsize = sizeof(*e);
	struct vlan_hdr *vlh;
	__u16 h_proto;
	if (nh->pos + hdrsize > data_end)
		return -1;
	nh->pos += hdrsize;
	*eth = e;
	vlh = nh->pos;
	h_proto = e->h_proto;
#pragma unroll
	for (int i = 0; i < 4; i++) {
		if (!(h_proto == bpf_htons(ETH_P_8021Q) || h_proto == bpf_htons(ETH_P_8021AD)))
			break;
		if (vlh + 1 > data_end)
			break;
		h_proto = vlh->h_vlan_encapsulated_proto;
		vlh++;
	}
	nh->pos = vlh;
	return h_proto;
}

static __always_inline int parse_iphdr(struct hdr_cursor *nh, void *data_end, struct iphdr **iphdr)
{
	struct iphdr *iph = nh->pos;
	int hdrsize;
	if (iph + 1 > data_end)
		return -1;
	hdrsize = iph->ihl * 4;
	if (hdrsize < sizeof(*iph))
		return -1;
	if (nh->pos + hdrsize > data_end)
		return -1;
	nh->pos += hdrsize;
	*iphdr = iph;
	return iph->protocol;
}

static __always_inline int parse_ip6hdr(struct hdr_cursor *nh, void *data_end, struct ipv6hdr **ip6hdr)
{
	struct ipv6hdr *ip6h = nh->pos;
	if (ip6h + 1 > data_end)
		return -1;
	nh->pos = ip6h + 1;
	*ip6hdr = ip6h;
	return ip6h->nexthdr;
}

static __always_inline int parse_udphdr(struct hdr_cursor *nh, void *data_end, struct udphdr **udphdr)
{
	int len;
	struct udphdr *h = nh->pos;
	if (h + 1 > data_end)
		return -1;
	nh->pos = h + 1;
	*udphdr = h;
	len = bpf_ntohs(h->len) - sizeof(struct udphdr);
	if (len < 0)
		return -1;
	return len;
}

static __always_inline int parse_tcphdr(struct hdr_cursor *nh, void *data_end, struct tcphdr **tcphdr)
{
	int len;
	struct tcphdr *h = nh->pos;
	if (h + 1 > data_end)
		return -1;
	len = h->doff * 4;
	if (len < sizeof(*h))
		return -1;
	if (nh->pos + len > data_end)
		return -1;
	nh->pos += len;
	*tcphdr = h;
	return len;
}
SEC("xdp")
int tut_parser(struct xdp_md *ctx)
{
	void *data_end = (void *)(long)ctx->data_end, *data = (void *)(long)ctx->data;
	struct hdr_cursor nh = {data};
	struct ethhdr *eth;
	struct iphdr *ip;
	struct ipv6hdr *ip6;
	struct udphdr *udp;
	struct tcphdr *tcp;
	int t = parse_ethhdr(&nh, data_end, &eth), p;
	if (t == bpf_htons(ETH_P_IP))
		p = parse_iphdr(&nh, data_end, &ip);
	else if (t == bpf_htons(ETH_P_IPV6))
		p = parse_ip6hdr(&nh, data_end, &ip6);
	else
		return XDP_PASS;
	if (p == IPPROTO_UDP) {
		if (parse_udphdr(&nh, data_end, &udp) < 0)
			return XDP_ABORTED;
		udp->dest = bpf_htons(bpf_ntohs(udp->dest) - 1);
	} else if (p == IPPROTO_TCP) {
		if (parse_tcphdr(&nh, data_end, &tcp) < 0)
			return XDP_ABORTED;
		tcp->dest = bpf_htons(bpf_ntohs(tcp->dest) - 1);
	}
	return XDP_TX;
}
/* TCP options loop with cursor */
SEC("xdp")
int tcp_options(struct xdp_md *ctx)
{
	void *data_end = (void *)(long)ctx->data_end, *data = (void *)(long)ctx->data;
	struct tcphdr *tcp = data + 34;
	__u8 *opt, *opt_end;
	if ((void *)(tcp + 1) > data_end)
		return XDP_PASS;
	__u32 len = tcp->doff * 4;
	if (len < 20)
		return XDP_DROP;
	opt = (__u8 *)(tcp + 1);
	opt_end = (__u8 *)tcp + len;
	for (int i = 0; i < 10; i++) {
		__u8 kind, l;
		if (opt >= opt_end || (void *)(opt + 1) > data_end)
			break;
		kind = *opt;
		if (kind == 0)
			break;
		if (kind == 1) {
			opt++;
			continue;
		}
		if ((void *)(opt + 2) > data_end)
			break;
		l = opt[1];
		if (l < 2)
			break;
		if (kind == 2 && l == 4 && (void *)(opt + 4) <= data_end)
			return *(__u16 *)(opt + 2) > 1000 ? XDP_DROP : XDP_PASS;
		opt += l;
	}
	return XDP_PASS;
}
/* checksum loop over variable length */
SEC("xdp")
int csum_loop(struct xdp_md *ctx)
{
	void *data_end = (void *)(long)ctx->data_end, *data = (void *)(long)ctx->data;
	__u16 *p = data;
	__u32 sum = 0;
	for (int i = 0; i < 100; i++) {
		if ((void *)(p + 1) > data_end)
			break;
		sum += *p++;
	}
	sum = (sum >> 16) + (sum & 0xffff);
	sum += sum >> 16;
	return (__u16)~sum ? XDP_PASS : XDP_DROP;
}
SEC("xdp")
int len_diff(struct xdp_md *ctx)
{
	void *data_end = (void *)(long)ctx->data_end, *data = (void *)(long)ctx->data;
	__u32 key = 0;
	__u64 *v = bpf_map_lookup_elem(&arr, &key);
	__u64 len = data_end - data;
	if (v) {
		v[0]++;
		v[1] += len;
		__sync_fetch_and_add(&v[2], len);
	}
	if (len > 1000)
		return XDP_DROP;
	return XDP_PASS;
}
SEC("xdp")
int map_index(struct xdp_md *ctx)
{
	void *data_end = (void *)(long)ctx->data_end;
	__u8 *data = (void *)(long)ctx->data;
	__u32 key = 0;
	struct big *b;
	if (data + 20 > (__u8 *)data_end)
		return XDP_PASS;
	b = bpf_map_lookup_elem(&bigs, &key);
	if (!b)
		return XDP_ABORTED;
	__u32 i = data[3];
	if (i < 100)
		b->bytes[i]++;
	i = b->n;
	if (i >= 20)
		return XDP_DROP;
	b->h[i] = data[4];
	b->bytes[data[5] & 63] = 1;
	int j = (signed char)data[6];
	if (j >= 0 && j < 50)
		b->bytes[j * 2] = 3;
	return XDP_PASS;
}
SEC("xdp")
int stack_array(struct xdp_md *ctx)
{
	void *data_end = (void *)(long)ctx->data_end;
	__u8 *data = (void *)(long)ctx->data;
	__u8 buf[64] = {};
	__u32 s = 0;
	if (data + 40 > (__u8 *)data_end)
		return XDP_PASS;
	for (int i = 0; i < 32; i++)
		buf[i] = data[i];
	volatile __u8 *vb = buf;
	s = vb[data[33] & 31] + vb[data[34] & 63];
	vb[data[35] & 15] = s;
	return vb[3] + s > 100 ? XDP_DROP : XDP_PASS;
}

noinline static int sub_parse(void *data, void *end, __u32 off)
{
	__u8 *p = data + (off & 0xff);
	if (p + 4 > (__u8 *)end)
		return -1;
	return p[3];
}
SEC("xdp")
int pkt_through_static(struct xdp_md *ctx)
{
	return sub_parse((void *)(long)ctx->data, (void *)(long)ctx->data_end, ctx->rx_queue_index) & 3;
}

noinline static void *skip(void *p, void *end, int n)
{
	p += n & 0xff;
	if (p + 8 > end)
		return 0;
	return p;
}
SEC("xdp")
int pkt_returned(struct xdp_md *ctx)
{
	void *end = (void *)(long)ctx->data_end;
	__u8 *p = skip((void *)(long)ctx->data, end, ctx->rx_queue_index);
	if (!p || p + 8 > (__u8 *)end)
		return 1;
	return p[7] & 1;
}

noinline int glob_sum(int a, int b)
{
	return a * 3 + b;
}

noinline int glob_mem(const struct ethhdr *e)
{
	return e ? e->h_proto : 0;
}

noinline int glob_ctx(struct xdp_md *ctx)
{
	void *d = (void *)(long)ctx->data;
	if (d + 1 > (void *)(long)ctx->data_end)
		return 0;
	return *(char *)d;
}
SEC("xdp")
int globals(struct xdp_md *ctx)
{
	struct ethhdr e = {};
	e.h_proto = ctx->rx_queue_index;
	return (glob_sum(ctx->ingress_ifindex, 3) + glob_mem(&e) + glob_ctx(ctx)) & 3;
}

noinline int glob_w(__u32 *x, __u64 *y)
{
	if (!x || !y)
		return 0;
	*x += 1;
	*y = *x;
	return *x > 4;
}
SEC("xdp")
int glob_write(struct xdp_md *ctx)
{
	__u32 x = ctx->rx_queue_index;
	__u64 y = 0;
	int r = glob_w(&x, &y);
	return r + (int)(x & 1) + (y == 3);
}
SEC("xdp")
int glob_map(struct xdp_md *ctx)
{
	__u32 k = 2;
	__u64 *v = bpf_map_lookup_elem(&arr, &k);
	__u32 x = 5;
	if (!v)
		return 1;
	return glob_w(&x, v);
}
SEC("xdp")
int bounded_while(struct xdp_md *ctx)
{
	__u8 *end = (void *)(long)ctx->data_end, *p = (void *)(long)ctx->data;
	int n = 0;
	while (p < end && n < 200) {
		if (p + 1 > end)
			break;
		n += *p == 0;
		p++;
	}
	return n > 3 ? XDP_DROP : XDP_PASS;
}
SEC("xdp")
int ipv6_ext(struct xdp_md *ctx)
{
	void *end = (void *)(long)ctx->data_end, *data = (void *)(long)ctx->data;
	struct ipv6hdr *h = data + 14;
	struct ipv6_opt_hdr *o;
	__u8 next;
	__u32 off = 54;
	if ((void *)(h + 1) > end)
		return XDP_PASS;
	next = h->nexthdr;
	for (int i = 0; i < 8; i++) {
		o = data + off;
		switch (next) {
		case 0:
		case 43:
		case 60:
			if ((void *)(o + 1) > end)
				return XDP_DROP;
			off += (o->hdrlen + 1) * 8;
			break;
		case 51:
			if ((void *)(o + 1) > end)
				return XDP_DROP;
			off += (o->hdrlen + 2) * 4;
			break;
		case 44:
			if ((void *)o + 8 > end)
				return XDP_DROP;
			off += 8;
			break;
		default:
			goto out;
		}
		next = o->nexthdr;
	}
out:
	if (off > 0x3ff)
		return XDP_DROP;
	{
		struct udphdr *u = data + off;
		if ((void *)(u + 1) > end)
			return XDP_PASS;
		return u->dest == bpf_htons(53) ? XDP_DROP : XDP_PASS;
	}
}
SEC("xdp")
int dns_name(struct xdp_md *ctx)
{
	__u8 *end = (void *)(long)ctx->data_end, *p = (void *)(long)ctx->data + 54;
	__u8 name[64] = {};
	__u32 i;
	for (i = 0; i < 63; i++) {
		if (p + 1 > end)
			return XDP_PASS;
		if (!*p)
			break;
		name[i] = *p++;
	}
	__u64 key = *(__u64 *)name;
	__u64 *v = bpf_map_lookup_elem(&hash, &key);
	return v ? XDP_DROP : XDP_PASS;
}
SEC("xdp")
int swap_mac(struct xdp_md *ctx)
{
	struct ethhdr *e = (void *)(long)ctx->data;
	__u8 t[6];
	if ((void *)(e + 1) > (void *)(long)ctx->data_end)
		return XDP_DROP;
	__builtin_memcpy(t, e->h_dest, 6);
	__builtin_memcpy(e->h_dest, e->h_source, 6);
	__builtin_memcpy(e->h_source, t, 6);
	return XDP_TX;
}
SEC("xdp")
int reverse_cmp(struct xdp_md *ctx)
{
	__u8 *end = (void *)(long)ctx->data_end, *p = (void *)(long)ctx->data;
	if (end - p < 20)
		return 1;
	return p[0];
}
SEC("xdp")
int end_minus(struct xdp_md *ctx)
{
	__u8 *end = (void *)(long)ctx->data_end, *p = (void *)(long)ctx->data;
	__u32 l = end - p;
	if (l > 0x7fff)
		return 1;
	__u32 o = l / 2;
	if (p + o + 1 > end)
		return 1;
	return p[o] & 3;
}
SEC("xdp")
int sw(struct xdp_md *ctx)
{
	__u8 *end = (void *)(long)ctx->data_end, *p = (void *)(long)ctx->data;
	if (p + 64 > end)
		return 1;
	switch (p[0]) {
	case 1:
		return p[1];
	case 2:
		p += 4;
		break;
	case 3:
		p += p[2] & 7;
		break;
	case 7:
		p += 20;
		break;
	default:
		p += 1;
	}
	return p[40] & 1;
}
SEC("xdp")
int signed_off(struct xdp_md *ctx)
{
	__u8 *end = (void *)(long)ctx->data_end, *p = (void *)(long)ctx->data;
	int o;
	if (p + 14 > end)
		return 1;
	o = (int)p[2] - 10;
	if (o < 0)
		return 2;
	if (p + o + 2 > end)
		return 1;
	return p[o + 1] & 1;
}
SEC("xdp")
int spill_many(struct xdp_md *ctx)
{
	__u8 *end = (void *)(long)ctx->data_end, *p = (void *)(long)ctx->data;
	__u32 k;
	__u64 *v;
	__u64 s = 0;
	if (p + 60 > end)
		return 1;
	__u32 a = p[1], b = p[2], c = p[3], d = p[4], e = p[5], f = p[6], g = p[7], h = p[8];
	k = a & 15;
	v = bpf_map_lookup_elem(&arr, &k);
	if (v)
		s += v[b & 7];
	k = c & 15;
	v = bpf_map_lookup_elem(&arr, &k);
	if (v)
		s += v[d & 7];
	k = e & 15;
	v = bpf_map_lookup_elem(&arr, &k);
	if (v)
		s += v[f & 7];
	if (g < 8 && h < 8) {
		k = 1;
		v = bpf_map_lookup_elem(&arr, &k);
		if (v)
			v[g] += v[h] + a + b + c + d + e + f;
	}
	return s & 1;
}
SEC("xdp")
int atomics(struct xdp_md *ctx)
{
	__u32 k = 0;
	__u64 *v = bpf_map_lookup_elem(&arr, &k);
	if (!v)
		return 0;
	__sync_fetch_and_add(v, 1);
	__sync_fetch_and_add((__u32 *)(v + 1), 5);
	return 2;
}

volatile const int cfg_enabled = 0;
volatile const __u32 cfg_limit = 10;
int table[32];
__u64 stat_count;
SEC("xdp")
int globaldata(struct xdp_md *ctx)
{
	__u32 i = ctx->rx_queue_index;
	if (cfg_enabled)
		return bpf_get_numa_node_id();
	if (i < 32)
		table[i]++;
	stat_count++;
	return i > cfg_limit ? 1 : 2;
}
SEC("xdp")
int meta_read(struct xdp_md *ctx)
{
	__u32 *m = (void *)(long)ctx->data_meta;
	void *data = (void *)(long)ctx->data;
	if ((void *)(m + 1) > data)
		return 2;
	return *m & 1;
}
SEC("xdp")
int nested(struct xdp_md *ctx)
{
	__u8 *end = (void *)(long)ctx->data_end, *p = (void *)(long)ctx->data;
	int n = 0;
	for (int i = 0; i < 10; i++)
		for (int j = 0; j < 10; j++) {
			if (p + i * 10 + j + 1 > end)
				return n & 1;
			n += p[i * 10 + j];
		}
	return n & 3;
}
SEC("xdp")
int varlen_memcpy(struct xdp_md *ctx)
{
	__u8 *end = (void *)(long)ctx->data_end, *p = (void *)(long)ctx->data;
	__u8 key[8] = {};
	__u32 n;
	if (p + 30 > end)
		return 1;
	n = p[0] & 7;
	for (__u32 i = 0; i < 8; i++)
		if (i < n)
			key[i] = p[i + 4];
	return bpf_map_lookup_elem(&hash, key) ? 1 : 2;
}
SEC("xdp")
int key_from_pkt(struct xdp_md *ctx)
{
	__u8 *end = (void *)(long)ctx->data_end, *p = (void *)(long)ctx->data;
	__u64 *v;
	if (p + 30 > end)
		return 1;
	v = bpf_map_lookup_elem(&hash, p + 6);
	if (!v)
		return 2;
	if (bpf_map_update_elem(&hash, p, v, BPF_ANY))
		return 3;
	return bpf_map_delete_elem(&hash, v) ? 1 : 2;
}
SEC("xdp")
int u16_bound(struct xdp_md *ctx)
{
	__u8 *end = (void *)(long)ctx->data_end, *p = (void *)(long)ctx->data;
	__u16 l;
	if (p + 30 > end)
		return 1;
	l = *(__u16 *)(p + 2);
	if (l > 1500)
		return 0;
	if (p + l + 16 > end)
		return 1;
	return *(__u64 *)(p + l + 8) & 1;
}
SEC("xdp")
int fullu16(struct xdp_md *ctx)
{
	__u8 *end = (void *)(long)ctx->data_end, *p = (void *)(long)ctx->data;
	__u16 l;
	if (p + 30 > end)
		return 1;
	l = *(__u16 *)(p + 2);
	if (p + l + 16 > end)
		return 1;
	return p[l] & 1;
}
SEC("xdp")
int null_both(struct xdp_md *ctx)
{
	__u32 k = 0;
	__u64 *a = bpf_map_lookup_elem(&arr, &k);
	k = 1;
	__u64 *b = bpf_map_lookup_elem(&arr, &k);
	if (!a && !b)
		return 0;
	if (a)
		return *a & 1;
	return *b & 1;
}
SEC("xdp")
int select_ptr(struct xdp_md *ctx)
{
	__u32 k = ctx->rx_queue_index & 1;
	__u64 *a;
	__u64 zero[8] = {};
	a = bpf_map_lookup_elem(&arr, &k);
	if (!a)
		return 1;
	if (ctx->ingress_ifindex > 4)
		a += 3;
	return a[2] & 1;
}
SEC("xdp")
int mul_div(struct xdp_md *ctx)
{
	__u32 i = ctx->rx_queue_index, k = i % 16;
	__u64 *a = bpf_map_lookup_elem(&arr, &k);
	if (!a)
		return 1;
	return a[(i * 7) % 8] / (i | 1) > 3 ? 1 : 2;
}
SEC("xdp")
int sdiv32(struct xdp_md *ctx)
{
	int i = ctx->rx_queue_index;
	__u32 j = (i >> 28) & 7;
	__u32 k = 0;
	__u64 *a = bpf_map_lookup_elem(&arr, &k);
	if (!a)
		return 1;
	return a[j] & 1;
}

/* Whether a difference is 0: clang compares the pointers, of -mcpu=v3 and later their lower halves. */
SEC("xdp")
int no_payload(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *data_end = (void *)(long)ctx->data_end;
	struct tcphdr *tcp = data + sizeof(struct ethhdr) + sizeof(struct iphdr);
	int left;

	if ((void *)(tcp + 1) > data_end)
		return XDP_DROP;
	left = data_end - (void *)(tcp + 1);
	return left ? XDP_PASS : XDP_TX;
}

char _license[] SEC("license") = "GPL";
