// SPDX-License-Identifier: Apache-2.0
/* A timer's function has a stack of its own: large arrays in it, in what it calls, and in the program that sets the timer. */
#include "timer.h"

enum { PROGRAM_WORDS = 48, FUNCTION_WORDS = 28, CALLED_WORDS = 28 };

struct element {
	__u64 sum;
	struct bpf_timer timer;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4);
	__type(key, __u64);
	__type(value, struct element);
} elements SEC(".maps");

static __always_inline void fill(volatile __u64 *words, int n, __u64 with)
{
	for (int i = 0; i < n; i++)
		words[i] = with += i;
}

static __always_inline __u64 sum_of(volatile __u64 *words, int n)
{
	__u64 sum = 0;

	for (int i = 0; i < n; i++)
		sum = sum * 31 + words[i];
	return sum;
}

static __noinline __u64 called(__u64 with)
{
	volatile __u64 words[CALLED_WORDS];

	fill(words, CALLED_WORDS, with * 3);
	return sum_of(words, CALLED_WORDS);
}

static int fires(void *map, __u64 *key, struct element *e)
{
	volatile __u64 words[FUNCTION_WORDS];

	fill(words, FUNCTION_WORDS, *key);
	e->sum += called(*key) + sum_of(words, FUNCTION_WORDS);
	return 0;
}

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	unsigned char *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	volatile __u64 words[PROGRAM_WORDS];
	struct element fresh = { 0 }, *e;
	__u64 key;

	if (data + 14 > end)
		return XDP_DROP;
	key = data[0] & 3;
	fill(words, PROGRAM_WORDS, data[1]);
	bpf_map_update_elem(&elements, &key, &fresh, BPF_NOEXIST);
	e = bpf_map_lookup_elem(&elements, &key);
	if (!e)
		return XDP_DROP;
	e->sum += sum_of(words, PROGRAM_WORDS);
	if (!bpf_timer_init(&e->timer, &elements, MONOTONIC)) {
		keep(0, bpf_timer_set_callback(&e->timer, fires));
		keep(1, bpf_timer_start(&e->timer, LATER, 0));
	}
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
