// SPDX-License-Identifier: Apache-2.0
/* Text of numbers: signs, widths, padding, and buffers that it does not fit into. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

enum { TEXTS = 16, CHARS = 32 };

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, TEXTS);
	__type(key, __u32);
	__type(value, char[CHARS]);
} texts SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, TEXTS);
	__type(key, __u32);
	__type(value, __s64);
} results SEC(".maps");

static __always_inline void keep(__u32 what, __s64 result)
{
	__s64 *r = bpf_map_lookup_elem(&results, &what);

	if (r)
		*r = *r * 5 + result;
}

#define FORMAT(at, room, format, ...)                                              \
	do {                                                                       \
		__u32 key = at;                                                    \
		char *text = bpf_map_lookup_elem(&texts, &key);                    \
		if (text)                                                          \
			keep(at, BPF_SNPRINTF(text, room, format, __VA_ARGS__));   \
	} while (0)

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	unsigned char *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	char own[24] = "before";
	__u64 many[13] = {};
	__u64 wide;
	__u32 n, room;
	int result;

	if (data + 34 > end)
		return XDP_DROP;
	n = (data[17] << 24) | (data[21] << 9) | data[25];
	wide = (__u64)n << (data[19] & 31);
	FORMAT(0, CHARS, "%d.%d.%d.%d", data[26], data[27], data[28], data[29]);
	FORMAT(1, CHARS, "[%5d|%-5d|%05d]", data[17], data[19], -(int)data[21]);
	FORMAT(2, CHARS, "%x %X %lx", n, ~n, wide);
	FORMAT(3, CHARS, "%llu%%%lld", wide, -(__s64)wide);
	FORMAT(4, 9, "%u and %i", n, n);
	FORMAT(5, 1, "%d", n);
	FORMAT(6, CHARS, "%+d% d%+u", n, (int)n >> 8, n);
	FORMAT(7, CHARS, "%c%3c%-3c.", 'a' + (data[17] & 15), 'A', data[19]);
	FORMAT(8, CHARS, "%08X|%-8x|%+08d", n & 0xfffff, n, data[17]);
	FORMAT(9, CHARS, "%40d%d", n, n);
	FORMAT(10, CHARS, "%lx%llX%ld", 0ul, 1ul << 63, 1ul << 63);
	room = data[25] & 15;
	result = BPF_SNPRINTF(own, room, "%u:%x", n, n);
	keep(11, result + own[5] * 7 + own[0]);
	keep(12, BPF_SNPRINTF(NULL, 0, "%d and nobody listens", n));
	keep(13, BPF_SNPRINTF(own, sizeof(own), "constant %d", 12));
	keep(13, own[9] + own[10] + own[11]);
	keep(14, bpf_snprintf(own, sizeof(own), "none", NULL, 0));
	keep(14, bpf_snprintf(own, sizeof(own), "%d", many, sizeof(many)));
	return result & 1 ? XDP_TX : XDP_PASS;
}

char _license[] SEC("license") = "GPL";
