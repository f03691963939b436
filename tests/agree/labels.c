// SPDX-License-Identifier: Apache-2.0
/* A name made of labels, copied to the stack: a loop in a loop, where states come round for each pair of their counts. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

enum { LABELS = 24, LABEL = 40, NAME = 128, START = 14 };

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16);
	__uint(key_size, NAME);
	__type(value, __u64);
} names SEC(".maps");

SEC("xdp")
int copy_labels(struct xdp_md *ctx)
{
	void *end = (void *)(long)ctx->data_end;
	__u8 *at = (void *)(long)ctx->data;
	char name[NAME] = {};
	int length = 0, taken = 0;
	__u64 one = 1, *seen;

	at += START;
	while (taken < LABELS && (void *)(at + 1) < end) {
		__u8 bytes = *at & 63;

		if (!bytes)
			break;
		at++;
		if ((void *)(at + bytes) > end || length + bytes + 1 >= NAME || taken + bytes >= LABELS)
			break;
		for (int n = 0; n < LABEL; n++) {
			if (n >= bytes || (void *)(at + 1) > end || length >= NAME - 1)
				break;
			name[length & (NAME - 1)] = *at;
			length++;
			at++;
		}
		if (length < NAME - 1)
			name[length & (NAME - 1)] = '.';
		length++;
		taken += bytes + 1;
	}
	seen = bpf_map_lookup_elem(&names, name);
	if (!seen)
		return bpf_map_update_elem(&names, name, &one, BPF_ANY) ? XDP_TX : XDP_PASS;
	__sync_fetch_and_add(seen, 1);
	return length & 1 ? XDP_DROP : XDP_PASS;
}

char _license[] SEC("license") = "GPL";
