// SPDX-License-Identifier: Apache-2.0
/* Bytes of the stack against constant strings: lengths that are constant and ones that the packet says. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

static const char two[] = "\x02", none[] = "", address[] = "\x02\x01\xff", word[] = "abcdefgh";

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

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	unsigned char *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	char own[8] = "abcdefgh", frame[24];

	if (data + 34 > end)
		return XDP_DROP;
	__builtin_memcpy(frame, data, sizeof(frame));
	own[5] += data[18] & 1;
	own[2] -= data[17] >> 6 & 1;
	keep(0, bpf_strncmp(frame, 6, two));
	keep(1, bpf_strncmp(frame, 1, two));
	keep(2, bpf_strncmp(frame + 6, 4, none));
	keep(3, bpf_strncmp(frame, 3, address));
	keep(4, bpf_strncmp(own, 8, word));
	keep(5, bpf_strncmp(own, (data[17] & 7) + 1, word));
	keep(6, bpf_strncmp(own, data[21] % 8 + 1, word));
	keep(7, bpf_strncmp(own, 8, data[18] & 2 ? "abcdefg" : data[18] & 4 ? address : word));
	data[0] = bpf_strncmp(frame + 14, 8, "E");
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
