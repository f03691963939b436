// SPDX-License-Identifier: Apache-2.0
/* Records that are reserved in a ring buffer, filled, and submitted or discarded on every path; two at once; read back; in a loop. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 16);
} ring SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} other SEC(".maps");

struct event {
	__u64 length;
	__u32 count;
	__u16 kind;
	__u8 bytes[18];
};

SEC("xdp")
int records(struct xdp_md *ctx)
{
	unsigned char *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct event *e, *second;
	__u64 length = end - data;
	int verdict = XDP_PASS;

	if (data + 18 > end)
		return XDP_ABORTED;
	e = bpf_ringbuf_reserve(&ring, sizeof(*e), 0);
	if (!e)
		return XDP_DROP;
	e->length = length;
	e->count = 0;
	e->kind = data[12] << 8 | data[13];
	for (int n = 0; n < 18; n++)
		e->bytes[n] = data[n];
	__sync_fetch_and_add(&e->count, (__u32)length);
	second = bpf_ringbuf_reserve(&other, 24, 0);
	if (second) {
		second->length = e->length + e->count;
		second->count = e->kind;
		second->kind = 0;
		*(__u64 *)&second->kind = length;
		verdict = XDP_TX;
	}
	if (length & 1) {
		bpf_ringbuf_discard(e, 0);
	} else {
		e->bytes[length & 15] = 0xee;
		bpf_ringbuf_submit(e, BPF_RB_NO_WAKEUP);
	}
	if (second) {
		if (length & 2)
			bpf_ringbuf_submit(second, 0);
		else
			bpf_ringbuf_discard(second, 0);
	}
	for (int n = 0; n < 3; n++) {
		__u32 *word = bpf_ringbuf_reserve(&ring, 4, 0);

		if (!word)
			break;
		*word = n;
		bpf_ringbuf_submit(word, 0);
	}
	return verdict;
}

char _license[] SEC("license") = "GPL";
