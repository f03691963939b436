// SPDX-License-Identifier: Apache-2.0
/* What bpf_trace_printk() prints of memory: strings of constant data and of a map, addresses in packet, stack and map. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, char[40]);
} names SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__type(key, __u32);
	__type(value, __u32);
} events SEC(".maps");

static const char word[] = "a word", sentence[] = "one of more than a few bytes";

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	unsigned char *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__u32 zero = 0, own[4], address;
	char *name = bpf_map_lookup_elem(&names, &zero);

	if (!name || data + 42 > end)
		return XDP_PASS;
	name[data[17] & 31] = 'a' + (data[25] & 15);
	__builtin_memcpy(own, data + 14, sizeof(own));
	address = own[3];
	switch (name[39]++ & 3) { /* what comes too fast is lost */
	case 0:
		bpf_printk("%s, %-9s|%5s", word, word + 2, sentence + 11);
		break;
	case 1:
		bpf_printk("%pI4 and %pi4, %u", data + 26, &address, own[0]);
		break;
	case 2:
		bpf_printk("%pI6 %d %pi6.", own, -7, data + 1);
		break;
	default:
		bpf_printk("%12s|%s|%pI4", name, data[17] & 1 ? "rather odd" : "even", name + 7);
	}
	bpf_perf_event_output(ctx, &events, BPF_F_CURRENT_CPU, own, sizeof(own)); /* the kernel's events are compared, not what it prints */
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
