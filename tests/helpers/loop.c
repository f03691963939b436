// SPDX-License-Identifier: Apache-2.0
/* bpf_loop: how often it goes round, and all its results; loops in loops, over packets, maps and the stack. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 32);
	__type(key, __u32);
	__type(value, __u64);
} results SEC(".maps");

static void keep(__u32 at, __u64 result)
{
	__u64 *old = bpf_map_lookup_elem(&results, &at);

	if (old)
		*old = *old * 31 + result;
}

struct state {
	__u64 sum;
	__u32 stop;
	__u8 bytes[16];
};

static long add(__u32 round, void *ctx)
{
	struct state *s = ctx;

	s->sum = s->sum * 5 + round;
	s->bytes[round & 15] ^= (__u8)s->sum;
	return round == s->stop;
}

static long count(__u32 round, void *ctx)
{
	__u32 at = round & 3;
	__u64 *sum = bpf_map_lookup_elem(&results, &at);

	if (sum)
		*sum += round;
	return 0;
}

static long outer(__u32 round, void *ctx)
{
	struct state *s = ctx, own = { .stop = 2 };

	bpf_loop(round, add, &own, 0);
	s->sum += own.sum;
	return own.sum > 100;
}

static long read_packet(__u32 round, void *ctx)
{
	struct xdp_md *md = *(struct xdp_md **)ctx;
	void *data = (void *)(long)md->data, *end = (void *)(long)md->data_end;
	__u64 *sum = (__u64 *)ctx + 1;

	if (round > 40 || data + round + 1 > end)
		return 1;
	*sum += *(__u8 *)(data + round) * (round + 1);
	return 0;
}

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	__u32 length = ctx->data_end - ctx->data;
	struct state s = { .stop = length & 31 };
	struct {
		struct xdp_md *md;
		__u64 sum;
	} bytes = { ctx, 0 };

	keep(4, bpf_loop(12, add, &s, 0));
	keep(5, s.sum);
	keep(6, bpf_loop(length & 63, add, &s, 0));
	keep(7, s.sum + s.bytes[3]);
	keep(8, bpf_loop(length & 7, count, NULL, 0));
	keep(9, bpf_loop(3, count, NULL, length & 1));
	keep(10, bpf_loop(length << 14, count, NULL, 1));
	keep(11, bpf_loop((1 << 23) + 1, count, NULL, 0));
	keep(12, bpf_loop(0, add, &s, 0));
	keep(13, bpf_loop(6, outer, &s, 0));
	keep(14, s.sum);
	keep(15, bpf_loop(1 << 20, read_packet, &bytes, 0));
	keep(16, bytes.sum);
	return bytes.sum & 1 ? XDP_PASS : XDP_DROP;
}

char _license[] SEC("license") = "GPL";
