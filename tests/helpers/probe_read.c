// SPDX-License-Identifier: Apache-2.0
/* Bytes of packet, map, stack and constant data copied by bpf_probe_read_kernel(): all alignments, lengths that are constant and ones that the packet says. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

static const char text[] = "abcdefghijklmnopqrstuvwxyz";

struct value {
	__s64 sum;
	__u8 bytes[40];
};
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 8);
	__type(key, __u32);
	__type(value, struct value);
} results SEC(".maps");

static __always_inline struct value *keep(__u32 what, __s64 result)
{
	struct value *r = bpf_map_lookup_elem(&results, &what);

	if (r)
		r->sum = r->sum * 5 + result;
	return r;
}

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	unsigned char *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__u8 own[48] = {}, other[80];
	struct value *v;
	__u32 n;

	if (data + 34 > end)
		return XDP_DROP;
	n = data[17] & 15;
	keep(0, bpf_probe_read_kernel(own + 3, 13, data + 6) + own[3] + 7 * own[15]);
	keep(1, bpf_probe_read_kernel(own, n, data + 14) + own[n] + own[(n + 15) & 15]);
	v = keep(2, bpf_probe_read_kernel(own + 20, 9, text + 4) + own[28]);
	if (!v)
		return XDP_DROP;
	keep(2, bpf_probe_read_kernel(v->bytes + 1, 31, own) + v->bytes[7]);
	keep(3, bpf_probe_read_kernel(v->bytes, n + 2, data + n) + v->bytes[n]);
	keep(4, bpf_probe_read_kernel(other + 8, 48, own) * 3 + bpf_probe_read_kernel(own, 0, data));
	__builtin_memset(other, 1, sizeof(other));
	keep(5, bpf_probe_read_kernel(other + 8, 40, v->bytes) + other[8 + n]);
	keep(6, bpf_probe_read_kernel(other + 1, 32, data) + other[5]); /* not aligned */
	data[1] ^= other[n + 1];
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
