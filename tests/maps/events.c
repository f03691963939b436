// SPDX-License-Identifier: Apache-2.0
/* What a program tells its host: records of a ring buffer and perf events from stack and maps, of known and variable sizes,
 * with all results; and what it prints. The programs' host listens; with UNHEARD it does not, and a ring gets full. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 16);
} ring SEC(".maps");

#ifdef UNHEARD
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} small SEC(".maps");
#endif

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__type(key, __u32);
	__type(value, __u32);
} events SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, char[256]);
} bytes SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 32);
	__type(key, __u32);
	__type(value, long);
} results SEC(".maps");

static void note(__u32 at, long result)
{
	bpf_map_update_elem(&results, &at, &result, BPF_ANY);
}

struct event {
	__u64 length;
	__u32 port, kind;
	__u16 odd[3];
	__u16 end;
	__u8 tail[5];
} __attribute__((packed));

SEC("xdp")
int tell(struct xdp_md *ctx)
{
	unsigned char *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__u64 length = end - data;
	struct event e = { length, ctx->ingress_ifindex, 7, { 1, 2, 3 }, 4, "tail" };
	__u32 zero = 0;
	char *value = bpf_map_lookup_elem(&bytes, &zero);

	if (!value || data + 64 > end)
		return XDP_PASS;
	value[length & 255] = (char)length;
	note(0, bpf_ringbuf_output(&ring, &e, sizeof(e), 0));
	note(1, bpf_ringbuf_output(&ring, value + 1, 33, BPF_RB_NO_WAKEUP));
	note(2, bpf_ringbuf_output(&ring, (char *)&e + 2, length & 15, BPF_RB_FORCE_WAKEUP));
	note(3, bpf_ringbuf_output(&ring, value, 256, 0));
	note(4, bpf_ringbuf_output(&ring, value + 3, length & 127, 0));
	note(5, bpf_ringbuf_output(&ring, &e, sizeof(e), 4));
	note(6, bpf_ringbuf_output(&ring, (char *)&e + 1, 7 + (length & 7), 0));
#ifdef UNHEARD
	note(7, bpf_ringbuf_query(&ring, BPF_RB_AVAIL_DATA));
#endif
	note(8, bpf_ringbuf_query(&ring, BPF_RB_RING_SIZE));
	note(9, bpf_ringbuf_query(&ring, BPF_RB_PROD_POS));
	note(10, bpf_ringbuf_query(&ring, 9));
	note(11, bpf_perf_event_output(ctx, &events, BPF_F_CURRENT_CPU, &e, sizeof(e)));
	note(12, bpf_perf_event_output(ctx, &events, BPF_F_CURRENT_CPU | (length & 63) << 32, &e, 8));
	note(13, bpf_perf_event_output(ctx, &events, 0, value, 100));
	note(14, bpf_perf_event_output(ctx, &events, 1, value, 100));
	note(15, bpf_perf_event_output(ctx, &events, 1 << 30, value, 100));
	note(16, bpf_perf_event_output(ctx, &events, BPF_F_CURRENT_CPU | 0xfffffULL << 32, value, 100));
	note(17, bpf_perf_event_output(ctx, &events, BPF_F_CURRENT_CPU | 1ULL << 53, value, 100));
	note(18, bpf_perf_event_output(ctx, &events, BPF_F_CURRENT_CPU, value + 64, length & 63));
#ifdef UNHEARD
	for (int n = 0; n < 20; n++)
		note(19, bpf_ringbuf_output(&small, value, 256, 0));
	note(20, bpf_ringbuf_query(&small, length & 3) & 0xffff);
#endif
	bpf_printk("length %llu, port %d, 100%% of %04x", length, (int)e.port - 2, length * 3);
	bpf_printk("%u numbers: %d %lld %x %c", 5, -1, -1LL, 0xabcdef01, 'x');
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
