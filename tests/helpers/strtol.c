// SPDX-License-Identifier: Apache-2.0
/* Text to numbers: constant lines, each with digits that the packet says, in every base; and bytes of the packet. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

enum { LINE = 24, LONG = 72 };

static const char lines[][LINE] = {
	"17", "-17", " \t-0x1fG", "0x", "0xg", "0x0x1", "-", "+5", "0", "-0", "08", "0778", "\v\f\r\n9\xa0", "\xa0 7", "abc", "FfF;",
	"18446744073709551615", "18446744073709551616", "-9223372036854775808", "-9223372036854775809", "9223372036854775807", "9223372036854775808",
	"0xffffffffffffffff", "0x10000000000000000", "01777777777777777777777", "02000000000000000000000", "", "    ", "--1", "- 1", "99999999999999999999999", "0X1f",
};
enum { LINES = sizeof(lines) / sizeof(*lines) /* a power of two */ };

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, __u64);
} results SEC(".maps");

static __always_inline void keep(__u32 what, __u64 result)
{
	__u64 *r = bpf_map_lookup_elem(&results, &what);

	if (r)
		*r = (*r << 7 | *r >> 57) + result;
}

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	unsigned char *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	char line[LINE], digits[LONG];
	unsigned long n = 5;
	__u64 base;
	long m = 6;
	__u32 size;

	if (data + 60 > end)
		return XDP_DROP;
	__builtin_memcpy(line, lines[(data[17] + data[25]) & (LINES - 1)], sizeof(line));
	base = data[24] & 3 ? (data[24] & 3) * 8 - (data[24] >> 7 & 1) * 6 : data[24] & 32; /* 8, 16, 24, 2, 10, 18, 0, 32 */
	if ((data[24] & 12) == 4)
		base = 10;
	keep(0, bpf_strtoul(line, sizeof(line), base, &n) * 3 + n);
	keep(1, bpf_strtol(line, sizeof(line), base, &m) * 5 + m);
	size = (data[21] & 15) + 1;
	keep(2, bpf_strtol(line, size, 0, &m) * 7 + m);
	__builtin_memset(digits, ' ', 4);
	__builtin_memset(digits + 4, data[17] & 1 ? '0' : '1', sizeof(digits) - 4);
	digits[69] = data[25] & 1 ? '0' : '9';
	if ((data[21] & 7) == 1) /* more characters than are looked at, which takes the RTL a while */
		keep(3, bpf_strtoul(digits + 3, 69, data[17] & 2 ? 10 : 0, &n) + n);
	__builtin_memcpy(line, data + 20, sizeof(line));
	data[0] = bpf_strtol(line, sizeof(line), 16, &m);
	data[1] = m;
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
