// SPDX-License-Identifier: Apache-2.0
/* Prints that clang makes one call of, whose formats ask for a string, an address, a number or several numbers, and strings of different lengths. */
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
	__u32 zero = 0, *n = bpf_map_lookup_elem(&count, &zero), address;
	char name[8] = "name", wide[16];
	__u64 sum, first, second;
	int length;

	if (!n || data + 42 > end)
		return XDP_PASS;
	name[3] = 'a' + (data[25] & 15);
	__builtin_memcpy(&address, data + 26, sizeof(address));
	__builtin_memcpy(wide, data + 14, sizeof(wide));
	sum = data[17] + data[18];
	first = data[6];
	second = data[7];
	switch ((*n)++ & 15) { /* what comes too fast is lost */
	case 0:
		length = bpf_printk("from %pI4", &address);
		break;
	case 1:
		length = bpf_printk("in all %d", sum);
		break;
	case 2:
		length = bpf_printk("name %s", name);
		break;
	case 3:
		length = bpf_printk("wide %pI6", wide);
		break;
	case 4:
		length = bpf_printk("four: %d %d %d %d", sum, first, second, address);
		break;
	case 5:
		length = bpf_printk("five: %x %x %x %x %u", sum, first, second, address, sum);
		break;
	case 6:
		length = bpf_printk("constant %s", "x");
		break;
	default:
		length = bpf_printk("it is %s", data[17] & 1 ? "rather odd" : data[18] & 1 ? "?" : "nothing of the kind");
	}
	/* the kernel's events are compared, not what it prints */
	bpf_perf_event_output(ctx, &events, BPF_F_CURRENT_CPU, &length, sizeof(length));
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
