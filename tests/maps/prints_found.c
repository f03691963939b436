// SPDX-License-Identifier: Apache-2.0
/* What bpf_trace_printk() prints of strings in stack and packet, of one of two buffers, and of numbers where the format wants an address. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} count SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__type(key, __u32);
	__type(value, __u32);
} events SEC(".maps");

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	unsigned char *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	char even[16] = "even, or so", odd[16] = "an odd number";
	__u32 zero = 0, *n = bpf_map_lookup_elem(&count, &zero);

	if (!n || data + 42 > end)
		return XDP_PASS;
	even[11] = 'a' + (data[25] & 15);
	odd[13] = 'a' + (data[29] & 15);
	switch ((*n)++ & 3) {
	case 0:
		bpf_printk("%s|%d", even, data[17]);
		break;
	case 1:
		bpf_printk("it is %s", data[17] & 1 ? odd : even);
		break;
	case 2:
		bpf_printk("[%s] %pI4", data + 26, data[30] + 1);
		break;
	default:
		bpf_printk("%s %pI6 %pi4.", data[17], -1, 5);
	}
	/* the kernel's events are compared, not what it prints */
	bpf_perf_event_output(ctx, &events, BPF_F_CURRENT_CPU, data[17] & 1 ? odd : even, sizeof(odd));
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
