// SPDX-License-Identifier: Apache-2.0
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

static __attribute__((noinline)) int sum(const __u64 *numbers)
{
	volatile __u64 copy[40] = { 0 };

	for (int i = 0; i < 40; i++)
		copy[i] = numbers[i % 32];
	return copy[numbers[0] & 31] & 3;
}

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	__u64 numbers[32] = { 0 };

	numbers[1] = ctx->rx_queue_index;
	return sum(numbers);
}

char _license[] SEC("license") = "GPL";
