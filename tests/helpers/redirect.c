// SPDX-License-Identifier: Apache-2.0
/* To the interface that a byte of the packet names, with flags that another one names. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	unsigned char *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__u32 to = 2;

	if (data + 24 > end)
		return bpf_redirect(1, 0);
	if (data[23] == 17)
		to = data[17] & 3;
	if (data[23] == 6 && data[17] & 1)
		to = 0x80000000 | (data[17] & 2);
	return bpf_redirect(to, data[18] & 1);
}

char _license[] SEC("license") = "GPL";
