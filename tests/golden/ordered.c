// SPDX-License-Identifier: Apache-2.0
/* A message in a map: what was written before the store that releases stays in front of it, what is read behind the load that acquires stays behind. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include "../helpers/ordered.h"

struct message {
	__u64 text, more;
	__u32 written, read;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct message);
} box SEC(".maps");

SEC("xdp")
int sender(struct xdp_md *ctx)
{
	struct message *m = bpf_map_lookup_elem(&box, &(__u32){ 0 });

	if (!m)
		return XDP_DROP;
	m->text = ctx->ingress_ifindex;
	m->more = ctx->rx_queue_index;
	store_release(c3, &m->written, 1);
	m->read = 0;
	return XDP_PASS;
}

SEC("xdp")
int receiver(struct xdp_md *ctx)
{
	struct message *m = bpf_map_lookup_elem(&box, &(__u32){ 0 });
	__u64 first;

	if (!m)
		return XDP_DROP;
	first = m->text;
	if (!load_acquire(c3, &m->written))
		return XDP_PASS;
	m->read = first;
	return m->text == m->more ? XDP_TX : XDP_DROP;
}

char _license[] SEC("license") = "GPL";
