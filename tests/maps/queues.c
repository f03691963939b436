// SPDX-License-Identifier: Apache-2.0
/* Queues and stacks: filled, drained, overwritten, with all results. */
#include "note.h"

struct item {
	__u64 length;
	__u8 more[5];
};

struct {
	__uint(type, BPF_MAP_TYPE_QUEUE);
	__uint(max_entries, 3);
	__type(value, struct item);
} queue SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_STACK);
	__uint(max_entries, 5);
	__type(value, __u64);
} stack SEC(".maps");

SEC("xdp")
int queues(struct xdp_md *ctx)
{
	__u64 length = ctx->data_end - ctx->data, value = 77;
	struct item item, in;

	__builtin_memset(&in, 0, sizeof(in));
	in.length = length;
	in.more[0] = (__u8)length;
	in.more[4] = 5;
	switch (length & 7) {
	case 0:
	case 1:
	case 2:
		note(0, bpf_map_push_elem(&queue, &in, length & 2));
		note(1, bpf_map_push_elem(&stack, &length, 0));
		/* fallthrough */
	case 3:
		note(2, bpf_map_push_elem(&queue, &in, BPF_ANY));
		note(3, bpf_map_push_elem(&stack, &length, BPF_EXIST));
		break;
	case 4:
		note(4, bpf_map_pop_elem(&queue, &item));
		note(5, item.length + item.more[0] + item.more[4]);
		/* fallthrough */
	case 5:
		note(6, bpf_map_pop_elem(&stack, &value));
		note(7, value);
		break;
	default:
		note(8, bpf_map_push_elem(&queue, &in, length));
		note(9, bpf_map_push_elem(&stack, &length, length >> 1));
		note(10, bpf_map_pop_elem(&queue, &item));
		note(11, item.length + item.more[0] + item.more[4]);
	}
	note(12, bpf_map_peek_elem(&queue, &item));
	note(13, item.length);
	value = 9;
	note(14, bpf_map_peek_elem(&stack, &value));
	note(15, value);
	note(16, bpf_map_push_elem(&queue, &in, BPF_NOEXIST));
	note(17, bpf_map_push_elem(&stack, &length, 4));
	return value & 1 ? XDP_PASS : XDP_DROP;
}

char _license[] SEC("license") = "GPL";
