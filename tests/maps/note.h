/* SPDX-License-Identifier: Apache-2.0
 *
 * What calls gave, for all packets together, in a map that is compared.
 */
#ifndef TESTS_MAPS_NOTE_H
#define TESTS_MAPS_NOTE_H

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, long);
} results SEC(".maps");

static void note(__u32 at, long result)
{
	long *old = bpf_map_lookup_elem(&results, &at);

	if (old)
		*old = *old * 31 + result;
}

#endif
