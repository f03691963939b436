// SPDX-License-Identifier: (GPL-2.0-only OR Apache-2.0)
/* Pieces of map values read one by one, of all widths, with stores and atomic operations to the same words, to their neighbours and to the same
 * values by another pointer in between: what a read gives may not depend on how many of them become one. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct value {
	__u8 mac[6];
	__u16 half;
	__u32 low, high;
	__s8 small;
	__s16 medium __attribute__((packed));
	__s32 large __attribute__((packed));
	__u8 tail;
	__u32 counters[3];
	__u8 odd;
} __attribute__((aligned(4)));

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, struct value);
} values SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16);
	__type(key, __u32);
	__type(value, struct value);
} hashed SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct value);
} own SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, __u64);
} seen SEC(".maps");

static __always_inline void tell(__u32 at, __u64 what)
{
	__u64 *v = bpf_map_lookup_elem(&seen, &at);

	if (v)
		*v = *v * 31 + what;
}

/* Reads everything; `again` is the same value, which clang does not know. */
static __always_inline void work(volatile struct value *v, volatile struct value *again, __u32 number, __u32 at)
{
	__u64 sum = v->mac[1] | v->mac[0] << 8;

	v->mac[2] = number;
	sum += v->mac[2] + ((__u64)v->mac[3] << 8) + ((__u64)v->mac[4] << 16) + ((__u64)v->mac[5] << 24);
	again->mac[5] = number >> 8;
	sum = sum * 5 + v->mac[5] + v->half;
	tell(at, sum);
	sum = v->low;
	__sync_fetch_and_add((__u32 *)&v->low, number);
	sum = sum * 3 + v->high + v->low;
	__sync_fetch_and_add((__u32 *)&again->high, 7);
	sum = sum * 3 + v->high;
	tell(at + 1, sum);
	tell(at + 2, (__s64)v->small * 3 + (__s64)v->medium * 5 + (__s64)v->large);
	v->large = -(__s32)number;
	tell(at + 3, (__s64)v->medium + (__s64)v->large * 7 + v->tail);
	v->medium = number;
	v->counters[0]++;
	v->counters[1] += number;
	tell(at + 4, v->counters[1] + v->odd);
	if (number & 1)
		v->counters[2] ^= v->counters[0];
	else
		v->odd += v->counters[2];
	tell(at + 5, v->counters[0] + ((__u64)v->counters[2] << 32) + v->odd + v->tail);
	tell(at + 6, __builtin_bswap32(v->low) + __builtin_bswap16(v->half));
	v->half = __builtin_bswap16(number);
	tell(at + 7, *(volatile __u64 *)&v->counters[1] + *(volatile __u64 *)v->mac);
}

SEC("xdp")
int words(struct xdp_md *ctx)
{
	__u8 *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct value first = {}, *v, *again;
	__u32 key, zero = 0, number;

	if (data + 14 > end)
		return XDP_DROP;
	number = (end - data) * 0x01010101u ^ *(__u32 *)(data + 6);
	key = number & 3;
	v = bpf_map_lookup_elem(&values, &key);
	key = number & 3;
	again = bpf_map_lookup_elem(&values, &key);
	if (!v || !again)
		return XDP_ABORTED;
	work(v, again, number, 0);
	first.low = number;
	bpf_map_update_elem(&hashed, &key, &first, BPF_NOEXIST);
	v = bpf_map_lookup_elem(&hashed, &key);
	again = bpf_map_lookup_elem(&hashed, &key);
	if (!v || !again)
		return XDP_ABORTED;
	work(v, again, number >> 3, 10);
	tell(20, v->low);
	bpf_map_update_elem(&hashed, &key, &first, BPF_EXIST);
	tell(21, v->high + v->mac[0]);
	v = bpf_map_lookup_elem(&own, &zero);
	if (!v)
		return XDP_ABORTED;
	work(v, v, number >> 5, 30);
	return v->mac[5] & 1 ? XDP_PASS : XDP_DROP;
}

char _license[] SEC("license") = "Dual GPL/Apache-2.0";
