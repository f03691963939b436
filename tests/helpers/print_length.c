// SPDX-License-Identifier: Apache-2.0
/* What bpf_trace_printk() and bpf_trace_vprintk() say of the text that they print: its length, or that they don't. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, __u64);
} results SEC(".maps");

static const char word[] = "a word", sentence[] = "one of more than a few bytes";

static __always_inline void keep(__u32 what, __u64 result)
{
	__u64 *r = bpf_map_lookup_elem(&results, &what);

	if (r)
		*r = *r * 129 + result;
}

/* Numbers of every length, of either sign. */
static __always_inline void numbers(__u64 x)
{
	keep(0, bpf_printk("%d", (int)x));
	keep(1, bpf_printk("%u of", (__u32)x));
	keep(2, bpf_printk("100%% %llu", x));
	keep(3, bpf_printk("%lld%%", x));
	keep(4, bpf_printk("%x", (__u32)x));
	keep(5, bpf_printk("%llX.", x));
	keep(6, bpf_printk("%+d, % d and %-12d!", (int)x, (int)x, (int)x));
	keep(7, bpf_printk("%6u|%012llx|%lx", (__u32)x, x, x));
	keep(8, bpf_printk("%+u|% x|%+40lli", (__u32)x, (__u32)x, x));
	keep(9, bpf_printk("%c|%3c|%-4c", (char)x, 0, 'x'));
	keep(10, bpf_printk("%p %px %pK", x, x, 0));
	keep(11, bpf_printk("%d %u %x %lld %llu", (int)x, (__u32)x, (__u32)x, x, x));
	keep(12, bpf_printk("%7d %li %lu %c %+d %i", (int)x, x, x, 'c', (int)x, (int)x));
}

/* Linux refuses them. */
static __always_inline void refused(__u64 x)
{
	static const char no_end[] = { 'n', 'o' }, control[] = "a\001b", late[] = "%d %d %d %d";

	keep(16, bpf_printk("%h", x));
	keep(17, bpf_printk("%"));
	keep(18, bpf_printk("%#x", x));
	keep(19, bpf_printk("%.3d", x));
	keep(20, bpf_printk("%sx", word));
	keep(21, bpf_printk("%pI5", word));
	keep(22, bpf_printk("%lc", x));
	keep(23, bpf_printk("%llld", x));
	keep(24, bpf_trace_printk(no_end, sizeof(no_end)));
	keep(25, bpf_trace_printk(control, sizeof(control)));
	keep(26, bpf_trace_printk(late, sizeof(late), 1, 2, 3));
	keep(27, bpf_printk("%0-+ 5d|%-", x));
	keep(28, bpf_printk("%pz", x));
}

static __always_inline void memory(const unsigned char *data)
{
	char own[24] = "nothing much";
	unsigned char address[16];
	__u32 four;

	__builtin_memcpy(address, data + 14, sizeof(address));
	__builtin_memcpy(&four, data + 26, sizeof(four));
	own[data[17] & 15] = data[25] & 3 ? 'y' : 0;
	keep(32, bpf_printk("%s", word));
	keep(33, bpf_printk("%-9s|%5s, %3s.", word + 2, sentence + 11, "none"));
	keep(34, bpf_printk("%s|%20s", own, own + 3));
	keep(35, bpf_printk("%pI4 %pi4", &four, &four));
	keep(36, bpf_printk("%pI6 %pi6", address, address));
	keep(37, bpf_printk("%20pI4|%-20pi4 %045pI6", &four, &four, address));
	keep(38, bpf_printk("%s %pI4", 0, 0));
	keep(39, bpf_printk("%s", data[17] & 1 ? "odd" : "even, so to say"));
}

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	unsigned char *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__u64 x;

	if (data + 60 > end)
		return XDP_DROP;
	__builtin_memcpy(&x, data + 20, sizeof(x));
	if (data[25] & 1)
		numbers(x >> (data[17] & 63));
	else
		memory(data);
	if ((data[17] & 3) == 0)
		refused(x);
	return bpf_printk("%u", data[19]);
}

char _license[] SEC("license") = "GPL";
