// SPDX-License-Identifier: Apache-2.0
/* Sums over stack, packet and map value, pushed, pulled and exchanged; sizes that are constant, and sizes that the packet says. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct block {
	__u8 bytes[64];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, struct block);
} blocks SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 16);
	__type(key, __u32);
	__type(value, __s64);
} sums SEC(".maps");

static __always_inline void keep(__u32 what, __s64 sum)
{
	__s64 *s = bpf_map_lookup_elem(&sums, &what);

	if (s)
		*s = *s * 31 + sum;
}

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	unsigned char *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__u32 words[5] = {}, key = 1, n, zero[2] = {}, ones[2] = { 0xffffffff, 0xffffffff };
	struct block *b = bpf_map_lookup_elem(&blocks, &key);
	__s64 sum;

	if (data + 42 > end || !b)
		return XDP_DROP;
	__builtin_memcpy(words, data + 14, 20);
	sum = bpf_csum_diff(0, 0, words, sizeof(words), 0);
	keep(0, sum);
	keep(1, bpf_csum_diff(0, 0, (__be32 *)(data + 14), 28, ~sum & 0xffff));
	keep(2, bpf_csum_diff(words, 4, (__be32 *)(data + 14), 12, 7));
	keep(3, bpf_csum_diff(words, 20, 0, 0, sum));
	keep(4, bpf_csum_diff(words, 20, (__be32 *)(data + 14), 20, 0)); /* what is taken away is put back */
	keep(5, bpf_csum_diff((__be32 *)(data + 22), 8, 0, 0, 0xffffffff));
	keep(6, bpf_csum_diff(ones, 8, zero, 8, 0));
	keep(7, bpf_csum_diff(ones, 4, zero, 8, sum << 16));
	keep(8, bpf_csum_diff(zero, 8, zero, 4, 0));
	keep(9, bpf_csum_diff(zero, 8, 0, 0, 0));
	keep(10, bpf_csum_diff(0, 0, 0, 0, 0x12345678));
	n = data[17] & 63;
	keep(11, bpf_csum_diff((void *)b, n, words, 20, 5));
	keep(12, bpf_csum_diff(words, 20, (void *)b, n & 60, 5));
	keep(13, bpf_csum_diff((void *)b, n & 28, (void *)b, data[21] & 60, sum));
	keep(14, bpf_csum_diff((void *)b, n & 28, 0, 0, sum));
	sum = bpf_csum_diff(0, 0, zero, 8, bpf_csum_diff(0, 0, zero, 4, 0)); /* sums of sums: 0, all ones, and what is neither */
	keep(15, sum);
	keep(15, bpf_csum_diff(0, 0, ones, 8, sum));
	sum = bpf_csum_diff(0, 0, (__be32 *)(data + 14), 20, bpf_csum_diff(0, 0, ones, 8, 0));
	keep(15, sum);
	sum = bpf_csum_diff(0, 0, (__be32 *)(data + 14), 20, sum);
	keep(15, bpf_csum_diff(0, 0, zero, 8, sum));
	__builtin_memcpy(b->bytes, data + 2, 32);
	__builtin_memcpy(b->bytes + 32, data + 10, 32);
	data[0] = sum;
	data[1] = sum >> 8;
	return sum & 1 ? XDP_TX : XDP_PASS;
}

char _license[] SEC("license") = "GPL";
