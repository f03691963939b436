// SPDX-License-Identifier: Apache-2.0
/* For many hardware threads at once: every packet counts, tells its number, and passes a number through a queue and a stack. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

enum { PACKETS, TOLD, PUSHED, POPPED, STACKED, UNSTACKED, FAILED, SUMS };

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, SUMS);
	__type(key, __u32);
	__type(value, __u64);
} sums SEC(".maps");

struct pair {
	__u64 first, second;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 5);
	__type(key, __u32);
	__type(value, __u64);
} own SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 5);
	__type(key, __u32);
	__type(value, struct pair);
} pairs SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 16);
} ring SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_QUEUE);
	__uint(max_entries, 512);
	__type(value, __u64);
} queue SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_STACK);
	__uint(max_entries, 512);
	__type(value, __u64);
} stack SEC(".maps");

static __u64 add(__u32 at, __u64 n)
{
	__u64 *sum = bpf_map_lookup_elem(&sums, &at);

	return sum ? __sync_fetch_and_add(sum, n) : 0;
}

SEC("xdp")
int crowd(struct xdp_md *ctx)
{
	__u64 number = add(PACKETS, 1), value = 0, *mine;
	__u32 fifth = number % 5;
	struct pair *pair;

	mine = bpf_map_lookup_elem(&own, &fifth);
	if (mine)
		++*mine;
	pair = bpf_map_lookup_elem(&pairs, &fifth);
	if (pair) {
		pair->first++;
		pair->second += 2;
	}
	if (!bpf_ringbuf_output(&ring, &number, sizeof(number), 0))
		add(TOLD, 1);
	if (bpf_map_push_elem(&queue, &number, 0) || bpf_map_push_elem(&stack, &number, 0))
		add(FAILED, 1);
	add(PUSHED, number);
	add(STACKED, number);
	if (bpf_map_pop_elem(&queue, &value))
		add(FAILED, 1);
	add(POPPED, value);
	if (bpf_map_pop_elem(&stack, &value))
		add(FAILED, 1);
	add(UNSTACKED, value);
	return XDP_DROP;
}

char _license[] SEC("license") = "GPL";
