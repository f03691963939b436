// SPDX-License-Identifier: Apache-2.0
/* What is wrong with a map is said though the code is only taken when looked at with more care. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct key {
	__u32 len;
	char name[44];
};

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(max_entries, 100);
	__type(key, struct key);
	__type(value, __u8);
} names SEC(".maps");

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	char *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct key key = {};
	__u8 n = 0;

	for (int i = 0; i < 40; i++) {
		if (data + i + 1 > end)
			return XDP_PASS;
		if (!data[i])
			break;
		n++;
	}
	if (data + n > end)
		return XDP_PASS;
	for (int i = 0; i < n; i++)
		key.name[i] = data[i];
	key.len = n * 8;
	return bpf_map_lookup_elem(&names, &key) ? XDP_DROP : XDP_PASS;
}

char _license[] SEC("license") = "GPL";
