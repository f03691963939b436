// SPDX-License-Identifier: Apache-2.0
/* A checksum over two headers: what is folded again is not folded before, and equal bytes are added up once. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp")
int sums(struct xdp_md *ctx)
{
	__be32 *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__u32 sum;

	if (data + 12 > end)
		return XDP_PASS;
	sum = bpf_csum_diff(0, 0, data, 24, 7);
	sum = bpf_csum_diff(0, 0, data, 24, sum);
	sum = bpf_csum_diff(0, 0, data + 6, 4, sum);
	return sum;
}

char _license[] SEC("license") = "GPL";
