/* SPDX-License-Identifier: Apache-2.0 */
/* What the programs with timers share: what each call answered. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

enum { ABS = 1, PIN = 2, MONOTONIC = 1, BOOTTIME = 7, LATER = 2000000000, NO_MEMORY = -12, RESULTS = 128 };

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, RESULTS);
	__type(key, __u32);
	__type(value, __s64);
} results SEC(".maps");

/* The kernel has none for a timer now and then where it may not wait: then it is asked again (run.sh). */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} no_memory SEC(".maps");

static __always_inline void keep(__u32 what, __s64 result)
{
	__s64 *r = bpf_map_lookup_elem(&results, &what);
	__u32 first = 0;
	__u64 *n = result == NO_MEMORY ? bpf_map_lookup_elem(&no_memory, &first) : 0;

	if (r)
		*r = *r * 7 + result;
	if (n)
		*n += 1;
}
