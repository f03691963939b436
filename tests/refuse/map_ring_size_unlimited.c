// SPDX-License-Identifier: Apache-2.0
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} ring SEC(".maps");

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	__u64 bytes[4] = { 1, 2, 3, 4 };

	return bpf_ringbuf_output(&ring, bytes, ctx->rx_queue_index, 0) ? XDP_DROP : XDP_PASS;
}

char _license[] SEC("license") = "GPL";
