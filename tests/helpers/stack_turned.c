// SPDX-License-Identifier: Apache-2.0
/* The front of a string on the stack is written anew from its other half: for all that the verifiers know, the index may lead to the pointer behind it, whose
 * bytes Linux lets root read. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, char[32]);
} turned SEC(".maps");

enum { LONGEST = 24 };

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	unsigned char *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end, length, other;
	struct { unsigned char text[LONGEST]; void *volatile at; } own = {};
	__u32 zero = 0;
	char *value;

	if (data + 14 + LONGEST > end)
		return XDP_DROP;
	value = bpf_map_lookup_elem(&turned, &zero);
	if (!value)
		return XDP_ABORTED;
	own.at = value;
	__builtin_memcpy(own.text, data + 14, LONGEST);
	length = data[17] & 15;
	other = data[6];
	asm volatile("" : "+r"(length)); /* nothing is known of it but that it is a byte */
	for (int n = 0; n < LONGEST / 2; n++) {
		unsigned char last = (length - 1 - n) & 31;

		if (n >= length / 2)
			break;
		own.text[n] = own.text[last] + other;
	}
	value = own.at;
	if (!value)
		return XDP_ABORTED;
	__builtin_memcpy(value, own.text, LONGEST);
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
