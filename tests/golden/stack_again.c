// SPDX-License-Identifier: Apache-2.0
/* Fields of a structure on the stack that a loop of unknown length may have changed are loaded; those stored since then are known. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	unsigned char *data = (void *)(long)ctx->data;
	volatile union {
		__u64 whole;
		__u16 part[4];
	} known, changed;

	if (data + 4 > (unsigned char *)(long)ctx->data_end)
		return XDP_DROP;
	changed.whole = data[0];
	for (int n = 0; n < data[1]; n++)
		changed.whole += 2;
	known.whole = data[2] << 16;
	return known.part[1] + changed.part[0] + known.part[0];
}

char _license[] SEC("license") = "GPL";
