// SPDX-License-Identifier: Apache-2.0
/* Loops by iterators over numbers, as bpf_for() makes them: in one another, left early, with limits from the packet. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct bpf_iter_num;
extern int bpf_iter_num_new(struct bpf_iter_num *it, int start, int end) __ksym;
extern int *bpf_iter_num_next(struct bpf_iter_num *it) __ksym;
extern void bpf_iter_num_destroy(struct bpf_iter_num *it) __ksym;
struct bpf_iter_num {
	__u64 opaque;
} __attribute__((aligned(8)));

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 8);
	__type(key, __u32);
	__type(value, __s64);
} results SEC(".maps");

static __always_inline void keep(__u32 what, __s64 result)
{
	__s64 *r = bpf_map_lookup_elem(&results, &what);

	if (r)
		*r = *r * 5 + result;
}

static __noinline int count(int from, int to, int most)
{
	struct bpf_iter_num it;
	int n = 0, *at;

	bpf_iter_num_new(&it, from, to);
	while ((at = bpf_iter_num_next(&it))) {
		n += *at;
		if (*at == most)
			break;
	}
	bpf_iter_num_destroy(&it);
	return n;
}

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	unsigned char *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct bpf_iter_num it, inner;
	int *i, *j, sum = 0, n, table[8] = {};

	if (data + 34 > end)
		return XDP_DROP;
	n = data[17];
	keep(0, count(0, n & 31, 100));
	keep(0, count(-3, n & 7, 2));
	keep(1, count(n, n & 15, 100));
	keep(2, bpf_iter_num_new(&it, 3, 2));
	keep(2, bpf_iter_num_next(&it) != 0);
	bpf_iter_num_destroy(&it);
	keep(3, bpf_iter_num_new(&it, 0, (1 << 23) + (n & 1)));
	i = bpf_iter_num_next(&it);
	keep(3, i ? *i + 7 : 0);
	bpf_iter_num_destroy(&it);
	keep(4, bpf_iter_num_new(&it, -2147483647 - 1, 2147483647));
	bpf_iter_num_destroy(&it);
	bpf_iter_num_new(&it, 0, 8);
	while ((i = bpf_iter_num_next(&it))) {
		int k = *i;

		if (k < 0 || k >= 8)
			break;
		table[k & 7] += k * n;
		bpf_iter_num_new(&inner, k, 4);
		while ((j = bpf_iter_num_next(&inner)))
			sum += *j * k;
		bpf_iter_num_destroy(&inner);
	}
	keep(5, bpf_iter_num_next(&it) != 0);
	bpf_iter_num_destroy(&it);
	keep(5, sum + table[data[21] & 7]);
	bpf_iter_num_new(&it, 0, 1000000);
	n = 0;
	while ((i = bpf_iter_num_next(&it))) { /* how long is left to the packet */
		n += *i ^ 5;
		if (n > 30000 || n > (end - data) * 8)
			break;
	}
	bpf_iter_num_destroy(&it);
	keep(6, n);
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
