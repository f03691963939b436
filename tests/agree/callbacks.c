// SPDX-License-Identifier: Apache-2.0
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <bpf/bpf_helpers.h>
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 16);
	__type(key, __u32);
	__type(value, __u64);
} arr SEC(".maps");
struct c {
	__u8 *p, *end;
	__u32 sum, n;
};
static int cb_count(__u32 i, void *x)
{
	struct c *c = x;
	c->n++;
	c->sum += i;
	return c->n == 7;
}
SEC("xdp")
int loop_const(struct xdp_md *ctx)
{
	struct c c = {};
	int r = bpf_loop(20, cb_count, &c, 0);
	return c.sum == 21 && r == 7 ? 1 : 2;
}
SEC("xdp")
int loop_var(struct xdp_md *ctx)
{
	struct c c = {};
	int r = bpf_loop(ctx->rx_queue_index, cb_count, &c, 0);
	return (c.sum + r) & 3;
}
SEC("xdp")
int loop_flags(struct xdp_md *ctx)
{
	struct c c = {};
	int r = bpf_loop(3, cb_count, &c, 1);
	return r == -22 ? 1 : 2;
}
SEC("xdp")
int loop_big(struct xdp_md *ctx)
{
	struct c c = {};
	int r = bpf_loop((1 << 23) + 1, cb_count, &c, 0);
	return r == -7 ? 1 : 2;
}

static int cb_map(__u32 i, void *x)
{
	__u32 k = i & 15;
	__u64 *v = bpf_map_lookup_elem(&arr, &k);
	if (!v)
		return 1;
	*v += 1;
	return 0;
}
SEC("xdp")
int loop_map(struct xdp_md *ctx)
{
	return bpf_loop(100, cb_map, 0, 0) == 100 ? 2 : 1;
}

struct pc {
	struct xdp_md *ctx;
	__u32 sum;
};
static int cb_pkt(__u32 i, void *x)
{
	struct pc *c = x;
	__u8 *p = (void *)(long)c->ctx->data, *end = (void *)(long)c->ctx->data_end;
	if (i > 1000)
		return 1;
	p += i;
	if (p + 1 > end)
		return 1;
	c->sum += *p;
	return 0;
}
SEC("xdp")
int loop_pkt(struct xdp_md *ctx)
{
	struct pc c = {ctx, 0};
	bpf_loop(1500, cb_pkt, &c, 0);
	return c.sum & 3;
}

static int cb_inner(__u32 i, void *x)
{
	*(__u32 *)x += i;
	return 0;
}

static int cb_outer(__u32 i, void *x)
{
	bpf_loop(i, cb_inner, x, 0);
	return 0;
}
SEC("xdp")
int loop_nested(struct xdp_md *ctx)
{
	__u32 s = 0;
	bpf_loop(10, cb_outer, &s, 0);
	return s == 120 ? 1 : s & 3;
}
SEC("xdp")
int loop_twice(struct xdp_md *ctx)
{
	__u32 s = 0;
	bpf_loop(10, cb_inner, &s, 0);
	bpf_loop(5, cb_inner, &s, 0);
	return s == 55 ? 1 : 2;
}

static int cb_idx(__u32 i, void *x)
{
	__u32 *a = x;
	if (i < 8)
		a[i] = i;
	return 0;
}
SEC("xdp")
int loop_stack(struct xdp_md *ctx)
{
	__u32 a[8] = {};
	bpf_loop(8, cb_idx, a, 0);
	return a[5] == 5 ? 1 : 2;
}

static int cb_bad(__u32 i, void *x)
{
	__u32 *a = x;
	a[i] = i;
	return 0;
}
SEC("xdp")
int loop_bad(struct xdp_md *ctx)
{
	__u32 a[8] = {};
	bpf_loop(8, cb_bad, a, 0);
	return a[5] == 5 ? 1 : 2;
}

static int cb_prec(__u32 i, void *x)
{
	struct c *c = x;
	if (c->n >= 16)
		return 1;
	__u32 k = c->n;
	__u64 *v = bpf_map_lookup_elem(&arr, &k);
	if (v)
		*v = i;
	c->n++;
	return 0;
}
SEC("xdp")
int loop_prec(struct xdp_md *ctx)
{
	struct c c = {};
	bpf_loop(ctx->rx_queue_index + 3, cb_prec, &c, 0);
	return c.n > 3;
}

struct arrc {
	__u8 b[32];
	__u32 n;
};
static int cb_arr(__u32 i, void *x)
{
	struct arrc *c = x;
	if (c->n > 31)
		return 1;
	c->b[c->n] = i;
	c->n++;
	return 0;
}
SEC("xdp")
int loop_arr(struct xdp_md *ctx)
{
	struct arrc c = {};
	bpf_loop(40, cb_arr, &c, 0);
	return c.b[7] == 7 ? 1 : 2;
}

char _license[] SEC("license") = "GPL";
