/* SPDX-License-Identifier: GPL-2.0 */
#ifndef TESTS_TC_H
#define TESTS_TC_H

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

/* What a program has found out, by packet; entry 0 counts packets. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1024);
	__type(key, __u32);
	__type(value, __u64);
} seen SEC(".maps");

/* The place for this packet's next results. */
static __always_inline __u32 next_place(__u32 n)
{
	__u32 zero = 0;
	__u64 *count = bpf_map_lookup_elem(&seen, &zero);
	__u64 at = count ? *count : 0;

	if (count)
		*count += n;
	return 1 + (at & 0x1ff);
}

static __always_inline void tell(__u32 place, __u64 value)
{
	__u64 *to = bpf_map_lookup_elem(&seen, &place);

	if (to)
		*to = *to * 31 + value;
}

char _license[] SEC("license") = "GPL";

#endif
