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
struct flow {
	__u32 s, d;
	__u16 sp, dp;
	__u8 proto;
} __attribute__((packed));
struct flow6 {
	__u8 s[16], d[16];
	__u16 sp, dp;
	__u8 proto, pad[3];
};
struct stat {
	__u64 pk, by;
	__u32 last;
	__u8 st;
};
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1000);
	__type(key, struct flow);
	__type(value, struct stat);
} flows SEC(".maps");
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1000);
	__type(key, struct flow6);
	__type(value, struct stat);
} flows6 SEC(".maps");
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 256);
	__type(key, __u32);
	__type(value, __u64);
} cnt SEC(".maps");
struct rule {
	__u32 mask, addr;
	__u16 lo, hi;
	__u32 act;
};
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, struct rule);
} rules SEC(".maps");
struct ctxs {
	void *data, *end;
	__u32 off;
	struct flow f;
	struct flow6 f6;
	__u8 v6;
};
static __always_inline void count(__u32 k)
{
	__u64 *v = bpf_map_lookup_elem(&cnt, &k);
	if (v)
		__sync_fetch_and_add(v, 1);
}

noinline static int parse(struct ctxs *c)
{
	struct ethhdr *e = c->data;
	struct iphdr *ip;
	struct ipv6hdr *ip6;
	__u8 *l4;
	__u16 t;
	if ((void *)(e + 1) > c->end)
		return -1;
	t = e->h_proto;
	if (t == bpf_htons(ETH_P_IP)) {
		ip = (void *)(e + 1);
		if ((void *)(ip + 1) > c->end)
			return -1;
		if (ip->ihl < 5)
			return -1;
		c->f.s = ip->saddr;
		c->f.d = ip->daddr;
		c->f.proto = ip->protocol;
		l4 = (void *)ip + ip->ihl * 4;
		c->off = 14 + ip->ihl * 4;
	} else if (t == bpf_htons(ETH_P_IPV6)) {
		ip6 = (void *)(e + 1);
		if ((void *)(ip6 + 1) > c->end)
			return -1;
		__builtin_memcpy(c->f6.s, &ip6->saddr, 32);
		c->f6.proto = ip6->nexthdr;
		c->v6 = 1;
		l4 = (void *)(ip6 + 1);
		c->off = 54;
	} else
		return 0;
	if (l4 + 4 > (__u8 *)c->end)
		return -1;
	c->f.sp = c->f6.sp = *(__u16 *)l4;
	c->f.dp = c->f6.dp = *(__u16 *)(l4 + 2);
	return 1;
}
SEC("xdp")
int flow_meter(struct xdp_md *ctx)
{
	struct ctxs c = {.data = (void *)(long)ctx->data, .end = (void *)(long)ctx->data_end};
	struct stat *s, n = {};
	int r = parse(&c);
	if (r < 0)
		return XDP_DROP;
	if (!r)
		return XDP_PASS;
	if (c.v6) {
		s = bpf_map_lookup_elem(&flows6, &c.f6);
		if (!s) {
			n.pk = 1;
			bpf_map_update_elem(&flows6, &c.f6, &n, BPF_NOEXIST);
			return 2;
		}
	} else {
		s = bpf_map_lookup_elem(&flows, &c.f);
		if (!s) {
			n.pk = 1;
			n.by = c.end - c.data;
			bpf_map_update_elem(&flows, &c.f, &n, BPF_ANY);
			return 2;
		}
	}
	__sync_fetch_and_add(&s->pk, 1);
	__sync_fetch_and_add(&s->by, c.end - c.data);
	s->last = c.off;
	if (s->pk > 100)
		s->st = 2;
	return s->st ? XDP_DROP : XDP_PASS;
}
SEC("xdp")
int acl(struct xdp_md *ctx)
{
	struct iphdr *ip = (void *)(long)ctx->data + 14;
	struct rule *r;
	__u32 k;
	if ((void *)(ip + 1) > (void *)(long)ctx->data_end)
		return 2;
	for (k = 0; k < 64; k++) {
		__u32 kk = k;
		r = bpf_map_lookup_elem(&rules, &kk);
		if (!r)
			break;
		if ((ip->saddr & r->mask) == r->addr && r->lo <= bpf_ntohs(ip->id) && bpf_ntohs(ip->id) <= r->hi)
			return r->act;
	}
	return 2;
}
SEC("xdp")
int http_match(struct xdp_md *ctx)
{
	static const char want[] = "GET /index.html";
	__u8 *p = (void *)(long)ctx->data + 54, *end = (void *)(long)ctx->data_end;
	int i;
	if (p + sizeof(want) - 1 > end)
		return 2;
	for (i = 0; i < sizeof(want) - 1; i++)
		if (p[i] != want[i])
			return 2;
	return 1;
}
SEC("xdp")
int varcopy(struct xdp_md *ctx)
{
	__u8 *p = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__u8 b[32];
	__u32 n, i;
	if (p + 46 > end)
		return 2;
	n = p[14] & 31;
	__builtin_memset(b, 0, 32);
	for (i = 0; i < n; i++)
		b[i] = p[15 + i] + 1;
	return b[n] + b[31] ? 1 : 2;
}
SEC("xdp")
int stack_frames(struct xdp_md *ctx);
noinline static __u32 leaf(__u8 *b, __u32 n)
{
	__u32 s = 0;
	for (__u32 i = 0; i < 16; i++)
		s += b[(n + i) & 63];
	return s;
}

noinline static __u32 mid(__u32 a)
{
	__u8 b[64];
	for (int i = 0; i < 64; i++)
		b[i] = a + i;
	return leaf(b, a) + leaf(b, a + 1);
}

int stack_frames(struct xdp_md *ctx)
{
	return (mid(ctx->rx_queue_index) + mid(7)) & 3;
}

noinline static int upd(__u32 *x, int d)
{
	if (*x > 10) {
		*x -= d;
		return 1;
	}
	*x += d;
	return 0;
}
SEC("xdp")
int ptr_args(struct xdp_md *ctx)
{
	__u32 a = ctx->rx_queue_index, b = 5;
	upd(&a, 3);
	upd(&b, a);
	return (a ^ b) & 3;
}
SEC("xdp")
int gre(struct xdp_md *ctx)
{
	void *p = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct iphdr *ip = p + 14;
	__u16 *g;
	int off;
	if ((void *)(ip + 1) > end)
		return 2;
	off = 14 + ip->ihl * 4;
	g = p + off;
	if ((void *)(g + 2) > end)
		return 2;
	off += 4;
	if (g[0] & bpf_htons(0x8000))
		off += 4;
	if (g[0] & bpf_htons(0x2000))
		off += 4;
	if (g[0] & bpf_htons(0x1000))
		off += 4;
	ip = p + off;
	if ((void *)(ip + 1) > end)
		return 1;
	return ip->version == 4 ? 2 : 1;
}
SEC("xdp")
int longtail(struct xdp_md *ctx)
{
	__u8 *p = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__u64 h = 1469598103934665603ULL;
	int i;
	for (i = 0; i < 300; i++) {
		if (p + i + 1 > end)
			break;
		h = (h ^ p[i]) * 1099511628211ULL;
	}
	count(h & 255);
	return 2;
}
SEC("xdp")
int tail_bytes(struct xdp_md *ctx)
{
	__u8 *p = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__u64 len = end - p;
	if (len < 64 || len > 1500)
		return 1;
	__u8 *t = p + len - 4;
	if (t + 4 > end || t < p)
		return 1;
	return *t & 3;
}
SEC("xdp")
int mask_first(struct xdp_md *ctx)
{
	__u8 *p = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__u32 o;
	if (p + 20 > end)
		return 1;
	o = *(__u32 *)(p + 16) & 0x3ff;
	p += o;
	if (p + 100 > end)
		return 1;
	if (p[3]) {
		p += 50;
		if (p[49])
			return p[0] & 3;
	}
	return 2;
}
SEC("xdp")
int two_ifs(struct xdp_md *ctx)
{
	__u8 *p = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__u32 n;
	if (p + 14 > end)
		return 2;
	if (p[12] == 8)
		n = 20;
	else if (p[12] == 0x86)
		n = 40;
	else
		return 2;
	p += 14;
	if (p + n > end)
		return 1;
	return n == 20 ? p[19] & 3 : p[39] & 3;
}
SEC("xdp")
int bitmap(struct xdp_md *ctx)
{
	__u32 q = ctx->rx_queue_index;
	__u64 bits[4] = {1, 2, 4, 8};
	bits[(q >> 6) & 3] |= 1ULL << (q & 63);
	return bits[1] == 2 ? 1 : 2;
}
SEC("xdp")
int union_stack(struct xdp_md *ctx)
{
	union {
		__u64 a;
		__u32 b[2];
		__u8 c[8];
	} u;
	u.a = ctx->rx_queue_index;
	u.c[3] = 7;
	u.b[1] = ctx->ingress_ifindex;
	return u.a > 1000 ? 1 : u.b[0] & 3;
}
SEC("xdp")
int nest_map(struct xdp_md *ctx)
{
	__u32 k = 3;
	__u64 *a = bpf_map_lookup_elem(&cnt, &k), *b;
	if (!a)
		return 1;
	k = *a & 255;
	b = bpf_map_lookup_elem(&cnt, &k);
	if (!b)
		return 1;
	if (a == b)
		return 0;
	*a = *b + 1;
	return 2;
}
SEC("xdp")
int clamp(struct xdp_md *ctx)
{
	__u8 *p = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	int len = end - p, i, s = 0;
	if (len > 128)
		len = 128;
	if (len < 14)
		return 1;
	for (i = 0; i < 128; i++) {
		if (i >= len)
			break;
		if (p + i + 1 > end)
			break;
		s += p[i];
	}
	return s & 1 ? 1 : 2;
}
SEC("xdp")
int neg_idx(struct xdp_md *ctx)
{
	int a[8] = {1, 2, 3, 4, 5, 6, 7, 8};
	int i = (int)ctx->rx_queue_index;
	if (i < -4 || i >= 4)
		return 0;
	return a[i + 4] & 3;
}
SEC("xdp")
int s16(struct xdp_md *ctx)
{
	__u8 *p = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	short o;
	if (p + 30 > end)
		return 1;
	o = *(short *)(p + 2);
	if (o < 14 || o > 1000)
		return 2;
	if (p + o + 2 > end)
		return 1;
	return p[o] & 1;
}
SEC("xdp")
int cmp64(struct xdp_md *ctx)
{
	__u64 t = bpf_ktime_get_ns();
	__u32 k;
	__u64 *v;
	if (t < 255) {
		k = t;
		v = bpf_map_lookup_elem(&cnt, &k);
		if (v)
			*v = t;
	}
	k = bpf_get_prandom_u32() % 100;
	v = bpf_map_lookup_elem(&cnt, &k);
	if (v && *v + 1000 < t) {
		*v = t;
		return 1;
	}
	return 2;
}
SEC("xdp")
int broadcast(struct xdp_md *ctx)
{
	struct ethhdr *e = (void *)(long)ctx->data;
	static const __u8 bc[6] = {255, 255, 255, 255, 255, 255};
	if ((void *)(e + 1) > (void *)(long)ctx->data_end)
		return 2;
	if (*(__u32 *)e->h_dest == *(__u32 *)bc && *(__u16 *)(e->h_dest + 4) == *(__u16 *)(bc + 4))
		return 1;
	if (e->h_dest[0] & 1)
		return 0;
	return 2;
}
SEC("xdp")
int qinq(struct xdp_md *ctx)
{
	__u8 *p = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__u32 off = 12;
	__u16 t;
	int i;
#pragma clang loop unroll(disable)
	for (i = 0; i < 3; i++) {
		if (p + off + 2 > end)
			return 2;
		t = *(__u16 *)(p + off);
		if (t != bpf_htons(0x8100))
			break;
		off += 4;
	}
	off += 2;
	if (p + off + 20 > end)
		return 2;
	return p[off + 9] == 17 ? 1 : 2;
}
SEC("xdp")
int find_byte(struct xdp_md *ctx)
{
	__u8 *p = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end, *q = 0;
#pragma clang loop unroll(disable)
	for (int i = 0; i < 64; i++) {
		if (p + 1 > end)
			break;
		if (*p == 0x7f) {
			q = p;
			break;
		}
		p++;
	}
	if (!q)
		return 2;
	if (q + 4 > end)
		return 1;
	return q[3] & 1;
}
SEC("xdp")
int sum_pairs(struct xdp_md *ctx)
{
	__u8 *p = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__u32 a = 0, b = 0;
#pragma clang loop unroll(disable)
	for (int i = 0; i < 700; i++) {
		if (p + 2 > end)
			break;
		a += p[0];
		b ^= p[1];
		p += 2;
	}
	return (a ^ b) & 3;
}
SEC("xdp")
int loop2d(struct xdp_md *ctx)
{
	__u8 *p = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__u32 h = 0;
#pragma clang loop unroll(disable)
	for (int i = 0; i < 100; i++) {
#pragma clang loop unroll(disable)
		for (int j = 0; j < 100; j++) {
			__u32 o = (i * 13 + j) & 0xff;
			if (p + o + 1 > end)
				return 1;
			if (p[o] > h)
				h = p[o];
			else
				h ^= j;
		}
	}
	return h & 3;
}
SEC("xdp")
int state_machine(struct xdp_md *ctx)
{
	__u8 *p = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	int st = 0;
#pragma clang loop unroll(disable)
	for (int i = 0; i < 200; i++) {
		if (p + 1 > end)
			break;
		__u8 c = *p++;
		switch (st) {
		case 0:
			if (c == 'G')
				st = 1;
			else if (c == 'P')
				st = 4;
			break;
		case 1:
			st = c == 'E' ? 2 : 0;
			break;
		case 2:
			st = c == 'T' ? 3 : 0;
			break;
		case 3:
			if (c != ' ')
				st = 0;
			else
				return 1;
			break;
		case 4:
			st = c == 'O' ? 5 : c == 'U' ? 2 : 0;
			break;
		case 5:
			if (c == 'S')
				st = 2;
			else
				st = 0;
			break;
		}
	}
	return 2;
}

char _license[] SEC("license") = "GPL";
