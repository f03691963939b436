// SPDX-License-Identifier: Apache-2.0
/* Stack bytes that were never written: padding in keys, values and buffers. What they hold is not compared, only that they may be read. */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <bpf/bpf_helpers.h>

struct key {
	__u8 protocol;
	__u32 address; /* three bytes of padding before it */
	__u16 port;
};
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, struct key);
	__type(value, __u64);
} flows SEC(".maps");
struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} events SEC(".maps");

#define HEADERS(bytes) \
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end; \
	struct iphdr *ip = data + sizeof(struct ethhdr); \
	if (data + (bytes) > end) \
		return XDP_PASS

SEC("xdp")
int padded_key(struct xdp_md *ctx)
{
	HEADERS(38);
	struct key key;

	key.protocol = ip->protocol;
	key.address = ip->saddr;
	key.port = *(__u16 *)(ip + 1);
	return bpf_map_lookup_elem(&flows, &key) ? XDP_DROP : XDP_PASS;
}

SEC("xdp")
int padded_event(struct xdp_md *ctx)
{
	HEADERS(34);
	struct key key;

	key.protocol = ip->protocol;
	key.address = ip->daddr;
	bpf_perf_event_output(ctx, &events, BPF_F_CURRENT_CPU, &key, sizeof(key));
	return ip->protocol == 17 ? XDP_DROP : XDP_PASS;
}

/* written on one path only */
SEC("xdp")
int written_sometimes(struct xdp_md *ctx)
{
	HEADERS(34);
	volatile __u32 word[4];

	if (ip->protocol == 17)
		word[1] = ip->saddr;
	word[0] = word[1];
	return ip->protocol == 17 ? (int)(word[0] & 3) : XDP_PASS;
}

static __attribute__((noinline)) int fill(struct key *key, struct iphdr *ip, void *end)
{
	if ((void *)(ip + 1) > end)
		return 0;
	key->address = ip->saddr;
	return ip->protocol;
}

/* by a function, or not */
SEC("xdp")
int written_by_function(struct xdp_md *ctx)
{
	HEADERS(0);
	struct key key;

	if (fill(&key, ip, end) == 17)
		return XDP_TX;
	return bpf_map_delete_elem(&flows, &key) ? XDP_PASS : XDP_DROP;
}

char _license[] SEC("license") = "GPL";
