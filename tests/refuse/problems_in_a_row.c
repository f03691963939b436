// SPDX-License-Identifier: Apache-2.0
/* Each is told, though no path leads around the one before it. */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} ring SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 8);
	__type(key, __u32);
	__type(value, __u64);
} flows SEC(".maps");

SEC("xdp")
int prog(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;
	struct iphdr *ip = (void *)(eth + 1);
	char name[16];
	__u32 *record;
	__u64 *flow;

	if (eth->h_proto != 8)
		return XDP_PASS;
	if ((void *)(ip + 1) > end)
		return XDP_DROP;
	bpf_get_current_comm(name, sizeof(name));
	record = bpf_ringbuf_reserve(&ring, 8, 0);
	if (!record)
		return XDP_ABORTED;
	record[2] = name[3];
	flow = bpf_map_lookup_elem(&flows, &ip->saddr);
	*flow += 1;
	bpf_ringbuf_submit(record, 0);
	return record[0];
}

char _license[] SEC("license") = "GPL";
